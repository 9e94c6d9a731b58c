"""Imports a pack from a zip or a folder: unpacked, each file made by a worker, and all of it put in place at once.

What is refused is listed with its reason and the rest is imported. Until the last file is made nothing of the pack can
be seen; a house that went down in the middle says so when it is back.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, cast

import msgspec
import structlog

from teahouse import ids
from teahouse.commands import Actor
from teahouse.errors import Refusal, Unavailable
from teahouse.house import House
from teahouse.media.service import MediaService, Uploaded
from teahouse.media.work.jobs import MediaRefused
from teahouse.stickers import manifest, rules, store, zips
from teahouse.stickers.makers import Making, kind_of, rate_of
from teahouse.stickers.manifest import Plan, Planned
from teahouse.stickers.model import FileReason, ImportPack, ImportState, RefusedFile, StickersImport
from teahouse.stickers.packs import MadeSticker, Packs
from teahouse.stickers.rules import FileFacts
from teahouse.storage.transaction import Tx

logger = structlog.get_logger()

AT_ONCE: Final = 2
"""Files of one import that are with a worker."""
IMPORTS_MAX: Final = 2
"""Of one person, at once."""
PROGRESS_EVERY_S: Final = 0.25
NAMELESS: Final = "Stickers"


class TooManyImports(Refusal):
    code = "too_many_imports"
    status = 429
    title = "Wait until what you import already is done"


class Failed(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Imports:
    def __init__(self, house: House, media: MediaService, making: Making, packs: Packs) -> None:
        self._house = house
        self._media = media
        self._making = making
        self._packs = packs
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._house.store.write(self._say_interrupted)
        try:
            yield
        finally:
            tasks = [task for _, task in self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def start(self, actor: Actor, asked: ImportPack) -> ImportState:
        """Begin an import; `stickers.import` tells how it goes. Raises `NotFound`, `NotUploaded`, `TooManyImports`."""
        if sum(person == actor.person for person, _ in self._running.values()) >= IMPORTS_MAX:
            raise TooManyImports()
        uploads = await self._house.store.read(
            lambda connection: [self._media.uploaded(connection, actor.person, each.upload) for each in asked.files]
        )
        state = ImportState(id=ids.new_id(), state="processing", total=len(asked.files), name=asked.name)
        await self._save(actor.person, state)
        task = asyncio.create_task(self._run(actor.person, state, asked, uploads))
        self._running[state.id] = (actor.person, task)
        task.add_done_callback(lambda _: self._running.pop(state.id, None))
        return state

    async def _run(self, person: str, state: ImportState, asked: ImportPack, uploads: Sequence[Uploaded]) -> None:
        try:
            try:
                await self._import(person, state, asked, uploads)
            except Failed as failed:
                await self._fail(person, state, failed.reason)
            except Refusal as refusal:
                await self._fail(person, state, refusal.code)
            except Exception:
                logger.exception("sticker_import_crashed", importing=state.id)
                await self._fail(person, state, "crashed")
        except Unavailable:
            # The house is going down: what it finds when it is back, it will say.
            logger.info("sticker_import_left", importing=state.id)

    async def _import(self, person: str, state: ImportState, asked: ImportPack, uploads: Sequence[Uploaded]) -> None:
        async with self._media.scratch() as folder:
            paths = [folder / f"upload{number}" for number in range(len(uploads))]
            for upload, path in zip(uploads, paths, strict=True):
                await self._media.fetch(upload.sha256, path)
            names = [each.name for each in asked.files]
            plan = await asyncio.to_thread(_plan, list(zip(names, paths, strict=True)), folder)
            if not plan.stickers:
                raise Failed("nothing")
            name = asked.name or plan.name or _stem(names) or NAMELESS
            state = msgspec.structs.replace(
                state,
                name=name,
                total=len(plan.stickers),
                refused=tuple(RefusedFile(each, "too_many") for each in plan.too_many),
            )
            made, facts, refused = await self._make(person, state, plan.stickers, folder)
        state = msgspec.structs.replace(state, done=state.total, refused=(*refused, *state.refused))
        if not made:
            await self._fail(person, state, "nothing")
            return
        state = msgspec.structs.replace(state, state="ready", fits=rules.fits(facts) if not refused else ())
        await self._house.store.write(self._finish, person, state, plan.author, made, uploads)

    async def _make(
        self, person: str, state: ImportState, stickers: Sequence[Planned], folder: Path
    ) -> tuple[list[MadeSticker], list[FileFacts], list[RefusedFile]]:
        """Have each file made; return those in their order, what they were, and what was refused."""
        turns = asyncio.Semaphore(AT_ONCE)
        done = 0
        told_at = 0.0

        async def one(number: int, planned: Planned) -> tuple[MadeSticker, FileFacts] | RefusedFile:
            nonlocal done, told_at
            async with turns:
                try:
                    return await self._one(person, planned, folder / f"made{number}")
                except MediaRefused as refusal:
                    reason = cast(FileReason, refusal.reason)
                    return RefusedFile(planned.name, reason, refusal.detail)
                finally:
                    done += 1
                    if time.monotonic() - told_at > PROGRESS_EVERY_S:
                        told_at = time.monotonic()
                        event = StickersImport(importing=msgspec.structs.replace(state, done=done))
                        with suppress(Unavailable):
                            await self._house.store.write(lambda tx: tx.tell(event, (person,)))

        tasks = [asyncio.create_task(one(number, each)) for number, each in enumerate(stickers)]
        try:
            outcomes = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        fine = [each for each in outcomes if not isinstance(each, RefusedFile)]
        refused = [each for each in outcomes if isinstance(each, RefusedFile)]
        return [each for each, _ in fine], [each for _, each in fine], refused

    async def _one(self, person: str, planned: Planned, out: Path) -> tuple[MadeSticker, FileFacts]:
        made, found = await self._making.make(planned.path, out, person)
        kind = await asyncio.to_thread(kind_of, planned.path)
        facts = FileFacts(
            type=kind,
            size=planned.path.stat().st_size,
            width=found.width,
            height=found.height,
            duration=found.duration,
            frames_per_second=await asyncio.to_thread(rate_of, found),
        )
        await asyncio.to_thread(_clear, out)
        said = {name: getattr(planned, name) for name in ("emoji", "label", "keywords", "labels", "still")}
        return msgspec.structs.replace(made, source=planned.name, **said), facts

    def _finish(
        self,
        tx: Tx,
        person: str,
        state: ImportState,
        author: str,
        made: Sequence[MadeSticker],
        uploads: Sequence[Uploaded],
    ) -> None:
        pack = self._packs.new_pack(tx, person, state.name, author=author)
        for position, each in enumerate(made):
            self._packs.put(tx, pack, person, each, position)
        for upload in uploads:
            self._media.forget_upload(tx, upload.id)
        self._say(tx, person, msgspec.structs.replace(state, pack=pack))

    async def _fail(self, person: str, state: ImportState, reason: str) -> None:
        await self._save(person, msgspec.structs.replace(state, state="failed", reason=reason))

    async def _save(self, person: str, state: ImportState) -> None:
        await self._house.store.write(self._say, person, state)

    def _say(self, tx: Tx, person: str, state: ImportState) -> None:
        store.save_import(tx.connection, person, state, tx.now)
        tx.tell(StickersImport(importing=state), (person,), scopes=(person,), key=f"stickers:import:{state.id}")

    def _say_interrupted(self, tx: Tx) -> None:
        for person, state in store.interrupted(tx.connection):
            self._say(tx, person, msgspec.structs.replace(state, state="failed", reason="interrupted"))


def _plan(files: list[tuple[str, Path]], folder: Path) -> Plan:
    """Look at what came: one zip, or the files of a folder."""
    if len(files) == 1 and zips.is_zip(files[0][1]):
        unpacked = folder / "unpacked"
        unpacked.mkdir()
        try:
            return manifest.plan(zips.unpack(files[0][1], unpacked))
        except zips.ZipRefused as refused:
            raise Failed(refused.reason) from None
    return manifest.plan(files)


def _stem(names: Sequence[str]) -> str:
    """The name of a zip."""
    return names[0].rpartition("/")[2].rpartition(".")[0][:64] if len(names) == 1 else ""


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
