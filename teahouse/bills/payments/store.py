"""The tables of bill payments, and of bills as they were fetched: for half an hour, so that paying needs no network."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, metadata

payments = sa.Table(
    "bill_payment",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("key", sa.String(80), nullable=False),  # the person's, or autopay's
    sa.Column("biller", Id, nullable=False),
    sa.Column("customer", sa.String(1200), nullable=False),  # JSON by field, as the biller writes its values
    sa.Column("bill", sa.LargeBinary, nullable=False),  # what names the bill: see `rules.bill_of`
    sa.Column("ref", sa.String(64), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),  # masked
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("autopay", sa.Boolean, nullable=False),
    sa.Column("hold", sa.BigInteger, nullable=False),
    sa.Column("post", sa.BigInteger, nullable=False),  # the ledger's number of what moved it; 0: nothing did
    sa.Column("step", sa.String(8), nullable=False),  # what to ask the biller next: see `rules.Step`
    sa.Column("next_at", Instant, nullable=False),  # 0: never again
    sa.Column("tries", sa.Integer, nullable=False),  # of this step
    sa.Column("deadline_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),  # of the hold, should nobody end it
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("reference", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(220), nullable=False),
    sa.Index("bill_payment_person", "person", "id"),
    sa.Index("bill_payment_key", "person", "key", unique=True),
    sa.Index("bill_payment_bill", "bill"),
    sa.Index("bill_payment_biller", "biller", "ended_at"),
    sa.Index(
        "bill_payment_due", "next_at", sqlite_where=sa.text("next_at > 0"), postgresql_where=sa.text("next_at > 0")
    ),
    sa.Index(
        "bill_payment_held", "hold", sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'")
    ),
)

quotes = sa.Table(
    "bill_quote",
    metadata,
    sa.Column("bill", sa.LargeBinary, primary_key=True),
    sa.Column("person", Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("least", sa.BigInteger, nullable=False),
    sa.Column("most", sa.BigInteger, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Index("bill_quote_until", "until"),
)

renew_quotes = Append(quotes, key="bill, person", renew=("name", "least", "most", "until"))
_p, _q = payments.c, quotes.c
# Written out, for an index of a part is used only for what says that it wants this part.
_is_due = _p.next_at > sa.literal_column("0")
_is_held = _p.state == sa.literal_column("'held'")


# --- quotes -----------------------------------------------------------------------------------------


def quote(connection: sa.Connection, bill: bytes, person: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(quotes).where(_q.bill == bill, _q.person == person)).one_or_none()


def drop_quotes(connection: sa.Connection, bill: bytes) -> None:
    connection.execute(sa.delete(quotes).where(_q.bill == bill))


def drop_old_quotes(connection: sa.Connection, now: int, limit: int) -> int:
    """Remove at most about so many whose time is over; return how many."""
    last = sa.select(_q.until).where(_q.until <= now).order_by(_q.until).limit(limit)
    until = max(connection.execute(last).scalars(), default=0)
    return connection.execute(sa.delete(quotes).where(_q.until <= until)).rowcount if until else 0


# --- payments ---------------------------------------------------------------------------------------


def payment(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(payments).where(_p.id == identifier)).one_or_none()


def payment_of_key(connection: sa.Connection, person: str, key: str) -> str:
    query = sa.select(_p.id).where(_p.person == person, _p.key == key)
    return connection.execute(query).scalar_one_or_none() or ""


def payments_among(connection: sa.Connection, person: str, identifiers: Sequence[str]) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(payments).where(_p.id.in_(identifiers), _p.person == person)).all()


def page(connection: sa.Connection, person: str, before: str, limit: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(payments).where(_p.person == person)
    if before:
        query = query.where(_p.id < before)
    return connection.execute(query.order_by(_p.id.desc()).limit(limit)).all()


def is_under_way(connection: sa.Connection, bill: bytes) -> bool:
    query = sa.select(_p.id).where(_p.bill == bill, _is_held).limit(1)
    return connection.execute(query).first() is not None


def add(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(payments), [values])


def change(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(payments).where(_p.id == identifier).values(**values))


def due(connection: sa.Connection, now: int, limit: int, without: Collection[str]) -> Sequence[sa.Row[Any]]:
    """Return payments whose biller is to be asked now, the longest due first; none of these billers'."""
    query = sa.select(payments).where(_is_due, _p.next_at <= now)
    if without:
        query = query.where(_p.biller.not_in(without))
    return connection.execute(query.order_by(_p.next_at).limit(limit)).all()


def next_due(connection: sa.Connection, now: int) -> int:
    """Return when, after now, the next biller is to be asked; 0: never."""
    query = sa.select(_p.next_at).where(_is_due, _p.next_at > now).order_by(_p.next_at).limit(1)
    return connection.execute(query).scalar_one_or_none() or 0


def waiting(connection: sa.Connection) -> set[int]:
    return set(connection.execute(sa.select(_p.hold).where(_is_held)).scalars())
