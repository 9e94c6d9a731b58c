"""Has stickers made by a worker, and keeps their files."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec

from teahouse.media.service import MediaService
from teahouse.media.work.jobs import Job, Made
from teahouse.stickers.packs import Kept, MadeSticker

DEADLINE_S: Final = 60.0
SIGNATURES: Final = (
    (b"\x1f\x8b", "application/gzip"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


class Making:
    def __init__(self, media: MediaService) -> None:
        self._media = media

    async def make(self, source: Path, out: Path, person: str) -> tuple[MadeSticker, Made]:
        """Make a sticker of a file; its files are kept for the next hour, and longer once a sticker uses them.

        `out` is a folder that is not there yet. Raises `MediaRefused` and `Unavailable`.
        """
        await asyncio.to_thread(out.mkdir)
        job = Job(kind="sticker", sources=(str(source),), folder=str(out))
        made = await self._media.work(job, key=person, deadline_s=DEADLINE_S)
        kept = {file.variant: Kept(*await self._media.store_file(Path(file.path))) for file in made.files}
        first = made.files[0]
        sticker = MadeSticker(
            type=first.type,
            width=made.width,
            height=made.height,
            animated=made.animated,
            file=kept[first.variant],
            small=kept.get("small"),
            image=kept.get("image") if first.variant == "video" else None,
        )
        return sticker, made


def kind_of(path: Path) -> str:
    """The MIME type that a file's first bytes say."""
    with path.open("rb") as file:
        head = file.read(8)
    return next((kind for start, kind in SIGNATURES if head.startswith(start)), "application/octet-stream")


class _Rate(msgspec.Struct):
    fr: float


def rate_of(made: Made) -> float:
    """Frames a second of a vector sticker; 0 for others."""
    if made.files[0].variant != "lottie":
        return 0
    return msgspec.json.decode(Path(made.files[0].path).read_bytes(), type=_Rate).fr
