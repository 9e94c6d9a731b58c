"""Saved bills are minded: fetched again and again, reminded of once, and paid by themselves where that was agreed."""

from typing import Any

import sqlalchemy as sa

from teahouse.bills.directory.directory import Directory
from teahouse.bills.errands import Errands
from teahouse.bills.payments.model import Bill
from teahouse.bills.payments.payments import BillPayments
from teahouse.bills.payments.showing import read_customer
from teahouse.bills.saved import rules, store
from teahouse.bills.saved.model import BillsChanged
from teahouse.chat.content import Notice
from teahouse.errors import Refusal, Unavailable
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse


class Minding:
    def __init__(self, purse: Purse, directory: Directory, payments: BillPayments) -> None:
        self._purse = purse
        self._directory = directory
        self._store = purse.house.store
        self._payments = payments
        self.errands = Errands("saved-bills", self._store, store.due, store.next_due, self._mind)

    # --- in the loop ---

    async def _mind(self, row: sa.Row[Any]) -> None:
        """Fetch one, and do what follows."""
        try:
            bill = await self._payments.look(row.biller, read_customer(row.customer))
        except Refusal as refusal:
            await self._store.write(self._not_fetched, row.id, refusal.code)
            return
        if not await self._store.write(self._fetched, row.id, bill):
            return
        try:
            await self._store.write(self._pay, row.id, bill)
        except Unavailable:
            raise  # the house has too much to do, and tries again
        except Refusal as refusal:
            await self._store.write(self._not_paid, row.id, bill.ref, refusal.code)

    # --- in the writer's thread ---

    def _fetched(self, tx: Tx, saved: str, bill: Bill) -> bool:
        """Keep what was fetched, and say what there is to say of it. Returns whether it is to be paid now."""
        row = store.one(tx.connection, saved)
        if row is None:
            return False
        ref = bill.ref if bill.amount else ""
        now = {"ref": ref, "amount": bill.amount, "due_at": bill.due_at if bill.amount else 0}
        # What autopay stumbled over stays until the bill is another one or paid.
        stays = row.trouble if row.trouble and ref and row.told_failed == ref and row.paid_ref != ref else ""
        is_news = any(getattr(row, name) != value for name, value in now.items()) or row.trouble != stays
        known = known_of(row, **now)
        do = rules.follows(known, tx.now)
        said = {"remind": {"told_due": ref}, "above": {"told_above": ref}}.get(do, {})
        store.change(
            tx.connection,
            row.id,
            **now,
            **said,
            fetched_at=tx.now,
            trouble=stays,
            tries=0,
            next_at=rules.next_fetch(known, tx.now, row.id),
        )
        if do == "remind":
            self._say(tx, row, "bill_due", known)
        elif do == "above":
            self._say(tx, row, "bill_above_ceiling", known)
        if is_news:
            tx.tell(BillsChanged(), (row.person,))
        return do == "pay"

    def _not_fetched(self, tx: Tx, saved: str, code: str) -> None:
        row = store.one(tx.connection, saved)
        if row is None:
            return
        tries = row.tries + 1
        next_at = rules.next_try(tx.now, tries, row.id)
        store.change(tx.connection, row.id, trouble=code, tries=tries, next_at=next_at)
        if row.trouble != code:
            tx.tell(BillsChanged(), (row.person,))
        if rules.is_pressing(known_of(row), tx.now):
            self._say_failed(tx, row, code)

    def _pay(self, tx: Tx, saved: str, bill: Bill) -> None:
        """Pay as was agreed, unless that is no longer so. Raises why it cannot be."""
        row = store.one(tx.connection, saved)
        if row is None or rules.follows(known_of(row), tx.now) != "pay" or row.ref != bill.ref:
            return
        if not bill.least <= bill.amount <= bill.most:
            raise rules.NoAutopay()
        self._payments.pay_agreed(
            tx,
            row.person,
            row.biller,
            bill.customer,
            bill.ref,
            Money(bill.amount, bill.currency),
            rules.key_of(row.id, bill.ref),
            name=bill.name,
        )
        store.change(tx.connection, row.id, paid_ref=bill.ref, trouble="")
        tx.tell(BillsChanged(), (row.person,))

    def _not_paid(self, tx: Tx, saved: str, ref: str, code: str) -> None:
        row = store.one(tx.connection, saved)
        if row is None or row.ref != ref:
            return
        store.change(tx.connection, row.id, trouble=code, next_at=tx.now + rules.AGAIN_MS)
        tx.tell(BillsChanged(), (row.person,))
        self._say_failed(tx, row, code)

    def payment_ended(self, tx: Tx, row: sa.Row[Any]) -> None:
        """A bill was paid, or its money came back: look what is due now."""
        saved = store.one(tx.connection, store.saved_of(tx.connection, row.person, row.biller, row.customer))
        if saved is None:
            return
        # Paid by hand, it is not paid again by itself, however long the biller takes to see it.
        is_paid = row.state == "paid" and row.ref == saved.ref and row.amount >= saved.amount
        store.change(tx.connection, saved.id, next_at=tx.now, paid_ref=row.ref if is_paid else saved.paid_ref)
        tx.after(self.errands.wake)

    def _say_failed(self, tx: Tx, row: sa.Row[Any], code: str) -> None:
        """Once for each bill."""
        if row.told_failed != row.ref:
            store.change(tx.connection, row.id, told_failed=row.ref)
            self._say(tx, row, "autopay_failed", known_of(row), code)

    def _say(self, tx: Tx, row: sa.Row[Any], what: Any, known: rules.Known, why: str = "") -> None:
        """Write to the person in the biller's name."""
        biller = self._purse.people.person(tx.connection, row.biller)
        notice = Notice(
            what=what,
            title=row.nickname or (biller.name if biller else ""),
            amount=known.amount,
            currency=self._directory.row(tx.connection, row.biller).currency,
            at=known.due_at,
            ref=row.id,
            why=why,
        )
        self._purse.cards.say(tx, row.biller, row.person, notice)


def known_of(row: sa.Row[Any], **fetched: Any) -> rules.Known:
    fields = {name: getattr(row, name) for name in rules.Known.__struct_fields__}
    return rules.Known(**{**fields, **fetched})
