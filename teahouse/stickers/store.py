"""The tables of stickers, and their queries. Nobody outside this room knows a row's shape."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.errors import NotFound
from teahouse.stickers.model import ImportState, Pack, PackSticker, StickerCard
from teahouse.storage.schema import Id, Instant, metadata

Row = sa.Row[Any]

packs = sa.Table(
    "sticker_pack",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("owner", Id, nullable=False),  # empty: the house's own
    sa.Column("nonce", sa.String(36)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64)),  # of the house's own: what it was made of
    sa.Column("at", Instant, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("sticker_pack_owner", "owner"),
    sa.Index("sticker_pack_nonce", "owner", "nonce", unique=True),
)

stickers = sa.Table(
    "sticker",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("pack", Id, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("source", sa.String(255), nullable=False),  # the name of the file it came from
    sa.Column("emoji", sa.String(160), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("found_by", sa.LargeBinary, nullable=False),  # JSON of `FoundBy`
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("animated", sa.Boolean, nullable=False),
    sa.Column("still", sa.Integer, nullable=False),
    sa.Column("file", sa.String(64), nullable=False),
    sa.Column("file_size", sa.Integer, nullable=False),
    sa.Column("small", sa.String(64)),
    sa.Column("small_size", sa.Integer),
    sa.Column("image", sa.String(64)),  # of a video: the same as an animated picture
    sa.Column("image_size", sa.Integer),
    sa.Column("sent", sa.Boolean, nullable=False, server_default=sa.false()),  # a message shows it
    sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("sticker_pack_position", "pack", "position"),
)

panels = sa.Table(
    "sticker_panel",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("pack", Id, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.false()),  # a pack of the house, taken out
    sa.Index("sticker_panel_pack", "pack"),
)

favourites = sa.Table(
    "sticker_favourite",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("sticker", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Index("sticker_favourite_sticker", "sticker"),
)

recents = sa.Table(
    "sticker_recent",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("sticker", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Index("sticker_recent_sticker", "sticker"),
)

imports = sa.Table(
    "sticker_import",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("processing", sa.Boolean, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),  # JSON of the `ImportState`
    sa.Column("at", Instant, nullable=False),
)

_p, _s, _l, _i = packs.c, stickers.c, panels.c, imports.c


class FoundBy(msgspec.Struct, frozen=True, omit_defaults=True):
    keywords: tuple[str, ...] = ()
    labels: dict[str, str] = {}


_found_by = msgspec.json.Decoder(FoundBy)
encode = msgspec.json.Encoder().encode


def card_of(row: Row) -> StickerCard:
    return StickerCard(**_fields(row))


def pack_sticker_of(row: Row) -> PackSticker:
    found_by = _found_by.decode(row.found_by)
    return PackSticker(**_fields(row), keywords=found_by.keywords, labels=found_by.labels)


def _fields(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": row.type,
        "emoji": row.emoji,
        "pack": "" if row.removed else row.pack,
        "label": row.label,
        "width": row.width,
        "height": row.height,
        "animated": bool(row.animated),
        "still": row.still,
    }


def sticker_row(connection: sa.Connection, sticker: str) -> Row:
    """Raises `NotFound`."""
    row = connection.execute(sa.select(stickers).where(_s.id == sticker)).first()
    if row is None:
        raise NotFound("There is no such sticker.")
    return row


def pack_row(connection: sa.Connection, pack: str) -> Row:
    """Return a pack that was not deleted. Raises `NotFound`."""
    row = connection.execute(sa.select(packs).where(_p.id == pack, _p.removed == sa.false())).first()
    if row is None:
        raise NotFound("There is no such pack.")
    return row


def stickers_of(connection: sa.Connection, pack: str) -> list[Row]:
    """Return the stickers of a pack, in their order."""
    return list(
        connection.execute(
            sa.select(stickers).where(_s.pack == pack, _s.removed == sa.false()).order_by(_s.position, _s.id)
        )
    )


def packs_of(connection: sa.Connection, rows: Sequence[Row]) -> tuple[Pack, ...]:
    """Return whole packs."""
    wanted = [row.id for row in rows]
    of: dict[str, list[PackSticker]] = {pack: [] for pack in wanted}
    found = connection.execute(
        sa.select(stickers).where(_s.pack.in_(wanted), _s.removed == sa.false()).order_by(_s.position, _s.id)
    )
    for row in found:
        of[row.pack].append(pack_sticker_of(row))
    return tuple(
        Pack(id=row.id, name=row.name, author=row.author, owner=row.owner, stickers=tuple(of[row.id])) for row in rows
    )


def panel_rows(connection: sa.Connection, person: str) -> list[Row]:
    """Return the packs of a person's panel in their order. Those of the house are there until they are taken out."""
    joined = sa.outerjoin(packs, panels, sa.and_(_l.pack == _p.id, _l.person == person))
    return list(
        connection.execute(
            sa.select(packs, _l.position)
            .select_from(joined)
            .where(
                _p.removed == sa.false(),
                sa.or_(
                    sa.and_(_l.pack.is_not(None), _l.hidden == sa.false()), sa.and_(_p.owner == "", _l.pack.is_(None))
                ),
            )
            .order_by(sa.func.coalesce(_l.position, 1_000_000), _p.id)
        )
    )


def kept_cards(connection: sa.Connection, kept: sa.Table, person: str, most: int) -> tuple[StickerCard, ...]:
    """Return a person's favourites or recent ones, newest first."""
    rows = connection.execute(
        sa.select(stickers)
        .join(kept, kept.c.sticker == _s.id)
        .where(kept.c.person == person)
        .order_by(kept.c.at.desc(), kept.c.sticker.desc())
        .limit(most)
    )
    return tuple(map(card_of, rows))


def installers(connection: sa.Connection, pack: str) -> list[str]:
    return list(connection.execute(sa.select(_l.person).where(_l.pack == pack, _l.hidden == sa.false())).scalars())


def put_in_panel(connection: sa.Connection, person: str, pack: str, *, hidden: bool = False) -> None:
    """As the first of a person's panel, or out of it."""
    first = connection.execute(sa.select(sa.func.min(_l.position)).where(_l.person == person)).scalar()
    connection.execute(sa.delete(panels).where(_l.person == person, _l.pack == pack))
    connection.execute(sa.insert(panels).values(person=person, pack=pack, position=(first or 0) - 1, hidden=hidden))


def save_import(connection: sa.Connection, person: str, state: ImportState, at: int) -> None:
    values = {"processing": state.state == "processing", "state": encode(state), "at": at}
    done = connection.execute(sa.update(imports).where(_i.id == state.id).values(**values))
    if not done.rowcount:
        connection.execute(sa.insert(imports).values(id=state.id, person=person, **values))


def import_of(connection: sa.Connection, person: str, job: str) -> ImportState:
    """Raises `NotFound`."""
    row = connection.execute(sa.select(imports).where(_i.id == job, _i.person == person)).first()
    if row is None:
        raise NotFound("There is no such import of yours.")
    return msgspec.json.decode(row.state, type=ImportState)


def interrupted(connection: sa.Connection) -> Iterable[tuple[str, ImportState]]:
    """Return `(person, state)` of imports that were under way when the house went down."""
    rows = connection.execute(sa.select(imports).where(_i.processing == sa.true())).all()
    return [(row.person, msgspec.json.decode(row.state, type=ImportState)) for row in rows]
