"""Collects what nobody uses: in small batches, on a timer, in the one house that writes.

Everything goes at two looks at least: a media loses its row and its uses, its blobs are noted as loose, and a grace
later what is still without a use loses its row and then its file. `Keeping` holds this against uploads of the same
content.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec
import sqlalchemy as sa
import structlog

from teahouse.errors import Unavailable
from teahouse.house import House
from teahouse.media import making, rules, store
from teahouse.media.keeping import Keeping
from teahouse.media.uploads import Uploads
from teahouse.storage.blobs import NAME, PREFIXES
from teahouse.storage.transaction import Tx

logger = structlog.get_logger()

EVERY_S: Final = 30.0
BATCH: Final = 100
InUse = Callable[[sa.Connection, Sequence[str]], set[str]]


class Collected(msgspec.Struct, frozen=True):
    """How many were dropped."""

    uploads: int = 0
    media: int = 0
    blobs: int = 0
    unnamed: int = 0
    """Files that no row named."""


class Collector:
    def __init__(self, house: House, keeping: Keeping, uploads: Uploads, in_use: InUse) -> None:
        self._house = house
        self._keeping = keeping
        self._uploads = uploads
        self._in_use = in_use
        self._turn = 0
        """Which of `PREFIXES` is swept next."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        timer = asyncio.create_task(self._run())
        try:
            yield
        finally:
            timer.cancel()
            with suppress(asyncio.CancelledError):
                await timer

    async def collect_now(self) -> Collected:
        """Look at everything whose time has come, and sweep all files once."""
        total = Collected()
        looked = 1
        while looked:
            found, looked = await self._batch()
            total = _sum(total, found)
        unnamed = await self._sweep_staged()
        for prefix in PREFIXES:
            unnamed += await self._sweep(prefix)
        return _sum(total, Collected(unnamed=unnamed))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                found, _ = await self._batch()
                # All prefixes in two hours: what a crash left behind does not hurry.
                unnamed = await self._sweep(PREFIXES[self._turn])
                self._turn = (self._turn + 1) % len(PREFIXES)
                if self._turn == 0:
                    unnamed += await self._sweep_staged()
                if (found := _sum(found, Collected(unnamed=unnamed))) != Collected():
                    logger.info("collected", **msgspec.structs.asdict(found))
            except Unavailable:
                continue
            except Exception:
                logger.exception("collector_failed")

    async def _batch(self) -> tuple[Collected, int]:
        """Look at the next few of each kind whose time has come; return also how many were looked at."""
        now = self._house.store.writer.clock()
        uploads, uploads_due = await self._uploads.expire(now - rules.UPLOAD_KEPT_MS, BATCH)
        media, media_due = await self._house.store.write(self._check_media)
        loose = await self._house.store.read(_loose, now - rules.GRACE_MS)
        blobs = 0
        for sha256 in loose:
            blobs += await self._keeping.drop_loose(sha256, now - rules.GRACE_MS)
        return Collected(uploads, media, blobs), uploads_due + media_due + len(loose)

    def _check_media(self, tx: Tx) -> tuple[int, int]:
        """Drop media that are due and that no message shows; return how many of how many. Sends are decided in the
        same thread, so none can come between."""
        media = store.medias.c
        found = tx.connection.execute(
            sa.select(media.id, media.state).where(media.check_at <= tx.now).order_by(media.check_at).limit(BATCH)
        ).all()
        due = [each.id for each in found]
        used = self._in_use(tx.connection, due) | {each.id for each in found if each.state == "processing"}
        if used:
            tx.connection.execute(
                sa.update(store.medias).where(media.id.in_(used)).values(check_at=tx.now + rules.SENT_CHECKED_MS)
            )
        dropped = [each for each in due if each not in used]
        for each in dropped:
            making.forget(tx, each)
        return len(dropped), len(due)

    async def _sweep(self, prefix: str) -> int:
        before = self._house.store.writer.clock() - rules.GRACE_MS
        found = await self._keeping.blobs.names(prefix)
        names = [name for name, put_at in found if put_at < before and NAME.fullmatch(name)]
        dropped = 0
        for at in range(0, len(names), BATCH):
            batch = names[at : at + BATCH]
            named = await self._house.store.read(_named, batch)
            for name in batch:
                if name not in named:
                    dropped += await self._keeping.drop_unnamed(name)
        return dropped

    async def _sweep_staged(self) -> int:
        return await self._uploads.sweep(self._house.store.writer.clock() - rules.UPLOAD_KEPT_MS)


def _loose(connection: sa.Connection, before: int) -> list[str]:
    blob = store.blobs.c
    return list(
        connection.execute(
            sa.select(blob.sha256).where(blob.loose_at < before).order_by(blob.loose_at).limit(BATCH)
        ).scalars()
    )


def _named(connection: sa.Connection, names: Sequence[str]) -> set[str]:
    return set(connection.execute(sa.select(store.blobs.c.sha256).where(store.blobs.c.sha256.in_(names))).scalars())


def _sum(one: Collected, other: Collected) -> Collected:
    return Collected(
        one.uploads + other.uploads, one.media + other.media, one.blobs + other.blobs, one.unnamed + other.unnamed
    )
