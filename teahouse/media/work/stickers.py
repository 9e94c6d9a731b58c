"""Stickers: static, animated, vector and video ones of strangers, as few kinds of file that every browser plays.

WebP for pictures (what is small enough already stays as it is, without metadata), WebM for videos with an animated WebP
beside it (Safari shows no transparency in WebM), compact JSON for Lottie. All but Lottie also get a still.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from teahouse.media.work import lottie
from teahouse.media.work.jobs import Job, Made, MadeFile, MediaRefused, Variant

SIDE_MAX: Final = 512
STILL_SIDE_MAX: Final = 320
"""Sharp where a sticker rests in a message on a dense screen."""
SOURCE_BYTES_MAX: Final = 8 << 20
IMAGE_BYTES_MAX: Final = 1 << 20
STATIC_BYTES_MAX: Final = 512 << 10
FRAMES_MAX: Final = 300
DURATION_MS_MAX: Final = 20_000
FRAME_MS_LEAST: Final = 20
FRAME_MS_USUAL: Final = 100
"""Browsers show a frame of less than 20 ms for 100 ms: so are old GIFs meant."""
EDGE_MAX: Final = 4096
QUALITIES: Final = (80, 60, 40, 20)
STILL_QUALITY: Final = 80
SEEN: Final = 0.5
"""A still shows at least so much of what the fullest frame shows: many animations begin with nothing."""

WEBM: Final = b"\x1a\x45\xdf\xa3"

Tell = Callable[[int], None]


def make_sticker(job: Job, progress: Tell) -> Made:
    """Make `lottie`, `video` (and `image` for who cannot play it), or `image`; and `small` unless it is Lottie.

    Raises `MediaRefused`.
    """
    if len(job.sources) != 1:
        raise MediaRefused("wrong_kind", "a sticker is one file")
    source = Path(job.sources[0])
    if source.stat().st_size > SOURCE_BYTES_MAX:
        raise MediaRefused("too_large", f"more than {SOURCE_BYTES_MAX} bytes")
    with source.open("rb") as file:
        head = file.read(16)
    if head.startswith(lottie.GZIP) or head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        made = _vector(source, Path(job.folder))
    elif head.startswith(WEBM):
        from teahouse.media.work.sticker_video import make_video_sticker  # noqa: PLC0415

        made = make_video_sticker(source, Path(job.folder), progress)
    else:
        from teahouse.media.work.sticker_picture import make_picture_sticker  # noqa: PLC0415

        made = make_picture_sticker(source, Path(job.folder), progress)
    progress(100)
    return made


def _vector(source: Path, folder: Path) -> Made:
    found = lottie.read(source.read_bytes())
    width, height = fitted(found.width, found.height)
    files = (written(folder, "lottie", "json", found.data, "application/json"),)
    return Made(files=files, width=width, height=height, duration=found.duration, animated=True)


def fitted(width: int, height: int) -> tuple[int, int]:
    """The size that fits in `SIDE_MAX`, of the same shape and not larger."""
    scale = min(1.0, SIDE_MAX / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def written(folder: Path, variant: Variant, suffix: str, data: bytes, kind: str) -> MadeFile:
    path = folder / f"{variant}.{suffix}"
    path.write_bytes(data)
    return MadeFile(variant, str(path), kind)
