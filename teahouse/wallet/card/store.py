"""The tables of card top-ups."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

top_ups = sa.Table(
    "wallet_card_top_up",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("key", sa.String(36), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("session", sa.String(255), nullable=False),  # Stripe's names; empty: not known yet
    sa.Column("intent", sa.String(255), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("refunded", sa.BigInteger, nullable=False),
    sa.Column("disputed", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("check_at", Instant, nullable=False),  # when to ask Stripe; 0: there is nothing to ask
    sa.Index("wallet_card_top_up_key", "key", "person", unique=True),
    sa.Index("wallet_card_top_up_person", "person", "state"),
    sa.Index("wallet_card_top_up_intent", "intent"),
    sa.Index("wallet_card_top_up_check", "check_at"),
)

refunds = sa.Table(
    "wallet_card_refund",  # by an operator: a hold until Stripe has done it
    metadata,
    sa.Column("top_up", Id, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … of this top-up
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("hold", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # held, done, refused, failed
    sa.Column("at", Instant, nullable=False),
)

disputes = sa.Table(
    "wallet_card_dispute",
    metadata,
    sa.Column("id", sa.String(255), primary_key=True),  # Stripe's
    sa.Column("top_up", Id, nullable=False),
    sa.Column("taken", sa.BigInteger, nullable=False),  # of the member
    sa.Column("lost", sa.BigInteger, nullable=False),  # by the house
    sa.Column("state", sa.String(8), nullable=False),  # open, won
    sa.Column("at", Instant, nullable=False),
)

_t, _r, _d = top_ups.c, refunds.c, disputes.c


def top_up(connection: sa.Connection, identifier: str) -> Any:
    """Return a top-up's row, None when there is none."""
    return connection.execute(sa.select(top_ups).where(_t.id == identifier)).one_or_none()


def by_key(connection: sa.Connection, person: str, key: str) -> Any:
    return connection.execute(sa.select(top_ups).where(_t.key == key, _t.person == person)).one_or_none()


def by_intent(connection: sa.Connection, intent: str) -> Any:
    return connection.execute(sa.select(top_ups).where(_t.intent == intent)).one_or_none() if intent else None


def open_count(connection: sa.Connection, person: str) -> int:
    query = sa.select(sa.func.count()).select_from(top_ups).where(_t.person == person, _t.state == "started")
    return int(connection.execute(query).scalar_one())


def change(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(top_ups).where(_t.id == identifier).values(**values))


def to_check(connection: sa.Connection, now: int, limit: int) -> Sequence[Any]:
    """Return the top-ups of which Stripe said nothing for long, the longest first."""
    query = sa.select(top_ups).where(_t.check_at > 0, _t.check_at <= now).order_by(_t.check_at).limit(limit)
    return connection.execute(query).all()


def last_refund(connection: sa.Connection, identifier: str) -> Any:
    query = sa.select(refunds).where(_r.top_up == identifier).order_by(_r.number.desc()).limit(1)
    return connection.execute(query).one_or_none()


def refund(connection: sa.Connection, identifier: str, number: int) -> Any:
    return connection.execute(sa.select(refunds).where(_r.top_up == identifier, _r.number == number)).one_or_none()


def end_refund(connection: sa.Connection, identifier: str, number: int, state: str) -> None:
    connection.execute(sa.update(refunds).where(_r.top_up == identifier, _r.number == number).values(state=state))


def dispute(connection: sa.Connection, identifier: str) -> Any:
    return connection.execute(sa.select(disputes).where(_d.id == identifier)).one_or_none()
