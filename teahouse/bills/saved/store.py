"""The table of saved bills: what was fetched last, what was said of it, and what pays it by itself."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

saved = sa.Table(
    "saved_bill",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("biller", Id, nullable=False),
    sa.Column("customer", sa.String(1200), nullable=False),  # JSON by field, as the biller writes its values
    sa.Column("nickname", sa.String(40), nullable=False),
    sa.Column("remind_days", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("ceiling", sa.BigInteger, nullable=False),  # of autopay, minor units; 0: none
    sa.Column("autopay_since", Instant, nullable=False),
    sa.Column("ref", sa.String(64), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("fetched_at", Instant, nullable=False),
    sa.Column("trouble", sa.String(64), nullable=False),
    sa.Column("next_at", Instant, nullable=False),  # when the biller is asked again
    sa.Column("tries", sa.Integer, nullable=False),  # in vain, one after the other
    # Of which bill they were told already that …
    sa.Column("told_due", sa.String(64), nullable=False),
    sa.Column("told_above", sa.String(64), nullable=False),
    sa.Column("told_failed", sa.String(64), nullable=False),
    sa.Column("paid_ref", sa.String(64), nullable=False),  # autopay has begun to pay this one
    sa.Index("saved_bill_person", "person", "id"),
    sa.Index("saved_bill_next", "next_at"),
)

NEW: dict[str, Any] = {
    "ceiling": 0,
    "autopay_since": 0,
    "ref": "",
    "amount": 0,
    "due_at": 0,
    "fetched_at": 0,
    "trouble": "",
    "tries": 0,
    "told_due": "",
    "told_above": "",
    "told_failed": "",
    "paid_ref": "",
}
_s = saved.c


def saved_of(connection: sa.Connection, person: str, biller: str, customer: str) -> str:
    """Return a person's saved bill of this customer, or nothing."""
    query = sa.select(_s.id).where(_s.person == person, _s.biller == biller, _s.customer == customer)
    return connection.execute(query).scalar_one_or_none() or ""


def count_of(connection: sa.Connection, person: str) -> int:
    query = sa.select(sa.func.count()).select_from(saved).where(_s.person == person)
    return connection.execute(query).scalar_one()


def one(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(saved).where(_s.id == identifier)).one_or_none()


def all_of(connection: sa.Connection, person: str) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(saved).where(_s.person == person).order_by(_s.id)).all()


def add(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(saved), [values])


def change(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(saved).where(_s.id == identifier).values(**values))


def remove(connection: sa.Connection, identifier: str) -> None:
    connection.execute(sa.delete(saved).where(_s.id == identifier))


def due(connection: sa.Connection, now: int, limit: int, without: Collection[str]) -> Sequence[sa.Row[Any]]:
    """Return those whose biller is to be asked now, the longest due first; none of these billers'."""
    query = sa.select(saved).where(_s.next_at <= now)
    if without:
        query = query.where(_s.biller.not_in(without))
    return connection.execute(query.order_by(_s.next_at).limit(limit)).all()


def next_due(connection: sa.Connection, now: int) -> int:
    """Return when, after now, the next one is to be asked; 0: never."""
    query = sa.select(_s.next_at).where(_s.next_at > now).order_by(_s.next_at).limit(1)
    return connection.execute(query).scalar_one_or_none() or 0
