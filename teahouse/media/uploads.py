"""Uploads: bytes that come in pieces, in the order of their offsets, and become a blob when they are all there."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import sqlalchemy as sa
import structlog

from teahouse import ids
from teahouse.errors import NotFound, Refusal, TooLarge, Unavailable
from teahouse.house import House
from teahouse.media import rules, store
from teahouse.media.keeping import Keeping
from teahouse.media.staging import Staged, Staging
from teahouse.storage.blobs import Threads
from teahouse.storage.transaction import Tx

logger = structlog.get_logger()

BATCH: Final = 4 * 64 * 1024
"""Bytes that are gathered before a thread writes them."""
IDLE_S: Final = 60.0
"""A request that sends nothing for this long is ended: its connection is gone, and the upload is free again."""
LET_GO_S: Final = 10.0
"""How long a resuming client waits for its own older request to end."""


class Cut(Exception):
    """The request ended before its body did."""


class Upload(msgspec.Struct, frozen=True):
    id: str
    length: int
    offset: int
    expires_at: int
    """Unix ms."""
    name: str
    type: str


class Uploaded(msgspec.Struct, frozen=True):
    """A whole upload, as other rooms may use it."""

    id: str
    sha256: str
    size: int
    name: str
    type: str


class _Writing:
    """A request that writes to an upload now. Another may ask it to stop."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._stopped = False
        self._waiting: asyncio.Timeout | None = None

    async def next(self, blocks: AsyncIterator[bytes]) -> bytes:
        """Return the next block, empty at the end. Raises `Cut`."""
        if self._stopped:
            raise Cut
        try:
            async with asyncio.timeout(IDLE_S) as self._waiting:
                return await anext(blocks, b"")
        except TimeoutError:
            raise Cut from None
        finally:
            self._waiting = None

    def stop(self) -> None:
        self._stopped = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())


