"""WebP as its chunks (RFC 9649): taken apart and put together again without what is not picture."""

import struct
from collections.abc import Iterator
from typing import Final

from teahouse.media.work.jobs import MediaRefused

KEPT: Final = (b"VP8X", b"ALPH", b"VP8 ", b"VP8L", b"ANIM", b"ANMF")
HEADER: Final = 12
ANIMATED, XMP, EXIF, PROFILE = 0x02, 0x04, 0x08, 0x20
"""Bits of VP8X, RFC 9649, 2.7.1."""


def plain(data: bytes) -> bytes:
    """Return the same picture without EXIF, XMP, colour profile, unknown chunks, or anything behind its end; an
    animation repeats for ever. Raises `MediaRefused("unreadable")`."""
    out = bytearray()
    for name, start, stop in _chunks(data):
        if name not in KEPT:
            continue
        body = bytearray(data[start:stop])
        if name == b"VP8X" and body:
            body[0] &= ~(XMP | EXIF | PROFILE) & 0xFF
        elif name == b"ANIM" and len(body) >= 6:
            body[4:6] = bytes(2)
        out += name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(out) + 4) + b"WEBP" + bytes(out)


def has_profile(data: bytes) -> bool:
    """Whether it says what its colours mean: then it cannot be shown as sRGB as it is."""
    return any(name == b"ICCP" for name, _, _ in _chunks(data))


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    if data[:4] != b"RIFF" or data[8:HEADER] != b"WEBP":
        raise MediaRefused("unreadable", "no WebP")
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    at = HEADER
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise MediaRefused("unreadable", "cut short")
        yield data[at : at + 4], at + 8, at + 8 + size
        at += 8 + size + size % 2
