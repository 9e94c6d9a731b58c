"""Blobs in a local folder: `ab/cdef…`, each whole or not there, also after a power cut."""

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from io import FileIO
from pathlib import Path
from typing import Final

from teahouse.storage.blobs import BLOCK, NAME, BlobLost, Threads

NO_LINKS: Final = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}
"""What a filesystem answers that has no hard links, or none between these two places: then bytes are copied."""
PART: Final = ".part"
PART_KEPT_S: Final = 3600
"""What was not whole after this long was left by a crash."""


class LocalBlobs:
    def __init__(self, folder: Path, threads: Threads) -> None:
        self._folder = folder
        self._threads = threads

    async def put(self, path: Path, sha256: str, size: int) -> None:
        await self._threads.run(self._put, path, self._file(sha256), size)

    async def open(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        file = await self._threads.run(self._open, sha256, start)
        try:
            left = stop - start
            while left > 0:
                block = await self._threads.run(file.read, min(BLOCK, left))
                if not block:
                    raise BlobLost(sha256)
                left -= len(block)
                yield block
        finally:
            file.close()

    async def fetch(self, sha256: str, path: Path) -> None:
        try:
            await self._threads.run(_link, self._file(sha256), path)
        except FileNotFoundError:
            raise BlobLost(sha256) from None

    async def exists(self, sha256: str) -> bool:
        return await self._threads.run(self._file(sha256).is_file)

    async def delete(self, sha256: str) -> None:
        await self._threads.run(self._file(sha256).unlink, missing_ok=True)

    async def names(self, prefix: str) -> list[tuple[str, int]]:
        return await self._threads.run(self._names, prefix)

    def _file(self, sha256: str) -> Path:
        if not NAME.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self._folder / sha256[:2] / sha256[2:]

    def _open(self, sha256: str, start: int) -> FileIO:
        try:
            file = self._file(sha256).open("rb", buffering=0)
        except FileNotFoundError:
            raise BlobLost(sha256) from None
        file.seek(start)
        return file

    def _put(self, path: Path, target: Path, size: int) -> None:
        if target.is_file() and target.stat().st_size == size:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        temporary = target.with_name(f"{secrets.token_hex(8)}{PART}")
        try:
            _link(path, temporary)
            temporary.chmod(0o400)
            temporary.replace(target)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        _sync_folder(self._folder)

    def _names(self, prefix: str) -> list[tuple[str, int]]:
        folder = self._folder / prefix
        if not folder.is_dir():
            return []
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    # When it got its name, not when it was written: what is linked here may be old.
                    put_at = entry.stat().st_ctime
                    if not entry.name.endswith(PART):
                        found.append((prefix + entry.name, int(put_at * 1000)))
                    elif put_at < time.time() - PART_KEPT_S:
                        Path(entry.path).unlink()
        return found


def _link(source: Path, target: Path) -> None:
    """Give a file another name; where that does not go, copy it and make the copy durable."""
    try:
        os.link(source, target)
        return
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
    with source.open("rb") as original, target.open("wb") as copy:
        shutil.copyfileobj(original, copy, BLOCK)
        copy.flush()
        os.fsync(copy.fileno())


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
