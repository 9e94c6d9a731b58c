"""Tables of media and of who uses which blob, and their queries."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, metadata

AnyRow = sa.Row[*tuple[Any, ...]]
BLOB_USER_MAX = 80

uploads = sa.Table(
    "upload",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("owner", Id, nullable=False),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("type", sa.String(127), nullable=False),
    sa.Column("sha256", sa.String(64)),  # null until all bytes are there
    sa.Column("touched_at", Instant, nullable=False),
    sa.Index("upload_owner", "owner"),
    sa.Index("upload_touched", "touched_at"),
)

medias = sa.Table(
    "media",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("owner", Id, nullable=False),
    sa.Column("nonce", sa.String(36), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("keep_metadata", sa.Boolean, nullable=False),
    sa.Column("sources", sa.LargeBinary, nullable=False),  # JSON of `Source`s, in order
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("card", sa.LargeBinary),  # JSON of the `MediaCard`, when it is ready
    sa.Column("check_at", Instant, nullable=False),  # when the collector looks at it next
    sa.Index("media_nonce", "owner", "nonce", unique=True),
    sa.Index("media_check", "check_at"),
    sa.Index("media_state", "state"),
)

files = sa.Table(
    "media_file",
    metadata,
    sa.Column("media", Id, primary_key=True),
    sa.Column("variant", sa.String(16), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("type", sa.String(127), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
)

blobs = sa.Table(
    "blob",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("loose_at", Instant),  # since when it may be without a use; null: the collector saw one
    sa.Index("blob_loose", "loose_at"),
)

uses = sa.Table(
    "blob_use",
    metadata,
    sa.Column("used_by", sa.String(BLOB_USER_MAX), primary_key=True),  # "media:<id>", "upload:<id>", "sticker:<id>" …
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("owner", Id, nullable=False),  # whose quota it counts to; empty: nobody's
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Index("blob_use_sha256", "sha256"),
    sa.Index("blob_use_owner", "owner"),
)

_loosen = Append(blobs, key="sha256", renew=("loose_at",))
_use = Append(uses, key="used_by, sha256", renew=("owner",))
_u, _m, _f, _b, _s = uploads.c, medias.c, files.c, blobs.c, uses.c


class Source(msgspec.Struct, frozen=True, array_like=True):
    """One uploaded file that a media is made of."""

    upload: str
    sha256: str
    size: int
    name: str
    type: str


# --- uploads --------------------------------------------------------------------------------------


def upload_of(connection: sa.Connection, upload: str) -> AnyRow | None:
    return connection.execute(sa.select(uploads).where(_u.id == upload)).first()


def unfinished(connection: sa.Connection, owner: str) -> tuple[int, int]:
    """Return how many uploads of a person wait for bytes, and the bytes that they will have."""
    row = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_u.length), 0)).where(
            _u.owner == owner, _u.sha256.is_(None)
        )
    ).one()
    return int(row[0]), int(row[1])


def used_bytes(connection: sa.Connection, owner: str) -> int:
    """Return the bytes that a person's uses keep; the same blob counts once."""
    each = sa.select(_s.sha256, _s.size).where(_s.owner == owner).distinct().subquery()
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.sum(each.c.size), 0))).scalar_one())


# --- media ----------------------------------------------------------------------------------------


def media_of(connection: sa.Connection, media: str) -> AnyRow | None:
    return connection.execute(sa.select(medias).where(_m.id == media)).first()


def media_by_nonce(connection: sa.Connection, owner: str, nonce: str) -> AnyRow | None:
    return connection.execute(sa.select(medias).where(_m.owner == owner, _m.nonce == nonce)).first()


def processing(connection: sa.Connection) -> Sequence[AnyRow]:
    """Return `(id, owner, kind)` of what is still to be made, in the order it was asked for."""
    return connection.execute(sa.select(_m.id, _m.owner, _m.kind).where(_m.state == "processing").order_by(_m.id)).all()


def processing_count(connection: sa.Connection, owner: str) -> int:
    return int(
        connection.execute(sa.select(sa.func.count()).where(_m.state == "processing", _m.owner == owner)).scalar_one()
    )


def file_of(connection: sa.Connection, media: str, variant: str) -> AnyRow | None:
    return connection.execute(
        sa.select(_f.sha256, _f.type, _f.size).where(_f.media == media, _f.variant == variant)
    ).first()


# --- blobs and their users ------------------------------------------------------------------------


def loosen(connection: sa.Connection, now: int, *kept: tuple[str, int]) -> None:
    """Note blobs `(sha256, size)` that are there, whether or not something uses them: the collector looks later."""
    _loosen(connection, [(sha256, size, now) for sha256, size in kept])


def use(connection: sa.Connection, user: str, owner: str, *kept: tuple[str, int]) -> None:
    _use(connection, [(user, sha256, owner, size) for sha256, size in dict.fromkeys(kept)])


def release(connection: sa.Connection, now: int, user: str) -> None:
    """End all uses of a user. The collector looks at what it used a grace later."""
    ended = connection.execute(sa.select(_s.sha256, _s.size).where(_s.used_by == user)).all()
    if ended:
        connection.execute(sa.delete(uses).where(_s.used_by == user))
        loosen(connection, now, *((each.sha256, each.size) for each in ended))


def is_used(connection: sa.Connection, sha256: str) -> bool:
    return connection.execute(sa.select(sa.literal(1)).where(_s.sha256 == sha256).limit(1)).first() is not None
