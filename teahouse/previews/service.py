"""Link previews: the one door of this room. A page is fetched once a day, however many people write its address."""

import asyncio
import base64
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import sqlalchemy as sa
import structlog
from litestar import Request, Response

from teahouse import clock, ids
from teahouse.commands import Signed
from teahouse.errors import NotFound, Refusal, Unavailable
from teahouse.house import House
from teahouse.limits import Buckets
from teahouse.media.service import MediaService
from teahouse.media.work.jobs import Job
from teahouse.previews import store
from teahouse.previews.fetching import Fetched, Fetcher
from teahouse.previews.model import Preview
from teahouse.previews.page import SITE_MAX, TITLE_MAX, PageWords, host_of, text_of, words_of
from teahouse.previews.rules import NoPreview, PreviewsOff
from teahouse.storage.transaction import Tx

KEPT_MS: Final = clock.DAY_MS
"""How long a preview serves for its address, and one that no message took is kept."""
NONE_KEPT_MS: Final = 10 * clock.MINUTE_MS
NONES_MAX: Final = 10_000
DEADLINE_S: Final = 5.0
"""For the page, redirects and all; and again for its picture, without which a preview does as well."""
AT_ONCE: Final = 8
WAITING_MAX: Final = 64
RATE: Final = 0.5
BURST: Final = 30
"""Previews a second that one person may ask for, and at once."""
COLLECT_EVERY_S: Final = 3600.0
COLLECTED_AT_ONCE: Final = 200
VARIANT: Final = "medium"

logger = structlog.get_logger()
_encode = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(Preview).decode


class HouseRules(Protocol):
    @property
    def link_previews(self) -> bool: ...


class Operator(Protocol):
    """The room that keeps the house's settings."""

    @property
    def settings(self) -> HouseRules: ...


class Picture(msgspec.Struct, frozen=True):
    """What was made of a page's picture."""

    sha256: str
    type: str
    size: int
    width: int
    height: int
    thumbhash: str


