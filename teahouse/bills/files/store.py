"""The tables of billers' files: open bills, what was paid of them, the files themselves, and settlements."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.bills.files.model import FileFault
from teahouse.bills.payments.model import BillLine
from teahouse.bills.payments.store import payments
from teahouse.storage.schema import Append, Id, Instant, metadata

bills = sa.Table(
    "bill_open",
    metadata,
    sa.Column("biller", Id, primary_key=True),
    sa.Column("ref", sa.String(64), primary_key=True),
    sa.Column("customer", sa.String(1200), nullable=False),  # JSON by field, in the order of their names
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),  # what is still to pay
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("lines", sa.LargeBinary, nullable=False),  # JSON
    sa.Column("file", Id, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # open, paid, or gone with a newer file
    sa.Index("bill_open_customer", "biller", "customer"),
)

paid = sa.Table(
    "bill_open_payment",
    metadata,
    sa.Column("payment", Id, primary_key=True),
    sa.Column("biller", Id, nullable=False),
    sa.Column("ref", sa.String(64), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # paid or reversed
    sa.Index("bill_open_payment_biller", "biller"),
)

files = sa.Table(
    "bill_file",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("biller", Id, nullable=False, index=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("format", sa.String(8), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("bills", sa.Integer, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("faults", sa.LargeBinary, nullable=False),  # JSON
)

settlements = sa.Table(
    "bill_settlement",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("biller", Id, nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("payments", sa.Integer, nullable=False),
    sa.Column("format", sa.String(8), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
)

settled = sa.Table(
    "bill_settled",
    metadata,
    sa.Column("payment", Id, primary_key=True),
    sa.Column("settlement", Id, nullable=False, index=True),
)

append_bills = Append(
    bills, key="biller, ref", renew=("customer", "name", "amount", "due_at", "lines", "file", "state")
)
append_settled = Append(settled)
write_json = msgspec.json.encode
read_lines = msgspec.json.Decoder(tuple[BillLine, ...]).decode
read_faults = msgspec.json.Decoder(tuple[FileFault, ...]).decode
_b, _f, _s, _p, _x = bills.c, files.c, settlements.c, payments.c, settled.c


def open_bill(connection: sa.Connection, biller: str, customer: str) -> sa.Row[Any] | None:
    """Return what a customer is to pay next."""
    query = sa.select(bills).where(_b.biller == biller, _b.customer == customer, _b.state == "open")
    return connection.execute(query.order_by(_b.due_at, _b.ref).limit(1)).one_or_none()


def knows(connection: sa.Connection, biller: str, customer: str) -> bool:
    query = sa.select(_b.ref).where(_b.biller == biller, _b.customer == customer).limit(1)
    return connection.execute(query).first() is not None


def bill(connection: sa.Connection, biller: str, ref: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(bills).where(_b.biller == biller, _b.ref == ref)).one_or_none()


def take_off(connection: sa.Connection, biller: str, ref: str, amount: int) -> None:
    """So much less (or, negative, more) is to be paid of a bill."""
    more = _b.amount > amount
    left = {"amount": sa.case((more, _b.amount - amount), else_=0), "state": sa.case((more, "open"), else_="paid")}
    connection.execute(sa.update(bills).where(_b.biller == biller, _b.ref == ref).values(left))


def withdraw_others(connection: sa.Connection, biller: str, file: str) -> None:
    """What the newest file does not have is open no more."""
    where = (_b.biller == biller, _b.state == "open", _b.file != file)
    connection.execute(sa.update(bills).where(*where).values(state="gone"))


def payment(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(paid).where(paid.c.payment == identifier)).one_or_none()


def paid_here(connection: sa.Connection, biller: str) -> dict[str, int]:
    """Return what was paid here of bills, by number, that the biller cannot know of yet: what no bank has booked."""
    query = (
        sa.select(paid.c.ref, sa.func.sum(paid.c.amount))
        .outerjoin(settled, _x.payment == paid.c.payment)
        .outerjoin(settlements, _s.id == _x.settlement)
        .where(paid.c.biller == biller, paid.c.state == "paid", paid.c.ref != "")
        .where(sa.or_(_s.id.is_(None), _s.state != "settled"))
        .group_by(paid.c.ref)
    )
    return {ref: int(amount) for ref, amount in connection.execute(query)}


def files_of(connection: sa.Connection, biller: str, limit: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(files).where(_f.biller == biller).order_by(_f.id.desc()).limit(limit)
    return connection.execute(query).all()


def settlements_of(connection: sa.Connection, biller: str, limit: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(settlements).where(_s.biller == biller).order_by(_s.id.desc()).limit(limit)
    return connection.execute(query).all()


def settlement(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(settlements).where(_s.id == identifier)).one_or_none()


def owed(connection: sa.Connection, biller: str, limit: int) -> Sequence[Any]:
    """Return payments that the biller confirmed and that are in no settlement yet, the oldest first."""
    query = (
        sa.select(_p.id, _p.amount)
        .outerjoin(settled, _x.payment == _p.id)
        .where(_p.biller == biller, _p.state == "paid", _x.payment.is_(None))
        .order_by(_p.ended_at)
        .limit(limit)
    )
    return connection.execute(query).all()


def is_settled(connection: sa.Connection, identifier: str) -> bool:
    return connection.execute(sa.select(_x.payment).where(_x.payment == identifier)).first() is not None


def paid_in(connection: sa.Connection, identifier: str) -> Sequence[sa.Row[Any]]:
    """Return the payments of a settlement, the oldest first."""
    query = sa.select(payments).join(settled, _x.payment == _p.id).where(_x.settlement == identifier)
    return connection.execute(query.order_by(_p.ended_at, _p.id)).all()
