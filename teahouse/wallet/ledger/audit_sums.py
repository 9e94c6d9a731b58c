"""The sums of an audit: what the transfers come to, for all accounts at once, block by block.

Every transfer is two lines, one for each account. A block's lines are sorted by account, so that each account's lines
stand together in order; running sums within them are one cumulative sum over all.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from teahouse.money import AMOUNT_MAX
from teahouse.wallet.ledger import record
from teahouse.wallet.ledger.model import Kind, Purpose
from teahouse.wallet.ledger.store import MARK_EVERY

Array = NDArray[Any]
RECORD: Final = np.dtype(
    [
        ("number", "<u8"),
        ("at", "<u8"),
        ("debit", "<u8"),
        ("credit", "<u8"),
        ("amount", "<u8"),
        ("refers", "<u8"),
        ("expires_at", "<u8"),
        ("debit_before", "<u8"),
        ("credit_before", "<u8"),
        ("debit_balance", "<i8"),
        ("credit_balance", "<i8"),
        ("kind", "u1"),
        ("version", "u1"),
        ("purpose", "<u2"),
        ("currency", "<u4"),
        ("subject", "S16"),
    ]
)
assert RECORD.itemsize == record.SIZE
_ENDS = (Kind.POST, Kind.VOID, Kind.EXPIRE)


class AccountRow(NamedTuple):
    number: int
    sign: str
    currency: int


class OpenHold(NamedTuple):
    debit: int
    credit: int
    amount: int
    expires_at: int
    purpose: int


class Lines(NamedTuple):
    """A block's lines, sorted by account, each account's in order."""

    account: Array
    number: Array
    at: Array
    is_debit: Array
    moved: Array
    """What was added to the balance (negative for the account that paid)."""
    held: Array
    """What was added to the held sum of this side."""
    before: Array
    balance: Array
    currency: Array
    first: Array
    """Whether a line is its account's first in this block."""


def as_array(records: Sequence[bytes]) -> Array:
    return np.frombuffer(b"".join(records), dtype=RECORD)