class PreviewService:
    def __init__(self, house: House, operator: Operator, media: MediaService, fetcher: Fetcher | None = None) -> None:
        self._house = house
        self._operator = operator
        self._media = media
        self._fetcher = fetcher or Fetcher(private_too=house.settings.previews_private)
        self._limit = Buckets(RATE, BURST)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._running: dict[str, asyncio.Task[Preview]] = {}
        self._nones: OrderedDict[str, int] = OrderedDict()
        """Addresses that nothing is shown of, and until when nobody looks again."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Collect what no message took; enter it once the house has started, and media with it."""
        collector = asyncio.create_task(self._collect_for_ever())
        try:
            yield
        finally:
            tasks = [collector, *self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def preview(self, signed: Signed, url: str) -> Preview:
        """Return what a page says of itself. Raises `NoPreview`, `PreviewsOff`, `RateLimited` or `Unavailable`."""
        if not self._operator.settings.link_previews:
            raise PreviewsOff()
        self._limit.take(signed.person)
        key = hashlib.sha256(url.encode()).hexdigest()
        now = clock.now_ms()
        if self._nones.get(key, 0) > now:
            raise NoPreview()
        if found := await self._house.store.read(store.newest, key, now - KEPT_MS):
            return _read(found)
        task = self._running.get(key)
        if task is None:
            if len(self._running) >= AT_ONCE + WAITING_MAX:
                raise Unavailable("Too many links are being looked at.", retry_after_ms=2000)
            task = self._running[key] = asyncio.create_task(self._make(signed.person, url, key))
            task.add_done_callback(lambda done: self._done(key, done))
        # Shielded: others may wait for the same page.
        return await asyncio.shield(task)

    async def picture(self, request: Request[Any, Any, Any], preview: str) -> Response[Any]:
        """Answer with a preview's picture. Raises `NotFound`."""
        found = await self._house.store.read(store.picture_of, preview)
        if found is None:
            raise NotFound()
        return self._media.serve_blob(request, *found)

    def card(self, tx: Tx, preview: str) -> Preview | None:
        """Return a preview for a message, which keeps it from now on; None when it is not kept any more."""
        p = store.previews.c
        row = tx.connection.execute(sa.select(p.card, p.used).where(p.id == preview)).one_or_none()
        if row is None:
            return None
        if not row.used:
            tx.connection.execute(sa.update(store.previews).where(p.id == preview).values(used=True))
        return _read(row.card)

    async def collect(self) -> int:
        """Drop previews that no message took in time; return how many."""
        return await self._house.store.write(self._collect)

    # --- making ---

    def _done(self, key: str, task: asyncio.Task[Preview]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever asked may have gone: it is nobody's then

    async def _make(self, person: str, url: str, key: str) -> Preview:
        # Somebody else's may have been made between our look for one and this.
        if found := await self._house.store.read(store.newest, key, clock.now_ms() - KEPT_MS):
            return _read(found)
        try:
            async with self._room:
                words, picture = await self._look(person, url)
        except NoPreview:
            self._nones[key] = clock.now_ms() + NONE_KEPT_MS
            if len(self._nones) > NONES_MAX:
                self._nones.popitem(last=False)
            raise
        made = Preview(
            id=ids.new_id(),
            url=url,
            title=words.title,
            description=words.description,
            site=words.site,
            width=picture.width if picture else 0,
            height=picture.height if picture else 0,
            thumbhash=picture.thumbhash if picture else "",
        )
        await self._house.store.write(self._keep, made, key, picture)
        return made

    async def _look(self, person: str, url: str) -> tuple[PageWords, Picture | None]:
        try:
            async with asyncio.timeout(DEADLINE_S):
                page = await self._fetcher.page(url)
        except TimeoutError:
            raise NoPreview() from None
        if page.type.startswith("image/"):
            name = page.url.partition("?")[0].rpartition("/")[2] or host_of(page.url)
            made = await self._made(person, page)
            if made is None:
                raise NoPreview()
            return PageWords(
                title=name[:TITLE_MAX], description="", site=host_of(page.url)[:SITE_MAX], picture=""
            ), made
        words = await asyncio.to_thread(_words, page)
        if words is None:
            raise NoPreview()
        return words, await self._picture(person, words.picture) if words.picture else None

    async def _picture(self, person: str, url: str) -> Picture | None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                found = await self._fetcher.picture(url)
        except (NoPreview, TimeoutError):
            return None
        return await self._made(person, found)

    async def _made(self, person: str, found: Fetched) -> Picture | None:
        """Have a worker draw the picture anew, and keep that. None: it is no picture that we show."""
        try:
            async with self._media.scratch() as folder:
                source, target = folder / "source", folder / "made"
                await asyncio.to_thread(_write, source, target, found.data)
                made = await self._media.work(
                    Job(kind="picture", sources=(str(source),), folder=str(target)), key=person
                )
                file = next(file for file in made.files if file.variant == VARIANT)
                sha256, size = await self._media.store_file(Path(file.path))
        except Refusal as refusal:
            logger.info("preview_without_picture", code=refusal.code)
            return None
        thumbhash = base64.b64encode(made.thumbhash).decode()
        return Picture(sha256, file.type, size, made.width, made.height, thumbhash)

    def _keep(self, tx: Tx, made: Preview, key: str, picture: Picture | None) -> None:
        if picture:
            self._media.keep_blob(tx, picture.sha256, picture.size, _user(made.id))
        tx.connection.execute(
            sa.insert(store.previews).values(
                id=made.id,
                url_hash=key,
                card=_encode(made),
                sha256=picture.sha256 if picture else None,
                type=picture.type if picture else "",
                size=picture.size if picture else 0,
                made_at=tx.now,
                used=False,
            )
        )

    # --- collecting ---

    async def _collect_for_ever(self) -> None:
        while True:
            with suppress(Refusal):
                while await self.collect() == COLLECTED_AT_ONCE:
                    pass
            await asyncio.sleep(COLLECT_EVERY_S)

    def _collect(self, tx: Tx) -> int:
        old = store.unused(tx.connection, tx.now - KEPT_MS, COLLECTED_AT_ONCE)
        for preview in old:
            self._media.release_blob(tx, _user(preview))
        if old:
            tx.connection.execute(sa.delete(store.previews).where(store.previews.c.id.in_(old)))
        return len(old)


def _user(preview: str) -> str:
    return f"preview:{preview}"


def _words(page: Fetched) -> PageWords | None:
    return words_of(text_of(page.data, page.charset), page.url)


def _write(source: Path, target: Path, data: bytes) -> None:
    target.mkdir()
    source.write_bytes(data)
