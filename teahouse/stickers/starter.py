"""The starter pack: drawn for Teahouse, in every house from its first start on, and renewed when its content changes.

A sticker whose drawing changed is a new one (its file's address is cached for ever); messages go on showing the old
one.
"""

import asyncio
import hashlib
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from teahouse import ids
from teahouse.house import House
from teahouse.media.service import MediaService
from teahouse.media.work import lottie
from teahouse.media.work.stickers import fitted
from teahouse.stickers import store
from teahouse.stickers.manifest import MANIFEST, Planned, planned, read_manifest
from teahouse.stickers.packs import Kept, MadeSticker, Packs
from teahouse.storage.transaction import Tx

FOLDER: Final = Path(__file__).parent / "starter"
VERSION: Final = b"1"
"""Changes when the same files shall become something else."""

_p, _s = store.packs.c, store.stickers.c


async def bring(house: House, media: MediaService, packs: Packs, folder: Path = FOLDER) -> None:
    """Make the house's own pack what the folder says."""
    files = await asyncio.to_thread(_files, folder)
    digest = hashlib.sha256(VERSION + b"".join(name.encode() + data for name, data in files.items())).hexdigest()
    if await house.store.read(_digest) == digest:
        return
    found = read_manifest(files[MANIFEST])
    if found is None:
        raise ValueError(f"{folder / MANIFEST} is no manifest of a pack")
    made = []
    async with media.scratch() as scratch:
        for entry in found.stickers:
            drawn = lottie.read(files[entry.file])
            path = scratch / entry.file
            await asyncio.to_thread(path.write_bytes, drawn.data)
            width, height = fitted(drawn.width, drawn.height)
            said = planned(entry, path)
            made.append(_sticker(said, Kept(*await media.store_file(path)), width, height))
    await house.store.write(_renew, packs, found.name, found.author, digest, made)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


def _digest(connection: sa.Connection) -> str | None:
    return connection.execute(sa.select(_p.digest).where(_p.owner == "")).scalar()


def _sticker(said: Planned, file: Kept, width: int, height: int) -> MadeSticker:
    return MadeSticker(
        type="application/json",
        width=width,
        height=height,
        animated=True,
        file=file,
        source=said.name,
        emoji=said.emoji,
        label=said.label,
        keywords=said.keywords,
        labels=said.labels,
        still=said.still,
    )


def _renew(tx: Tx, packs: Packs, name: str, author: str, digest: str, made: list[MadeSticker]) -> None:
    pack = tx.connection.execute(sa.select(_p.id).where(_p.owner == "")).scalar()
    values = {"name": name, "author": author, "digest": digest}
    if pack is None:
        pack = ids.new_id()
        tx.connection.execute(sa.insert(store.packs).values(id=pack, owner="", at=tx.now, **values))
    else:
        tx.connection.execute(sa.update(store.packs).where(_p.id == pack).values(**values))
    before = {row.file: row for row in store.stickers_of(tx.connection, pack)}
    for sticker in [row for row in before.values() if row.file not in {each.file.sha256 for each in made}]:
        packs.drop(tx, sticker.id)
    for position, each in enumerate(made):
        row = before.get(each.file.sha256)
        if row is None:
            packs.put(tx, pack, "", each, position)
        else:
            packs.renew(tx, row.id, each, position)
