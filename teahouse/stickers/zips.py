"""Opens zip files of strangers: bounded in count, size and ratio, and nothing lands outside the folder it is given.

The directory at the end is measured before Python's own reader makes an object of each of its entries.
"""

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

ENTRIES_MAX: Final = 2000
DIRECTORY_BYTES_MAX: Final = 1 << 20
ENTRY_BYTES_MAX: Final = 8 << 20
TOTAL_BYTES_MAX: Final = 192 << 20
RATIO_MAX: Final = 200
"""Unpacked to packed, of one entry of more than `RATIO_FROM` bytes: Lottie packs well, bombs far better."""
RATIO_FROM: Final = 1 << 20
BLOCK: Final = 64 << 10
NAME_MAX: Final = 255
MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")

END: Final = b"PK\x05\x06"
END_BYTES: Final = 22
ZIP64_LOCATOR: Final = b"PK\x06\x07"
ENCRYPTED: Final = 0x1
JOINER: Final = "\u200d"
"""What joins emoji into one."""
IGNORED: Final = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")


BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)
"""What Python's reader raises over bytes that are no zip."""


class ZipRefused(Exception):
    """`reason`: `unreadable`, `too_large` or `too_many`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in MAGIC


def unpack(path: Path, folder: Path) -> list[tuple[str, Path]]:
    """Unpack a zip into numbered files of a folder; return each one's path within the zip, and where it is now.

    What is not a plain file, what lies in hidden folders, and what systems leave behind is passed over. Raises
    `ZipRefused`.
    """
    found: list[tuple[str, Path]] = []
    total = 0
    try:
        with path.open("rb") as file:
            _measure(file)
            with zipfile.ZipFile(file) as archive:
                for number, entry in enumerate(_wanted(archive)):
                    target = folder / f"{number}"
                    total += _write(archive, entry, target, TOTAL_BYTES_MAX - total)
                    found.append((_name_of(entry), target))
    except BROKEN as error:
        raise ZipRefused("unreadable") from error
    except OSError as error:
        # An entry that begins before the file does; a full disk is another matter.
        if error.errno != errno.EINVAL:
            raise
        raise ZipRefused("unreadable") from error
    return found


def _measure(file: BinaryIO) -> None:
    """Look at the end record (APPNOTE 4.3.16) as `zipfile` will find it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END_BYTES - 65_535))
    tail = file.read()
    at = len(tail) - END_BYTES
    if at < 0 or not (tail[at : at + 4] == END and tail.endswith(b"\0\0")):
        at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_BYTES:
        raise ZipRefused("unreadable")
    *_, entries, directory, _offset, _comment = struct.unpack("<4s4H2LH", tail[at : at + END_BYTES])
    # ZIP64 is for more than four gigabytes or 65,535 entries: no pack of stickers has those.
    if entries > ENTRIES_MAX or directory > DIRECTORY_BYTES_MAX or tail[max(0, at - 20) : at].startswith(ZIP64_LOCATOR):
        raise ZipRefused("too_many")
    file.seek(0)


def _wanted(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > ENTRIES_MAX:
        raise ZipRefused("too_many")
    for entry in entries:
        parts = PurePosixPath(_name_of(entry)).parts
        hidden = any(part.startswith(".") or part.lower() in IGNORED for part in parts)
        # A Unix mode in the upper half says what an entry is: links and devices are not wanted.
        mode = entry.external_attr >> 28
        if not parts or hidden or entry.is_dir() or mode not in (0, 0o10):
            continue
        if entry.flag_bits & ENCRYPTED or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ZipRefused("unreadable")
        yield entry


def _name_of(entry: zipfile.ZipInfo) -> str:
    """A path with forward slashes and no way up: it is shown and looked at, never opened."""
    parts = [part for part in entry.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "".join(one for one in "/".join(parts) if one.isprintable() or one == JOINER)[-NAME_MAX:]


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Unpack one entry; what it says of its size is not believed."""
    written = 0
    most = min(ENTRY_BYTES_MAX, left)
    with archive.open(entry) as packed, target.open("wb") as file:
        while block := packed.read(BLOCK):
            written += len(block)
            bomb = written > RATIO_FROM and written > RATIO_MAX * max(1, entry.compress_size)
            if written > most or bomb:
                raise ZipRefused("too_large")
            file.write(block)
    return written
