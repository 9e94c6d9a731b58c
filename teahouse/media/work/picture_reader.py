"""Opens pictures of strangers: by content and never by name, a few formats only, measured before they are decoded."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Named one by one: these are all the formats that Pillow may try.
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)
from pillow_heif import register_heif_opener

from teahouse.media.work.containers.source import opened
from teahouse.media.work.jobs import MediaRefused
from teahouse.media.work.picture_colour import coded_profile, to_srgb

EDGE_MAX: Final = 65_535
PIXELS_MAX: Final = 100_000_000

_PLUGINS: Final = (
    JpegImagePlugin.JpegImageFile,
    MpoImagePlugin.MpoImageFile,
    PngImagePlugin.PngImageFile,
    WebPImagePlugin.WebPImageFile,
    AvifImagePlugin.AvifImageFile,
    GifImagePlugin.GifImageFile,
)
# libheif takes an AVIF's container for its own, so AVIF comes first.
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
TYPES: Final = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
MOVING: Final = frozenset(("GIF", "WEBP", "PNG", "AVIF"))
"""Formats in which more than one frame is an animation; in HEIC and MPO the others are another view of the same."""
SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings each EXIF orientation upright."""

register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Pillow raises above twice this; it also watches GIF frames that outgrow their header.
Image.MAX_IMAGE_PIXELS = PIXELS_MAX // 2
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


@contextmanager
def decoding() -> Iterator[None]:
    """Inside, whatever a decoder raises is a refusal of the file."""
    try:
        yield
    except MediaRefused:
        raise
    except Image.DecompressionBombError as error:
        raise MediaRefused("too_many_pixels", str(error)) from error
    except MemoryError:
        raise
    except Exception as error:  # decoders of six formats, in C and Python: any of it means the same
        raise MediaRefused("unreadable", type(error).__name__) from error


@contextmanager
def open_picture(path: str) -> Iterator[Image.Image]:
    """Open a picture without decoding it.

    Raises `MediaRefused`: "wrong_kind" when it is no picture, "unreadable" when it is a broken one,
    "too_many_pixels" when an edge or the area is beyond bounds.
    """
    with open(path, "rb") as file:
        head = file.read(12)
        file.seek(0)
        with decoding():
            try:
                image = Image.open(file, formats=FORMATS)
            except UnidentifiedImageError:
                raise MediaRefused("unreadable" if _meant_as_picture(head) else "wrong_kind") from None
            width, height = image.size
        if max(width, height) > EDGE_MAX or width * height > PIXELS_MAX:
            raise MediaRefused("too_many_pixels", f"{width} x {height}")
        with image:
            yield image


def upright(image: Image.Image, path: str, *, side_max: int | None = None) -> Image.Image:
    """Decode the first frame of what `open_picture` opened: upright, in sRGB, RGB or RGBA or L, nothing else with it.

    No longer side than `side_max` pixels, and never enlarged. Raises `MediaRefused`.
    """
    with decoding():
        size = fitted(image.size, side_max)
        image.draft(None, size)  # a JPEG decoder gives 1/2, 1/4 or 1/8 for less than the whole
        image.load()
        orientation = orientation_of(image)
        profile = image.info.get("icc_profile") or b""
        if not profile and image.format in {"HEIF", "AVIF"}:
            with opened(path) as data:
                profile = coded_profile(data)
        plain = plain_mode(image)
        if plain.size != size:
            # Hamming: as sharp as bicubic for the moderate steps that remain, in 60% of its time.
            plain = plain.resize(size, Image.Resampling.HAMMING, reducing_gap=1.5)
        if plain.mode == "RGBA" and plain.getchannel("A").getextrema() == (255, 255):
            plain = plain.convert("RGB")  # nothing is seen through it
        plain = to_srgb(plain, profile)
        if orientation in TURNS:
            plain = plain.transpose(TURNS[orientation])
        if plain is image:
            plain = image.copy()
        plain.info.clear()
    return plain


def fitted(size: tuple[int, int], side_max: int | None) -> tuple[int, int]:
    """The size that fits in a square of `side_max`, of the same shape and not larger; edges are at least one pixel."""
    longest = max(size)
    if side_max is None or longest <= side_max:
        return size
    return max(1, round(size[0] * side_max / longest)), max(1, round(size[1] * side_max / longest))


def plain_mode(image: Image.Image) -> Image.Image:
    """L, RGB, RGBA or CMYK; what is so already is not copied, since it may be hundreds of megabytes."""
    if image.mode.startswith(("I", "F")):  # 16 bits of grey, which `convert` would clip
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"L", "CMYK", "RGBA"} or (image.mode == "RGB" and not image.has_transparency_data):
        return image
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in {"1", "LA"} else "RGB")


def orientation_of(image: Image.Image) -> int:
    """1 to 8. HEIC and AVIF say here what their own rotation boxes left to do, so nothing is turned twice."""
    try:
        orientation = int(image.getexif().get(0x0112, 1))
    except Exception:  # any broken EXIF means: as it is
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def _meant_as_picture(head: bytes) -> bool:
    return (
        not head
        or head.startswith(SIGNATURES)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"})
    )
