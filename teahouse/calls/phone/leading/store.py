"""The table of phone calls."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

calls = sa.Table(
    "phone_call",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("device", Id, nullable=False),  # empty: it rings on all
    sa.Column("direction", sa.String(3), nullable=False),
    sa.Column("number", sa.String(20), nullable=False),  # of the other end
    sa.Column("formatted", sa.String(40), nullable=False),
    sa.Column("country", sa.String(3), nullable=False),
    sa.Column("own", sa.String(20), nullable=False),  # what was dialled, or is shown, of the person's
    sa.Column("hidden", sa.Boolean, nullable=False),  # the person does not show their number
    sa.Column("price", sa.LargeBinary, nullable=False),  # JSON; empty: it costs nothing
    sa.Column("at", Instant, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("answered_at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("trunk", Id, nullable=False),
    sa.Column("dtmf", sa.Boolean, nullable=False),
    sa.Column("seconds", sa.Integer, nullable=False),
    sa.Column("cost", sa.BigInteger, nullable=False),
    sa.Column("stars", sa.Integer, nullable=False),
    sa.Column("troubles", sa.String(80), nullable=False),
    sa.Column("forgotten", sa.Boolean, nullable=False),
    sa.Column("trace", sa.LargeBinary, nullable=False),  # of SIP's, while it is answered: see `Leg.trace`
    sa.Index("phone_call_person", "person", "at", "id"),
    sa.Index(
        "phone_call_open",
        "person",
        sqlite_where=sa.text("ended_at = 0"),
        postgresql_where=sa.text("ended_at = 0"),
    ),
)
_c = calls.c


def add(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(calls), values)


def change(connection: sa.Connection, call: str, **values: Any) -> None:
    connection.execute(sa.update(calls).where(_c.id == call).values(**values))


def call(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(calls).where(_c.id == identifier)).one_or_none()


def open_of(connection: sa.Connection, person: str) -> Sequence[sa.Row[Any]]:
    """Those that go on or ring, newest first."""
    query = sa.select(calls).where(_c.person == person, _c.ended_at == 0).order_by(_c.at.desc(), _c.id.desc())
    return connection.execute(query).all()


def all_open(connection: sa.Connection, limit: int) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(calls).where(_c.ended_at == 0).limit(limit)).all()


def ended(
    connection: sa.Connection, person: str, before: tuple[int, str], limit: int, *, missed: bool
) -> Sequence[sa.Row[Any]]:
    """Newest first, with (at, id) below `before`; without what the person took out."""
    at, identifier = before
    older = sa.or_(_c.at < at, sa.and_(_c.at == at, _c.id < identifier))
    query = sa.select(calls).where(_c.person == person, _c.ended_at > 0, ~_c.forgotten, older)
    if missed:
        query = query.where(_c.direction == "in", _c.answered_at == 0)
    return connection.execute(query.order_by(_c.at.desc(), _c.id.desc()).limit(limit)).all()


def rate(connection: sa.Connection, person: str, identifier: str, stars: int, troubles: str) -> bool:
    query = sa.update(calls).where(_c.id == identifier, _c.person == person, _c.ended_at > 0)
    return connection.execute(query.values(stars=stars, troubles=troubles)).rowcount == 1


def forget(connection: sa.Connection, person: str, identifiers: Sequence[str]) -> None:
    query = sa.update(calls).where(_c.person == person, _c.ended_at > 0)
    if identifiers:
        query = query.where(_c.id.in_(identifiers))
    connection.execute(query.values(forgotten=True))
