"""Transfers within a chat: the money is held until the payee accepts, returns it, or a day is over.

A hold stands between two ledger accounts, and those stay whoever leaves: a payer who left the chat, blocked the payee
or left the house can no longer stop what they sent; what nobody accepts goes back to the account it came from.
"""

from typing import Any, Literal

import sqlalchemy as sa

from teahouse import ids
from teahouse.chat.content import Transfer as Card
from teahouse.commands import Actor, Done
from teahouse.errors import Refusal
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import Kind, New, Purpose, Transfer
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.payments import rules, store
from teahouse.wallet.payments.model import AcceptTransfer, ReturnTransfer, SendTransfer, TransferSent
from teahouse.wallet.payments.relations import Relation, Relations
from teahouse.wallet.purse import Purse, balance_of

End = Literal["accepted", "returned", "expired"]
_DONE = Done()


class Transfers:
    def __init__(self, purse: Purse, relations: Relations) -> None:
        self._purse = purse
        self._relations = relations

    def register(self) -> None:
        house, purse = self._purse.house, self._purse
        house.handle(SendTransfer, self.send)
        house.handle(AcceptTransfer, self.accept)
        house.handle(ReturnTransfer, self.give_back)
        purse.ledger.on_expired[Purpose.CONTACT] = self._expired

    def send(self, tx: Tx, actor: Actor, command: SendTransfer) -> TransferSent:
        return once(tx, actor, command, TransferSent, lambda: self._send(tx, actor, command))

    def accept(self, tx: Tx, actor: Actor, command: AcceptTransfer) -> Done:
        row = self._to(tx, actor, command.payment)
        if row.state != "accepted":
            rules.must_wait(row.state, row.expires_at, tx.now)
            self._purse.guard.has_room(tx, row.payee, Money(row.amount, row.currency), held=row.amount)
            self._end(tx, row, "accepted", Kind.POST)
        return _DONE

    def give_back(self, tx: Tx, actor: Actor, command: ReturnTransfer) -> Done:
        row = self._to(tx, actor, command.payment)
        if row.state != "returned":
            rules.must_wait(row.state, row.expires_at, tx.now)
            self._end(tx, row, "returned", Kind.VOID)
        return _DONE

    # --- steps ---

    def _send(self, tx: Tx, actor: Actor, command: SendTransfer) -> TransferSent:
        purse, payer, payee, money = self._purse, actor.person, command.to, command.amount
        chat = purse.cards.may_send(tx, payer, command.chat)
        rules.may_give(chat.kind, chat.members, payer, payee)
        relation = self._relations.between(tx, payer, payee)
        rules.must_not_be_apart(relation)
        debit, credit = purse.account(tx, payer, money.currency), purse.account(tx, payee, money.currency)
        at_once = self._accepts_at_once(tx, payee, money, relation)
        purse.guard.spend(tx, actor, money, command.approval)
        payment, expires_at, note = ids.new_id(), tx.now + rules.TRANSFER_MS, clean(command.note)
        hold = purse.ledger.post(
            tx,
            New(
                f"{command.key}/{payer}",
                debit.number,
                credit.number,
                money.amount,
                Kind.HOLD,
                Purpose.CONTACT,
                payment,
                expires_at=expires_at,
            ),
        )
        state: Literal["waiting", "accepted"] = "waiting"
        if at_once:
            state = "accepted"
            purse.ledger.post(tx, _ending(payment, hold, Kind.POST))
            purse.tell(tx, credit)
        purse.tell(tx, debit)
        card = Card(payment=payment, amount=money.amount, currency=money.currency, to=payee, state=state, note=note)
        seq = purse.cards.post(tx, payer, chat.id, card)
        store.add_payment(
            tx.connection,
            id=payment,
            payer=payer,
            payee=payee,
            amount=money.amount,
            currency=money.currency,
            at=tx.now,
            note=note,
            code="",
            state=state,
            chat=chat.id,
            seq=seq,
            hold=hold,
            expires_at=expires_at,
            settled_at=tx.now if at_once else 0,
        )
        available = balance_of(debit).available
        return TransferSent(payment=payment, chat=chat.id, seq=seq, state=state, available=available)

    def _accepts_at_once(self, tx: Tx, payee: str, money: Money, relation: Relation) -> bool:
        """What would overfill the payee's wallet waits instead, until they made room."""
        if relation != "contacts" or not self._purse.guard.standing(tx, payee).accept_at_once:
            return False
        try:
            self._purse.guard.has_room(tx, payee, money)
        except Refusal:
            return False
        return True

    def _end(self, tx: Tx, row: sa.Row[Any], end: End, kind: Kind) -> None:
        self._purse.ledger.post(tx, _ending(row.id, row.hold, kind))
        self._ended(tx, row, end)

    def _expired(self, tx: Tx, hold: Transfer) -> None:
        """The ledger let go of a hold whose day was over."""
        row = store.payment(tx.connection, hold.subject)
        if row is not None and row.state == "waiting":
            self._ended(tx, row, "expired")

    def _ended(self, tx: Tx, row: sa.Row[Any], end: End) -> None:
        """Keep how it ended, show it on the card, and tell both wallets."""
        purse = self._purse
        store.settle(tx.connection, row.id, end, tx.now)
        if end != "accepted":
            purse.guard.unspend(tx, row.payer, Money(row.amount, row.currency), row.at)
        card = Card(payment=row.id, amount=row.amount, currency=row.currency, to=row.payee, state=end, note=row.note)
        purse.cards.revise(tx, row.chat, row.seq, card)
        for person in (row.payer, row.payee):
            purse.tell(tx, purse.account(tx, person, row.currency))

    @staticmethod
    def _to(tx: Tx, actor: Actor, payment: str) -> sa.Row[Any]:
        """Return a transfer to the one who asks. Raises `NoSuchPayment`, `NotYours`."""
        row = store.payment(tx.connection, payment)
        if row is None or not row.hold:
            raise rules.NoSuchPayment()
        if row.payee != actor.person:
            raise rules.NotYours()
        return row


def _ending(payment: str, hold: int, kind: Kind) -> New:
    return New(f"{payment}/end", kind=kind, purpose=Purpose.CONTACT, subject=payment, refers=hold)
