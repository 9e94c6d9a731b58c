"""The tables of red packets. What each share is was drawn when the packet was sent; who got it is a row."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, metadata

packets = sa.Table(
    "wallet_packet",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("sender", Id, nullable=False),
    sa.Column("chat", Id, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("recipient", Id, nullable=False),  # empty: whoever reads its message
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("split", sa.String(8), nullable=False),
    sa.Column("greeting", sa.String(60), nullable=False),
    sa.Column("shares", sa.LargeBinary, nullable=False),  # a JSON list, in the order of handing out
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("returned", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("campaign", Id, nullable=False),  # whose coupons come with its shares; empty: none do
    sa.Column("coupon", sa.String(60), nullable=False),  # the title of these
    sa.Index("wallet_packet_due", "state", "expires_at"),
)

shares = sa.Table(
    "wallet_packet_share",
    metadata,
    sa.Column("packet", Id, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),  # 0, 1, 2 … in the order of opening
    sa.Column("person", Id, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("coupon", Id, nullable=False),  # that came with it; empty: none did
    sa.Index("wallet_packet_share_person", "packet", "person", unique=True),
)

append_shares = Append(shares)
write_shares = msgspec.json.encode
read_shares = msgspec.json.Decoder(tuple[int, ...]).decode
_p, _s = packets.c, shares.c


def packet(connection: sa.Connection, identifier: str) -> Any:
    """Return a packet's row, None when there is none."""
    return connection.execute(sa.select(packets).where(_p.id == identifier)).one_or_none()


def packets_of(connection: sa.Connection, identifiers: Sequence[str]) -> Sequence[Any]:
    return connection.execute(sa.select(packets).where(_p.id.in_(identifiers))).all()


def shares_of(connection: sa.Connection, identifier: str) -> Sequence[Any]:
    """Return who opened a packet, in the order of opening."""
    return connection.execute(sa.select(shares).where(_s.packet == identifier).order_by(_s.place)).all()


def due(connection: sa.Connection, now: int, limit: int) -> list[str]:
    """Return packets with something left whose day is over, the oldest first."""
    query = sa.select(_p.id).where(_p.state == "open", _p.expires_at <= now).order_by(_p.expires_at).limit(limit)
    return list(connection.execute(query).scalars())


def end(connection: sa.Connection, identifiers: Sequence[str], state: str, returned: int = 0) -> None:
    connection.execute(sa.update(packets).where(_p.id.in_(identifiers)).values(state=state, returned=returned))


def left_by_currency(connection: sa.Connection) -> dict[str, int]:
    """Return what lies in escrow by these rows: sums that were sent, less what was opened and went back."""
    opened = sa.select(sa.func.sum(_s.amount)).where(_s.packet == _p.id).scalar_subquery()
    left = sa.func.sum(_p.amount - _p.returned - sa.func.coalesce(opened, 0))
    rows = connection.execute(sa.select(_p.currency, left).group_by(_p.currency))
    return {currency: int(amount) for currency, amount in rows}