class Uploads:
    def __init__(self, house: House, keeping: Keeping, threads: Threads) -> None:
        self._house = house
        self._keeping = keeping
        self._threads = threads
        self.staging = Staging(house.settings.data / "uploads")
        self._writing: dict[str, _Writing] = {}

    @property
    def length_max(self) -> int:
        return self._house.settings.upload_mib * rules.MIB

    @property
    def quota(self) -> int:
        return self._house.settings.quota_mib * rules.MIB

    async def begin(self, owner: str, length: int, name: str, type_: str) -> Upload:
        """Raises `TooLarge`, `QuotaExceeded` and `TooManyUploads`."""
        upload = ids.new_id()

        def insert(tx: Tx) -> None:
            count, waiting = store.unfinished(tx.connection, owner)
            rules.may_begin(
                length,
                length_max=self.length_max,
                quota=self.quota,
                used=store.used_bytes(tx.connection, owner),
                unfinished=count,
                unfinished_bytes=waiting,
            )
            tx.connection.execute(
                sa.insert(store.uploads).values(
                    id=upload,
                    owner=owner,
                    length=length,
                    name=rules.clean_name(name),
                    type=rules.clean_type(type_),
                    touched_at=tx.now,
                )
            )

        await self._threads.run(self.staging.begin, upload)
        try:
            await self._house.store.write(insert)
        except Refusal:
            await self._threads.run(self.staging.drop, upload)
            raise
        if length == 0:
            await self._complete(owner, upload, 0)
        return await self.state(owner, upload)

    async def state(self, owner: str, upload: str) -> Upload:
        """Return how far an upload is, for who will go on: a request that still writes to it is ended.

        Raises `NotFound`, and `UploadGone` when it has expired.
        """
        await self._free(upload)
        found = await self._found(owner, upload)
        if found.offset == found.length:
            await self._finished(owner, found)
        return found

    async def append(
        self,
        owner: str,
        upload: str,
        offset: int,
        blocks: AsyncIterator[bytes],
        *,
        length: int | None = None,
        checksum: tuple[str, bytes] | None = None,
    ) -> Upload:
        """Write what comes at an offset. What is answered for is on the disk. `length`: of the body, when it is known.

        Raises `UploadLocked`, `WrongOffset`, `TooLarge`, `ChecksumMismatch`, `NotFound`, `UploadGone`, and `Cut` when
        the body ended early (what came is kept).
        """
        if upload in self._writing:
            raise rules.UploadLocked()
        writing = self._writing[upload] = _Writing()
        try:
            found = await self._found(owner, upload)
            if offset != found.offset:
                raise rules.WrongOffset(offset=found.offset)
            if length is not None and offset + length > found.length:
                raise TooLarge("That is more than the upload was to have.", bytes_max=found.length - offset)
            if found.offset < found.length:
                try:
                    offset = await self._write(found, writing, blocks, checksum)
                except OSError as error:
                    logger.error("upload_not_written", error=repr(error))
                    raise Unavailable("The house cannot keep these bytes now.") from error
            if offset == found.length:
                await self._finished(owner, found)
            return msgspec.structs.replace(
                found, offset=offset, expires_at=self._house.store.writer.clock() + rules.UPLOAD_KEPT_MS
            )
        finally:
            del self._writing[upload]
            writing.ended.set()

    async def end(self, owner: str, upload: str) -> None:
        """Drop an upload (tus, termination). Media that were made of it stay. Raises `NotFound`."""
        await self._free(upload)
        await self._house.store.read(_own, owner, upload)
        await self._drop(upload)

    async def expire(self, before: int, limit: int) -> tuple[int, int]:
        """Drop uploads that nothing has come for since a time (Unix ms); return how many of how many looked at."""
        dropped = 0
        old = await self._house.store.read(
            lambda connection: connection.execute(
                sa.select(store.uploads.c.id, store.uploads.c.sha256)
                .where(store.uploads.c.touched_at < before)
                .order_by(store.uploads.c.touched_at)
                .limit(limit)
            ).all()
        )
        for upload, sha256 in old:
            staged = None if sha256 else await self._threads.run(self.staging.offset, upload)
            if upload in self._writing or (staged is not None and staged[1] >= before):
                touched = max(staged[1] if staged else 0, before)
                await self._house.store.write(_touch, upload, touched)
            else:
                await self._drop(upload)
                dropped += 1
        return dropped, len(old)

    async def sweep(self, before: int) -> int:
        """Drop staged files that no row names, older than a time (Unix ms): a crash left them. Return how many."""
        stale = await self._threads.run(_older, self.staging, before)
        named = await self._house.store.read(_named, stale)
        dropped = [upload for upload in stale if upload not in named and upload not in self._writing]
        for upload in dropped:
            await self._threads.run(self.staging.drop, upload)
        return len(dropped)

    # --- within ---

    async def _found(self, owner: str, upload: str) -> Upload:
        row = await self._house.store.read(_own, owner, upload)
        offset, touched = row.length, row.touched_at
        if row.sha256 is None:
            staged = await self._threads.run(self.staging.offset, upload)
            if staged is None:
                raise rules.UploadGone("Its file is not there.")
            offset, touched = staged
        expires_at = touched + rules.UPLOAD_KEPT_MS
        if expires_at < self._house.store.writer.clock():
            raise rules.UploadGone()
        return Upload(row.id, row.length, offset, expires_at, row.name, row.type)

    async def _write(
        self,
        found: Upload,
        writing: _Writing,
        blocks: AsyncIterator[bytes],
        checksum: tuple[str, bytes] | None,
    ) -> int:
        """Write until the body ends; return the offset that is durable."""
        staged: Staged = await self._threads.run(self.staging.open, found.id, checksum)
        whole = False
        room = found.length - staged.offset
        try:
            await self._threads.run(staged.expect)
            batch = bytearray()
            while block := await writing.next(blocks):
                if len(block) > room:
                    raise TooLarge("That is more than the upload was to have.", bytes_max=found.length)
                room -= len(block)
                batch += block
                if len(batch) >= BATCH:
                    full, batch = bytes(batch), bytearray()
                    await self._threads.run(staged.write, full)
            if batch:
                await self._threads.run(staged.write, bytes(batch))
            whole = True
        except Cut:
            if batch:
                await self._threads.run(staged.write, bytes(batch))
            raise
        finally:
            matches = await self._threads.run(staged.finish, whole)
        if not matches:
            raise rules.ChecksumMismatch()
        return staged.offset

    async def _finished(self, owner: str, found: Upload) -> None:
        row = await self._house.store.read(_own, owner, found.id)
        if row.sha256 is None:
            await self._complete(owner, found.id, found.length)
        else:
            # A crash right after the commit left it.
            await self._threads.run(self.staging.drop, found.id)

    async def _complete(self, owner: str, upload: str, length: int) -> None:
        """Make a blob of an upload whose bytes are all there. Raises `Unavailable` when that does not go now."""

        def commit(tx: Tx) -> None:
            changed = tx.connection.execute(
                sa.update(store.uploads).where(store.uploads.c.id == upload).values(sha256=sha256, touched_at=tx.now)
            )
            if changed.rowcount:
                store.use(tx.connection, f"upload:{upload}", owner, (sha256, length))

        try:
            sha256 = await self._threads.run(self.staging.sha256, upload)
            await self._keeping.keep(self.staging.path(upload), sha256, length, commit)
        except Refusal:
            raise
        except Exception as error:
            # A bucket that is not there raises this too.
            if isinstance(error, FileNotFoundError) and not self.staging.path(upload).exists():
                # Another request of the same client has just done it.
                return
            logger.exception("upload_not_kept", upload=upload)
            raise Unavailable("The house cannot keep this file now.") from error
        await self._threads.run(self.staging.drop, upload)

    async def _drop(self, upload: str) -> None:
        await self._house.store.write(forget, upload)
        await self._threads.run(self.staging.drop, upload)

    async def _free(self, upload: str) -> None:
        """End a request that writes to an upload. Raises `UploadLocked` when it does not end in time."""
        deadline = time.monotonic() + LET_GO_S
        while (writing := self._writing.get(upload)) is not None:
            writing.stop()
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    await writing.ended.wait()
            except TimeoutError:
                raise rules.UploadLocked() from None


