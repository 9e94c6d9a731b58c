"""A merchant's day as the ledger has it: read from its records alone, so that it can tell on the tables of orders."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from teahouse.merchants.statements import rules
from teahouse.merchants.statements.rules import Moved
from teahouse.wallet.ledger import history, store
from teahouse.wallet.ledger.history import Place
from teahouse.wallet.ledger.model import Account, Kind, Purpose, Transfer

_MOVES = (Kind.TRANSFER, Kind.POST, Kind.REVERSE)


class LedgerDay(msgspec.Struct, frozen=True):
    opening: int
    """Takings before the day: both of the merchant's accounts."""
    closing: int
    moved: dict[str, Moved]
    """By subject."""


def ledger_day(connection: sa.Connection, merchant: str, currency: str, start: int, end: int) -> LedgerDay:
    """Return what the ledger says of `start <= at < end` (Unix ms). Raises `DayTooLong`."""
    opening = closing = 0
    moved: dict[str, Moved] = {}
    till = store.account_of(connection, merchant, "merchant", currency)
    subsidy = store.account_of(connection, merchant, "subsidy", currency)
    for account in (till, subsidy):
        if account is None:
            continue
        first = history.at_or_before(connection, account, start - 1)
        last = history.at_or_before(connection, account, end - 1)
        rules.must_be_within(last.entries - first.entries)
        opening += _balance(connection, account, first)
        closing += _balance(connection, account, last)
        if account is till:
            beside = subsidy.number if subsidy is not None else 0
            moved = _moved(_between(connection, account, first, last), account.number, beside)
    return LedgerDay(opening, closing, moved)


def _balance(connection: sa.Connection, account: Account, place: Place) -> int:
    found = store.transfer(connection, place.number) if place.number else None
    return history.balance_after(found, account.number) if found is not None else 0


def _between(connection: sa.Connection, account: Account, place: Place, last: Place) -> Iterable[Transfer]:
    while some := history.forward(connection, account.number, place, last):
        yield from some
        place = Place(place.entries + len(some), some[-1].number)


def _moved(transfers: Iterable[Transfer], till: int, subsidy: int) -> dict[str, Moved]:
    moved: dict[str, Moved] = {}
    for each in transfers:
        if each.kind not in _MOVES:
            continue
        amount, other = (-each.amount, each.credit) if each.debit == till else (each.amount, each.debit)
        if other == subsidy and each.purpose == Purpose.SETTLEMENT:
            continue  # from one of the merchant's accounts to the other
        if other == subsidy:
            what = Moved(discount=amount)
        elif each.purpose == Purpose.FEE:
            what = Moved(fee=-amount)
        else:
            what = Moved(paid=amount)
        moved[each.subject] = moved.get(each.subject, rules.NOTHING) + what
    return moved
