"""The table of the meter: a row a call, from its first hold on."""

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
        "settled_at",  # so that it is preferred to the next one
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
is_open = _m.settled_at == sa.literal_column("0")
has_cost = _m.cost > sa.literal_column("0")


def meter(connection: sa.Connection, call: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(meters).where(_m.call == call)).one_or_none()


def meters_among(connection: sa.Connection, person: str, calls: Sequence[str]) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(meters).where(_m.call.in_(calls), _m.person == person)).all()


def add(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(meters), [values])


def change(connection: sa.Connection, call: str, **values: Any) -> None:
    connection.execute(sa.update(meters).where(_m.call == call).values(**values))


def waiting(connection: sa.Connection) -> set[int]:
    """Return the holds of calls that go on."""
    return set(connection.execute(sa.select(_m.hold).where(is_open, _m.hold > 0)).scalars())
