"""What was called and what it cost, counted for limits: how many at once, how many and to whom within an hour, how much
within a day. Each reads an index."""

import sqlalchemy as sa

from teahouse.calls.phone.meter.store import has_cost, is_open, meters

_m = meters.c


def calls_now(connection: sa.Connection, person: str = "") -> int:
    """Return how many calls a person has now; of nobody: the house."""
    query = sa.select(sa.func.count()).select_from(meters).where(is_open)
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
    settled = sa.select(sa.func.coalesce(sa.func.sum(_m.cost), 0)).where(*_settled(currency, since, person))
    held = sa.select(sa.func.coalesce(sa.func.sum(_m.held), 0)).where(is_open, _m.currency == currency)
    if person:
        held = held.where(_m.person == person)
    return int(connection.execute(settled).scalar_one()) + int(connection.execute(held).scalar_one())


def costs_since(
    connection: sa.Connection, currency: str, since: int, limit: int, person: str = ""
) -> list[tuple[int, int]]:
    """Return when settled calls began, and what they cost, the oldest first."""
    query = sa.select(_m.began_at, _m.cost).where(*_settled(currency, since, person))
    return [(at, cost) for at, cost in connection.execute(query.order_by(_m.began_at).limit(limit))]


def _settled(currency: str, since: int, person: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Said so that a person's are found by the index of persons, and the house's by that of what costs something."""
    return (_m.currency == currency, _m.began_at > since, _m.person == person if person else has_cost)
