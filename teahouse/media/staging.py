"""Files of unfinished uploads: `data/uploads/<id>`. The truth of how far an upload is, is its file's size.

All of this is run in threads. A PATCH with a checksum is not part of the upload until it was verified: a mark beside
the file says where it began, and whoever opens the file next cuts off what a crash left behind the mark.
"""

import base64
import contextlib
import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from teahouse.storage.blobs import BLOCK

if TYPE_CHECKING:
    from hashlib import _Hash

SYNC_EVERY: Final = 8 * 1024 * 1024
"""Bytes after which they are brought to the disk: one big sync at the end would hold up the store's commits."""
HASHES_MAX: Final = 1000
ALGORITHMS: Final = ("sha256", "sha1")
MARK: Final = ".unverified"


class Staging:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hashes: OrderedDict[str, tuple[int, _Hash]] = OrderedDict()

    def begin(self, upload: str) -> None:
        """Make the empty file of a new upload."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path(upload).touch(0o600, exist_ok=False)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def offset(self, upload: str) -> tuple[int, int] | None:
        """Return how many bytes are here for good, and when the last came (Unix ms); None without a file."""
        try:
            self._cut(upload)
            with self.path(upload).open("rb") as file:
                os.fsync(file.fileno())
                status = os.fstat(file.fileno())
                return status.st_size, int(status.st_mtime * 1000)
        except FileNotFoundError:
            return None

    def open(self, upload: str, checksum: tuple[str, bytes] | None) -> "Staged":
        """Open a file to append to it. Raises `FileNotFoundError`."""
        return Staged(self, upload, checksum)

    def sha256(self, upload: str) -> str:
        """Return the hash of all bytes; they are read again when the hash that was made on the way is lost."""
        path = self.path(upload)
        return self.hash_to(upload, path.stat().st_size).hexdigest()

    def drop(self, upload: str) -> None:
        self._hashes.pop(upload, None)
        self.path(upload).unlink(missing_ok=True)
        self.mark(upload).unlink(missing_ok=True)

    def path(self, upload: str) -> Path:
        return self.folder / upload

    def mark(self, upload: str) -> Path:
        return self.folder / f"{upload}{MARK}"

    def hash_to(self, upload: str, offset: int) -> "_Hash":
        known = self._hashes.get(upload)
        if known is not None and known[0] == offset:
            return known[1].copy()
        hasher, left = hashlib.sha256(), offset
        with self.path(upload).open("rb") as file:
            while left and (block := file.read(min(BLOCK, left))):
                hasher.update(block)
                left -= len(block)
        return hasher

    def remember(self, upload: str, offset: int, hasher: "_Hash") -> None:
        self._hashes.pop(upload, None)
        self._hashes[upload] = offset, hasher
        while len(self._hashes) > HASHES_MAX:
            with contextlib.suppress(KeyError):
                self._hashes.popitem(last=False)

    def _cut(self, upload: str) -> None:
        try:
            begun = int(self.mark(upload).read_text() or "0")
        except FileNotFoundError:
            return
        with self.path(upload).open("r+b") as file:
            os.ftruncate(file.fileno(), begun)
            os.fsync(file.fileno())
        self.mark(upload).unlink(missing_ok=True)


class Staged:
    """One file that is open for appending."""

    def __init__(self, staging: Staging, upload: str, checksum: tuple[str, bytes] | None) -> None:
        self._staging = staging
        self._upload = upload
        self._checksum = checksum
        staging._cut(upload)
        self._file = staging.path(upload).open("r+b", buffering=0)
        self.offset = self.begun = self._file.seek(0, os.SEEK_END)
        self._synced = self.offset
        self._hasher = staging.hash_to(upload, self.offset)
        self._verifier = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None

    def expect(self) -> None:
        """Begin to write what has a checksum."""
        if self._verifier is not None:
            mark = self._staging.mark(self._upload)
            with mark.open("w") as file:
                file.write(str(self.begun))
                file.flush()
                os.fsync(file.fileno())

    def write(self, batch: bytes) -> None:
        view = memoryview(batch)
        while view:
            view = view[self._file.write(view) :]
        self._hasher.update(batch)
        if self._verifier is not None:
            self._verifier.update(batch)
        self.offset += len(batch)
        if self.offset - self._synced >= SYNC_EVERY:
            self._sync()

    def finish(self, whole: bool) -> bool:
        """Make what was written last, and close. `whole`: the request was not cut. False: the checksum did not match.

        What has a checksum and does not match, or was cut, is taken away again.
        """
        try:
            if self._verifier is None:
                self._sync()
                self._staging.remember(self._upload, self.offset, self._hasher)
                return True
            assert self._checksum is not None
            matches = whole and self._verifier.digest() == self._checksum[1]
            if matches:
                self._sync()
                self._staging.remember(self._upload, self.offset, self._hasher)
            else:
                os.ftruncate(self._file.fileno(), self.begun)
                self._sync()
                self.offset = self.begun
            self._staging.mark(self._upload).unlink(missing_ok=True)
            return matches or not whole
        finally:
            self._file.close()

    def close(self) -> None:
        self._file.close()

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced = self.offset


def checksum_of(header: str) -> tuple[str, bytes]:
    """Read an `Upload-Checksum`: an algorithm of `ALGORITHMS` and Base64. Raises `ValueError`."""
    algorithm, _, encoded = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise ValueError(f"the checksum is one of: {', '.join(ALGORITHMS)}")
    digest = base64.b64decode(encoded.strip(), validate=True)
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise ValueError("the checksum has the wrong length")
    return algorithm, digest
