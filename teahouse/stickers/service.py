"""Stickers: the one door of this room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import sqlalchemy as sa

from teahouse.commands import Signed
from teahouse.errors import NotFound
from teahouse.house import House
from teahouse.media.service import MediaService
from teahouse.stickers import export, model, rules, starter, store
from teahouse.stickers.imports import Imports
from teahouse.stickers.makers import Making
from teahouse.stickers.model import ImportState, Pack, PackSticker, Panel, StickerCard
from teahouse.stickers.packs import Packs
from teahouse.stickers.panel import Panels
from teahouse.storage.transaction import Tx


class StickerService:
    def __init__(self, house: House, media: MediaService) -> None:
        self._house = house
        self._media = media
        self._packs = Packs(media)
        self._panels = Panels(self._packs)
        self._making = Making(media)
        self.imports = Imports(house, media, self._making, self._packs)

    def register(self) -> None:
        house, packs, panels = self._house, self._packs, self._panels
        house.handle(model.CreatePack, packs.create)
        house.handle(model.UpdatePack, packs.update)
        house.handle(model.DeletePack, packs.delete)
        house.handle(model.UpdateSticker, packs.update_sticker)
        house.handle(model.RemoveSticker, packs.remove_sticker)
        house.handle(model.InstallPack, panels.install)
        house.handle(model.UninstallPack, panels.uninstall)
        house.handle(model.OrderPanel, panels.order)
        house.handle(model.Favour, panels.favour)
        house.handle(model.Unfavour, panels.unfavour)
        house.handle(model.NoteUse, panels.note_use)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Bring the starter pack, and import what is asked for; enter it once media are being made."""
        await starter.bring(self._house, self._media, self._packs)
        async with self.imports.running():
            yield

    def card(self, tx: Tx, sticker: str) -> StickerCard:
        """Return a sticker as a message shows it; from now on a message does. Raises `NotFound`."""
        return self._packs.card(tx, sticker)

    # --- reads ---

    async def panel(self, person: str) -> Panel:
        return await self._house.store.read(self._panel, person)

    async def pack(self, pack: str) -> Pack:
        """Raises `NotFound`."""
        return await self._house.store.read(
            lambda connection: store.packs_of(connection, (store.pack_row(connection, pack),))[0]
        )

    async def importing(self, person: str, job: str) -> ImportState:
        """Raises `NotFound`."""
        return await self._house.store.read(store.import_of, person, job)

    async def file(self, sticker: str, which: model.WhichFile) -> tuple[str, str, int]:
        """Return `(sha256, type, size)` of a sticker's `file`, `still` or `image`. Raises `NotFound`."""
        row = await self._house.store.read(store.sticker_row, sticker)
        if which == "still":
            found = (row.small, "image/webp", row.small_size)
        elif which == "image" and row.image:
            found = (row.image, "image/webp", row.image_size)
        else:
            found = (row.file, row.type, row.file_size)
        if found[0] is None:
            raise NotFound()
        return found

    async def export(self, pack: str) -> tuple[Pack, AsyncIterator[bytes]]:
        """Return a pack and the zip of it. Raises `NotFound`."""

        def read(connection: sa.Connection) -> tuple[Pack, list[tuple[PackSticker, str]]]:
            row = store.pack_row(connection, pack)
            files = [(store.pack_sticker_of(each), str(each.file)) for each in store.stickers_of(connection, row.id)]
            return store.packs_of(connection, (row,))[0], files

        found, files = await self._house.store.read(read)
        return found, export.zipped(self._media, found, files)

    async def add(self, signed: Signed, pack: str, asked: model.AddSticker) -> PackSticker:
        """Make a sticker of an upload. Raises `NotFound`, `NotUploaded`, `MediaRefused`, `PackFull`."""
        emoji = rules.only_emoji(asked.emoji)

        def allowed(tx: Tx) -> None:
            self._packs.own(tx, signed.person, pack)

        await self._house.store.write(allowed)
        upload = await self._house.store.read(self._media.uploaded, signed.person, asked.upload)
        async with self._media.scratch() as folder:
            source = folder / "source"
            await self._media.fetch(upload.sha256, source)
            made, _ = await self._making.make(source, folder / "made", signed.person)
        made = msgspec.structs.replace(made, source=upload.name[-255:], emoji=emoji, label=asked.label)

        def put(tx: Tx) -> PackSticker:
            added = self._packs.add(tx, signed.person, pack, made)
            self._media.forget_upload(tx, upload.id)
            return added

        return await self._house.store.write(put)

    # --- within ---

    @staticmethod
    def _panel(connection: sa.Connection, person: str) -> Panel:
        return Panel(
            packs=store.packs_of(connection, store.panel_rows(connection, person)),
            favourites=store.kept_cards(connection, store.favourites, person, rules.FAVOURITES_MAX),
            recents=store.kept_cards(connection, store.recents, person, rules.RECENTS_MAX),
        )
