"""The tables of webhooks."""

from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, metadata

webhooks = sa.Table(
    "merchant_webhook",
    metadata,
    sa.Column("merchant", Id, primary_key=True),
    sa.Column("url", sa.String(500), nullable=False),
)

deliveries = sa.Table(
    "merchant_delivery",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("merchant", Id, nullable=False),
    sa.Column("event", sa.String(20), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # as it is sent
    sa.Column("state", sa.String(10), nullable=False),  # waiting, delivered, given_up
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("last", sa.String(20), nullable=False),
    sa.Index("merchant_delivery_waiting", "merchant", "state", "id"),
    sa.Index("merchant_delivery_at", "at"),
)
add = Append(deliveries)

_d = deliveries.c
WAITING = "waiting"


def url_of(connection: sa.Connection, merchant: str) -> str:
    query = sa.select(webhooks.c.url).where(webhooks.c.merchant == merchant)
    return connection.execute(query).scalar_one_or_none() or ""


def set_url(connection: sa.Connection, merchant: str, url: str) -> None:
    connection.execute(sa.delete(webhooks).where(webhooks.c.merchant == merchant))
    if url:
        connection.execute(sa.insert(webhooks).values(merchant=merchant, url=url))


def waiting(connection: sa.Connection, merchant: str) -> int:
    query = sa.select(sa.func.count()).select_from(deliveries).where(_d.merchant == merchant, _d.state == WAITING)
    return int(connection.execute(query).scalar_one())


def waiting_merchants(connection: sa.Connection) -> list[str]:
    query = sa.select(_d.merchant).where(_d.state == WAITING).distinct()
    return list(connection.execute(query).scalars())


def first_waiting(connection: sa.Connection, merchant: str) -> Any:
    """Return the row that is sent before all others of a merchant's, None when nothing waits."""
    query = sa.select(deliveries).where(_d.merchant == merchant, _d.state == WAITING).order_by(_d.id).limit(1)
    return connection.execute(query).one_or_none()


def delivery(connection: sa.Connection, merchant: str, identifier: str) -> Any:
    query = sa.select(deliveries).where(_d.id == identifier, _d.merchant == merchant)
    return connection.execute(query).one_or_none()


def newest(connection: sa.Connection, merchant: str, limit: int) -> list[Any]:
    query = sa.select(deliveries).where(_d.merchant == merchant).order_by(_d.id.desc()).limit(limit)
    return list(connection.execute(query))


def change(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(deliveries).where(_d.id == identifier).values(**values))


def give_up_all(connection: sa.Connection, merchant: str, why: str) -> None:
    mine = sa.and_(_d.merchant == merchant, _d.state == WAITING)
    connection.execute(sa.update(deliveries).where(mine).values(state="given_up", last=why))


def drop_old(connection: sa.Connection, before: int, limit: int) -> int:
    """Drop what was queued before and waits no more; return how many."""
    old = list(connection.execute(sa.select(_d.id).where(_d.at < before, _d.state != WAITING).limit(limit)).scalars())
    if old:
        connection.execute(sa.delete(deliveries).where(_d.id.in_(old)))
    return len(old)
