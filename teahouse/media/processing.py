"""Has media made: takes them from the table, so that a house that went down goes on where it was.

Workers get copies (or other names) of the blobs in a folder of their own, and what they make becomes blobs before one
transaction makes the media ready. Until then nothing of it can be seen.
"""

import asyncio
import shutil
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, cast

import structlog

from teahouse import ids
from teahouse.errors import NotFound, Unavailable
from teahouse.house import House
from teahouse.media import making, rules, store
from teahouse.media.keeping import Keeping
from teahouse.media.making import Kept
from teahouse.media.model import MediaChanged, MediaKind, MediaState
from teahouse.media.store import Source
from teahouse.media.work.jobs import Job, JobKind, Made, MediaRefused
from teahouse.media.work.pool import LANES, Lane, WorkerPool
from teahouse.storage.blobs import BlobLost, Threads

logger = structlog.get_logger()

AT_ONCE: Final[dict[Lane, int]] = {"light": 16, "heavy": 4}
"""Media whose files lie ready for a worker; the others wait in the table."""
PROGRESS_EVERY_S: Final = 0.25
AGAIN_S: Final = 5.0
"""After the house could not do its part (a bucket that does not answer), it is tried again so much later."""


class Processing:
    def __init__(self, house: House, keeping: Keeping, threads: Threads, pool: WorkerPool) -> None:
        self._house = house
        self._keeping = keeping
        self._threads = threads
        self._pool = pool
        self._folder = house.settings.data / "work"
        self._waiting: dict[Lane, OrderedDict[str, deque[tuple[str, MediaKind]]]] = {
            "light": OrderedDict(),
            "heavy": OrderedDict(),
        }
        self._running: dict[str, asyncio.Task[None]] = {}
        self._lanes: dict[str, Lane] = {}
        self._progress: dict[str, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        await self._threads.run(shutil.rmtree, self._folder, ignore_errors=True)
        await self._pool.start()
        for media, owner, kind in await self._house.store.read(store.processing):
            self._add(media, owner, cast(MediaKind, kind))
        self._fill()
        try:
            yield
        finally:
            self._loop = None
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            await self._pool.stop()

    def queue(self, media: str, owner: str, kind: MediaKind) -> None:
        """Have a media made; may be called from any thread."""
        self._in_loop(self._added, media, owner, kind)

    def drop(self, media: str) -> None:
        """End the work on a media that was discarded; may be called from any thread."""
        self._in_loop(self._dropped, media)

    def progress(self, media: str) -> int:
        """Percent."""
        return self._progress.get(media, 0)

    async def work(self, job: Job, *, deadline_s: float, key: str) -> Made:
        """Have something made that is no media. Raises as `WorkerPool.run` does."""
        return await self._pool.run(job, deadline_s=deadline_s, key=key)

    @asynccontextmanager
    async def scratch(self) -> AsyncIterator[Path]:
        """A folder that is gone at the end of the block, or at the next start of the house."""
        folder = self._folder / ids.new_id()
        await self._threads.run(folder.mkdir, 0o700, parents=True)
        try:
            yield folder
        finally:
            await self._threads.run(shutil.rmtree, folder, ignore_errors=True)

    # --- within ---

    def _in_loop(self, function: object, *arguments: object) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(function, *arguments)  # type: ignore[arg-type]

    def _added(self, media: str, owner: str, kind: MediaKind) -> None:
        self._add(media, owner, kind)
        self._fill()

    def _add(self, media: str, owner: str, kind: MediaKind) -> None:
        self._waiting[LANES[cast(JobKind, kind)]].setdefault(owner, deque()).append((media, kind))

    def _dropped(self, media: str) -> None:
        task = self._running.get(media)
        if task is not None:
            task.cancel()
        # One that still waits is found to be gone when its turn comes.

    def _fill(self) -> None:
        if self._loop is None:
            return
        for lane, waiting in self._waiting.items():
            while waiting and sum(1 for each in self._lanes.values() if each == lane) < AT_ONCE[lane]:
                owner, queued = waiting.popitem(last=False)
                media, kind = queued.popleft()
                if queued:
                    waiting[owner] = queued
                self._lanes[media] = lane
                task = self._loop.create_task(self._process(media, owner, kind))
                self._running[media] = task

    async def _process(self, media: str, owner: str, kind: MediaKind) -> None:
        again = False
        try:
            again = not await self._attempt(media, owner, kind)
        finally:
            self._running.pop(media, None)
            self._lanes.pop(media, None)
            self._progress.pop(media, None)
            if self._loop is not None:
                if again:
                    self._loop.call_later(AGAIN_S, self._added, media, owner, kind)
                self._fill()

    async def _attempt(self, media: str, owner: str, kind: MediaKind) -> bool:
        """Make a media, or say why it cannot be made. False: try again later."""
        write = self._house.store.write
        counted = False

        async def began() -> None:
            """Its turn has come: what brings the house down from here on may be this file's doing."""
            nonlocal counted
            before = await write(making.count_attempt, media)
            counted = True
            if before >= rules.ATTEMPTS_MAX:
                raise MediaRefused("crashed")

        try:
            sources, keep_metadata = await self._house.store.read(making.sources_of, media)
            await self._make(media, owner, kind, sources, keep_metadata, began)
        except MediaRefused as refusal:
            with suppress(NotFound):
                await write(making.failed, media, refusal.reason)
        except BlobLost:
            logger.error("blob_lost", media=media)
            with suppress(NotFound):
                await write(making.failed, media, "unreadable")
        except NotFound:
            return True
        except asyncio.CancelledError:
            if counted:
                await self._uncount(media)
            raise
        except Exception as error:
            # Ours to mend, not the file's fault: a disk or a bucket that does not do its part now.
            log = logger.info if isinstance(error, Unavailable) else logger.exception
            log("media_postponed", media=media, error=repr(error))
            if counted:
                await self._uncount(media)
            return False
        return True

    async def _make(
        self,
        media: str,
        owner: str,
        kind: MediaKind,
        sources: tuple[Source, ...],
        keep_metadata: bool,
        began: Callable[[], Awaitable[None]],
    ) -> None:
        async with self.scratch() as folder:
            out = folder / "made"
            await self._threads.run(out.mkdir)
            paths = [folder / f"source{number}" for number in range(len(sources))]
            for source, path in zip(sources, paths, strict=True):
                await self._keeping.blobs.fetch(source.sha256, path)
            job = Job(
                kind=cast(JobKind, kind),
                sources=tuple(map(str, paths)),
                folder=str(out),
                keep_metadata=keep_metadata,
            )
            made = await self._pool.run(
                job, self._teller(media, owner, kind), deadline_s=rules.DEADLINES_S[job.kind], key=owner, began=began
            )
            kept: list[Kept] = []
            for file in made.files:
                sha256, size = await self._keeping.keep_file(Path(file.path))
                kept.append((file.variant, sha256, file.type, size))
            await self._house.store.write(making.ready, media, made, kept)

    def _teller(self, media: str, owner: str, kind: MediaKind) -> "_Teller":
        return _Teller(self._house, self._progress, owner, MediaState(id=media, kind=kind, state="processing"))

    async def _uncount(self, media: str) -> None:
        """An attempt that ended without a crash of the house does not count."""
        with suppress(NotFound, Unavailable):
            await self._house.store.write(making.count_attempt, media, -1)


class _Teller:
    """Tells the owner of progress, a few times a second at most. Progress is told and forgotten."""

    def __init__(self, house: House, progress: dict[str, int], owner: str, state: MediaState) -> None:
        self._house = house
        self._progress = progress
        self._owner = owner
        self._state = state
        self._told_at = 0.0
        self._telling: asyncio.Task[None] | None = None

    def __call__(self, percent: int) -> None:
        self._progress[self._state.id] = percent
        now = time.monotonic()
        if now - self._told_at < PROGRESS_EVERY_S or (self._telling is not None and not self._telling.done()):
            return
        self._told_at = now
        self._telling = asyncio.get_running_loop().create_task(self._tell(percent))

    async def _tell(self, percent: int) -> None:
        state = MediaState(id=self._state.id, kind=self._state.kind, state="processing", progress=percent)
        with suppress(Unavailable):
            await self._house.store.write(lambda tx: tx.tell(MediaChanged(media=state), (self._owner,)))
