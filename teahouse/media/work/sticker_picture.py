"""Stickers that are pictures, with one frame or many: WebP with its transparency, and a still."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image

from teahouse.media.work import webp
from teahouse.media.work.jobs import Made, MadeFile, MediaRefused
from teahouse.media.work.picture_reader import MOVING, decoding, open_picture, upright
from teahouse.media.work.stickers import (
    DURATION_MS_MAX,
    EDGE_MAX,
    FRAME_MS_LEAST,
    FRAME_MS_USUAL,
    FRAMES_MAX,
    IMAGE_BYTES_MAX,
    QUALITIES,
    SEEN,
    STATIC_BYTES_MAX,
    STILL_QUALITY,
    STILL_SIDE_MAX,
    Tell,
    fitted,
    written,
)
from teahouse.media.work.thumb_hash import thumb_hash

PIXELS_MAX: Final = 300_000_000
"""Of all frames together: what may be decoded for one sticker."""
METHOD_STATIC: Final = 6
METHOD_MOVING: Final = 2
"""libwebp's effort, 0 to 6: an animation has many frames to pay for."""

Frame = tuple[Image.Image, int]
"""A picture (RGBA), and the milliseconds that it lasts."""


def make_picture_sticker(source: Path, folder: Path, progress: Tell) -> Made:
    with open_picture(str(source)) as image:
        if max(image.size) > EDGE_MAX:
            raise MediaRefused("too_many_pixels", f"{image.width} x {image.height}")
        moves = image.format in MOVING and bool(getattr(image, "is_animated", False))
        as_it_is = image.format == "WEBP" and fitted(*image.size) == image.size
        if moves:
            frames = _thinned(list(_frames(image, progress)))
        else:
            frames = [(upright(image, str(source)).convert("RGBA"), 0)]
    size = fitted(*frames[0][0].size)
    frames = [(_resized(frame, size), lasts) for frame, lasts in frames]
    data = _kept(source, moves) if as_it_is else b""
    progress(60)
    if not data:
        data = animation(frames) if len(frames) > 1 else _picture(frames[0][0])
    files, small = with_still(folder, [frame for frame, _ in frames], data)
    duration = sum(lasts for _, lasts in frames)
    return Made(
        files=tuple(files),
        width=size[0],
        height=size[1],
        duration=duration if len(frames) > 1 else 0,
        thumbhash=thumb_hash(small),
        animated=len(frames) > 1,
    )


def with_still(folder: Path, frames: Sequence[Image.Image], data: bytes) -> tuple[list[MadeFile], Image.Image]:
    """Write `image` (WebP, as given) and `small`; returns them and the small picture."""
    small = still(frames)
    encoded = io.BytesIO()
    small.save(encoded, "WEBP", quality=STILL_QUALITY, method=METHOD_STATIC)
    return [
        written(folder, "image", "webp", data, "image/webp"),
        written(folder, "small", "webp", webp.plain(encoded.getvalue()), "image/webp"),
    ], small


def still(frames: Sequence[Image.Image]) -> Image.Image:
    """The first frame that shows what the sticker is, small."""
    # The mean of the alpha channel says how much of a frame can be seen.
    shown = [frame.getchannel("A").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) for frame in frames]
    fullest = max(int(each) for each in shown if isinstance(each, int | float))
    chosen = next(
        frame
        for frame, seen in zip(frames, shown, strict=True)
        if isinstance(seen, int | float) and seen >= fullest * SEEN
    )
    small = chosen.copy()
    small.thumbnail((STILL_SIDE_MAX, STILL_SIDE_MAX), Image.Resampling.LANCZOS)
    return small


def animation(frames: Sequence[Frame]) -> bytes:
    """Frames as an animated WebP that repeats for ever, in the best quality that fits."""
    first, *others = (frame for frame, _ in frames)
    for quality in QUALITIES:
        data = _encoded(
            first,
            save_all=True,
            append_images=others,
            duration=[lasts for _, lasts in frames],
            loop=0,
            quality=quality,
            alpha_quality=90,
            method=METHOD_MOVING,
            minimize_size=False,
            allow_mixed=True,
        )
        if len(data) <= IMAGE_BYTES_MAX:
            return data
    raise MediaRefused("too_large", f"more than {IMAGE_BYTES_MAX} bytes in any quality")


def _picture(image: Image.Image) -> bytes:
    """Without loss while that is small (drawings), with a little loss otherwise (photographs)."""
    whole = _encoded(image, lossless=True, quality=80, method=4)
    if len(whole) <= STATIC_BYTES_MAX // 4:
        return whole
    for quality in (90, *QUALITIES):
        data = _encoded(image, quality=quality, method=METHOD_STATIC)
        if len(data) <= STATIC_BYTES_MAX:
            return data
    raise MediaRefused("too_large", f"more than {STATIC_BYTES_MAX} bytes in any quality")


def _encoded(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", **options)
    return webp.plain(out.getvalue())


def _kept(source: Path, moves: bool) -> bytes:
    """A WebP as it came, without its metadata; nothing when it is too large or its colours need a profile."""
    data = source.read_bytes()
    if webp.has_profile(data):
        return b""
    plain = webp.plain(data)
    return plain if len(plain) <= (IMAGE_BYTES_MAX if moves else STATIC_BYTES_MAX) else b""


def _frames(image: Image.Image, progress: Tell) -> Iterator[Frame]:
    """Each frame, whole, as RGBA."""
    pixels = total = 0
    for index in range(FRAMES_MAX + 1):
        with decoding():
            try:
                image.seek(index)
            except EOFError:
                return
            image.load()
            pixels += image.width * image.height
            lasts = round(float(image.info.get("duration") or 0))
            frame = image.convert("RGBA")
        lasts = lasts if lasts >= FRAME_MS_LEAST else FRAME_MS_USUAL
        total += lasts
        if index == FRAMES_MAX or total > DURATION_MS_MAX:
            raise MediaRefused("too_long", f"more than {FRAMES_MAX} frames or {DURATION_MS_MAX // 1000} seconds")
        if pixels > PIXELS_MAX:
            raise MediaRefused("too_many_pixels", f"more than {PIXELS_MAX} in all frames")
        # Small at once: three hundred large frames would not fit in memory.
        yield _resized(frame, fitted(*frame.size)), lasts
        progress(min(50, index))


def _thinned(frames: list[Frame]) -> list[Frame]:
    """Frames that show the same as the one before are one that lasts longer."""
    kept: list[Frame] = []
    for frame, lasts in frames:
        if kept and kept[-1][0].tobytes() == frame.tobytes():
            kept[-1] = (kept[-1][0], kept[-1][1] + lasts)
        else:
            kept.append((frame, lasts))
    return kept


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
