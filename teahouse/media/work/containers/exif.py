"""The little of EXIF (CIPA DC-008, a TIFF block) that we read and write: which side is up, and the maker note."""

import struct
from typing import Final, Literal

import msgspec

ORIENTATION: Final = 0x0112
EXIF_IFD: Final = 0x8769
MAKER_NOTE: Final = 0x927C
ENTRIES_MAX: Final = 1000
SHORT: Final = 3
LONG: Final = 4
ASCII: Final = 2
UNDEFINED: Final = 7
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of one value of each TIFF type."""
Order = Literal["little", "big"]


class ExifParts(msgspec.Struct, frozen=True):
    orientation: int = 1
    """1 to 8 (TIFF 6.0, tag 0x0112); 1 is upright."""
    maker_note: bytes = b""


class Entry(msgspec.Struct, frozen=True):
    tag: int
    type: int
    value: bytes
    """As it stands in the file, in its byte order."""


def entries(block: bytes, offset: int, order: Order) -> dict[int, Entry]:
    """The entries of one directory (IFD); those that point outside the block are left out."""
    found: dict[int, Entry] = {}
    count = int.from_bytes(block[offset : offset + 2], order)
    if offset < 0 or offset + 2 > len(block) or count > ENTRIES_MAX:
        return found
    for index in range(count):
        at = offset + 2 + 12 * index
        if at + 12 > len(block):
            break
        tag, kind = int.from_bytes(block[at : at + 2], order), int.from_bytes(block[at + 2 : at + 4], order)
        length = int.from_bytes(block[at + 4 : at + 8], order) * _SIZES.get(kind, 0)
        start = at + 8 if length <= 4 else int.from_bytes(block[at + 8 : at + 12], order)
        if length > 0 and start + length <= len(block):
            found.setdefault(tag, Entry(tag, kind, block[start : start + length]))
    return found


def read_exif(block: bytes) -> ExifParts:
    """Read a TIFF block. What cannot be read is as if it were not there."""
    block = block.removeprefix(b"Exif\x00\x00")
    order: Order
    if block[:4] == b"II*\x00":
        order = "little"
    elif block[:4] == b"MM\x00*":
        order = "big"
    else:
        return ExifParts()
    first = entries(block, int.from_bytes(block[4:8], order), order)
    orientation = _number(first.get(ORIENTATION), order)
    deeper = _number(first.get(EXIF_IFD), order)
    note = entries(block, deeper, order).get(MAKER_NOTE) if deeper else None
    return ExifParts(orientation if 1 <= orientation <= 8 else 1, note.value if note else b"")


def write_exif(parts: ExifParts) -> bytes:
    """A TIFF block (big-endian, as Apple writes it) with these parts; empty when they say nothing."""
    first: list[Entry] = []
    if parts.orientation != 1:
        first.append(Entry(ORIENTATION, SHORT, struct.pack(">H", parts.orientation)))
    if parts.maker_note:
        deeper = 8 + directory_size(len(first) + 1)
        first.append(Entry(EXIF_IFD, LONG, struct.pack(">I", deeper)))
    if not first:
        return b""
    block = b"MM\x00*" + struct.pack(">I", 8) + directory(first, at=8)
    if parts.maker_note:
        block += directory([Entry(MAKER_NOTE, UNDEFINED, parts.maker_note)], at=len(block))
    return block


def directory_size(count: int) -> int:
    return 2 + 12 * count + 4


def directory(given: list[Entry], *, at: int) -> bytes:
    """A directory (big-endian) at an offset; values of more than four bytes follow it. No next directory."""
    head, tail = struct.pack(">H", len(given)), b""
    for entry in given:
        count = len(entry.value) // _SIZES[entry.type]
        if len(entry.value) <= 4:
            value = entry.value.ljust(4, b"\x00")
        else:
            value = struct.pack(">I", at + directory_size(len(given)) + len(tail))
            tail += entry.value + b"\x00" * (len(entry.value) % 2)
        head += struct.pack(">HHI", entry.tag, entry.type, count) + value
    return head + struct.pack(">I", 0) + tail


def _number(entry: Entry | None, order: Order) -> int:
    if entry is None or entry.type not in {SHORT, LONG, 13}:
        return 0
    return int.from_bytes(entry.value[: _SIZES[entry.type]], order)
