"""Segments of a JPEG (ITU-T T.81 annex B): find them, take out what tells of the camera, put one in."""

import re
import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from teahouse.media.work.containers.exif import ExifParts, write_exif
from teahouse.media.work.containers.source import Source

SOI: Final = b"\xff\xd8"
EOI: Final = 0xD9
SOS: Final = 0xDA
APP0: Final = 0xE0
APP1: Final = 0xE1
APP2: Final = 0xE2
APP14: Final = 0xEE
COM: Final = 0xFE
BARE: Final = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers without a length: TEM and RST0 to RST7."""
SEGMENT_MAX: Final = 0xFFFF - 2
SEGMENTS_MAX: Final = 10_000
EXIF_HEADER: Final = b"Exif\x00\x00"
ICC_HEADER: Final = b"ICC_PROFILE\x00"
_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class Segment(msgspec.Struct, frozen=True):
    """`[start, end)` from its 0xFF on, the payload from `content` on. A scan's segment holds its entropy-coded data."""

    marker: int
    start: int
    content: int
    end: int


def segments(data: Source) -> Iterator[Segment]:
    """The segments after SOI up to and with EOI; stops quietly where the file stops being a JPEG."""
    if data[:2] != SOI:
        return
    position = 2
    for _ in range(SEGMENTS_MAX):
        if data[position : position + 1] != b"\xff":
            return
        start = position
        while data[position : position + 1] == b"\xff":  # any number of fill bytes
            position += 1
        if position >= len(data):
            return
        marker = data[position]
        position += 1
        if marker == EOI:
            yield Segment(marker, start, position, position)
            return
        if marker in BARE:
            yield Segment(marker, start, position, position)
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        content, end = position + 2, position + length
        if length < 2 or end > len(data):
            return
        if marker == SOS:
            found = _AFTER_SCAN.search(data, end)
            if found is None:
                return
            end = found.start()
        yield Segment(marker, start, content, end)
        position = end


def picture_end(data: Source) -> int | None:
    """Where the first picture in the file ends; None when it is not whole."""
    return next((segment.end for segment in segments(data) if segment.marker == EOI), None)


def exif_of(data: Source) -> bytes:
    """The TIFF block inside the EXIF segment, empty when there is none."""
    for segment in segments(data):
        if segment.marker == SOS:
            break
        if segment.marker == APP1 and data[segment.content : segment.content + 6] == EXIF_HEADER:
            return data[segment.content + 6 : segment.end]
    return b""


def application(marker: int, payload: bytes) -> bytes:
    """A segment. Raises ValueError when the payload does not fit in one."""
    if len(payload) > SEGMENT_MAX:
        raise ValueError(f"{len(payload)} bytes do not fit in a JPEG segment")
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def stripped(data: Source, *, exif: ExifParts) -> bytes | None:
    """The same picture, its coefficients untouched, with no more about its making than `exif` and the colour profile.

    Kept are the tables, frames and scans, JFIF, Adobe's colour transform and the ICC profile. Gone are EXIF, XMP,
    IPTC, comments, thumbnails, maker notes, gain maps and whatever follows the picture. None when it is not whole.
    """
    out = [SOI]
    written = write_exif(exif)
    if written:
        out.append(application(APP1, EXIF_HEADER + written))
    for segment in segments(data):
        if _kept(data, segment):
            out.append(data[segment.start : segment.end])
        if segment.marker == EOI:
            return b"".join(out)
    return None


def inserted(data: Source, segment: bytes) -> bytes:
    """The same file with one segment more, right after SOI and what must stand first (JFIF, EXIF)."""
    position = 2
    for found in segments(data):
        first = found.marker == APP0 or (
            found.marker == APP1 and data[found.content : found.content + 6] == EXIF_HEADER
        )
        if not first:
            break
        position = found.end
    return b"".join((data[:position], segment, data[position:]))


def _kept(data: Source, segment: Segment) -> bool:
    if segment.marker == APP0:
        return data[segment.content : segment.content + 5] == b"JFIF\x00"
    if segment.marker == APP2:
        return data[segment.content : segment.content + len(ICC_HEADER)] == ICC_HEADER
    if segment.marker == APP14:
        return data[segment.content : segment.content + 5] == b"Adobe"
    return not (APP0 <= segment.marker <= 0xEF or segment.marker == COM)
