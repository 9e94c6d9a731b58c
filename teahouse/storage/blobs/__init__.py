"""Blobs: files named by the SHA-256 of their content, so that a name's content never changes.

In a local folder by default, or in a bucket when `TEAHOUSE_BLOBS` says `s3://bucket/prefix?endpoint=…&region=…`. A blob
store knows nothing of who uses a blob: rows in the store do, and a blob is put before a row names it.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, ParamSpec, Protocol, TypeVar

from teahouse.config import Settings

P = ParamSpec("P")
T = TypeVar("T")

BLOCK: Final = 64 * 1024
"""Bytes that are read, sent or hashed at once."""
THREADS: Final = 4
PREFIXES: Final = tuple(f"{number:02x}" for number in range(256))
"""The first two digits of every name: blobs are looked through by them."""
NAME: Final = re.compile(r"[0-9a-f]{64}")


class WrongPlace(ValueError):
    """`TEAHOUSE_BLOBS` names no place where blobs could be; the message says what it should be."""


class BlobLost(Exception):
    """A blob that the store's rows name is not there."""


class BlobStore(Protocol):
    async def put(self, path: Path, sha256: str, size: int) -> None:
        """Keep a file's content under its hash, durably. The file stays, and must not be written to any more."""

    def open(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to `stop`, in blocks of at most `BLOCK`. Raises `BlobLost`."""

    async def fetch(self, sha256: str, path: Path) -> None:
        """Make a local file of a blob, to be read only. Raises `BlobLost`."""

    async def exists(self, sha256: str) -> bool: ...

    async def delete(self, sha256: str) -> None:
        """Drop a blob; one that is not there is dropped already."""

    async def names(self, prefix: str) -> list[tuple[str, int]]:
        """Return the blobs whose names begin with one of `PREFIXES`, and when each was put (Unix ms)."""


class Threads:
    """A few threads for file work, so that no disk holds up the event loop."""

    def __init__(self, name: str, threads: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in a thread. Whoever is cancelled meanwhile goes only once the thread has let go."""
        work = asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*args, **kwargs))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait({work})
            raise

    def stop(self) -> None:
        self._executor.shutdown()


def hash_of(path: Path) -> tuple[str, int]:
    """Return a file's SHA-256 and size; reads it in blocks."""
    hasher, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            hasher.update(block)
            size += len(block)
    return hasher.hexdigest(), size


def make_blobs(settings: Settings, threads: Threads) -> BlobStore:
    """Return the blob store that the settings name. Raises `WrongPlace` when they make no sense."""
    if not settings.blobs:
        from teahouse.storage.blobs.local import LocalBlobs  # noqa: PLC0415

        return LocalBlobs(settings.data / "blobs", threads)
    if settings.blobs.startswith("s3://"):
        from teahouse.storage.blobs.s3 import S3Blobs  # noqa: PLC0415

        return S3Blobs(settings.blobs, threads)
    raise WrongPlace(f"TEAHOUSE_BLOBS is empty or s3://bucket/prefix?endpoint=…&region=…, not {settings.blobs!r}.")
