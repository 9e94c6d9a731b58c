"""Packs and their stickers: how they are made, changed and taken away. In the writer's thread."""

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.commands import Actor, Done
from teahouse.errors import Malformed, NotFound
from teahouse.media.service import MediaService
from teahouse.stickers import model, rules, store
from teahouse.stickers.model import PACK_STICKERS_MAX, PackSticker, StickerCard, StickersChanged
from teahouse.storage.transaction import Tx

CACHED_MAX = 20_000

_p, _s, _l = store.packs.c, store.stickers.c, store.panels.c


class Kept(msgspec.Struct, frozen=True):
    """A blob that is there."""

    sha256: str
    size: int


class MadeSticker(msgspec.Struct, frozen=True, kw_only=True):
    """A sticker whose files are kept, on its way into a pack."""

    type: str
    width: int
    height: int
    animated: bool
    file: Kept
    small: Kept | None = None
    image: Kept | None = None
    source: str = ""
    emoji: str = ""
    label: str = ""
    keywords: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    still: int = 0


class Packs:
    def __init__(self, media: MediaService) -> None:
        self._media = media
        self._cards: dict[str, StickerCard] = {}
        """Of stickers that some message shows."""

    # --- for messages ---

    def card(self, tx: Tx, sticker: str) -> StickerCard:
        """Return a sticker as a message shows it. Raises `NotFound`."""
        found = self._cards.get(sticker)
        if found is not None:
            return found
        row = store.sticker_row(tx.connection, sticker)
        if not row.sent:
            tx.connection.execute(sa.update(store.stickers).where(_s.id == sticker).values(sent=True))
        if len(self._cards) >= CACHED_MAX:
            self._cards.clear()
        found = self._cards[sticker] = store.card_of(row)
        tx.undo(lambda: self._cards.pop(sticker, None))
        return found

    # --- commands ---

    def create(self, tx: Tx, actor: Actor, command: model.CreatePack) -> model.PackCreated:
        before = tx.connection.execute(
            sa.select(_p.id).where(_p.owner == actor.person, _p.nonce == command.nonce)
        ).scalar()
        pack = before or self.new_pack(tx, actor.person, command.name, nonce=command.nonce)
        return model.PackCreated(pack=pack)

    def update(self, tx: Tx, actor: Actor, command: model.UpdatePack) -> Done:
        row = self.own(tx, actor.person, command.pack)
        if command.order is not UNSET:
            there = {each.id for each in store.stickers_of(tx.connection, row.id)}
            if set(command.order) != there or len(command.order) != len(there):
                raise Malformed("The order names each sticker of the pack once.")
            for position, sticker in enumerate(command.order):
                tx.connection.execute(sa.update(store.stickers).where(_s.id == sticker).values(position=position))
        if command.name is not UNSET:
            tx.connection.execute(sa.update(store.packs).where(_p.id == row.id).values(name=command.name))
        self._tell(tx, row.owner, row.id)
        return Done()

    def delete(self, tx: Tx, actor: Actor, command: model.DeletePack) -> Done:
        row = self.own(tx, actor.person, command.pack)
        tx.connection.execute(sa.update(store.packs).where(_p.id == row.id).values(removed=True, nonce=None))
        self._tell(tx, row.owner, row.id)
        for sticker in store.stickers_of(tx.connection, row.id):
            self.drop(tx, sticker.id)
        tx.connection.execute(sa.delete(store.panels).where(_l.pack == row.id))
        return Done()

    def update_sticker(self, tx: Tx, actor: Actor, command: model.UpdateSticker) -> Done:
        row = self._own_sticker(tx, actor.person, command.sticker)
        values: dict[str, object] = {}
        if command.emoji is not UNSET:
            values["emoji"] = rules.only_emoji(command.emoji)
        if command.label is not UNSET:
            values |= {"label": command.label, "found_by": store.encode(store.FoundBy())}
        if values:
            tx.connection.execute(sa.update(store.stickers).where(_s.id == row.id).values(**values))
            self._forget(tx, row.id)
            self._tell(tx, actor.person, row.pack)
        return Done()

    def remove_sticker(self, tx: Tx, actor: Actor, command: model.RemoveSticker) -> Done:
        row = self._own_sticker(tx, actor.person, command.sticker)
        self.drop(tx, row.id)
        self._tell(tx, actor.person, row.pack)
        return Done()

    # --- for imports and the house's own pack ---

    def own(self, tx: Tx, person: str, pack: str) -> store.Row:
        """Return a pack that the person may change. Raises `NotFound`."""
        row = store.pack_row(tx.connection, pack)
        rules.may_change(row.owner, person)
        return row

    def new_pack(self, tx: Tx, person: str, name: str, *, author: str = "", nonce: str | None = None) -> str:
        """Make an empty pack and put it in its owner's panel; return its id. Raises `TooManyPacks`."""
        owned = tx.connection.execute(
            sa.select(sa.func.count()).where(_p.owner == person, _p.removed == sa.false())
        ).scalar_one()
        if owned >= rules.PACKS_OWN_MAX:
            raise rules.TooManyPacks()
        pack = ids.new_id()
        tx.connection.execute(
            sa.insert(store.packs).values(id=pack, owner=person, nonce=nonce, name=name, author=author, at=tx.now)
        )
        store.put_in_panel(tx.connection, person, pack)
        self._tell(tx, person, pack)
        return pack

    def put(self, tx: Tx, pack: str, owner: str, made: MadeSticker, position: int | None = None) -> PackSticker:
        """Put a sticker in a pack, at its end unless told otherwise. Raises `PackFull`."""
        last, there = tx.connection.execute(
            sa.select(sa.func.max(_s.position), sa.func.count()).where(_s.pack == pack, _s.removed == sa.false())
        ).one()
        if there >= PACK_STICKERS_MAX:
            raise rules.PackFull()
        sticker = ids.new_id()
        kept = {"file": made.file, "small": made.small, "image": made.image}
        blobs = {name: blob.sha256 for name, blob in kept.items() if blob}
        sizes = {f"{name}_size": blob.size for name, blob in kept.items() if blob}
        found_by = store.FoundBy(keywords=made.keywords, labels=made.labels)
        fields = {
            name: getattr(made, name) for name in ("source", "emoji", "label", "type", "width", "height", "still")
        }
        tx.connection.execute(
            sa.insert(store.stickers).values(
                id=sticker,
                pack=pack,
                position=position if position is not None else -1 if last is None else last + 1,
                found_by=store.encode(found_by),
                animated=made.animated,
                **fields,
                **blobs,
                **sizes,
            )
        )
        for blob in kept.values():
            if blob:
                self._media.keep_blob(tx, blob.sha256, blob.size, _user(sticker), owner)
        return store.pack_sticker_of(store.sticker_row(tx.connection, sticker))

    def renew(self, tx: Tx, sticker: str, made: MadeSticker, position: int) -> None:
        """Say other things of the same drawing."""
        tx.connection.execute(
            sa.update(store.stickers)
            .where(_s.id == sticker)
            .values(
                position=position,
                source=made.source,
                emoji=made.emoji,
                label=made.label,
                still=made.still,
                found_by=store.encode(store.FoundBy(keywords=made.keywords, labels=made.labels)),
            )
        )
        self._forget(tx, sticker)

    def add(self, tx: Tx, person: str, pack: str, made: MadeSticker) -> PackSticker:
        """Put a sticker in one's own pack. Raises `NotFound` and `PackFull`."""
        self.own(tx, person, pack)
        added = self.put(tx, pack, person, made)
        self._tell(tx, person, pack)
        return added

    def drop(self, tx: Tx, sticker: str) -> None:
        """Take a sticker out of its pack. It stays where a message or somebody's favourites show it, else it goes."""
        tx.connection.execute(sa.update(store.stickers).where(_s.id == sticker).values(removed=True))
        self._forget(tx, sticker)
        self.let_go(tx, sticker)

    def let_go(self, tx: Tx, sticker: str) -> None:
        """Delete a sticker that is in no pack, if nothing shows it."""
        f = store.favourites.c
        liked = sa.exists().where(f.sticker == sticker)
        kept = sa.or_(_s.removed == sa.false(), _s.sent == sa.true(), liked)
        gone = tx.connection.execute(sa.select(_s.id).where(_s.id == sticker, sa.not_(kept))).first()
        if gone is None:
            return
        tx.connection.execute(sa.delete(store.stickers).where(_s.id == sticker))
        tx.connection.execute(sa.delete(store.recents).where(store.recents.c.sticker == sticker))
        self._media.release_blob(tx, _user(sticker))

    # --- within ---

    def _own_sticker(self, tx: Tx, person: str, sticker: str) -> store.Row:
        row = store.sticker_row(tx.connection, sticker)
        if row.removed:
            raise NotFound("There is no such sticker of yours.")
        self.own(tx, person, row.pack)
        return row

    def _forget(self, tx: Tx, sticker: str) -> None:
        self._cards.pop(sticker, None)
        tx.undo(lambda: self._cards.pop(sticker, None))

    def _tell(self, tx: Tx, owner: str, pack: str) -> None:
        """The owner's devices are told for good, others who have the pack if they are there."""
        tell_panel(tx, owner, "packs")
        others = [person for person in store.installers(tx.connection, pack) if person != owner]
        if others:
            tx.tell(StickersChanged(what="packs"), others)


def tell_panel(tx: Tx, person: str, what: model.PanelPart) -> None:
    tx.tell(StickersChanged(what=what), (person,), scopes=(person,), key=f"stickers:{what}")


def _user(sticker: str) -> str:
    return f"sticker:{sticker}"
