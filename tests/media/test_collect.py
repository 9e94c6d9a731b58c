"""What nobody uses is collected; what somebody uses, or is about to, never is. The house's clock is set by hand."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse import ids
from teahouse.clock import DAY_MS, HOUR_MS, now_ms
from teahouse.errors import NotFound
from teahouse.media import store
from teahouse.media.model import DiscardMedia, MakeMedia
from teahouse.media.rules import UploadGone
from teahouse.storage.blobs import BlobLost
from tests.harness.house import Guest, OpenHouse, open_house


class Keeper:
    """A house with its media room open, whose clock one can set."""

    def __init__(self, opened: OpenHouse, ann: Guest) -> None:
        self.opened, self.media, self.ann = opened, opened.media, ann
        self.ahead = 0
        self.shown: set[str] = set()
        """Media that a message shows."""
        opened.house.store.writer.clock = lambda: now_ms() + self.ahead
        opened.media.in_use = lambda connection, media: self.shown & set(media)

    async def uploads(self, data: bytes) -> str:
        upload = await self.media.uploads.begin(self.ann.id, len(data), "leaf", "")
        if data:
            await self.media.uploads.append(self.ann.id, upload.id, 0, blocks(data))
        return upload.id

    async def file(self, data: bytes) -> str:
        """Make a file of bytes; return its media."""
        command = MakeMedia(nonce=ids.new_id(), kind="file", uploads=(await self.uploads(data),))
        media: str = (await self.ann.does(command)).media.id
        return media

    async def read(self, sha256: str, size: int) -> bytes:
        return b"".join([block async for block in self.media._keeping.blobs.open(sha256, 0, size)])

    async def is_kept(self, data: bytes) -> bool:
        try:
            return await self.read(hashlib.sha256(data).hexdigest(), len(data)) == data
        except BlobLost:
            return False

    async def collect(self, later: int = 0) -> Any:
        self.ahead += later
        return await self.media.collector.collect_now()


async def blocks(*data: bytes) -> AsyncIterator[bytes]:
    for each in data:
        yield each


@asynccontextmanager
async def keeper(folder: Path, store_url: str) -> AsyncIterator[Keeper]:
    async with open_house(folder, store=store_url) as opened:
        opened.media.register()
        async with opened.media.running():
            yield Keeper(opened, await opened.found("ann"))


async def test_what_a_message_shows_stays_and_goes_after_its_recall(tmp_path: Path, store_url: str) -> None:
    async with keeper(tmp_path, store_url) as house:
        data = os.urandom(1000)
        media = await house.file(data)
        house.shown.add(media)
        for _ in range(3):
            await house.collect(30 * DAY_MS)
            assert await house.is_kept(data)
        house.shown.clear()
        await house.opened.house.store.write(house.media.released, [media])
        await house.collect(HOUR_MS // 2)
        assert await house.is_kept(data)
        await house.collect(HOUR_MS)
        await house.collect(HOUR_MS + 1)
        assert not await house.is_kept(data)
        with pytest.raises(NotFound):
            await house.media.state(house.ann.signed, media)


async def test_what_another_message_still_shows_stays_after_a_recall(tmp_path: Path, store_url: str) -> None:
    async with keeper(tmp_path, store_url) as house:
        data = os.urandom(1000)
        media = await house.file(data)
        house.shown.add(media)
        await house.opened.house.store.write(house.media.released, [media])
        for _ in range(4):
            await house.collect(2 * HOUR_MS)
        assert await house.is_kept(data)


async def test_what_is_never_sent_goes_after_two_days(tmp_path: Path, store_url: str) -> None:
    async with keeper(tmp_path, store_url) as house:
        data = os.urandom(1000)
        await house.file(data)
        await house.collect(47 * HOUR_MS)
        assert await house.is_kept(data)
        assert (await house.collect(2 * HOUR_MS)).media == 1
        assert (await house.collect(HOUR_MS + 1)).blobs == 1
        assert not await house.is_kept(data)
        assert (await house.media.storage(house.ann.signed)).used == 0


async def test_what_is_discarded_goes_unless_it_was_sent(tmp_path: Path, store_url: str) -> None:
    async with keeper(tmp_path, store_url) as house:
        kept, dropped = os.urandom(1000), os.urandom(1000)
        sent, unsent = await house.file(kept), await house.file(dropped)
        house.shown.add(sent)
        for media in (sent, unsent):
            await house.ann.does(DiscardMedia(media=media))
        await house.collect(2 * HOUR_MS)
        assert await house.is_kept(kept)
        assert not await house.is_kept(dropped)


async def test_uploads_expire_a_day_after_their_last_byte(tmp_path: Path, store_url: str) -> None:
    async with keeper(tmp_path, store_url) as house:
        whole = await house.uploads(b"whole")
        begun = (await house.media.uploads.begin(house.ann.id, 10, "", "")).id
        await house.media.uploads.append(house.ann.id, begun, 0, blocks(b"half "))
        house.ahead = DAY_MS + 1000
        for upload in (whole, begun):
            with pytest.raises(UploadGone):
                await house.media.uploads.state(house.ann.id, upload)
        # Of the one that waits, a byte came in just now, as its file says.
        os.utime(house.media.uploads.staging.path(begun), (now_ms() / 1000 + 3600,) * 2)
        assert (await house.collect()).uploads == 1
        assert (await house.media.uploads.state(house.ann.id, begun)).offset == 5
        with pytest.raises(NotFound):
            await house.media.uploads.state(house.ann.id, whole)
        assert (await house.collect(2 * DAY_MS)).uploads == 1
        assert list(house.media.uploads.staging.folder.iterdir()) == []
        assert not await house.is_kept(b"whole")


async def test_the_same_bytes_stay_as_long_as_one_of_their_users(tmp_path: Path, store_url: str) -> None:
    async with keeper(tmp_path, store_url) as house:
        data = os.urandom(1000)
        one, other = await house.file(data), await house.file(data)
        assert (await house.media.storage(house.ann.signed)).used == len(data)
        sha256 = hashlib.sha256(data).hexdigest()
        await house.opened.house.store.write(house.media.keep_blob, sha256, len(data), "sticker:1")
        for media in (one, other):
            await house.ann.does(DiscardMedia(media=media))
            await house.collect(2 * HOUR_MS)
            assert await house.is_kept(data)
        await house.opened.house.store.write(house.media.release_blob, "sticker:1")
        await house.collect(2 * HOUR_MS)
        assert not await house.is_kept(data)


async def test_a_stored_file_waits_an_hour_for_its_first_use(tmp_path: Path, store_url: str) -> None:
    async with keeper(tmp_path, store_url) as house:
        path = tmp_path / "made"
        path.write_bytes(b"a preview")
        sha256, size = await house.media.store_file(path)
        await house.collect(HOUR_MS // 2)
        assert await house.is_kept(b"a preview")
        await house.opened.house.store.write(house.media.keep_blob, sha256, size, "preview:1")
        await house.collect(30 * DAY_MS)
        assert await house.is_kept(b"a preview")


async def test_files_without_a_row_are_found(tmp_path: Path, store_url: str) -> None:
    """A crash between the file and its row, or between the row and its file, leaves one."""
    async with keeper(tmp_path, store_url) as house:
        path = tmp_path / "left"
        path.write_bytes(b"left behind")
        sha256 = hashlib.sha256(b"left behind").hexdigest()
        await house.media._keeping.blobs.put(path, sha256, 11)
        orphan = house.media.uploads.staging.path(ids.new_id())
        orphan.parent.mkdir(exist_ok=True)
        orphan.write_bytes(b"x")
        used = os.urandom(10)
        house.shown.add(await house.file(used))
        assert (await house.collect()).unnamed == 0
        assert (await house.collect(2 * DAY_MS)).unnamed == 2
        assert not await house.is_kept(b"left behind")
        assert not orphan.exists()
        assert await house.is_kept(used)


class Gate:
    """Stops a blob store's step until it is opened."""

    def __init__(self, step: Callable[..., Any]) -> None:
        self._step = step
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def __call__(self, *arguments: Any) -> Any:
        self.reached.set()
        await self.opened.wait()
        return await self._step(*arguments)


