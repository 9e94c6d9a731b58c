"""Pictures: sizes for phone and desktop, upright, in sRGB, without a word about where and by what they were taken."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from PIL import Image

from teahouse.media.work.animations import animate
from teahouse.media.work.jobs import Job, Made, MadeFile, MediaRefused, Variant
from teahouse.media.work.picture_reader import MOVING, TYPES, fitted, open_picture, upright
from teahouse.media.work.thumb_hash import thumb_hash

SIDES: Final[dict[Variant, int]] = {"large": 2560, "medium": 1280, "small": 480}
"""Longest side in pixels, at most."""
JPEG_QUALITY: Final = 82
CRISP_QUALITY: Final = 90
WEBP_QUALITY: Final = 82
SAMPLE_SIDE: Final = 256
SAMPLE_COLOURS_MAX: Final = 4096
"""A photograph shows more colours than this in a sample of 256 x 256; a screenshot or a drawing does not."""
FLAT_COLOURS: Final = 16
FLAT_SHARE: Final = 0.3
"""A page with a photograph on it has many colours, yet a few of them cover this part of it or more."""
Look = Literal["photo", "mixed", "flat"]
"""A photograph; writing and photographs on one page; a screenshot, a drawing or writing alone."""
LOSSLESS: Final = frozenset(("PNG", "GIF", "WEBP"))
EXTENSIONS: Final = {"image/jpeg": "jpg", "image/webp": "webp"}


def make_picture(job: Job, progress: Callable[[int], None]) -> Made:
    """Make `large`, `medium` and `small` of a picture, a `video` too when it moves, `original` when it is to be kept.

    A size that would not be smaller than the one above it is the same file. `width` and `height` are those of `large`.
    Raises `MediaRefused`.
    """
    if len(job.sources) != 1:
        raise MediaRefused("wrong_kind", "a picture is one file")
    source, folder = job.sources[0], Path(job.folder)
    with open_picture(source) as image:
        kind, name = TYPES[str(image.format)], str(image.format)
        moving = name in MOVING and bool(getattr(image, "is_animated", False))
        still = upright(image, source, side_max=SIDES["large"])
        progress(40)
        files, small = write_sizes(still, folder, look_of(still) if name in LOSSLESS else "photo")
        progress(80 if not moving else 50)
        duration = 0
        if moving:
            target = folder / "video.mp4"
            duration = animate(image, target, lambda percent: progress(50 + percent // 2))
            if duration:
                files.append(MadeFile("video", str(target), "video/mp4"))
    if job.keep_metadata:
        files.insert(0, kept(source, folder, "original", kind))
    made = Made(
        files=tuple(files),
        width=still.width,
        height=still.height,
        duration=duration,
        thumbhash=thumb_hash(small),
        animated=duration > 0,
    )
    progress(100)
    return made


def write_sizes(still: Image.Image, folder: Path, look: Look) -> tuple[list[MadeFile], Image.Image]:
    """Write the three sizes, each made from the one above it; returns the smallest too."""
    files: list[MadeFile] = []
    for variant, side in SIDES.items():
        size = fitted(still.size, side)
        if files and size == still.size:
            files.append(MadeFile(variant, files[-1].path, files[-1].type))
            continue
        if size != still.size:
            # Halves by plain averaging first, which is fast and exact; bicubic for what remains.
            still = still.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.0)
        encoded, kind = encode(still, look)
        path = folder / f"{variant}.{EXTENSIONS[kind]}"
        path.write_bytes(encoded)
        files.append(MadeFile(variant, str(path), kind))
    return files, still


def encode(image: Image.Image, look: Look) -> tuple[bytes, str]:
    """A photograph as JPEG, one with transparency as WebP; flat graphics keep every pixel unless that costs more."""
    if image.mode == "RGBA":
        lossy, kind = _saved(image, "WEBP", quality=WEBP_QUALITY, method=2), "image/webp"
    elif look != "photo":
        lossy, kind = _saved(image, "JPEG", quality=CRISP_QUALITY, subsampling="4:4:4", progressive=True), "image/jpeg"
    else:
        return _saved(image, "JPEG", quality=JPEG_QUALITY, subsampling="4:2:0", progressive=True), "image/jpeg"
    if look == "flat":
        exact = _saved(image, "WEBP", lossless=True, quality=25, method=1, exact=False)
        if len(exact) <= len(lossy):
            return exact, "image/webp"
    return lossy, kind


def look_of(image: Image.Image) -> Look:
    """Whether an image has edges that a JPEG of usual quality would smear."""
    sample = image.resize(fitted(image.size, SAMPLE_SIDE), Image.Resampling.NEAREST)
    counts = sorted((count for count, _ in sample.getcolors(SAMPLE_SIDE**2) or ()), reverse=True)
    if len(counts) <= SAMPLE_COLOURS_MAX:
        return "flat"
    return "mixed" if sum(counts[:FLAT_COLOURS]) >= FLAT_SHARE * sum(counts) else "photo"


def kept(source: str, folder: Path, variant: Variant, kind: str) -> MadeFile:
    """What came in, byte for byte."""
    target = folder / variant
    shutil.copyfile(source, target)
    return MadeFile(variant, str(target), kind)


def _saved(image: Image.Image, name: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()
