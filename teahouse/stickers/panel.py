"""What a person has at hand: their packs in order, favourites, and what they used last. In the writer's thread."""

import sqlalchemy as sa

from teahouse.commands import Actor, Done
from teahouse.errors import Conflict
from teahouse.stickers import model, rules, store
from teahouse.stickers.packs import Packs, tell_panel
from teahouse.storage.transaction import Tx

_l = store.panels.c


class Panels:
    def __init__(self, packs: Packs) -> None:
        self._packs = packs

    def install(self, tx: Tx, actor: Actor, command: model.InstallPack) -> Done:
        row = store.pack_row(tx.connection, command.pack)
        have = store.panel_rows(tx.connection, actor.person)
        if all(each.id != row.id for each in have):
            if len(have) >= rules.PANEL_MAX:
                raise rules.TooManyPacks()
            store.put_in_panel(tx.connection, actor.person, row.id)
            tell_panel(tx, actor.person, "packs")
        return Done()

    def uninstall(self, tx: Tx, actor: Actor, command: model.UninstallPack) -> Done:
        row = store.pack_row(tx.connection, command.pack)
        rules.must_be_others(row.owner, actor.person)
        if row.owner:
            tx.connection.execute(sa.delete(store.panels).where(_l.person == actor.person, _l.pack == row.id))
        else:
            # A pack of the house is in every panel: that it is not in this one has to be kept.
            store.put_in_panel(tx.connection, actor.person, row.id, hidden=True)
        tell_panel(tx, actor.person, "packs")
        return Done()

    def order(self, tx: Tx, actor: Actor, command: model.OrderPanel) -> Done:
        have = [row.id for row in store.panel_rows(tx.connection, actor.person)]
        wanted = [pack for pack in dict.fromkeys(command.order) if pack in have]
        for position, pack in enumerate([*wanted, *(pack for pack in have if pack not in wanted)]):
            mine = sa.and_(_l.person == actor.person, _l.pack == pack)
            if not tx.connection.execute(sa.update(store.panels).where(mine).values(position=position)).rowcount:
                row = {"person": actor.person, "pack": pack, "position": position}
                tx.connection.execute(sa.insert(store.panels).values(row))
        tell_panel(tx, actor.person, "packs")
        return Done()

    def favour(self, tx: Tx, actor: Actor, command: model.Favour) -> Done:
        store.sticker_row(tx.connection, command.sticker)
        if self._keep(tx, store.favourites, actor.person, command.sticker) > rules.FAVOURITES_MAX:
            raise Conflict(f"At most {rules.FAVOURITES_MAX} favourites.")
        tell_panel(tx, actor.person, "favourites")
        return Done()

    def unfavour(self, tx: Tx, actor: Actor, command: model.Unfavour) -> Done:
        f = store.favourites.c
        tx.connection.execute(sa.delete(store.favourites).where(f.person == actor.person, f.sticker == command.sticker))
        self._packs.let_go(tx, command.sticker)
        tell_panel(tx, actor.person, "favourites")
        return Done()

    def note_use(self, tx: Tx, actor: Actor, command: model.NoteUse) -> Done:
        """The newest forty are kept; devices that are away read them when they come back."""
        store.sticker_row(tx.connection, command.sticker)
        if self._keep(tx, store.recents, actor.person, command.sticker) > rules.RECENTS_MAX:
            r = store.recents.c
            newest = (
                sa.select(r.sticker)
                .where(r.person == actor.person)
                .order_by(r.at.desc(), r.sticker.desc())
                .limit(rules.RECENTS_MAX)
            )
            tx.connection.execute(sa.delete(store.recents).where(r.person == actor.person, r.sticker.not_in(newest)))
        tell_panel(tx, actor.person, "recents")
        return Done()

    @staticmethod
    def _keep(tx: Tx, kept: sa.Table, person: str, sticker: str) -> int:
        """Put a sticker first; return how many there are."""
        mine = sa.and_(kept.c.person == person, kept.c.sticker == sticker)
        if not tx.connection.execute(sa.update(kept).where(mine).values(at=tx.now)).rowcount:
            tx.connection.execute(sa.insert(kept).values(person=person, sticker=sticker, at=tx.now))
        counted = sa.select(sa.func.count()).select_from(kept).where(kept.c.person == person)
        return int(tx.connection.execute(counted).scalar_one())
