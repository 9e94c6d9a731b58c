"""The guard's tables: who has which PIN, level and limits, what was spent each day, who looked, who is a cashier."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, metadata
from teahouse.wallet.guard.model import SpendingLimits

people = sa.Table(
    "wallet_person",  # those who set anything; all others are at level 0 and have no PIN
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("pin", sa.String(255)),  # argon2id, encoded with its parameters
    sa.Column("failures", sa.Integer, nullable=False),  # wrong PINs in a row, those being compared counted
    sa.Column("locked_until", Instant, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("real_name", sa.String(80), nullable=False),
    sa.Column("verified_by", Id, nullable=False),
    sa.Column("verified_at", Instant, nullable=False),
    sa.Column("accept_at_once", sa.Boolean, nullable=False),
)

limits = sa.Table(
    "wallet_limit",  # what the operator set; a currency without rows has the defaults
    metadata,
    sa.Column("currency", sa.String(3), primary_key=True),
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("payment_max", sa.BigInteger, nullable=False),
    sa.Column("day_max", sa.BigInteger, nullable=False),
    sa.Column("balance_max", sa.BigInteger, nullable=False),
)

days = sa.Table(
    "wallet_day",  # what a person spent in a day (of UTC, counted from 1970)
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # first, so that it grows at one end
    sa.Column("person", Id, primary_key=True),
    sa.Column("currency", sa.String(3), primary_key=True),
    sa.Column("spent", sa.BigInteger, nullable=False),
)

looks = sa.Table(
    "wallet_look",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("by", Id, nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("wallet_look_person", "person", "id"),
)

cashiers = sa.Table(
    "wallet_cashier",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("by", Id, nullable=False),
)

renew_days = Append(days, key="day, person, currency", renew=("spent",))
_p, _l, _d, _k, _c = people.c, limits.c, days.c, looks.c, cashiers.c
_NOBODY: dict[str, Any] = {
    "pin": None,
    "failures": 0,
    "locked_until": 0,
    "level": 0,
    "real_name": "",
    "verified_by": "",
    "verified_at": 0,
    "accept_at_once": False,
}


def person(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(people).where(_p.person == identifier)).one_or_none()


def change_person(connection: sa.Connection, identifier: str, **values: Any) -> None:
    """Change a person's row, and add it when there is none."""
    query = sa.update(people).where(_p.person == identifier).values(**values)
    if connection.execute(query).rowcount == 0:
        connection.execute(sa.insert(people).values(person=identifier, **{**_NOBODY, **values}))


def all_limits(connection: sa.Connection) -> dict[tuple[int, str], SpendingLimits]:
    query = sa.select(_l.level, _l.currency, _l.payment_max, _l.day_max, _l.balance_max)
    return {(row.level, row.currency): SpendingLimits(*row) for row in connection.execute(query)}


def replace_limits(connection: sa.Connection, currency: str, new: Iterable[SpendingLimits]) -> None:
    connection.execute(sa.delete(limits).where(_l.currency == currency))
    for each in new:
        connection.execute(
            sa.insert(limits).values(
                currency=currency,
                level=each.level,
                payment_max=each.payment_max,
                day_max=each.day_max,
                balance_max=each.balance_max,
            )
        )


def spent(connection: sa.Connection, day: int, identifier: str, currency: str) -> int:
    query = sa.select(_d.spent).where(_d.day == day, _d.person == identifier, _d.currency == currency)
    return connection.execute(query).scalar_one_or_none() or 0


def spent_by_currency(connection: sa.Connection, day: int, identifier: str) -> dict[str, int]:
    query = sa.select(_d.currency, _d.spent).where(_d.day == day, _d.person == identifier)
    return {row.currency: row.spent for row in connection.execute(query)}


def remove_days(connection: sa.Connection, before: int, limit: int) -> int:
    """Remove at most so many sums of days before this one, all of one day."""
    query = sa.select(_d.day, _d.person).where(_d.day < before).order_by(_d.day, _d.person).limit(limit)
    rows = connection.execute(query).all()
    if not rows:
        return 0
    oldest, first = rows[0]
    last = max(row.person for row in rows if row.day == oldest)
    gone = sa.delete(days).where(_d.day == oldest, _d.person.between(first, last))
    return connection.execute(gone).rowcount


def add_look(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(looks), [values])


def newest_looks(connection: sa.Connection, identifier: str, limit: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(looks).where(_k.person == identifier).order_by(_k.id.desc()).limit(limit)
    return connection.execute(query).all()


def is_cashier(connection: sa.Connection, identifier: str) -> bool:
    return connection.execute(sa.select(_c.since).where(_c.person == identifier)).one_or_none() is not None


def all_cashiers(connection: sa.Connection) -> list[str]:
    """The longest serving first."""
    return list(connection.execute(sa.select(_c.person).order_by(_c.since, _c.person)).scalars())


def add_cashier(connection: sa.Connection, identifier: str, since: int, by: str) -> None:
    connection.execute(sa.insert(cashiers).values(person=identifier, since=since, by=by))


def remove_cashier(connection: sa.Connection, identifier: str) -> bool:
    """Whether they were one."""
    return connection.execute(sa.delete(cashiers).where(_c.person == identifier)).rowcount == 1
