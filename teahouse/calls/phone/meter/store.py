"""The table of the meter: a row a call, from its first hold on; and what counts of it against limits."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

meters = sa.Table(
    "phone_meter",
    metadata,
    sa.Column("call", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("number", sa.String(17), nullable=False),  # E.164
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("rate", sa.Text, nullable=False),  # JSON of the `Rate` that was in force when it began
    sa.Column("steps", sa.Integer, nullable=False),  # holds that were made, one after another
    sa.Column("hold", sa.BigInteger, nullable=False),  # the ledger's number of the newest; 0: a free call
    sa.Column("held", sa.BigInteger, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),  # of the hold
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("answered_at", Instant, nullable=False),
    sa.Column("known_s", sa.Integer, nullable=False),  # of talk: never more than was begun
    sa.Column("settled_at", Instant, nullable=False),  # 0: it goes on
    sa.Column("cost", sa.BigInteger, nullable=False),
    sa.Column("trunk", sa.String(16), nullable=False),
    sa.Column("carrier_rate", sa.Text, nullable=False),  # JSON; empty: none is known
    sa.Column("carrier_cost", sa.BigInteger, nullable=False),  # in the currency of that rate
    sa.Index(
        "phone_meter_open",
        "person",
        sqlite_where=sa.text("settled_at = 0"),
        postgresql_where=sa.text("settled_at = 0"),
    ),
    sa.Index("phone_meter_person", "person", "began_at"),
    sa.Index(
        "phone_meter_spent",
        "currency",
        "began_at",
        "cost",
        sqlite_where=sa.text("cost > 0"),
        postgresql_where=sa.text("cost > 0"),
    ),
)

_m = meters.c
# Written out, for an index of a part is used only for what says that it wants this part.
_is_open = _m.settled_at == sa.literal_column("0")
_has_cost = _m.cost > sa.literal_column("0")


def meter(connection: sa.Connection, call: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(meters).where(_m.call == call)).one_or_none()


def meters_among(connection: sa.Connection, person: str, calls: Sequence[str]) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(meters).where(_m.call.in_(calls), _m.person == person)).all()


def add(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(meters), [values])


def change(connection: sa.Connection, call: str, **values: Any) -> None:
    connection.execute(sa.update(meters).where(_m.call == call).values(**values))


def open_meters(connection: sa.Connection, limit: int) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(meters).where(_is_open).order_by(_m.call).limit(limit)).all()


def waiting(connection: sa.Connection) -> set[int]:
    """Return the holds of calls that go on."""
    return set(connection.execute(sa.select(_m.hold).where(_is_open, _m.hold > 0)).scalars())


# --- what counts ------------------------------------------------------------------------------------


def open_count(connection: sa.Connection, person: str = "") -> int:
    """Return how many calls a person has now; of nobody: the house."""
    query = sa.select(sa.func.count()).select_from(meters).where(_is_open)
    if person:
        query = query.where(_m.person == person)
    return connection.execute(query).scalar_one()


def nth_call_at(connection: sa.Connection, person: str, since: int, nth: int) -> int:
    """Return when the person's nth newest call after an instant began; 0: they made fewer."""
    query = sa.select(_m.began_at).where(_m.person == person, _m.began_at > since)
    return connection.execute(query.order_by(_m.began_at.desc()).offset(nth - 1).limit(1)).scalar_one_or_none() or 0


def nth_number_at(connection: sa.Connection, person: str, since: int, nth: int) -> int:
    """Return when the nth newest of the different numbers that the person called after an instant was called last; 0:
    there were fewer."""
    last = sa.func.max(_m.began_at).label("last")
    query = sa.select(last).where(_m.person == person, _m.began_at > since).group_by(_m.number)
    return connection.execute(query.order_by(last.desc()).offset(nth - 1).limit(1)).scalar_one_or_none() or 0


def has_called(connection: sa.Connection, person: str, number: str, since: int) -> bool:
    query = sa.select(_m.call).where(_m.person == person, _m.began_at > since, _m.number == number).limit(1)
    return connection.execute(query).first() is not None


def spent(connection: sa.Connection, currency: str, since: int, person: str = "") -> int:
    """Return minor units for calls that began after an instant and are settled, and what is held for those that go on,
    of a person; of nobody: of the house."""
    settled = sa.select(sa.func.coalesce(sa.func.sum(_m.cost), 0)).where(
        _m.currency == currency, _m.began_at > since, _has_cost
    )
    held = sa.select(sa.func.coalesce(sa.func.sum(_m.held), 0)).where(_m.currency == currency, _is_open)
    if person:
        settled, held = settled.where(_m.person == person), held.where(_m.person == person)
    return int(connection.execute(settled).scalar_one()) + int(connection.execute(held).scalar_one())


def costs_since(
    connection: sa.Connection, currency: str, since: int, limit: int, person: str = ""
) -> list[tuple[int, int]]:
    """Return when settled calls that cost something began, and what they cost, the oldest first."""
    query = sa.select(_m.began_at, _m.cost).where(_m.currency == currency, _m.began_at > since, _has_cost)
    if person:
        query = query.where(_m.person == person)
    return [(at, cost) for at, cost in connection.execute(query.order_by(_m.began_at).limit(limit))]
