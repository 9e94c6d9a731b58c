"""Saved bills: reminders and autopay. The one door of this room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.bills.directory.directory import Directory
from teahouse.bills.directory.model import Biller
from teahouse.bills.payments.payments import BillPayments
from teahouse.bills.payments.showing import read_customer, write_customer
from teahouse.bills.saved import rules, store
from teahouse.bills.saved.minding import Minding
from teahouse.bills.saved.model import (
    Autopay,
    BillSaved,
    BillsChanged,
    RemoveSavedBill,
    SaveBill,
    SavedBill,
    SetAutopay,
    StopAutopay,
    UpdateSavedBill,
)
from teahouse.commands import Actor, Done, Signed
from teahouse.storage.transaction import Tx
from teahouse.wallet.notes import clean
from teahouse.wallet.purse import Purse

_DONE = Done()


class SavedBills:
    def __init__(self, purse: Purse, directory: Directory, payments: BillPayments) -> None:
        self._purse = purse
        self._directory = directory
        self.minding = Minding(purse, directory, payments)
        payments.fetching.saved_of = store.saved_of
        payments.on_ended.append(self.minding.payment_ended)

    def register(self) -> None:
        """Hang the commands into the house."""
        handle = self._purse.house.handle
        handle(SaveBill, self.save)
        handle(UpdateSavedBill, self.update)
        handle(RemoveSavedBill, self.remove)
        handle(SetAutopay, self.set_autopay)
        handle(StopAutopay, self.stop_autopay)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Fetch, remind and pay, from now on."""
        async with self.minding.errands.running():
            yield

    # --- commands ---

    def save(self, tx: Tx, actor: Actor, command: SaveBill) -> BillSaved:
        """Saved again, it gets the new name."""
        biller = self._directory.open_row(tx.connection, command.biller)
        customer = write_customer(self._directory.customer_of(biller, command.customer))
        kept = {"nickname": clean(command.nickname), "remind_days": command.remind_days, "next_at": tx.now}
        saved = store.saved_of(tx.connection, actor.person, biller.id, customer)
        if saved:
            store.change(tx.connection, saved, **kept)
        else:
            if store.count_of(tx.connection, actor.person) >= rules.OF_ONE_MAX:
                raise rules.TooManySavedBills(max=rules.OF_ONE_MAX)
            saved = ids.new_id()
            store.add(
                tx.connection,
                {
                    **store.NEW,
                    **kept,
                    "id": saved,
                    "person": actor.person,
                    "biller": biller.id,
                    "customer": customer,
                    "at": tx.now,
                },
            )
        tx.after(self.minding.errands.wake)
        return self._told(tx, actor, saved)

    def update(self, tx: Tx, actor: Actor, command: UpdateSavedBill) -> Done:
        row = self._own(tx, actor, command.saved)
        values: dict[str, Any] = {}
        if command.nickname is not UNSET:
            values["nickname"] = clean(command.nickname)
        if command.remind_days is not UNSET:
            values |= {"remind_days": command.remind_days, "next_at": tx.now}
            tx.after(self.minding.errands.wake)
        if values:
            store.change(tx.connection, row.id, **values)
            tx.tell(BillsChanged(), (actor.person,))
        return _DONE

    def remove(self, tx: Tx, actor: Actor, command: RemoveSavedBill) -> Done:
        store.remove(tx.connection, self._own(tx, actor, command.saved).id)
        tx.tell(BillsChanged(), (actor.person,))
        return _DONE

    def set_autopay(self, tx: Tx, actor: Actor, command: SetAutopay) -> BillSaved:
        """The same ceiling again, as after a cut, needs no second approval."""
        row = self._own(tx, actor, command.saved)
        biller = self._directory.open_row(tx.connection, row.biller)
        if biller.open_amount or command.ceiling.currency != biller.currency:
            raise rules.NoAutopay()
        if row.ceiling != command.ceiling.amount:
            self._purse.guard.agree(tx, actor, command.ceiling, command.approval)
            store.change(tx.connection, row.id, ceiling=command.ceiling.amount, autopay_since=tx.now, next_at=tx.now)
            tx.after(self.minding.errands.wake)
        return self._told(tx, actor, row.id)

    def stop_autopay(self, tx: Tx, actor: Actor, command: StopAutopay) -> Done:
        row = self._own(tx, actor, command.saved)
        if row.ceiling:
            store.change(tx.connection, row.id, ceiling=0, autopay_since=0, trouble="")
            tx.tell(BillsChanged(), (actor.person,))
        return _DONE

    # --- reads ---

    async def all(self, signed: Signed) -> tuple[SavedBill, ...]:
        def read(connection: sa.Connection) -> tuple[SavedBill, ...]:
            rows = store.all_of(connection, signed.person)
            billers = self._directory.shown(connection, {row.biller for row in rows})
            shown = [_shown(row, billers[row.biller]) for row in rows]
            return tuple(sorted(shown, key=lambda each: (not each.amount, each.due_at or 2**60, each.id)))

        return await self._purse.house.store.read(read)

    # --- within ---

    @staticmethod
    def _own(tx: Tx, actor: Actor, saved: str) -> sa.Row[Any]:
        """Raises `NoSuchSavedBill`."""
        row = store.one(tx.connection, saved)
        if row is None or row.person != actor.person:
            raise rules.NoSuchSavedBill()
        return row

    def _told(self, tx: Tx, actor: Actor, saved: str) -> BillSaved:
        tx.tell(BillsChanged(), (actor.person,))
        row = self._own(tx, actor, saved)
        return BillSaved(saved=_shown(row, self._directory.shown(tx.connection, {row.biller})[row.biller]))


def _shown(row: sa.Row[Any], biller: Biller) -> SavedBill:
    return SavedBill(
        id=row.id,
        biller=biller,
        customer=read_customer(row.customer),
        nickname=row.nickname,
        remind_days=row.remind_days,
        at=row.at,
        autopay=Autopay(row.ceiling, row.autopay_since) if row.ceiling else None,
        ref=row.ref,
        amount=row.amount,
        due_at=row.due_at,
        fetched_at=row.fetched_at,
        trouble=row.trouble,
    )
