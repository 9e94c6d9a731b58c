"""Boxes of the ISO base media file format (ISO/IEC 14496-12 §4.2) and of QuickTime: HEIC, AVIF, MP4 and MOV."""

import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from teahouse.media.work.containers.source import Source

BOXES_MAX: Final = 4096
"""More boxes in a row than any real file has: a longer row is not walked to its end."""
TOP_LEVEL: Final = frozenset(b"ftyp styp moov moof mfra mdat free skip wide meta uuid udta pnot sidx emsg prft".split())
"""Boxes that stand at the top of a film; what follows them in a Motion Photo (Samsung's trailer) is none of these."""


class Box(msgspec.Struct, frozen=True):
    """Where a box lies: `[start, end)` with its header, the content from `content` on."""

    type: bytes
    start: int
    content: int
    end: int


def boxes(data: Source, start: int, end: int) -> Iterator[Box]:
    """The boxes in a row that fill `[start, end)`; stops quietly at the first that is not whole."""
    position = start
    for _ in range(BOXES_MAX):
        if end - position < 8:
            return
        size, kind = struct.unpack(">I4s", data[position : position + 8])
        content = position + 8
        if size == 1:  # a 64-bit size follows
            if end - position < 16:
                return
            size, content = int.from_bytes(data[position + 8 : position + 16], "big"), position + 16
        elif size == 0:  # to the end
            size = end - position
        if size < content - position or position + size > end:
            return
        yield Box(kind, position, content, position + size)
        position += size


def child(data: Source, parent: Box, kind: bytes, *, skip: int = 0) -> Box | None:
    """The first box of a kind inside another; `skip` bytes of the parent's content come before its boxes."""
    return next((box for box in boxes(data, parent.content + skip, parent.end) if box.type == kind), None)


def film_end(data: Source, start: int, end: int) -> int | None:
    """Where the MP4 or MOV that begins at `start` ends; None when none begins there."""
    last, kinds = start, set()
    for box in boxes(data, start, end):
        if box.type not in TOP_LEVEL or (box.start == start and box.type != b"ftyp"):
            break
        kinds.add(box.type)
        last = box.end
    return last if {b"ftyp", b"moov"} <= kinds else None


def box(kind: bytes, content: bytes) -> bytes:
    """A box with its header (32-bit size)."""
    return struct.pack(">I4s", 8 + len(content), kind) + content
