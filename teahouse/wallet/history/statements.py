"""A month of an account: what it opened and closed with, and all that moved between."""

from collections.abc import AsyncIterator, Sequence

import sqlalchemy as sa

from teahouse.people.model import Person
from teahouse.storage.store import Store
from teahouse.wallet.history import months
from teahouse.wallet.history.entries import Entries
from teahouse.wallet.history.lines import Line, moved
from teahouse.wallet.history.model import Spending, SpendingBar, Statement
from teahouse.wallet.history.sums import NOTHING, MonthSums, Span, span_of
from teahouse.wallet.ledger import history
from teahouse.wallet.ledger.history import Place
from teahouse.wallet.ledger.model import Account
from teahouse.wallet.model import Entry

ENTRIES_MAX = 5_000
"""On a page and in a PDF."""
FILE_ENTRIES_MAX = 100_000
"""In a CSV."""
AT_ONCE = 2_000
"""Entries that are dressed by one read."""
MONTHS = 12
Dressed = tuple[tuple[Entry, ...], tuple[Person, ...]]


class Statements:
    def __init__(self, store: Store, entries: Entries) -> None:
        self._store = store
        self._entries = entries
        self._sums = MonthSums(store)

    async def of(self, account: Account | None, currency: str, month: str, now: int) -> Statement:
        """Return a statement with its first `ENTRIES_MAX` entries. Raises `MonthTooLong`."""
        months.must_be_month(month)
        if account is None:
            return Statement(month, currency, 0, 0, 0, 0, (), ())
        span = await self._store.read(span_of, account, month)
        sums = await self._sums.of(span, now)
        entries: list[Entry] = []
        people: dict[str, Person] = {}
        async for some, those in self._dressed(span, ENTRIES_MAX):
            entries += some
            people.update((each.id, each) for each in those)
        return Statement(
            month=month,
            currency=currency,
            opening=span.opening,
            closing=span.closing,
            total_in=sums.total_in,
            total_out=sums.total_out,
            entries=tuple(entries),
            people=tuple(people.values()),
            more=sums.lines - len(entries),
        )

    async def all_entries(self, account: Account | None, month: str) -> AsyncIterator[Dressed]:
        """Yield a month's entries, the oldest first, with the people in them: some at a time, `FILE_ENTRIES_MAX` in
        all."""
        if account is not None:
            span = await self._store.read(span_of, account, month)
            async for dressed in self._dressed(span, FILE_ENTRIES_MAX):
                yield dressed

    async def spending(self, account: Account | None, currency: str, now: int) -> Spending:
        """Return the last twelve months, this one included."""
        this = months.month_of(now)
        those = [months.after(this, back) for back in range(1 - MONTHS, 1)]
        sums = [NOTHING] * MONTHS
        if account is not None:
            spans = await self._store.read(_spans, account, those)
            sums = [await self._sums.of(span, now) for span in spans]
        bars = (
            SpendingBar(month, each.total_in, each.total_out, each.by_kind)
            for month, each in zip(those, sums, strict=True)
        )
        return Spending(currency=currency, months=tuple(bars))

    async def _dressed(self, span: Span, entries_max: int) -> AsyncIterator[Dressed]:
        place, left = span.start, entries_max
        while left and place.entries < span.end.entries:
            dressed, place = await self._store.read(self._some, span, place, min(left, AT_ONCE))
            left -= len(dressed[0])
            yield dressed

    def _some(self, connection: sa.Connection, span: Span, place: Place, limit: int) -> tuple[Dressed, Place]:
        lines, place = _lines(connection, span, place, limit)
        return self._entries.dressed(connection, span.account, lines), place


def _spans(connection: sa.Connection, account: Account, those: Sequence[str]) -> list[Span]:
    return [span_of(connection, account, month) for month in those]


def _lines(connection: sa.Connection, span: Span, place: Place, limit: int) -> tuple[Sequence[Line], Place]:
    """Return the next lines, at most so many of at most `STEPS_MAX` transfers, and the place after them."""
    account, begun = span.account.number, place.entries
    lines: list[Line] = []
    while place.entries - begun < history.STEPS_MAX:
        for each in history.forward(connection, account, place, span.end):
            place = Place(place.entries + 1, each.number)
            line = moved(each, account)
            if line is not None:
                lines.append(line)
                if len(lines) == limit:
                    return lines, place
        if place.entries == span.end.entries:
            break
    return lines, place
