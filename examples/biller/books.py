"""The company's books, in one SQLite file: customers, bills, payments. What was answered is on the disk before."""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.biller.meters import is_meter, meter

NAMES = ("Ann Lee", "Bob Marsh", "Chen Ming", "Dora Novak", "Emil Olsen", "Fatima Haddad", "Greta Weiss", "Hugo Pires")
DAY_MS = 86_400_000
NONCES_KEPT_S = 300
SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (meter TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS bill (
    ref TEXT PRIMARY KEY, meter TEXT NOT NULL, amount INTEGER NOT NULL, paid INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL, period TEXT NOT NULL, kwh INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS bill_meter ON bill (meter);
CREATE TABLE IF NOT EXISTS payment (
    id TEXT PRIMARY KEY, ref TEXT NOT NULL, amount INTEGER NOT NULL, state TEXT NOT NULL,
    reference TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', pending INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, until REAL NOT NULL) STRICT;
"""


class NoSuchCustomer(Exception):
    pass


class Repeated(Exception):
    """A request with this nonce came before, or this payment came before with another sum."""


@dataclass
class Bill:
    ref: str
    meter: str
    name: str
    open: int
    due_at: int
    period: str
    kwh: int


@dataclass
class Payment:
    id: str
    ref: str
    amount: int
    state: str
    reference: str
    reason: str
    pending: int


class Books:
    """Every method that changes something is one transaction."""

    def __init__(self, file: Path, *, currency: str = "EUR", partial: bool = True, customers: int = 50) -> None:
        self.currency = currency
        self.partial = partial
        self.refuses = ""
        """Says no to new payments, with these words."""
        self.pending = 0
        """New payments are not decided before their status was asked this many times."""
        self.keeps = False
        """Gives nothing back."""
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)
        self._seed(customers)

    def _seed(self, customers: int) -> None:
        """Sell electricity to people, if nobody buys any yet. Their bills are the same every time."""
        if self._one("SELECT 1 FROM customer LIMIT 1"):
            return
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for number in range(customers):
                self._db.execute("INSERT INTO customer VALUES (?, ?)", (meter(number), NAMES[number % len(NAMES)]))
                self._write_bill(meter(number), 4_210 + 37 * number)

    # --- what the house asks ---

    def once(self, nonce: str) -> None:
        """Raises `Repeated` for a request that came before: somebody else kept it and sends it again."""
        now = time.time()
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM nonce WHERE until < ?", (now,))
            new = self._db.execute("INSERT OR IGNORE INTO nonce VALUES (?, ?)", (nonce, now + NONCES_KEPT_S))
            if not new.rowcount:
                raise Repeated

    def bill_of(self, number: str) -> Bill:
        """Return the oldest bill that is open, else the newest. Raises `NoSuchCustomer`."""
        if not is_meter(number) or not self._one("SELECT 1 FROM customer WHERE meter = ?", number):
            raise NoSuchCustomer
        query = (
            "SELECT ref, meter, name, amount - paid, due_at, period, kwh FROM bill JOIN customer USING (meter) "
            "WHERE meter = ? "
            "ORDER BY amount <= paid, CASE WHEN amount > paid THEN bill.rowid ELSE -bill.rowid END LIMIT 1"
        )
        return Bill(*self._one(query, number))

    def pay(self, payment: str, ref: str, number: str, amount: int) -> Payment:
        """Take a payment, once. Raises `Repeated` if it came before with another sum."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            before = self.payment(payment)
            if before is not None:
                # One that was given back before it came stays so, whatever it was.
                if before.state != "reversed" and (before.ref, before.amount) != (ref, amount):
                    raise Repeated
                return before
            reason = self.refuses or self._why_not(ref, number, amount)
            state = "refused" if reason else "pending" if self.pending else "paid"
            self._db.execute(
                "INSERT INTO payment (id, ref, amount, state, reason, pending) VALUES (?, ?, ?, ?, ?, ?)",
                (payment, ref, amount, state, reason, self.pending),
            )
            if state == "paid":
                self._book(payment, ref, amount)
        return self._known(payment)

    def status(self, payment: str) -> Payment | None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            found = self.payment(payment)
            if found is not None and found.state == "pending":
                self._db.execute("UPDATE payment SET pending = pending - 1 WHERE id = ?", (payment,))
                if found.pending == 0:
                    self._book(payment, found.ref, found.amount)
        return self.payment(payment)

    def reverse(self, payment: str, ref: str, amount: int) -> Payment:
        """Give a payment back. One that never came is written down too, so that it is not taken if it comes late."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            found = self.payment(payment)
            if found is None:
                self._db.execute(
                    "INSERT INTO payment (id, ref, amount, state) VALUES (?, ?, ?, 'reversed')", (payment, ref, amount)
                )
            elif found.state == "paid" and self.keeps:
                return Payment(**{**vars(found), "state": "refused", "reason": "It is with the grid already."})
            else:
                if found.state == "paid":
                    self._db.execute("UPDATE bill SET paid = paid - ? WHERE ref = ?", (found.amount, found.ref))
                self._db.execute("UPDATE payment SET state = 'reversed' WHERE id = ?", (payment,))
        return self._known(payment)

    # --- the company's own ---

    def new_bill(self, number: str, amount: int, due_at: int) -> str:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            return self._write_bill(number, amount, due_at)

    def payments(self) -> list[Payment]:
        return [Payment(*row) for row in self._db.execute("SELECT * FROM payment ORDER BY rowid")]

    def payment(self, payment: str) -> Payment | None:
        row = self._one("SELECT * FROM payment WHERE id = ?", payment)
        return Payment(*row) if row else None

    def _known(self, payment: str) -> Payment:
        found = self.payment(payment)
        assert found is not None
        return found

    def _why_not(self, ref: str, number: str, amount: int) -> str:
        try:
            bill = self.bill_of(number)
        except NoSuchCustomer:
            return "There is no such meter."
        if bill.ref != ref or bill.open <= 0:
            return "This bill is paid already."
        if amount > bill.open or amount <= 0 or (amount < bill.open and not self.partial):
            return "The sum is not what is due."
        return ""

    def _book(self, payment: str, ref: str, amount: int) -> None:
        self._db.execute("UPDATE bill SET paid = paid + ? WHERE ref = ?", (amount, ref))
        number = self._one("SELECT rowid FROM payment WHERE id = ?", payment)[0]
        self._db.execute("UPDATE payment SET state = 'paid', reference = ? WHERE id = ?", (f"R-{number:06}", payment))

    def _write_bill(self, number: str, amount: int, due_at: int = 0) -> str:
        count = self._one("SELECT count(*) FROM bill")[0]
        ref = f"E{time.gmtime().tm_year}-{count + 1:05}"
        due = due_at or (int(time.time() * 1000) // DAY_MS + 14) * DAY_MS
        self._db.execute(
            "INSERT INTO bill VALUES (?, ?, ?, 0, ?, ?, ?)",
            (ref, number, amount, due, time.strftime("%B %Y"), amount // 32),
        )
        return ref

    def _one(self, query: str, *values: str) -> Any:
        return self._db.execute(query, values).fetchone()
