"""What tests of histories share: a plain model of a few accounts, and books kept through the real ledger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from teahouse import ids
from teahouse.clock import DAY_MS
from teahouse.commands import Signed
from teahouse.errors import Refusal
from teahouse.storage.transaction import Tx
from teahouse.wallet.history.months import month_of
from teahouse.wallet.ledger.model import Kind, New, Purpose
from teahouse.wallet.model import Entry
from tests.wallet.house import EUR, WalletHouse, new_key

PURPOSES = (Purpose.CONTACT, Purpose.PAYMENT, Purpose.FEE, Purpose.OTHER)
Step = tuple[Literal["move", "hold", "post", "void", "reverse", "days"], int, int, int]
"""What to do, and three numbers that say with what."""
NUMBERS = st.integers(0, 2**12)
WHATS = ("move", "move", "hold", "hold", "post", "post", "void", "reverse")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(WHATS), NUMBERS, NUMBERS, NUMBERS),
        st.tuples(st.just("days"), st.integers(1, 20), NUMBERS, NUMBERS),
    ),
    min_size=25,
    max_size=80,
)
LIVES = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Line(NamedTuple):
    """A line of a history, as the model has it."""

    number: int
    at: int
    kind: str
    state: str
    amount: int
    balance: int

    @property
    def month(self) -> str:
        return month_of(self.at)


@dataclass
class Event:
    """A transfer as the model remembers it."""

    number: int
    at: int
    kind: Kind
    debit: int
    credit: int
    amount: int
    refers: int
    purpose: Purpose
    subject: str
    expires_at: int
    balances: dict[int, int]
    """Of all accounts, after it."""


@dataclass
class PlainBooks:
    """The same books as a list that is read from end to end."""

    events: list[Event] = field(default_factory=list)
    balances: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, number: int, at: int, new: New) -> None:
        referred = next((each for each in self.events if each.number == new.refers), None)
        debit, credit, amount = new.debit, new.credit, new.amount
        if referred is not None:
            debit, credit, amount = referred.debit, referred.credit, new.amount or referred.amount
        if new.kind == Kind.REVERSE:
            debit, credit = credit, debit
        if new.kind in (Kind.TRANSFER, Kind.POST, Kind.REVERSE):
            self.balances[debit] -= amount
            self.balances[credit] += amount
        self.events.append(
            Event(
                number,
                at,
                new.kind,
                debit,
                credit,
                amount,
                new.refers,
                new.purpose,
                new.subject,
                new.expires_at,
                dict(self.balances),
            )
        )

    def lines(self, account: int) -> list[Line]:
        """Return an account's lines, the oldest first."""
        over = {each.refers for each in self.events if each.kind in (Kind.POST, Kind.VOID, Kind.EXPIRE)}
        lines = []
        for each in self.events:
            if account not in (each.debit, each.credit):
                continue
            pays = each.debit == account
            if each.kind in (Kind.TRANSFER, Kind.POST, Kind.REVERSE):
                state, amount = "moved", -each.amount if pays else each.amount
            elif not pays or (each.kind == Kind.HOLD and each.number in over):
                continue
            elif each.kind == Kind.HOLD:
                state, amount = "held", -each.amount
            else:
                state, amount = "returned", each.amount
            balance = each.balances.get(account, 0)
            lines.append(Line(each.number, each.at, each.purpose.name.lower(), state, amount, balance))
        return lines

    def moved(self, account: int, month: str) -> list[Line]:
        return [each for each in self.lines(account) if each.state == "moved" and each.month == month]

    def balance_before(self, account: int, instant: int) -> int:
        before = [each for each in self.events if each.at < instant]
        return before[-1].balances.get(account, 0) if before else 0


class Books:
    """Three people and the house's account for corrections, who move money at random, in the ledger and the model."""

    def __init__(self, purse: WalletHouse) -> None:
        self.purse = purse
        self.people = [ids.new_id() for _ in range(3)]
        self.accounts: list[int] = []
        self.plain = PlainBooks()

    async def open(self) -> None:
        def opened(tx: Tx) -> list[int]:
            purse = self.purse.wallet.purse
            mine = [purse.account(tx, each, EUR).number for each in self.people]
            return [*mine, purse.house_account(tx, "suspense", EUR).number]

        self.accounts = await self.purse.house.store.write(opened)
        await self.do([("move", 3, which, 100_001 + which) for which in range(3)])

    async def do(self, steps: list[Step]) -> None:
        """Take the steps; those between two nights are one transaction. What is refused did not happen."""
        together: list[Step] = []
        for step in [*steps, ("days", 0, 0, 0)]:
            if step[0] != "days":
                together.append(step)
                continue
            await self.purse.house.store.write(self._together, together)
            together = []
            self.purse.passes(step[1] * DAY_MS)
            await self.purse.house.store.write(self._expire)

    def _together(self, tx: Tx, steps: list[Step]) -> None:
        for step in steps:
            new = self._new(tx, step)
            try:
                number = self.purse.wallet.ledger.post(tx, new)
            except Refusal:
                continue
            self.plain.add(number, tx.now, new)

    def _expire(self, tx: Tx) -> None:
        """End what is due, under the keys that the wallet's own sweep has: it may have come first."""
        ledger = self.purse.wallet.ledger
        for hold in self._open():
            if 0 < hold.expires_at <= tx.now:
                new = New(
                    f"expire/{hold.number}",
                    kind=Kind.EXPIRE,
                    refers=hold.number,
                    purpose=hold.purpose,
                    subject=hold.subject,
                )
                number = ledger.post(tx, new)
                self.plain.add(number, ledger.transfer(tx, number).at, new)

    def _open(self) -> list[Event]:
        over = {each.refers for each in self.plain.events if each.kind in (Kind.POST, Kind.VOID, Kind.EXPIRE)}
        return [each for each in self.plain.events if each.kind == Kind.HOLD and each.number not in over]

    def _new(self, tx: Tx, step: Step) -> New:
        what, one, other, amount = step
        purpose, subject = PURPOSES[amount % len(PURPOSES)], f"subject{amount % 7:09}"
        debit, credit = self.accounts[one % 4], self.accounts[(one + 1 + other % 3) % 4]
        fields: dict[str, Any] = {"purpose": purpose, "subject": subject}
        if what == "move":
            return New(new_key(), debit, credit, amount, **fields)
        if what == "hold":
            expires_at = tx.now + (1 + other % 3) * DAY_MS if amount % 2 else 0
            return New(new_key(), debit, credit, amount, kind=Kind.HOLD, expires_at=expires_at, **fields)
        number = self.plain.events[one % len(self.plain.events)].number if self.plain.events else 1
        if what != "reverse" and (holds := self._open()):
            number = holds[one % len(holds)].number
        kind = {"post": Kind.POST, "void": Kind.VOID, "reverse": Kind.REVERSE}[what]
        return New(new_key(), kind=kind, refers=number, amount=amount % 3 if kind == Kind.POST else 0, **fields)

    def signed(self, which: int) -> Signed:
        return Signed(self.people[which], "device")


def shown(entry: Entry) -> Line:
    return Line(entry.number, entry.at, entry.kind, entry.state, entry.amount, entry.balance)
