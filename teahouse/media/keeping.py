"""Keeps blobs and their rows together: what a row names is there, and what is dropped was named by none.

A file goes into the blob store first and gets its row after; the collector takes the row away first and the file after.
Both hold the blob's lock meanwhile, so that an upload of the same content, at the same moment, is never left without
its file. What a crash leaves between the two steps is a file without a row, and the collector finds those.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import sqlalchemy as sa

from teahouse.media import store
from teahouse.storage.blobs import BlobStore, Threads, hash_of
from teahouse.storage.store import Store
from teahouse.storage.transaction import Tx


class Keeping:
    def __init__(self, rows: Store, blobs: BlobStore, threads: Threads) -> None:
        self._rows = rows
        self.blobs = blobs
        self._threads = threads
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def keep(self, path: Path, sha256: str, size: int, then: Callable[[Tx], Any] = lambda tx: None) -> None:
        """Keep a file, and commit `then(tx)` with its row."""

        def note(tx: Tx) -> None:
            store.loosen(tx.connection, tx.now, (sha256, size))
            then(tx)

        async with self._lock(sha256):
            await self.blobs.put(path, sha256, size)
            await self._rows.write(note)

    async def keep_file(self, path: Path) -> tuple[str, int]:
        """Keep a file and return its `(sha256, size)`. Unless something uses it, it goes again after a grace."""
        sha256, size = await self._threads.run(hash_of, path)
        await self.keep(path, sha256, size)
        return sha256, size

    async def drop_loose(self, sha256: str, before: int) -> bool:
        """Drop a blob that has had no use since `before` (Unix ms); return whether it was dropped."""

        def forget(tx: Tx) -> bool:
            blob = store.blobs.c
            if store.is_used(tx.connection, sha256):
                tx.connection.execute(sa.update(store.blobs).where(blob.sha256 == sha256).values(loose_at=None))
                return False
            forgotten = tx.connection.execute(
                sa.delete(store.blobs).where(blob.sha256 == sha256, blob.loose_at < before)
            )
            return forgotten.rowcount > 0

        async with self._lock(sha256):
            forgotten = await self._rows.write(forget)
            if forgotten:
                await self.blobs.delete(sha256)
            return forgotten

    async def drop_unnamed(self, sha256: str) -> bool:
        """Drop a blob that no row names; return whether it was dropped."""
        async with self._lock(sha256):
            named = await self._rows.read(
                lambda connection: connection.execute(
                    sa.select(sa.literal(1)).where(store.blobs.c.sha256 == sha256)
                ).first()
            )
            if named is None:
                await self.blobs.delete(sha256)
            return named is None

    def _lock(self, sha256: str) -> asyncio.Lock:
        lock = self._locks.get(sha256)
        if lock is None:
            lock = self._locks[sha256] = asyncio.Lock()
        return lock
