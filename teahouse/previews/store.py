"""The table of link previews and its queries."""

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

previews = sa.Table(
    "preview",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("url_hash", sa.String(64), nullable=False),  # SHA-256 of the address as it was asked for
    sa.Column("card", sa.LargeBinary, nullable=False),  # JSON of the `Preview`
    sa.Column("sha256", sa.String(64)),  # of the picture; null: none
    sa.Column("type", sa.String(127), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("used", sa.Boolean, nullable=False),  # some message took it: it stays
    sa.Index("preview_url", "url_hash", "made_at"),
    sa.Index("preview_made", "used", "made_at"),
)
_p = previews.c


def newest(connection: sa.Connection, url_hash: str, since: int) -> bytes | None:
    """Return the newest card of an address that was made at or after `since` (Unix ms)."""
    query = sa.select(_p.card).where(_p.url_hash == url_hash, _p.made_at >= since).order_by(_p.made_at.desc())
    return connection.execute(query.limit(1)).scalar_one_or_none()


def picture_of(connection: sa.Connection, preview: str) -> tuple[str, str, int] | None:
    """Return `(sha256, type, size)` of a preview's picture."""
    row = connection.execute(
        sa.select(_p.sha256, _p.type, _p.size).where(_p.id == preview, _p.sha256.is_not(None))
    ).first()
    return (row.sha256, row.type, row.size) if row else None


def unused(connection: sa.Connection, before: int, limit: int) -> Sequence[str]:
    """Return previews that no message took, made before then."""
    query = sa.select(_p.id).where(_p.used == sa.false(), _p.made_at < before).limit(limit)
    return connection.execute(query).scalars().all()