class Sums:
    """`fault(text)` is called for whatever the records say wrongly."""

    def __init__(self, accounts: Sequence[AccountRow], fault: Callable[[str], None]) -> None:
        self.count = len(accounts)
        self._fault = fault
        size = max((account.number for account in accounts), default=0) + 1
        self._currency = np.zeros(size, dtype=np.int64)
        self._sign = np.zeros(size, dtype=np.int64)
        """1: credits >= debits, -1: debits >= credits, 0: either."""
        for number, sign, currency in accounts:
            self._currency[number] = currency
            self._sign[number] = {"credit": 1, "debit": -1, "either": 0}[sign]
        self._credits, self._debits, self._held_in, self._held_out, self._entries, self._last = (
            np.zeros(size, dtype=np.int64) for _ in range(6)
        )
        self._at = 0
        self.open_holds: dict[int, OpenHold] = {}
        self.reversals: dict[int, int] = {}
        self._marks: list[Array] = []

    def add(self, block: Array) -> None:
        """Take the next block, in the order of numbers."""
        if not len(block):
            return
        self._check_fields(block)
        size = len(self._currency)
        if (block["debit"] >= size).any() or (block["credit"] >= size).any():
            first = block[(block["debit"] >= size) | (block["credit"] >= size)][0]
            self._fault(f"transfer {first['number']}: there is no such account")
            block = block[(block["debit"] < size) & (block["credit"] < size)]
        out = self._holds(block)
        self._check_lines(self._lines(block, out))

    def balances(self) -> dict[int, tuple[int, ...]]:
        columns = (self._credits, self._debits, self._held_in, self._held_out, self._entries, self._last)
        numbers = np.flatnonzero(self._currency)
        rows = np.stack([column[numbers] for column in columns], axis=1).tolist()
        return {number: tuple(row) for number, row in zip(numbers.tolist(), rows, strict=True)}

    def holds(self) -> dict[int, int]:
        return {number: hold.expires_at for number, hold in self.open_holds.items()}

    def marks(self) -> list[tuple[int, ...]]:
        """Every 64th line of each account: number, account, entries, time."""
        return [tuple(row) for marks in self._marks for row in marks.tolist()]

    def by_currency(self) -> dict[int, int]:
        """Credits less debits of all accounts: zero in every currency."""
        return {
            int(currency): int((self._credits - self._debits)[self._currency == currency].sum())
            for currency in np.unique(self._currency[self._currency > 0])
        }

    # --- within ---

    def _check_fields(self, block: Array) -> None:
        at = block["at"].astype(np.int64)
        wrong = {
            "its time is before the one before": np.diff(at, prepend=self._at) < 0,
            "its amount is out of bounds": (block["amount"] < 1) | (block["amount"] > AMOUNT_MAX),
            "it pays an account from itself": block["debit"] == block["credit"],
            "its version is unknown": block["version"] != record.VERSION,
            "its kind is unknown": (block["kind"] < min(Kind)) | (block["kind"] > max(Kind)),
            "its purpose is unknown": block["purpose"] > max(Purpose),
        }
        for what, where in wrong.items():
            for number in block["number"][where].tolist():
                self._fault(f"transfer {number}: {what}")
        self._at = int(at[-1])

    def _holds(self, block: Array) -> Array:
        """Follow the holds; return what each transfer adds to the held sums of its two accounts."""
        held = np.zeros(len(block), dtype=np.int64)
        for place in np.flatnonzero(block["kind"] != Kind.TRANSFER).tolist():
            t = block[place]
            number, kind, refers = int(t["number"]), int(t["kind"]), int(t["refers"])
            if kind == Kind.HOLD:
                fields = (int(t[name]) for name in ("debit", "credit", "amount", "expires_at", "purpose"))
                self.open_holds[number] = OpenHold(*fields)
                held[place] = int(t["amount"])
            elif kind in _ENDS:
                held[place] = -self._ended(t, number, kind, refers)
            elif refers in self.reversals:
                self._fault(f"transfer {number}: {refers} was reversed before")
            else:
                self.reversals[refers] = number
        return held

    def _ended(self, t: Any, number: int, kind: int, refers: int) -> int:
        """Check the end of a hold against its beginning; return what it held."""
        hold = self.open_holds.pop(refers, None)
        if hold is None:
            self._fault(f"transfer {number}: it ends a hold {refers} that is not open")
            return 0
        if (hold.debit, hold.credit) != (int(t["debit"]), int(t["credit"])) or int(t["amount"]) > hold.amount:
            self._fault(f"transfer {number}: it is not of its hold {refers}")
        due = 0 < hold.expires_at <= int(t["at"])
        if (kind == Kind.EXPIRE and not due) or (kind == Kind.POST and due):
            self._fault(f"transfer {number}: it came at the wrong time for its hold {refers}")
        return hold.amount

    def _lines(self, block: Array, held: Array) -> Lines:
        def both(debit: Array, credit: Array) -> Array:
            return np.stack([debit, credit], axis=1).reshape(-1)

        amount = block["amount"].astype(np.int64)
        kind = block["kind"]
        moved = np.where((kind == Kind.TRANSFER) | (kind == Kind.POST) | (kind == Kind.REVERSE), amount, 0)
        account = both(block["debit"], block["credit"]).astype(np.int64)
        order = np.argsort(account, kind="stable")
        sides = both(np.ones(len(block), dtype=bool), np.zeros(len(block), dtype=bool))
        account = account[order]
        return Lines(
            account=account,
            number=np.repeat(block["number"].astype(np.int64), 2)[order],
            at=np.repeat(block["at"].astype(np.int64), 2)[order],
            is_debit=sides[order],
            moved=both(-moved, moved)[order],
            held=np.repeat(held, 2)[order],
            before=both(block["debit_before"], block["credit_before"]).astype(np.int64)[order],
            balance=both(block["debit_balance"], block["credit_balance"])[order],
            currency=np.repeat(block["currency"].astype(np.int64), 2)[order],
            first=np.concatenate([[True], account[1:] != account[:-1]]),
        )

    def _check_lines(self, lines: Lines) -> None:
        account, first = lines.account, lines.first
        balance = self._running(lines, self._credits - self._debits, lines.moved)
        held_out = self._running(lines, self._held_out, np.where(lines.is_debit, lines.held, 0))
        held_in = self._running(lines, self._held_in, np.where(lines.is_debit, 0, lines.held))
        entries = self._running(lines, self._entries, np.ones(len(account), dtype=np.int64))
        last = np.concatenate([[0], lines.number[:-1]])
        last[first] = self._last[account[first]]
        sign = self._sign[account]
        wrong = {
            "its balance was not what the record says": balance != lines.balance,
            "the transfer before was not the one that the record names": last != lines.before,
            "more was spent than there was": (sign > 0) & lines.is_debit & (balance - held_out < 0),
            "more was taken than there was": (sign < 0) & ~lines.is_debit & (balance + held_in > 0),
            "its currency is not the account's": self._currency[account] != lines.currency,
        }
        for what, where in wrong.items():
            for number, which in zip(lines.number[where].tolist(), account[where].tolist(), strict=True):
                self._fault(f"transfer {number}, account {which}: {what}")
        ends = np.append(np.flatnonzero(first)[1:] - 1, len(account) - 1)
        touched = account[ends]
        size = len(self._currency)
        self._credits += np.bincount(account, np.where(lines.is_debit, 0, lines.moved), size).astype(np.int64)
        self._debits += np.bincount(account, np.where(lines.is_debit, -lines.moved, 0), size).astype(np.int64)
        self._held_out[touched], self._held_in[touched] = held_out[ends], held_in[ends]
        self._entries[touched], self._last[touched] = entries[ends], lines.number[ends]
        marked = entries % MARK_EVERY == 0
        if marked.any():
            self._marks.append(np.stack([lines.number, account, entries, lines.at], axis=1)[marked])

    @staticmethod
    def _running(lines: Lines, base: Array, added: Array) -> Array:
        """Return the running sum of each account's lines, begun with what it had before this block."""
        starts = np.flatnonzero(lines.first)
        total = np.cumsum(added)
        before = total[starts] - added[starts]
        lengths = np.diff(np.append(starts, len(added)))
        running: Array = total + np.repeat(base[lines.account[starts]] - before, lengths)
        return running
