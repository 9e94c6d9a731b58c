"""What a day's lines add up to, and whether that is what the ledger says. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from teahouse.clock import DAY_MS
from teahouse.errors import Conflict, Malformed
from teahouse.merchants.statements.model import DayLine

LINES_SHOWN_MAX: Final = 5_000
"""In one answer; the sums are of all."""
ENTRIES_MAX: Final = 400_000
"""Of a merchant's account within a day: some 100,000 payments."""


class BadDay(Malformed):
    code = "bad_day"
    title = "There is no such day"


class DayTooLong(Conflict):
    """`fields["max"]`: the most entries of the ledger that one bill is made of."""

    code = "day_too_long"
    title = "There is too much on this day for one bill"


class Moved(msgspec.Struct, frozen=True, gc=False):
    """What an order or a take-out did to the takings within a day."""

    paid: int = 0
    """By payers; less what went back to them or was taken out."""
    discount: int = 0
    fee: int = 0

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(self.paid + other.paid, self.discount + other.discount, self.fee + other.fee)


class Sums(msgspec.Struct, frozen=True):
    sales: int = 0
    discounts: int = 0
    refunds: int = 0
    fees: int = 0
    taken_out: int = 0

    @property
    def change(self) -> int:
        """What they changed the takings by."""
        return self.sales - self.discounts - self.refunds - self.fees - self.taken_out


NOTHING: Final = Moved()


def bounds(day: str) -> tuple[int, int]:
    """Return a day's first instant and the next day's (Unix ms, UTC). Raises `BadDay`."""
    try:
        start = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except ValueError:
        raise BadDay() from None
    first = int(start.timestamp()) * 1000
    return first, first + DAY_MS


def must_be_within(entries: int) -> None:
    if entries > ENTRIES_MAX:
        raise DayTooLong(max=ENTRIES_MAX)


def sums_of(lines: Iterable[DayLine]) -> Sums:
    """A refund's discount is no sum: the merchant bore it itself, so it changes nothing when it goes back."""
    sales = discounts = refunds = fees = taken_out = 0
    for line in lines:
        fees += line.fee
        if line.what == "payment":
            sales += line.amount
            discounts += line.discount
        elif line.what == "refund":
            refunds -= line.amount
        else:
            taken_out -= line.amount
    return Sums(sales, discounts, refunds, fees, taken_out)


def moved_by(lines: Iterable[DayLine]) -> dict[str, Moved]:
    """Return what lines say that each order or take-out did."""
    moved: dict[str, Moved] = {}
    for line in lines:
        subject = line.order or line.number
        moved[subject] = moved.get(subject, NOTHING) + Moved(line.paid, line.discount, line.fee)
    return moved


def agrees(lines: Iterable[DayLine], ledger: Mapping[str, Moved], opening: int, closing: int) -> bool:
    """Are the lines, order by order, what the ledger moved, and do they lead from what it had to what it has?"""
    lines = tuple(lines)
    if any(line.what == "payment" and line.amount != line.paid + line.discount for line in lines):
        return False
    if any(line.net != line.paid - line.fee for line in lines):
        return False
    if opening + sum(line.net for line in lines) != closing or opening + sums_of(lines).change != closing:
        return False
    return _something(moved_by(lines)) == _something(ledger)


def _something(moved: Mapping[str, Moved]) -> dict[str, Moved]:
    return {subject: each for subject, each in moved.items() if each != NOTHING}
