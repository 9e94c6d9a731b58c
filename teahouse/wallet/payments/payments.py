"""Payments between people: at once (here), within a chat (`transfers.py`), by charge. The one door of this room."""

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Actor, Signed
from teahouse.errors import NotFound, Refusal
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.ledger.rules import may_move, must_be_amount
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.payments import rules, store
from teahouse.wallet.payments.charges import Charges
from teahouse.wallet.payments.codes import Codes
from teahouse.wallet.payments.model import Paid, Pay, Payee, Payment
from teahouse.wallet.payments.relations import Relations
from teahouse.wallet.payments.rows import NewPayments, describe, shown
from teahouse.wallet.payments.transfers import Transfers
from teahouse.wallet.purse import Purse


class Payments:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._relations = Relations(purse.people)
        self.codes = Codes(purse)
        self.charges = Charges(purse, self.codes, self._relations)
        self.transfers = Transfers(purse, self._relations)

    def register(self) -> None:
        self._purse.house.handle(Pay, self.pay, hot=True)
        self._relations.register()
        self.transfers.register()
        self.charges.register()
        for purpose in (Purpose.PAYMENT, Purpose.CONTACT):
            self._purse.describe[purpose] = describe

    def pay(self, tx: Tx, actor: Actor, command: Pay) -> Paid:
        """Hot: it decides in memory, refuses before it changes anything, and gathers its rows."""
        return once(tx, actor, command, Paid, lambda: self._pay(tx, actor, command))

    def _pay(self, tx: Tx, actor: Actor, command: Pay) -> Paid:
        purse, payer, payee, money = self._purse, actor.person, command.to, command.amount
        amount, currency = money.amount, money.currency
        if payer == payee:
            raise rules.PayYourself()
        rules.may_pay(self._relations.between(tx, payer, payee), command.code)
        note = clean(command.note)
        if command.code:
            asked = self.codes.note_for(tx, command.code, payee, money)
            note = note or asked
        must_be_amount(amount)
        debit, credit = purse.account(tx, payer, currency), purse.account(tx, payee, currency)
        may_move(debit, credit, amount)
        try:
            purse.guard.has_room(tx, payee, money)
        except Refusal:
            # Without a yes nobody learns how full another's wallet is.
            purse.guard.may_spend(tx, actor, money, command.approval)
            raise
        purse.guard.spend(tx, actor, money, command.approval)
        payment = ids.new_id()
        key = f"{command.key}/{payer}"
        new = New(key, debit.number, credit.number, amount, purpose=Purpose.PAYMENT, subject=payment)
        purse.ledger.post(tx, new)
        gathered: NewPayments = tx.gathered(NewPayments)
        gathered.rows.append((payment, payer, payee, amount, currency, tx.now, note, command.code))
        purse.tell(tx, debit)
        purse.tell(tx, credit)
        return Paid(payment=payment, at=tx.now, available=debit.credits - debit.debits - debit.held_out)

    # --- reads ---

    async def payee(self, signed: Signed, person: str) -> Payee:
        """Whom one is about to pay: a contact, or a member of a chat that is no channel. Raises `NotFound`."""

        def read(connection: sa.Connection) -> Payee:
            people, guard = self._purse.people, self._purse.guard
            if person == signed.person:
                raise rules.PayYourself()
            found = people.person(connection, person)
            if found is None or not (
                people.are_contacts(connection, signed.person, person)
                or self._purse.cards.share_a_chat(connection, signed.person, person)
            ):
                raise NotFound("There is no such person whom you know.")
            if people.blocked_between(connection, signed.person, person):
                raise rules.NotPayable()
            standing = guard.state_of(connection, person)
            return Payee(person=found, masked_name=guard.masked(standing.real_name), verified=standing.verified)

        return await self._purse.house.store.read(read)

    async def payment(self, signed: Signed, payment: str) -> Payment:
        """Raises `NoSuchPayment` for who is no side of it."""

        def read(connection: sa.Connection) -> Payment:
            row = store.payment(connection, payment)
            if row is None or signed.person not in (row.payer, row.payee):
                raise rules.NoSuchPayment()
            return shown(row, self._purse.people.people_by_id(connection, (row.payer, row.payee)))

        return await self._purse.house.store.read(read)
