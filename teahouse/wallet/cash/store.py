"""The cash desk's tables: what was begun at a desk, and how each day ended."""

from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

operations = sa.Table(
    "wallet_cash_operation",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("receipt", sa.BigInteger, nullable=True),  # 1, 2, 3 … of the house; none while it is not done
    sa.Column("kind", sa.String(3), nullable=False),
    sa.Column("cashier", Id, nullable=False),
    sa.Column("second", Id, nullable=False),  # who confirmed or refused it, if somebody did
    sa.Column("person", Id, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("note", sa.String(140), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),  # of one that waits for a second cashier; else 0
    sa.Column("charge", Id, nullable=False),  # by which the person was asked
    sa.Index("wallet_cash_receipt", "receipt", unique=True),
    sa.Index("wallet_cash_cashier", "cashier", "at"),
    sa.Index("wallet_cash_second", "second", "at"),
    sa.Index("wallet_cash_person", "person", "at"),
    sa.Index("wallet_cash_waiting", "state", "expires_at"),
)

closings = sa.Table(
    "wallet_cash_closing",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("cashier", Id, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("opening", sa.BigInteger, nullable=False),
    sa.Column("taken_in", sa.BigInteger, nullable=False),
    sa.Column("paid_out", sa.BigInteger, nullable=False),
    sa.Column("expected", sa.BigInteger, nullable=False),
    sa.Column("counted", sa.BigInteger, nullable=False),
    sa.Column("difference", sa.BigInteger, nullable=False),
    sa.Column("to_safe", sa.BigInteger, nullable=False),
    sa.Column("note", sa.String(140), nullable=False),
    # The drawer's sums of all time after it, from which the next day's in and out are told.
    sa.Column("debits", sa.BigInteger, nullable=False),
    sa.Column("credits", sa.BigInteger, nullable=False),
    sa.Index("wallet_cash_closed", "cashier", "currency", "id"),
)

_o, _c = operations.c, closings.c


def operation(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(operations).where(_o.id == identifier)).one_or_none()


def next_receipt(connection: sa.Connection) -> int:
    return (connection.execute(sa.select(sa.func.max(_o.receipt))).scalar_one() or 0) + 1


def alone_since(connection: sa.Connection, cashier: str, person: str, kind: str, currency: str, since: int) -> int:
    """Return what a cashier did, or is about to do, for one person without a second cashier."""
    query = sa.select(sa.func.sum(_o.amount)).where(
        _o.person == person,
        _o.at > since,
        _o.cashier == cashier,
        _o.kind == kind,
        _o.currency == currency,
        _o.second == "",
        _o.state.in_(("done", "approve")),
    )
    return int(connection.execute(query).scalar_one() or 0)


def promised(connection: sa.Connection, cashier: str, currency: str) -> int:
    """Return what of a drawer is promised to pay-outs that are under way."""
    query = sa.select(sa.func.sum(_o.amount)).where(
        _o.state.in_(("confirm", "approve")), _o.cashier == cashier, _o.kind == "out", _o.currency == currency
    )
    return int(connection.execute(query).scalar_one() or 0)


def is_asking(connection: sa.Connection, cashier: str, currency: str) -> bool:
    """Return whether somebody is being asked for a pay-out from a drawer."""
    query = sa.select(_o.id).where(_o.state == "approve", _o.cashier == cashier, _o.currency == currency).limit(1)
    return connection.execute(query).first() is not None


def receipts(connection: sa.Connection, identifiers: list[str], person: str) -> dict[str, int]:
    """Return the receipt numbers of a person's operations, by id."""
    query = sa.select(_o.id, _o.receipt).where(_o.id.in_(identifiers), _o.person == person, _o.receipt.is_not(None))
    return {row.id: row.receipt for row in connection.execute(query)}


def of_cashier(connection: sa.Connection, cashier: str, since: int, limit: int) -> list[sa.Row[Any]]:
    """Return what a cashier began, confirmed or refused, the newest first."""
    mine = [
        sa.select(operations).where(column == cashier, _o.at > since).order_by(_o.at.desc()).limit(limit)
        for column in (_o.cashier, _o.second)
    ]
    rows = {row.id: row for query in mine for row in connection.execute(query)}
    return sorted(rows.values(), key=lambda row: (row.at, row.id), reverse=True)[:limit]


def waiting(connection: sa.Connection, now: int, limit: int) -> list[sa.Row[Any]]:
    """Return what waits for a second cashier, the oldest first."""
    query = sa.select(operations).where(_o.state == "confirm", _o.expires_at > now).order_by(_o.expires_at, _o.id)
    return list(connection.execute(query.limit(limit)))


def overdue(connection: sa.Connection, now: int, limit: int) -> list[sa.Row[Any]]:
    query = sa.select(operations).where(_o.state == "confirm", _o.expires_at <= now).order_by(_o.expires_at)
    return list(connection.execute(query.limit(limit)))


def last_closing(connection: sa.Connection, cashier: str, currency: str) -> sa.Row[Any] | None:
    query = sa.select(closings).where(_c.cashier == cashier, _c.currency == currency)
    return connection.execute(query.order_by(_c.id.desc()).limit(1)).one_or_none()


def closings_of(connection: sa.Connection, cashier: str, limit: int) -> list[sa.Row[Any]]:
    query = sa.select(closings).where(_c.cashier == cashier).order_by(_c.id.desc()).limit(limit)
    return list(connection.execute(query))
