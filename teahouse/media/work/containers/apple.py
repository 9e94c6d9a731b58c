"""What ties the two files of an Apple live photo together: the content identifier, a UUID that both carry.

In the still: the maker note (EXIF 0x927C) of the form "Apple iOS", tag 0x0011, ASCII. In the film: the metadata item
`com.apple.quicktime.content.identifier` in `moov/meta` (QuickTime File Format, "Metadata": `keys` and `ilst`).
"""

import struct
from typing import Final

from teahouse.media.work.containers.boxes import Box, box, boxes, child
from teahouse.media.work.containers.exif import ASCII, Entry, directory, entries, read_exif
from teahouse.media.work.containers.source import Source

CONTENT_IDENTIFIER: Final = 0x0011
KEY: Final = b"com.apple.quicktime.content.identifier"
NOTE_HEADER: Final = b"Apple iOS\x00\x00\x01"
METADATA: Final = frozenset((b"meta", b"udta"))
IDENTIFIER_MAX: Final = 128
KEYS_MAX: Final = 256
UTF8: Final = 1
"""The well-known type of a UTF-8 value (QuickTime File Format, table "Well-known types")."""


def identifier_of_exif(block: bytes) -> str:
    """The content identifier in the maker note of a TIFF block; empty when there is none."""
    note = read_exif(block).maker_note
    if note[: len(NOTE_HEADER)] != NOTE_HEADER or note[12:14] not in {b"MM", b"II"}:
        return ""
    # Offsets inside the note count from its own start.
    found = entries(note, 14, "big" if note[12:14] == b"MM" else "little").get(CONTENT_IDENTIFIER)
    return _text(found.value) if found and found.type == ASCII else ""


def maker_note(identifier: str) -> bytes:
    """A maker note in Apple's form that says the content identifier and nothing else."""
    value = identifier.encode("ascii") + b"\x00"
    return NOTE_HEADER + b"MM" + directory([Entry(CONTENT_IDENTIFIER, ASCII, value)], at=14)


def identifier_of_film(data: Source) -> str:
    """The content identifier of a MOV or MP4; empty when there is none."""
    moov = next((found for found in boxes(data, 0, len(data)) if found.type == b"moov"), None)
    user_data = child(data, moov, b"udta") if moov else None
    # Apple writes `moov/meta`; FFmpeg writes the same box into `moov/udta`.
    places = (child(data, parent, b"meta") for parent in (moov, user_data) if parent is not None)
    return next((found for meta in places if meta is not None and (found := _identifier_in(data, meta))), "")


def _identifier_in(data: Source, meta: Box) -> str:
    skip = 0 if data[meta.content + 4 : meta.content + 8] == b"hdlr" else 4  # ISO's meta begins with a version
    keys, values = child(data, meta, b"keys", skip=skip), child(data, meta, b"ilst", skip=skip)
    index = _index_of(data, keys) if keys else 0
    if not index or values is None:
        return ""
    item = next((found for found in boxes(data, values.content, values.end) if found.type == index.to_bytes(4)), None)
    value = child(data, item, b"data") if item else None
    return _text(data[value.content + 8 : min(value.end, value.content + 8 + IDENTIFIER_MAX)]) if value else ""


def metadata_box(identifier: str) -> bytes:
    """QuickTime's `meta` box, to stand in `moov`, that says the content identifier and nothing else."""
    handler = box(b"hdlr", bytes(8) + b"mdta" + bytes(12) + b"\x00")
    keys = box(b"keys", struct.pack(">II", 0, 1) + box(b"mdta", KEY))
    value = box(b"data", struct.pack(">II", UTF8, 0) + identifier.encode("ascii"))
    return box(b"meta", handler + keys + box(b"ilst", box((1).to_bytes(4), value)))


def film_with_identifier(film: bytes, identifier: str) -> bytes:
    """The same film with a content identifier in place of whatever its metadata said.

    For films whose samples lie before `moov`, so that no offset moves.

    Raises ValueError when the film has no `moov` at its end.
    """
    top = list(boxes(film, 0, len(film)))
    moov = next((found for found in top if found.type == b"moov"), None)
    if moov is None or moov.end != len(film):
        raise ValueError("moov must be the last box")
    kept = b"".join(
        film[part.start : part.end] for part in boxes(film, moov.content, moov.end) if part.type not in METADATA
    )
    return film[: moov.start] + box(b"moov", kept + metadata_box(identifier))


def _index_of(data: Source, keys: Box) -> int:
    """The place, counted from one, of our key among the keys; zero when it is not there."""
    count = min(int.from_bytes(data[keys.content + 4 : keys.content + 8], "big"), KEYS_MAX)
    for index, key in zip(range(1, count + 1), boxes(data, keys.content + 8, keys.end), strict=False):
        if key.type == b"mdta" and data[key.content : min(key.end, key.content + 256)] == KEY:
            return index
    return 0


def _text(value: bytes) -> str:
    text = value.partition(b"\x00")[0].strip()[:IDENTIFIER_MAX]
    return text.decode("ascii") if text.isascii() and text.decode("ascii").isprintable() else ""
