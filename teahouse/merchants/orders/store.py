"""The tables of orders and of their refunds."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

orders = sa.Table(
    "merchant_order",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("merchant", Id, nullable=False),
    sa.Column("number", sa.String(40), nullable=False),  # the merchant's own; the id where it gave none
    sa.Column("digest", sa.LargeBinary(32), nullable=False),  # of what it was made by: a repeat says the same
    sa.Column("amount", sa.BigInteger, nullable=False),  # the basket
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("description", sa.String(140), nullable=False),
    sa.Column("attach", sa.String(500), nullable=False),
    sa.Column("counter", sa.String(16), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("maker", Id, nullable=False),  # who of the staff made it, or the payer
    sa.Column("charge", sa.String(16), nullable=False),  # the payer is asked by it: it is paid in no other way
    sa.Column("payer", sa.String(16), nullable=False),  # who is asked, or who paid
    sa.Column("coupon", sa.String(16), nullable=False),
    sa.Column("discount", sa.BigInteger, nullable=False),  # while it waits: quoted, not yet given
    sa.Column("paid", sa.BigInteger, nullable=False),
    sa.Column("fee", sa.BigInteger, nullable=False),  # when it was paid; what came back is with the refunds
    sa.Column("paid_at", Instant, nullable=False),  # as the ledger has it
    sa.Column("closed_at", Instant, nullable=False),
    sa.Column("refunded", sa.BigInteger, nullable=False),
    sa.Index("merchant_order_number", "merchant", "number", unique=True),
    sa.Index("merchant_order_newest", "merchant", "id"),
    sa.Index("merchant_order_state", "merchant", "state", "id"),
    sa.Index("merchant_order_paid", "merchant", "paid_at"),
    sa.Index("merchant_order_due", "state", "expires_at"),
)

refunds = sa.Table(
    "merchant_refund",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("merchant", Id, nullable=False),
    sa.Column("number", sa.String(40), nullable=False),  # the merchant's own
    sa.Column("digest", sa.LargeBinary(32), nullable=False),  # of what it was made by
    sa.Column("sale", Id, nullable=False),  # the order
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("discount", sa.BigInteger, nullable=False),  # what went back to the merchant's subsidy
    sa.Column("fee", sa.BigInteger, nullable=False),  # what of the fee came back
    sa.Column("at", Instant, nullable=False),  # as the ledger has it
    sa.Column("reason", sa.String(140), nullable=False),
    sa.Column("maker", Id, nullable=False),
    sa.Index("merchant_refund_number", "merchant", "number", unique=True),
    sa.Index("merchant_refund_sale", "sale"),
    sa.Index("merchant_refund_at", "merchant", "at"),
)

_o, _r = orders.c, refunds.c


# --- orders ---------------------------------------------------------------------------------------


def order(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(orders).where(_o.id == identifier)).one_or_none()


def order_by_number(connection: sa.Connection, merchant: str, number: str) -> sa.Row[Any] | None:
    query = sa.select(orders).where(_o.merchant == merchant, _o.number == number)
    return connection.execute(query).one_or_none()


def orders_of(
    connection: sa.Connection, merchant: str, state: str | None, before: str, limit: int
) -> Sequence[sa.Row[Any]]:
    """Newest first, from before an id (empty: from the newest)."""
    query = sa.select(orders).where(_o.merchant == merchant)
    if state:
        query = query.where(_o.state == state)
    if before:
        query = query.where(_o.id < before)
    return connection.execute(query.order_by(_o.id.desc()).limit(limit)).all()


def orders_among(connection: sa.Connection, person: str, identifiers: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """Those of these orders that a person paid, or sold (a merchant)."""
    sides = sa.or_(_o.payer == person, _o.merchant == person)
    return connection.execute(sa.select(orders).where(_o.id.in_(identifiers), sides)).all()


def orders_due(connection: sa.Connection, now: int, limit: int) -> Sequence[sa.Row[Any]]:
    """Those whose time is up. One that its payer was asked to pay ends with its charge."""
    query = sa.select(orders).where(_o.state == "created", _o.expires_at <= now, _o.charge == "")
    return connection.execute(query.order_by(_o.expires_at).limit(limit)).all()


def add_order(connection: sa.Connection, **values: Any) -> None:
    nothing = {"charge": "", "payer": "", "coupon": "", "discount": 0}
    later = {"paid": 0, "fee": 0, "paid_at": 0, "closed_at": 0, "refunded": 0}
    connection.execute(sa.insert(orders), [{**nothing, **later, **values}])


def change_order(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(orders).where(_o.id == identifier).values(**values))


# --- refunds --------------------------------------------------------------------------------------


def refund_by_number(connection: sa.Connection, merchant: str, number: str) -> sa.Row[Any] | None:
    query = sa.select(refunds).where(_r.merchant == merchant, _r.number == number)
    return connection.execute(query).one_or_none()


def refunds_of(connection: sa.Connection, sales: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """Of these orders, the oldest first."""
    return connection.execute(sa.select(refunds).where(_r.sale.in_(sales)).order_by(_r.id)).all()


def add_refund(connection: sa.Connection, **values: Any) -> None:
    connection.execute(sa.insert(refunds), [values])


# --- days -----------------------------------------------------------------------------------------


class SaleLine(msgspec.Struct, frozen=True, gc=False):
    """A payment or refund as a daily bill lists it. What a refund gave back is negative."""

    at: int
    what: Literal["payment", "refund"]
    order: str
    number: str
    """The merchant's own, of the order or refund."""
    payer: str
    counter: str
    amount: int
    """The basket, or what was refunded."""
    discount: int
    paid: int
    """What the payer paid or got back."""
    fee: int
    attach: str = ""

    @property
    def net(self) -> int:
        """What it changed the takings by: the discount is the merchant's own."""
        return self.paid - self.fee


def lines_of_day(connection: sa.Connection, merchant: str, start: int, end: int) -> list[SaleLine]:
    """Return a merchant's payments and refunds of `start <= at < end` (Unix ms, by the ledger's time) in order."""
    sold = sa.select(
        _o.id, _o.number, _o.payer, _o.counter, _o.amount, _o.discount, _o.paid, _o.fee, _o.attach, _o.paid_at
    ).where(_o.merchant == merchant, _o.paid_at >= start, _o.paid_at < end, _o.paid_at > 0)
    back = (
        sa.select(_r.sale, _r.number, _o.payer, _o.counter, _r.amount, _r.discount, _r.fee, _o.attach, _r.at, _r.id)
        .join_from(refunds, orders, _o.id == _r.sale)
        .where(_r.merchant == merchant, _r.at >= start, _r.at < end)
    )
    lines = [
        (
            (row.paid_at, row.id),
            SaleLine(
                at=row.paid_at,
                what="payment",
                order=row.id,
                number=row.number,
                payer=row.payer,
                counter=row.counter,
                amount=row.amount,
                discount=row.discount,
                paid=row.paid,
                fee=row.fee,
                attach=row.attach,
            ),
        )
        for row in connection.execute(sold)
    ]
    lines += [
        (
            (row.at, row.id),
            SaleLine(
                at=row.at,
                what="refund",
                order=row.sale,
                number=row.number,
                payer=row.payer,
                counter=row.counter,
                amount=-row.amount,
                discount=-row.discount,
                paid=-row.amount,
                fee=-row.fee,
                attach=row.attach,
            ),
        )
        for row in connection.execute(back)
    ]
    return [line for _, line in sorted(lines, key=lambda each: each[0])]
