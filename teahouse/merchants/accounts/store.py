"""Tables of merchants: who they are, who works for them, where they sell, what was taken out."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.merchants.accounts.model import Role, Tariff
from teahouse.storage.schema import Id, Instant, metadata

merchants = sa.Table(
    "merchant",
    metadata,
    sa.Column("id", Id, primary_key=True),  # of its service account, which has its name and face
    sa.Column("category", sa.String(16), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("share", sa.Integer, nullable=False),  # of its tariff, in hundredths of a per cent
    sa.Column("fixed", sa.BigInteger, nullable=False),  # of its tariff, minor units
    sa.Column("at", Instant, nullable=False),
)

staff = sa.Table(
    "merchant_staff",
    metadata,
    sa.Column("merchant", Id, primary_key=True),
    sa.Column("person", Id, primary_key=True),
    sa.Column("role", sa.String(8), nullable=False),
    sa.Column("since", Instant, nullable=False),
    sa.Index("merchant_staff_person", "person"),
)

counters = sa.Table(
    "merchant_counter",  # those that ended stay, for what was sold there has their name
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("merchant", Id, nullable=False),
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("token", sa.String(22), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=False),  # 0: its code works
    sa.Index("merchant_counter_merchant", "merchant", "ended_at"),
    sa.Index("merchant_counter_token", "token", unique=True),
)

tariffs = sa.Table(
    "merchant_tariff",  # one row: what merchants get that are opened from now on
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("share", sa.Integer, nullable=False),
    sa.Column("fixed", sa.BigInteger, nullable=False),
)

take_outs = sa.Table(
    "merchant_take_out",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("merchant", Id, nullable=False),
    sa.Column("person", Id, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("merchant_take_out_at", "merchant", "at"),
)

_m, _s, _c, _t, _o = merchants.c, staff.c, counters.c, tariffs.c, take_outs.c


def merchant(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(merchants).where(_m.id == identifier)).one_or_none()


def all_merchants(connection: sa.Connection, limit: int) -> list[sa.Row[Any]]:
    """Those that wait first, then the newest."""
    query = sa.select(merchants).order_by((_m.state == "waiting").desc(), _m.id.desc()).limit(limit)
    return list(connection.execute(query))


def add_merchant(connection: sa.Connection, **values: object) -> None:
    connection.execute(sa.insert(merchants).values(values))


def change_merchant(connection: sa.Connection, identifier: str, **values: object) -> None:
    connection.execute(sa.update(merchants).where(_m.id == identifier).values(values))


# --- staff ----------------------------------------------------------------------------------------


def staff_of(connection: sa.Connection, of: str) -> dict[str, Role]:
    """Return a merchant's staff and their roles, the longest serving first."""
    query = sa.select(_s.person, _s.role).where(_s.merchant == of).order_by(_s.since, _s.person)
    return {row.person: row.role for row in connection.execute(query)}


def owners(connection: sa.Connection, of: Sequence[str]) -> dict[str, str]:
    """Return the longest serving owner of each merchant."""
    query = sa.select(_s.merchant, _s.person).where(_s.merchant.in_(of), _s.role == "owner")
    rows = connection.execute(query.order_by(_s.since.desc(), _s.person.desc()))
    return {row.merchant: row.person for row in rows}


def works_for(connection: sa.Connection, person: str, limit: int) -> list[str]:
    query = sa.select(_s.merchant).where(_s.person == person).order_by(_s.merchant).limit(limit)
    return list(connection.execute(query).scalars())


def owned(connection: sa.Connection, person: str) -> list[str]:
    """Return the states of the merchants that a person owns."""
    query = sa.select(_m.state).join(staff, _s.merchant == _m.id).where(_s.person == person, _s.role == "owner")
    return list(connection.execute(query).scalars())


def set_staff(connection: sa.Connection, of: str, person: str, role: Role, now: int, *, is_new: bool) -> None:
    if is_new:
        connection.execute(sa.insert(staff).values(merchant=of, person=person, role=role, since=now))
    else:
        connection.execute(sa.update(staff).where(_s.merchant == of, _s.person == person).values(role=role))


def remove_staff(connection: sa.Connection, of: str, person: str) -> None:
    connection.execute(sa.delete(staff).where(_s.merchant == of, _s.person == person))


# --- counters -------------------------------------------------------------------------------------


def counters_of(connection: sa.Connection, of: str) -> dict[str, sa.Row[Any]]:
    """Return the counters whose codes work, the oldest first."""
    query = sa.select(counters).where(_c.merchant == of, _c.ended_at == 0).order_by(_c.id)
    return {row.id: row for row in connection.execute(query)}


def counter_names(connection: sa.Connection, of: str) -> dict[str, str]:
    """Return the names of all counters that a merchant ever had."""
    query = sa.select(_c.id, _c.name).where(_c.merchant == of)
    return {row.id: row.name for row in connection.execute(query)}


def counter_by_token(connection: sa.Connection, token: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(counters).where(_c.token == token, _c.ended_at == 0)).one_or_none()


def add_counter(connection: sa.Connection, **values: object) -> None:
    connection.execute(sa.insert(counters).values(values))


def change_counter(connection: sa.Connection, identifier: str, **values: object) -> None:
    connection.execute(sa.update(counters).where(_c.id == identifier).values(values))


# --- the default tariff ---------------------------------------------------------------------------


def default_tariff(connection: sa.Connection) -> Tariff:
    row = connection.execute(sa.select(_t.share, _t.fixed)).one_or_none()
    return Tariff(row.share, row.fixed) if row else Tariff()


def set_default_tariff(connection: sa.Connection, tariff: Tariff) -> None:
    connection.execute(sa.delete(tariffs))
    connection.execute(sa.insert(tariffs).values(one=1, share=tariff.share, fixed=tariff.fixed))


# --- take-outs ------------------------------------------------------------------------------------


def add_take_out(connection: sa.Connection, **values: object) -> None:
    connection.execute(sa.insert(take_outs).values(values))


def take_outs_between(connection: sa.Connection, of: str, currency: str, since: int, until: int) -> list[sa.Row[Any]]:
    """Return what was taken out from an instant on and before another."""
    query = sa.select(take_outs).where(_o.merchant == of, _o.at >= since, _o.at < until, _o.currency == currency)
    return list(connection.execute(query.order_by(_o.at, _o.id)))


def merchants_of_take_outs(connection: sa.Connection, identifiers: Sequence[str], person: str) -> dict[str, str]:
    """Return which merchant each take-out of a person's was from."""
    query = sa.select(_o.id, _o.merchant).where(_o.id.in_(identifiers), _o.person == person)
    return {row.id: row.merchant for row in connection.execute(query)}
