"""The audit: every transfer from the first, recomputed. Whoever holds the books can run it, and it trusts nothing but
the records, and those only as far as their hashes go (`docs/ledger.md`).

It reads in the order of numbers, in blocks. The chain of hashes is followed one by one; the sums of a block are
computed with NumPy for all accounts at once (`audit_sums.py`).
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.money import currencies
from teahouse.wallet.ledger import record, store
from teahouse.wallet.ledger.audit_sums import AccountRow, Sums, as_array
from teahouse.wallet.ledger.model import SIGNS, Kind

BLOCK = 20_000
FAULTS_MAX = 20
"""After so many an audit stops: the books are not to be trusted."""
OVERDUE_MS = 3_600_000
"""An open hold may be this long past its time: the worker that ends it was away."""


class Verdict(msgspec.Struct, frozen=True):
    transfers: int
    accounts: int
    open_holds: int
    head: str
    """The newest transfer's hash, as hex: keep it elsewhere, and a later audit shows that the past did not change."""
    faults: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not self.faults


class TooManyFaults(Exception):
    """There are so many that looking further says no more."""


class Audit:
    """One audit on one snapshot. `progress(done, all)` is called after each block."""

    def __init__(
        self, connection: sa.Connection, now: int, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> None:
        self._connection = connection
        self._now = now
        self._progress = progress
        self._faults: list[str] = []
        self._warnings: list[str] = []

    def run(self, expected: tuple[int, str] | None = None) -> Verdict:
        """Check everything. `expected`: the number and the hash (hex) of a transfer, as an earlier audit told them."""
        total = self._connection.execute(sa.select(sa.func.count()).select_from(store.transfers)).scalar_one()
        number, hash_, sums = 0, record.NO_HASH, None
        try:
            sums = Sums(self._accounts(), self._fault)
            for block in self._blocks():
                hash_, records = self._chain(block, number, hash_, expected)
                sums.add(as_array(records))
                number += len(block)
                self._progress(number, total)
            if expected and expected[0] > number:
                self._fault(f"transfer {expected[0]} is missing: there are {number}")
            self._end(sums)
        except TooManyFaults:
            self._warnings.append("stopped early: more faults would say no more")
        accounts, holds = (sums.count, len(sums.open_holds)) if sums else (0, 0)
        return Verdict(number, accounts, holds, hash_.hex(), tuple(self._faults), tuple(self._warnings))

    # --- steps ---

    def _accounts(self) -> list[AccountRow]:
        """Read the accounts; each row's hash covers it and the row before."""
        found, hash_ = [], record.NO_HASH
        query = sa.select(store.accounts).order_by(store.accounts.c.number)
        for expected, row in enumerate(self._connection.execute(query), 1):
            hash_ = record.account_hash(hash_, row.number, row.owner, row.kind, row.currency)
            if row.number != expected or bytes(row.hash) != hash_:
                self._fault(f"account {row.number}: its row was changed, or one before it is missing")
                hash_ = bytes(row.hash)
            if row.kind not in SIGNS or row.currency not in currencies():
                self._fault(f"account {row.number}: no such kind or currency")
                continue
            found.append(AccountRow(row.number, SIGNS[row.kind], currencies()[row.currency].numeric))
        return found

    def _blocks(self) -> Iterator[list[Any]]:
        """Yield rows (number, key, record, hash) straight from the driver: SQLAlchemy's own rows cost twice as much."""
        mark = "?" if self._connection.dialect.paramstyle == "qmark" else "%s"
        query = (
            f"SELECT number, key, record, hash FROM ledger_transfer WHERE number > {mark} ORDER BY number LIMIT {BLOCK}"
        )
        cursor = self._connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        try:
            after = -1
            while rows := cursor.execute(query, (after,)).fetchall():
                yield rows
                after = rows[-1][0]
        finally:
            cursor.close()

    def _chain(
        self, rows: list[Any], number: int, hash_: bytes, expected: tuple[int, str] | None
    ) -> tuple[bytes, list[bytes]]:
        """Follow the chain through a block; return its last hash and the records."""
        records = []
        for found, key, packed, kept in rows:
            number += 1
            hash_ = sha256(hash_ + packed + key.encode()).digest()
            if hash_ != kept or found != number:
                self._broken(number, found, packed, hash_ != kept)
                number, hash_ = found, bytes(kept)
            records.append(packed)
        if expected and rows[0][0] <= expected[0] <= rows[-1][0]:
            kept_then = next((bytes(row[3]) for row in rows if row[0] == expected[0]), b"")
            if kept_then.hex() != expected[1]:
                self._fault(f"transfer {expected[0]}: its hash is not the one that an earlier audit told")
        return hash_, records

    def _broken(self, number: int, found: int, packed: bytes, chain: bool) -> None:
        if found != number:
            self._fault(f"transfer {number}: missing (the next is {found})")
        if chain:
            self._fault(f"transfer {found}: its record, key or hash was changed, or one before it")
        if len(packed) != record.SIZE:
            self._fault(f"transfer {found}: its record has {len(packed)} bytes")
            raise TooManyFaults

    def _end(self, sums: Sums) -> None:
        """Hold what the transfers come to against the tables that are kept beside them."""
        s, c = store, self._connection
        self._same("account", "sums", sums.balances(), c.execute(sa.select(s.balances)))
        self._same("hold", "end", sums.holds(), c.execute(sa.select(s.holds.c.number, s.holds.c.expires_at)))
        self._same("transfer", "reversal", sums.reversals, c.execute(sa.select(s.reversals.c.number, s.reversals.c.by)))
        marks = c.execute(sa.select(s.marks.c.number, s.marks.c.account, s.marks.c.entries, s.marks.c.at))
        self._same("transfer", "mark", {(row[0], row[1]): row[1:] for row in sums.marks()}, marks, key=2)
        for currency, rest in sums.by_currency().items():
            if rest:
                self._fault(f"the sums of currency {currency} differ by {rest}")
        for number, by in sums.reversals.items():
            self._check_reversal(number, by)
        overdue = sum(0 < at <= self._now - OVERDUE_MS for at in (hold.expires_at for hold in sums.open_holds.values()))
        if overdue:
            self._warnings.append(f"{overdue} holds are past their time: does the house run?")

    def _check_reversal(self, number: int, by: int) -> None:
        first, back = store.transfer(self._connection, number), store.transfer(self._connection, by)
        if first is None or back is None or first.kind not in (Kind.TRANSFER, Kind.POST):
            self._fault(f"transfer {by}: it reverses {number}, which moved nothing")
        elif (first.debit, first.credit, first.amount) != (back.credit, back.debit, back.amount):
            self._fault(f"transfer {by}: it does not move back what {number} moved")

    def _same(self, what: str, of: str, computed: dict[Any, Any], kept: Any, *, key: int = 1) -> None:
        computed = dict(computed)
        for row in kept:
            name, rest = (row[0], row[1:]) if key == 1 else (tuple(row[:2]), row[1:])
            number = row[0]
            expected = computed.pop(name, None)
            if expected is None:
                self._fault(f"{what} {number}: a {of} that no transfer made")
            elif tuple(rest) != (expected if isinstance(expected, tuple) else (expected,)):
                self._fault(f"{what} {number}: its {of} should be {expected}, not {tuple(rest)}")
        for name in computed:
            self._fault(f"{what} {name}: its {of} is missing")

    def _fault(self, what: str) -> None:
        self._faults.append(what)
        if len(self._faults) >= FAULTS_MAX:
            raise TooManyFaults
