"""The table of billers. A biller's name and face are its service account's."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.bills.directory.model import CustomerField
from teahouse.storage.schema import Id, Instant, metadata

billers = sa.Table(
    "biller",
    metadata,
    sa.Column("id", Id, primary_key=True),  # of its service account
    sa.Column("category", sa.String(12), nullable=False),
    sa.Column("regions", sa.String(350), nullable=False),  # with spaces between; empty: everywhere
    sa.Column("fields", sa.LargeBinary, nullable=False),  # JSON
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("accepts", sa.String(8), nullable=False),
    sa.Column("about", sa.String(280), nullable=False),
    sa.Column("open_amount", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("connector", sa.String(8), nullable=False),
    sa.Column("url", sa.String(300), nullable=False),
    sa.Column("key_id", sa.String(64), nullable=False),
    sa.Column("public_key", sa.String(64), nullable=False),
    sa.Column("deadline_s", sa.Integer, nullable=False),
    sa.Column("iban", sa.String(34), nullable=False),
    sa.Column("bic", sa.String(11), nullable=False),
    sa.Column("settles", sa.String(8), nullable=False),
    sa.Column("settles_as", sa.String(8), nullable=False),
    sa.Column("trouble", sa.String(200), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

write_fields = msgspec.json.encode
read_fields = msgspec.json.Decoder(tuple[CustomerField, ...]).decode
_b = billers.c


def biller(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(billers).where(_b.id == identifier)).one_or_none()


def among(connection: sa.Connection, identifiers: Collection[str]) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(billers).where(_b.id.in_(identifiers))).all()


def all_billers(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(billers).order_by(_b.id)).all()


def open_billers(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(billers).where(_b.state == "open")).all()


def count(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(billers)).scalar_one()


def add(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(billers), [values])


def change(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(billers).where(_b.id == identifier).values(**values))


def in_trouble(connection: sa.Connection, codes: Collection[str]) -> set[str]:
    """Return the billers whose trouble is one of these codes."""
    return set(connection.execute(sa.select(_b.id).where(_b.trouble.in_(codes))).scalars())


def end_trouble(connection: sa.Connection, identifier: str, codes: Collection[str]) -> None:
    connection.execute(sa.update(billers).where(_b.id == identifier, _b.trouble.in_(codes)).values(trouble=""))
