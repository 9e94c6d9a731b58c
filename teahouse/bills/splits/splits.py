"""Splits: what one paid is shared among a chat. The one door of this room."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.bills.payments.store import payment as payment_by_id
from teahouse.bills.splits import rules, store
from teahouse.bills.splits.model import CloseSplit, MakeSplit, PaySplit, Share, Split, SplitMade, SplitPaid
from teahouse.chat.cards import may_read
from teahouse.chat.content import SplitCard, SplitShare
from teahouse.commands import Actor, Done, Signed
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.purse import Described, NoSuchCurrency, Purse, balance_of


class Splits:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang the commands into the house."""
        house = self._purse.house
        house.handle(MakeSplit, self.make)
        house.handle(PaySplit, self.pay)
        house.handle(CloseSplit, self.close)
        self._purse.describe[Purpose.SPLIT] = describe

    # --- commands ---

    def make(self, tx: Tx, actor: Actor, command: MakeSplit) -> SplitMade:
        return once(tx, actor, command, SplitMade, lambda: self._make(tx, actor, command))

    def _make(self, tx: Tx, actor: Actor, command: MakeSplit) -> SplitMade:
        purse, maker, total = self._purse, actor.person, command.total
        chat = purse.cards.may_send(tx, maker, command.chat)
        rules.may_ask(chat.kind, chat.members, maker, command.shares, total.amount)
        if total.currency not in purse.operator.settings.currencies:
            raise NoSuchCurrency()
        if command.payment is not UNSET:
            bill = payment_by_id(tx.connection, command.payment)
            rules.may_split(bill is not None and bill.person == maker, total.amount, bill.amount if bill else 0)
        split = ids.new_id()
        card = SplitCard(
            split=split,
            title=clean(command.title),
            total=total.amount,
            currency=total.currency,
            shares=tuple(SplitShare(share.person, share.amount) for share in command.shares),
        )
        seq = purse.cards.post(tx, maker, chat.id, card)
        values = {
            "id": split,
            "maker": maker,
            "chat": chat.id,
            "seq": seq,
            "title": card.title,
            "total": total.amount,
            "currency": total.currency,
            "payment": command.payment or "",
            "state": "open",
            "at": tx.now,
        }
        store.add(tx.connection, values, [(share.person, share.amount) for share in command.shares])
        return SplitMade(split=split, chat=chat.id, seq=seq)

    def pay(self, tx: Tx, actor: Actor, command: PaySplit) -> SplitPaid:
        return once(tx, actor, command, SplitPaid, lambda: self._pay(tx, actor, command))

    def _pay(self, tx: Tx, actor: Actor, command: PaySplit) -> SplitPaid:
        purse, payer = self._purse, actor.person
        row = _found(tx.connection, command.split)
        purse.cards.may_open(tx, payer, row.chat, row.seq)
        asked = {share.person: share for share in store.shares_of(tx.connection, row.id)}
        mine = asked.get(payer)
        rules.may_pay(row.state, mine.paid_at if mine else None)
        assert mine is not None
        money = Money(mine.amount, row.currency)
        debit, credit = purse.account(tx, payer, row.currency), purse.account(tx, row.maker, row.currency)
        # Without a yes nobody learns how full another's wallet is.
        purse.guard.may_spend(tx, actor, money, command.approval)
        purse.guard.has_room(tx, row.maker, money)
        purse.guard.spend(tx, actor, money, command.approval)
        new = New(f"{row.id}/{payer}", debit.number, credit.number, mine.amount, purpose=Purpose.SPLIT, subject=row.id)
        purse.ledger.post(tx, new)
        store.pay(tx.connection, row.id, payer, tx.now)
        if all(share.paid_at or person == payer for person, share in asked.items()):
            store.end(tx.connection, row.id, "settled")
        self._show(tx, row.id)
        purse.tell(tx, debit)
        purse.tell(tx, credit)
        return SplitPaid(available=balance_of(debit).available)

    def close(self, tx: Tx, actor: Actor, command: CloseSplit) -> Done:
        """A repeat changes nothing."""
        row = _found(tx.connection, command.split)
        if row.maker != actor.person:
            raise rules.NotYourSplit()
        if row.state == "open":
            store.end(tx.connection, row.id, "closed")
            self._show(tx, row.id)
        return Done()

    # --- reads ---

    async def split(self, signed: Signed, split: str) -> Split:
        return await self._purse.house.store.read(self._read, signed.person, split)

    def _read(self, connection: sa.Connection, person: str, split: str) -> Split:
        row = _found(connection, split)
        may_read(connection, person, row.chat, row.seq)
        asked = store.shares_of(connection, split)
        people = self._purse.people.people_by_id(connection, {row.maker, *(share.person for share in asked)})
        return Split(
            id=row.id,
            maker=people[row.maker],
            title=row.title,
            total=row.total,
            currency=row.currency,
            state=row.state,
            at=row.at,
            chat=row.chat,
            seq=row.seq,
            shares=tuple(Share(people[share.person], share.amount, share.paid_at) for share in asked),
        )

    # --- within ---

    def _show(self, tx: Tx, split: str) -> None:
        """Rewrite the card as the rows are now."""
        row = _found(tx.connection, split)
        card = SplitCard(
            split=split,
            title=row.title,
            total=row.total,
            currency=row.currency,
            shares=tuple(
                SplitShare(share.person, share.amount, bool(share.paid_at))
                for share in store.shares_of(tx.connection, split)
            ),
        )
        self._purse.cards.revise(tx, row.chat, row.seq, msgspec.structs.replace(card, state=row.state))


def describe(connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
    """Return what a history shows of splits."""
    return {
        row.id: Described(note=row.title, chat=row.chat, seq=row.seq) for row in store.splits_of(connection, subjects)
    }


def _found(connection: sa.Connection, split: str) -> sa.Row[Any]:
    row = store.split(connection, split)
    if row is None:
        raise rules.NoSuchSplit()
    return row
