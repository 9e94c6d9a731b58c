"""Months in sums, by walking them: each closed month once, then from memory."""

from collections import OrderedDict

import msgspec
import sqlalchemy as sa

from teahouse.clock import HOUR_MS
from teahouse.errors import Refusal
from teahouse.storage.store import Store
from teahouse.wallet.history import months
from teahouse.wallet.history.lines import moved
from teahouse.wallet.ledger import history, store
from teahouse.wallet.ledger.history import STEPS_MAX, Place
from teahouse.wallet.ledger.model import Account

KEPT_MAX = 50_000
"""Closed months in memory."""
MONTH_STEPS_MAX = 1_000_000
"""Of one account; more in one month is no person's wallet."""
CLOSED_AFTER_MS = HOUR_MS
"""After a month's end nothing is recorded in it any more: what was under way then is long over."""


class MonthTooLong(Refusal):
    code = "month_too_long"
    title = "This month has too many entries for a statement"


class Span(msgspec.Struct, frozen=True):
    """A month of an account: where it begins and ends in its history."""

    month: str
    account: Account
    start: Place
    end: Place
    opening: int
    closing: int


class Sums(msgspec.Struct, frozen=True):
    lines: int = 0
    total_in: int = 0
    total_out: int = 0
    by_kind: dict[str, int] = {}
    """What went out."""


NOTHING = Sums()


class MonthSums:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[int, str], Sums] = OrderedDict()

    async def of(self, span: Span, now: int) -> Sums:
        """Return a month's sums. Reads in steps of at most `STEPS_MAX`. Raises `MonthTooLong`."""
        key = (span.account.number, span.month)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        if span.end.entries - span.start.entries > MONTH_STEPS_MAX:
            raise MonthTooLong()
        sums, place = NOTHING, span.start
        while place.entries < span.end.entries:
            sums, place = await self._store.read(_add, span, sums, place)
        if now >= months.start_of(months.after(span.month)) + CLOSED_AFTER_MS:
            self._kept[key] = sums
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return sums


def span_of(connection: sa.Connection, account: Account, month: str) -> Span:
    """Find a month in an account's history."""
    since, until = months.bounds(month)
    start, end = (history.at_or_before(connection, account, each - 1) for each in (since, until))
    opening, closing = (_balance_at(connection, account.number, place) for place in (start, end))
    return Span(month, account, start, end, opening, closing)


def _balance_at(connection: sa.Connection, account: int, place: Place) -> int:
    found = store.transfer(connection, place.number) if place.number else None
    return history.balance_after(found, account) if found else 0


def _add(connection: sa.Connection, span: Span, sums: Sums, place: Place) -> tuple[Sums, Place]:
    """Add the next lines, at most `STEPS_MAX` transfers on."""
    account = span.account.number
    lines, total_in, total_out, by_kind = sums.lines, sums.total_in, sums.total_out, dict(sums.by_kind)
    begun = place.entries
    while place.entries - begun < STEPS_MAX:
        those = history.forward(connection, account, place, span.end)
        if not those:
            break
        place = Place(place.entries + len(those), those[-1].number)
        for each in those:
            line = moved(each, account)
            if line is None:
                continue
            lines += 1
            if line.amount > 0:
                total_in += line.amount
            else:
                total_out -= line.amount
                by_kind[line.kind] = by_kind.get(line.kind, 0) - line.amount
    return Sums(lines, total_in, total_out, by_kind), place
