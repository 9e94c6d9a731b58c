"""The tables of trunks and of the house's numbers."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

trunks = sa.Table(
    "trunk",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("format", sa.String(12), nullable=False),
    sa.Column("prefix", sa.String(16), nullable=False),
    sa.Column("setup", sa.LargeBinary, nullable=False),  # JSON: all that the operator set up but the password
    sa.Column("password", sa.LargeBinary, nullable=False),  # sealed; empty: none
    sa.Column("at", Instant, nullable=False),
)

numbers = sa.Table(
    "phone_number",
    metadata,
    sa.Column("number", sa.String(16), primary_key=True),  # E.164 with its plus
    sa.Column("person", sa.String(16), nullable=False),  # empty: the house's
    sa.Column("at", Instant, nullable=False),
    sa.Index("phone_number_person", "person", "at"),
)

_t, _n = trunks.c, numbers.c
# Not people's own store: all that is asked of it is who they are.
_people = sa.table("person", sa.column("id", sa.String), sa.column("operator", sa.Boolean))


def row(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(trunks).where(_t.id == identifier)).one_or_none()


def all_trunks(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """In the order they were added."""
    return connection.execute(sa.select(trunks).order_by(_t.id)).all()


def those_on(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(trunks).where(_t.is_on).order_by(_t.id)).all()


def count(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(trunks)).scalar_one()


def add(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(trunks), [values])


def change(connection: sa.Connection, identifier: str, values: dict[str, Any]) -> None:
    connection.execute(sa.update(trunks).where(_t.id == identifier).values(values))


def remove(connection: sa.Connection, identifier: str) -> None:
    connection.execute(sa.delete(trunks).where(_t.id == identifier))


def number(connection: sa.Connection, e164: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(numbers).where(_n.number == e164)).one_or_none()


def all_numbers(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(numbers).order_by(_n.number)).all()


def count_numbers(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(numbers)).scalar_one()


def number_of(connection: sa.Connection, person: str) -> str | None:
    """The one that they have had longest."""
    query = sa.select(_n.number).where(_n.person == person).order_by(_n.at, _n.number).limit(1)
    return connection.execute(query).scalar_one_or_none()


def assign(connection: sa.Connection, e164: str, person: str, at: int) -> None:
    changed = connection.execute(sa.update(numbers).where(_n.number == e164).values(person=person, at=at))
    if not changed.rowcount:
        connection.execute(sa.insert(numbers).values(number=e164, person=person, at=at))


def remove_number(connection: sa.Connection, e164: str) -> bool:
    """Return whether it was there."""
    return bool(connection.execute(sa.delete(numbers).where(_n.number == e164)).rowcount)


def operators(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.select(_people.c.id).where(_people.c.operator)).scalars())
