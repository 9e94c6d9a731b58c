"""Billers' files: what is refused, and what a bill in one must be. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from teahouse.bills.files.model import FileFault
from teahouse.bills.payments.model import BillLine
from teahouse.bills.payments.showing import read_customer
from teahouse.errors import Conflict, Forbidden, NotFound, Refusal
from teahouse.money import AMOUNT_MAX

BILLS_MAX: Final = 50_000
FAULTS_MAX: Final = 100
FILE_BYTES_MAX: Final = 5 * 1024 * 1024
LINES_MAX: Final = 10
"""Further columns of a bill that are shown."""
PAYMENTS_MAX: Final = 10_000
"""Of one settlement; what is more goes into the next."""
SHOWN_MAX: Final = 100


class OperatorsOnly(Forbidden):
    code = "forbidden"
    title = "Only operators do this"


class NotAFileBiller(Conflict):
    code = "not_a_file_biller"
    title = "This biller has a server: its bills do not come as files"


class UnknownFile(Refusal):
    code = "unknown_file"
    title = "This is neither a CSV of bills, nor pain.013, nor camt.053"


class NothingOwed(Conflict):
    code = "nothing_owed"
    title = "Nothing is owed to this biller now"


class NoBankAccount(Conflict):
    code = "no_bank_account"
    title = "The biller, or this house, has no bank account for pain.001"


class NoSuchSettlement(NotFound):
    code = "no_such_settlement"
    title = "There is no such settlement"


class NewBill(msgspec.Struct, frozen=True):
    """A bill as a file has it."""

    line: int
    ref: str
    customer: dict[str, str]
    name: str
    amount: int
    currency: str
    due_at: int
    lines: tuple[BillLine, ...] = ()


class Booked(msgspec.Struct, frozen=True):
    """What came in at the biller's own bank, for a bill of ours."""

    line: int
    ref: str
    amount: int
    currency: str


class Faults:
    """What is wrong with a file, the first hundred things."""

    def __init__(self) -> None:
        self.found: list[FileFault] = []
        self.count = 0

    def add(self, line: int, why: str) -> None:
        self.count += 1
        if len(self.found) < FAULTS_MAX:
            self.found.append(FileFault(line=line, why=why[:200]))


def check(bills: Sequence[NewBill], currency: str, faults: Faults) -> None:
    """Note what does not fit: a number that comes twice, a sum that is none, another currency."""
    seen: dict[str, int] = {}
    for bill in bills:
        if not 1 <= len(bill.ref) <= 64:
            faults.add(bill.line, "the bill's number has 1 to 64 characters")
        elif bill.ref in seen:
            faults.add(bill.line, f"the number {bill.ref} is in line {seen[bill.ref]} too")
        seen.setdefault(bill.ref, bill.line)
        if not 1 <= bill.amount <= AMOUNT_MAX:
            faults.add(bill.line, "the amount is not a sum to pay")
        if bill.currency != currency:
            faults.add(bill.line, f"the currency is not {currency}")


def instant_of(day: str) -> int:
    """Return the end of a day (UTC), `2026-12-31`. Raises `ValueError`."""
    date = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    return int(date.timestamp() * 1000) + 86_400_000 - 1


def week_of(at: int) -> tuple[int, int]:
    """Return what tells two weeks apart (ISO 8601, UTC)."""
    calendar = datetime.fromtimestamp(at / 1000, UTC).isocalendar()
    return calendar.year, calendar.week


def is_due(settles: str, last_at: int, now: int) -> bool:
    """Whether a settlement is to be made: on a new day, or in a new week, since the last one (0: never yet)."""
    if settles == "daily":
        return last_at // 86_400_000 < now // 86_400_000
    return settles == "weekly" and (not last_at or week_of(last_at) < week_of(now))


def said_of(row: Any) -> tuple[str, str]:
    """Return what the statement line of a paid bill says: its number, and whose it is."""
    return row.ref or row.id, ", ".join(read_customer(row.customer).values())
