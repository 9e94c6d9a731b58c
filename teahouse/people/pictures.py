"""Pictures of people and chats: checked, turned upright, cut square, stripped of what cameras write into them, and
kept as WebP in two sizes. Every upload gets a name of its own, so what a name shows never changes."""

import contextlib
import io
import os
import re
import secrets
from pathlib import Path

from teahouse.errors import NotFound, Refusal
from teahouse.people.slow import SlowWork

PICTURE_BYTES_MAX = 5 * 1024 * 1024
PIXELS_MAX = 40_000_000
SIZES = (384, 96)
"""Sides of the square, in pixels."""
WAITING_MAX = 30
NAME = re.compile(r"[0-9a-f]{32}")


class PictureRefused(Refusal):
    code = "picture_refused"
    status = 422
    title = "This is not a picture that can be used"


class Pictures:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # One at a time: a decoded picture of `PIXELS_MAX` takes 160 MB.
        self._slow = SlowWork("pictures", threads=1, waiting_max=WAITING_MAX)

    def stop(self) -> None:
        self._slow.stop()

    async def store(self, data: bytes) -> str:
        """Return the name of the new picture. Raises `PictureRefused`."""
        return await self._slow.run(self._store, data)

    def read(self, name: str, size: int) -> bytes:
        """Return a WebP image. Raises `NotFound`."""
        if not NAME.fullmatch(name) or size not in SIZES:
            raise NotFound()
        try:
            return self._file(name, size).read_bytes()
        except FileNotFoundError:
            raise NotFound() from None

    def drop(self, name: str) -> None:
        if NAME.fullmatch(name):
            for size in SIZES:
                self._file(name, size).unlink(missing_ok=True)

    def _file(self, name: str, size: int) -> Path:
        return self._folder / name[:2] / f"{name}.{size}.webp"

    def _store(self, data: bytes) -> str:
        name = secrets.token_hex(16)
        for size, encoded in render(data).items():
            write_durably(self._file(name, size), encoded)
        return name


def render(data: bytes) -> dict[int, bytes]:
    """Return the picture in each of `SIZES`, as WebP. Raises `PictureRefused`."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - takes 50 ms that a cold start does not need

    if len(data) > PICTURE_BYTES_MAX:
        raise PictureRefused("It is too large.", bytes_max=PICTURE_BYTES_MAX)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise PictureRefused("It has too many pixels.", pixels_max=PIXELS_MAX)
            opened.draft("RGB", (SIZES[0] * 2, SIZES[0] * 2))
            upright = ImageOps.exif_transpose(opened)
            image = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        side = min(SIZES[0], *image.size)
        largest = ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)
        found = {}
        for size in SIZES:
            smaller = largest if side <= size else largest.resize((size, size), Image.Resampling.LANCZOS)
            # A new image: nothing that came with the file (EXIF, colour profiles, comments) goes along.
            plain = Image.new(smaller.mode, smaller.size)
            plain.paste(smaller)
            encoded = io.BytesIO()
            plain.save(encoded, "WEBP", quality=82, method=4)
            found[size] = encoded.getvalue()
        return found
    except PictureRefused:
        raise
    # Whatever a decoder raises over hostile bytes (OSError, ValueError, SyntaxError, struct.error, a decompression
    # bomb …) is the file's fault, and the answer is the same.
    except Exception as error:
        raise PictureRefused("It could not be read as JPEG, PNG or WebP.") from error


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it is whole or not there, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
