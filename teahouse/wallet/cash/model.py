"""The cash desk: what cashiers may ask and what they and their customers are told."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.money import Currency, Money
from teahouse.people.model import Person
from teahouse.wallet.model import Balance, Key, Note


class TopUpCash(Command, frozen=True, tag="cash.top_up"):
    """By a cashier who has the money in hand. Above the operator's limit a second cashier confirms it."""

    key: Key
    person: Id
    amount: Money
    note: Note = ""


class PayOutCash(Command, frozen=True, tag="cash.pay_out"):
    """By a cashier, with the pay code that the person shows: the person says yes on their device, then the cashier
    hands out the money. Above the limit a second cashier confirms it first."""

    key: Key
    code: Annotated[str, Meta(pattern=r"^[0-9]{18}$")]
    amount: Money
    note: Note = ""


class ConfirmCash(Command, frozen=True, tag="cash.confirm"):
    """By another cashier than the one who began it."""

    operation: Id


class RefuseCash(Command, frozen=True, tag="cash.refuse"):
    operation: Id


class CloseDay(Command, frozen=True, tag="cash.close"):
    """The end of one's day at the desk: what was counted in the drawer, against what the ledger says. A difference is
    posted to the house's account for differences. `take` of it goes to the safe, the rest stays for tomorrow."""

    key: Key
    counted: Annotated[int, Meta(ge=0, le=10**13)]
    currency: Currency
    note: Note = ""
    take: Annotated[int, Meta(ge=-(10**13), le=10**13)] = 0
    """Negative: so much comes from the safe into the drawer."""


class CashOperation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happened at a desk: also its receipt."""

    id: str
    receipt: int
    """Receipt number, 1, 2, 3 … of the house; 0 while it is not done."""
    kind: Literal["in", "out"]
    cashier: Person
    person: Person
    amount: int
    currency: str
    at: int
    state: Literal["confirm", "approve", "done", "refused", "expired"]
    """`confirm`: waits for a second cashier; `approve`: waits for the person."""
    note: str = ""
    second: Person | None = None


class CashDone(Result, frozen=True):
    operation: CashOperation


class DayClosing(msgspec.Struct, frozen=True):
    id: str
    cashier: Person
    at: int
    currency: str
    opening: int
    taken_in: int
    paid_out: int
    expected: int
    counted: int
    difference: int
    note: str
    to_safe: int = 0
    """What of it went to the safe (negative: came from there)."""


class DayClosed(Result, frozen=True):
    closing: DayClosing


class Desk(msgspec.Struct, frozen=True):
    """A cashier's desk: what the ledger says is in the drawer, today's operations, what waits for a second cashier."""

    drawers: tuple[Money, ...]
    operations: tuple[CashOperation, ...]
    waiting: tuple[CashOperation, ...]
    closings: tuple[DayClosing, ...]
    confirm_above: tuple[Money, ...]


class Customer(msgspec.Struct, frozen=True):
    """A person as a cashier sees them; every such look is told to the person."""

    person: Person
    real_name: str
    level: int
    balances: tuple[Balance, ...]


class CashChanged(Event, frozen=True, tag="cash.changed"):
    """For the cashiers and the person of a cash operation."""

    operation: CashOperation
