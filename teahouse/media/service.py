"""Media: the one door of this room. Chat hangs in who may see what; stickers and previews keep their files here."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from litestar import Request, Response

from teahouse.commands import Actor, Done, Signed
from teahouse.errors import NotFound
from teahouse.house import House
from teahouse.media import making, model, rules, serving, store, uploads
from teahouse.media.collect import Collector
from teahouse.media.keeping import Keeping
from teahouse.media.making import Making
from teahouse.media.model import MediaCard, MediaKind, MediaState
from teahouse.media.processing import Processing
from teahouse.media.uploads import Uploaded, Uploads
from teahouse.media.work.jobs import Job, Made
from teahouse.media.work.pool import WorkerPool
from teahouse.storage.blobs import Threads, make_blobs
from teahouse.storage.transaction import Tx

__all__ = ["MediaService", "Uploaded"]


class MediaService:
    def __init__(self, house: House) -> None:
        self._house = house
        self.can_see: Callable[[sa.Connection, str, str], bool] = lambda connection, person, media: False
        """Whether a person may see a media of another, `(connection, person, media)`. Hung in by chat."""
        self.in_use: Callable[[sa.Connection, Sequence[str]], set[str]] = lambda connection, media: set()
        """Which of these media some message shows. Hung in by chat."""
        self._threads = Threads("files")
        # Apart, so that who looks at a picture does not wait for the disk to have taken in a film.
        self._blob_threads = Threads("blobs")
        self._keeping = Keeping(house.store, make_blobs(house.settings, self._blob_threads), self._threads)
        self.uploads = Uploads(house, self._keeping, self._threads)
        self._processing = Processing(house, self._keeping, self._threads, WorkerPool(house.settings.media_workers))
        self._making = Making(self._processing.queue, self._processing.drop)
        self.collector = Collector(
            house,
            self._keeping,
            self.uploads,
            lambda connection, media: self.in_use(connection, media),  # noqa: PLW0108 - hung in later than this
        )

    def register(self) -> None:
        self._house.handle(model.MakeMedia, self._making.make)
        self._house.handle(model.DiscardMedia, self._discard)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Make what is to be made, and collect what nobody uses; enter it once the house has started."""
        try:
            async with self._processing.running(), self.collector.running():
                yield
        finally:
            self._threads.stop()
            self._blob_threads.stop()

    # --- for messages: in the writer's thread ---

    def take(self, tx: Tx, person: str, media: str, kinds: Sequence[MediaKind]) -> tuple[MediaKind, MediaCard]:
        """Return what a message shows of a media of one's own. Raises `NotFound`, `MediaNotReady` or `WrongKind`."""
        return making.taken(tx.connection, person, media, kinds)

    def released(self, tx: Tx, media: Sequence[str]) -> None:
        """Note that a message shows these no more (a recall): they are collected soon, unless another one does."""
        if media:
            tx.connection.execute(
                sa.update(store.medias)
                .where(store.medias.c.id.in_(media), store.medias.c.check_at > tx.now + rules.GRACE_MS)
                .values(check_at=tx.now + rules.GRACE_MS)
            )

    # --- for rooms with files of their own ---

    def uploaded(self, connection: sa.Connection, person: str, upload: str) -> Uploaded:
        """Return a whole upload of one's own. Raises `NotFound` and `NotUploaded`."""
        return uploads.whole(connection, person, upload)

    def forget_upload(self, tx: Tx, upload: str) -> None:
        """Drop an upload that has become something else."""
        uploads.forget(tx, upload)

    def keep_blob(self, tx: Tx, sha256: str, size: int, user: str, owner: str = "") -> None:
        """Keep a blob while `user` ("sticker:<id>") uses it; its bytes count to the quota of `owner`, if there is one.

        The blob must be there: stored within the last hour by `store_file`, or in use by another.
        """
        store.use(tx.connection, user, owner, (sha256, size))

    def release_blob(self, tx: Tx, user: str) -> None:
        """End all uses of a user: blobs that nobody else uses are collected after a grace."""
        store.release(tx.connection, tx.now, user)

    async def store_file(self, path: Path) -> tuple[str, int]:
        """Keep a file and return its `(sha256, size)`. Without a `keep_blob` within the hour it is collected."""
        return await self._keeping.keep_file(path)

    async def fetch(self, sha256: str, path: Path) -> None:
        """Make a local file of a blob, to be read only. Raises `BlobLost`."""
        await self._keeping.blobs.fetch(sha256, path)

    def scratch(self) -> AbstractAsyncContextManager[Path]:
        """A folder for a job's files, gone at the end of the block."""
        return self._processing.scratch()

    async def work(self, job: Job, *, key: str, deadline_s: float = 0) -> Made:
        """Have a worker process do a job for a person (`key`). Raises `MediaRefused` and `Unavailable`."""
        return await self._processing.work(job, deadline_s=deadline_s or rules.DEADLINES_S[job.kind], key=key)

    def serve_blob(
        self,
        request: Request[Any, Any, Any],
        sha256: str,
        type_: str,
        size: int,
        *,
        name: str = "",
        download: bool = False,
    ) -> Response[Any]:
        """Answer a GET or HEAD, which the caller has authorised, with a blob or a range of it."""
        return serving.serve_blob(request, self._keeping.blobs, sha256, type_, size, name=name, download=download)

    # --- reads ---

    async def state(self, signed: Signed, media: str) -> MediaState:
        """Return a media of one's own. Raises `NotFound`."""
        row = await self._house.store.read(store.media_of, media)
        if row is None or row.owner != signed.person:
            raise NotFound("There is no such media of yours.")
        return making.state_of(row, self._processing.progress(media))

    async def file(self, signed: Signed, media: str, variant: str) -> tuple[str, str, int, str]:
        """As `blob_of`."""
        return await self._house.store.read(self.blob_of, signed.person, media, variant)

    async def storage(self, signed: Signed) -> model.StorageUse:
        def read(connection: sa.Connection) -> int:
            return store.used_bytes(connection, signed.person) + store.unfinished(connection, signed.person)[1]

        return model.StorageUse(used=await self._house.store.read(read), quota=self.uploads.quota)

    def blob_of(self, connection: sa.Connection, person: str, media: str, variant: str) -> tuple[str, str, int, str]:
        """Return `(sha256, type, size, name)` of a file that the person may see. Raises `NotFound`."""
        row = store.media_of(connection, media)
        if row is None or (row.owner != person and not self.can_see(connection, person, media)):
            raise NotFound()
        found = store.file_of(connection, media, variant)
        if found is None:
            raise NotFound()
        return found.sha256, found.type, found.size, row.name

    # --- within ---

    def _discard(self, tx: Tx, actor: Actor, command: model.DiscardMedia) -> Done:
        return self._making.discard(tx, actor, command, bool(self.in_use(tx.connection, (command.media,))))
