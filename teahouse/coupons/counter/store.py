"""The table of redemptions. Whatever memory says: the store itself keeps no two of one coupon at a time."""

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, metadata
from teahouse.storage.transaction import Tx

redemptions = sa.Table(
    "coupon_redemption",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("coupon", Id, nullable=False),
    sa.Column("campaign", Id, nullable=False),
    sa.Column("merchant", Id, nullable=False),
    sa.Column("counter", Id, nullable=False),  # empty: none was named
    sa.Column("holder", Id, nullable=False),
    sa.Column("staff", Id, nullable=False),
    sa.Column("order_id", Id, nullable=False),  # empty: the rest was paid in cash
    sa.Column("basket", sa.BigInteger, nullable=False),
    sa.Column("discount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("state", sa.String(9), nullable=False),  # waiting, redeemed, cancelled, closed
    sa.Column("step", sa.BigInteger, nullable=False),  # of the code that was scanned; 0: none was
    sa.Column("at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("reason", sa.String(140), nullable=False),
    sa.Index(
        "coupon_redemption_once",
        "coupon",
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'redeemed')"),
        postgresql_where=sa.text("state IN ('waiting', 'redeemed')"),
    ),
    # Small, for few are undone: so that a code that was used is known when the coupon has come back.
    sa.Index(
        "coupon_redemption_undone",
        "coupon",
        "step",
        sqlite_where=sa.text("state IN ('cancelled', 'closed')"),
        postgresql_where=sa.text("state IN ('cancelled', 'closed')"),
    ),
    sa.Index(
        "coupon_redemption_order",
        "order_id",
        unique=True,
        sqlite_where=sa.text("order_id <> ''"),
        postgresql_where=sa.text("order_id <> ''"),
    ),
    sa.Index("coupon_redemption_merchant", "merchant", "id"),
)
_r = redemptions.c
_append = Append(redemptions)
_UNDONE = sa.text("SELECT max(step) FROM coupon_redemption WHERE coupon = :coupon AND state IN ('cancelled', 'closed')")
_USED = sa.text("SELECT max(step) FROM coupon_redemption WHERE coupon = :coupon AND state IN ('waiting', 'redeemed')")
_UNDONE_SINCE = sa.text(
    "SELECT coupon, max(step) FROM coupon_redemption WHERE state IN ('cancelled', 'closed') AND step >= :step "
    "GROUP BY coupon"
)


class Row(msgspec.Struct, frozen=True, gc=False):
    """A redemption, in the order of the table's columns."""

    id: str
    coupon: str
    campaign: str
    merchant: str
    counter: str
    holder: str
    staff: str
    order_id: str
    basket: int
    discount: int
    currency: str
    state: str
    step: int
    at: int
    ended_at: int = 0
    reason: str = ""


class NewRedemptions:
    """The group's redemptions, until they are written together."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def flush(self, tx: Tx) -> None:
        rows, self.rows = self.rows, []
        _append(tx.connection, rows)

    def forget(self) -> None:
        self.rows.clear()


def add(tx: Tx, row: Row) -> None:
    """Gather a redemption; it is written at the end of the group, or before anybody reads."""
    new: NewRedemptions = tx.gathered(NewRedemptions)
    new.rows.append(msgspec.structs.astuple(row))


def redemption(connection: sa.Connection, identifier: str) -> Row | None:
    return _one(connection, _r.id == identifier)


def of_order(connection: sa.Connection, order: str) -> Row | None:
    return _one(connection, sa.and_(_r.order_id == order, _r.order_id != sa.literal_column("''")))


def of_merchant(connection: sa.Connection, merchant: str, before: str, limit: int) -> list[Row]:
    """Return its redemptions, newest first."""
    query = sa.select(redemptions).where(_r.merchant == merchant).order_by(_r.id.desc()).limit(limit)
    return [Row(*row) for row in connection.execute(query.where(_r.id < before) if before else query)]


def change(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(redemptions).where(_r.id == identifier).values(values))


def undone_since(connection: sa.Connection, step: int) -> dict[str, int]:
    """Return the newest step by which each coupon was used that came back, of those since a step."""
    return {coupon: int(newest) for coupon, newest in connection.execute(_UNDONE_SINCE, {"step": step})}


def last_step(connection: sa.Connection, coupon: str) -> int:
    """Return the newest step by which a coupon was ever used."""
    return max(connection.execute(query, {"coupon": coupon}).scalar_one() or 0 for query in (_UNDONE, _USED))


def _one(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Row | None:
    row = connection.execute(sa.select(redemptions).where(where)).one_or_none()
    return None if row is None else Row(*row)