@pytest.mark.parametrize("step", ["delete", "put"])
async def test_an_upload_of_the_same_bytes_never_loses_its_file_to_the_collector(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """`delete`: an upload is finished while the collector is between the row and the file. `put`: the collector comes
    while an upload is between the file and the row."""
    async with keeper(tmp_path, store_url) as house:
        data = os.urandom(1000)
        await house.ann.does(DiscardMedia(media=await house.file(data)))
        house.ahead += 2 * HOUR_MS
        gate = Gate(getattr(house.media._keeping.blobs, step))
        monkeypatch.setattr(house.media._keeping.blobs, step, gate)

        async def upload() -> str:
            return await house.file(data)

        first, second = (house.collect, upload) if step == "delete" else (upload, house.collect)
        one = asyncio.create_task(first())
        await gate.reached.wait()
        other = asyncio.create_task(second())
        # The second has time to come as far as it can: to the lock, which only the gate's opening can free.
        done, _ = await asyncio.wait({other}, timeout=0.3)
        assert not done
        gate.opened.set()
        await asyncio.gather(one, other)
        media = await (one if step == "put" else other)
        house.shown.add(media)
        assert await house.is_kept(data)
        await house.collect(2 * HOUR_MS)
        assert await house.is_kept(data)


async def test_uploads_and_the_collector_at_full_tilt(tmp_path: Path, store_url: str) -> None:
    """Few contents, many makers and droppers, no grace: whoever has a file at the end can read it."""
    async with keeper(tmp_path, store_url) as house:
        contents = [bytes([number]) * 5000 for number in range(3)]
        ends = asyncio.Event()

        async def collector() -> None:
            while not ends.is_set():
                house.ahead += 2 * HOUR_MS
                await house.media.collector._batch()

        async def person(number: int) -> None:
            for turn in range(12):
                data = contents[(number + turn) % 3]
                media = await house.file(data)
                house.shown.add(media)
                assert await house.is_kept(data)
                if turn < 11:
                    house.shown.discard(media)
                    await house.ann.does(DiscardMedia(media=media))

        collecting = asyncio.create_task(collector())
        results = await asyncio.gather(*(person(number) for number in range(4)), return_exceptions=True)
        ends.set()
        await collecting
        # An upload may expire on its way here, for hours pass in between: only a lost file is a fault.
        assert not [result for result in results if isinstance(result, AssertionError)]
        for media in house.shown:
            *_, size, _ = found = await house.media.file(house.ann.signed, media, "original")
            assert len(await house.read(found[0], size)) == 5000


async def test_every_use_has_its_blob(tmp_path: Path, store_url: str) -> None:
    async with keeper(tmp_path, store_url) as house:
        for number in range(5):
            house.shown.add(await house.file(bytes([number])))
        await house.collect(10 * DAY_MS)

        def lost(connection: sa.Connection) -> list[Any]:
            named = sa.select(store.blobs.c.sha256)
            return list(connection.execute(sa.select(store.uses).where(store.uses.c.sha256.not_in(named))).all())

        assert await house.opened.house.store.read(lost) == []