def forget(tx: Tx, upload: str) -> None:
    """Take an upload's row and its use of its blob away."""
    tx.connection.execute(sa.delete(store.uploads).where(store.uploads.c.id == upload))
    store.release(tx.connection, tx.now, f"upload:{upload}")


def whole(connection: sa.Connection, owner: str, upload: str) -> Uploaded:
    """Return a person's own upload. Raises `NotFound`, and `NotUploaded` when bytes of it are missing."""
    row = _own(connection, owner, upload)
    if row.sha256 is None:
        raise rules.NotUploaded(upload=upload)
    return Uploaded(row.id, row.sha256, row.length, row.name, row.type)


def _own(connection: sa.Connection, owner: str, upload: str) -> store.AnyRow:
    row = store.upload_of(connection, upload)
    if row is None or row.owner != owner:
        raise NotFound("There is no such upload of yours.")
    return row


def _touch(tx: Tx, upload: str, touched: int) -> None:
    tx.connection.execute(sa.update(store.uploads).where(store.uploads.c.id == upload).values(touched_at=touched))


def _older(staging: Staging, before: int) -> list[str]:
    if not staging.folder.is_dir():
        return []
    names = {file.name.partition(".")[0] for file in staging.folder.iterdir() if file.stat().st_mtime * 1000 < before}
    return sorted(names)[:1000]


def _named(connection: sa.Connection, uploads: list[str]) -> set[str]:
    column = store.uploads.c
    return set(
        connection.execute(sa.select(column.id).where(column.id.in_(uploads), column.sha256.is_(None))).scalars()
    )
