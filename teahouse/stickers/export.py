"""Writes a pack as a zip that imports again to the same pack: its files, and a `pack.json` that says what they are."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

from teahouse.media.service import MediaService
from teahouse.stickers.manifest import MANIFEST
from teahouse.stickers.model import Pack, PackSticker

SUFFIXES: Final = {"image/webp": "webp", "video/webm": "webm", "application/json": "json"}
LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The same pack is the same zip, whenever it is written."""

Files = Sequence[tuple[PackSticker, str]]
"""Stickers of a pack, each with the SHA-256 of its file."""


class _Outbox(io.RawIOBase):
    """What `zipfile` writes to: a stream that cannot be sought in, emptied after each file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


async def zipped(media: MediaService, pack: Pack, files: Files) -> AsyncIterator[bytes]:
    """Yield the zip, a file at a time. Raises `BlobLost`."""
    outbox = _Outbox()
    names = [f"{number:03}.{SUFFIXES[sticker.type]}" for number, (sticker, _) in enumerate(files, 1)]
    async with media.scratch() as folder:
        with zipfile.ZipFile(outbox, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_entry(MANIFEST, zipfile.ZIP_DEFLATED), _manifest(pack, names))
            yield outbox.take()
            for name, (_, sha256) in zip(names, files, strict=True):
                path = folder / name
                await media.fetch(sha256, path)
                await asyncio.to_thread(_add, archive, name, path)
                yield outbox.take()
    yield outbox.take()


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    # Only text packs; pictures and videos are packed already.
    method = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
    archive.writestr(_entry(name, method), path.read_bytes())
    path.unlink()


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    return entry


def _manifest(pack: Pack, names: Sequence[str]) -> str:
    stickers: list[dict[str, Any]] = []
    for sticker, name in zip(pack.stickers, names, strict=True):
        said: dict[str, Any] = {"file": name, "emoji": sticker.emoji.split(" ") if sticker.emoji else []}
        if sticker.keywords:
            said["keywords"] = list(sticker.keywords)
        if sticker.label or sticker.labels:
            said["label"] = {"": sticker.label, **sticker.labels} if sticker.labels else sticker.label
        if sticker.still:
            said["still"] = sticker.still
        stickers.append(said)
    return json.dumps({"name": pack.name, "author": pack.author, "stickers": stickers}, ensure_ascii=False, indent=1)
