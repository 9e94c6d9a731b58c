"""Campaigns as people and staff read them."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.coupons.campaigns import store
from teahouse.coupons.campaigns.model import Campaign, CampaignDay, CampaignFigures, Figures
from teahouse.coupons.pack import store as pack_store
from teahouse.people.service import PeopleService

CounterNames = Callable[[sa.Connection, str], dict[str, str]]
"""`(connection, merchant)`: of all counters that it ever had, by their ids."""


class Views:
    def __init__(self, people: PeopleService, counter_names: CounterNames, public_url: str) -> None:
        self._people = people
        self._counter_names = counter_names
        self._public_url = public_url

    def shown(
        self, connection: sa.Connection, rows: Collection[Any], person: str, staff_of: Collection[str] = ()
    ) -> dict[str, Campaign]:
        """Return campaigns as a person reads them; with figures those of merchants for which they work."""
        merchants = self._people.people_by_id(connection, {row.merchant for row in rows})
        mine = pack_store.counts_of(connection, [row.id for row in rows], person)
        of_staff = [row.id for row in rows if row.merchant in staff_of]
        totals = store.totals_of(connection, of_staff) if of_staff else {}
        names: dict[str, dict[str, str]] = {}
        shown = {}
        for row in rows:
            counters, is_staff = store.read_ids(row.counters), row.merchant in staff_of
            if counters and row.merchant not in names:
                names[row.merchant] = self._counter_names(connection, row.merchant)
            shown[row.id] = Campaign(
                id=row.id,
                merchant=merchants[row.merchant],
                title=row.title,
                worth=store.read_worth(row.worth),
                colour=row.colour,
                state=row.state,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                url=f"{self._public_url}/c/{row.id}",
                left=row.stock - row.claimed,
                per_person=row.per_person,
                valid_days=row.valid_days,
                counters=tuple(names[row.merchant][each] for each in counters),
                hours=store.read_hours(row.hours),
                timezone=row.timezone,
                terms=row.terms,
                picture=row.picture,
                givable=bool(row.givable),
                refund_back=bool(row.refund_back),
                mine=mine.get(row.id, 0),
                figures=_figures(row, totals.get(row.id, (0, 0))) if is_staff else None,
                counter_ids=counters if is_staff else (),
            )
        return shown

    def figures(self, connection: sa.Connection, row: Any, now: int) -> CampaignFigures:
        totals = store.totals_of(connection, (row.id,)).get(row.id, (0, 0))
        sums = pack_store.sums_by_state(connection, row.id, now)
        count = {state: number for state, (number, _discounts) in sums.items()}
        if row.state == "ended":
            # Nothing of it may be redeemed any more, whatever its date says.
            count["expired"] = count.get("expired", 0) + count.pop("held", 0)
        return CampaignFigures(
            figures=_figures(row, totals),
            held=count.get("held", 0) + count.get("reserved", 0),
            expired=count.get("expired", 0),
            discounts=sums.get("redeemed", (0, 0))[1],
            days=_days(store.days_of(connection, row.id)),
        )


def _figures(row: Any, totals: tuple[int, int]) -> Figures:
    shared, redeemed = totals
    return Figures(issued=row.stock, claimed=row.claimed, shared=shared, redeemed=redeemed)


def _days(rows: Sequence[Any]) -> tuple[CampaignDay, ...]:
    return tuple(CampaignDay(row.day, row.claimed, row.shared, row.redeemed) for row in rows)
