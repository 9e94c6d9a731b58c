"""What happens to the money of a bill: set aside, then moved, given back, or moved back. In the writer's thread.

Every step of the ledger has a key of the payment's own, so that none happens twice whatever a biller says twice.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from teahouse import ids
from teahouse.bills.connectors.model import Said
from teahouse.bills.directory.directory import Directory
from teahouse.bills.payments import rules, store
from teahouse.bills.payments.model import BillChanged, BillPayment
from teahouse.bills.payments.showing import shown
from teahouse.chat.content import Notice
from teahouse.errors import Conflict, Refusal
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import Kind, New, Purpose, Transfer
from teahouse.wallet.notes import clean
from teahouse.wallet.purse import Purse

Ended = Callable[[Tx, sa.Row[Any]], None]


class Booking:
    def __init__(self, purse: Purse, directory: Directory) -> None:
        self._purse = purse
        self._directory = directory
        self.wake: Callable[[], None] = lambda: None
        """Tells the worker that something is due, from the writer's thread."""
        self.on_ended: list[Ended] = []
        self.receipt_path: Callable[[sa.Row[Any]], str] = lambda row: ""

    def register(self) -> None:
        self._purse.ledger.on_expired[Purpose.BILL] = self._expired

    # --- beginning ---

    def begin(
        self,
        tx: Tx,
        person: str,
        biller: sa.Row[Any],
        customer: str,
        ref: str,
        name: str,
        money: Money,
        key: str,
        *,
        autopay: bool = False,
    ) -> BillPayment:
        """Set the money aside. Raises `BillUnderWay`, `InsufficientFunds`."""
        bill = rules.bill_of(biller.id, customer, ref)
        if ref and store.is_under_way(tx.connection, bill):
            raise rules.BillUnderWay()
        purse, payment = self._purse, ids.new_id()
        debit = purse.account(tx, person, money.currency)
        credit = purse.house_account(tx, "biller", money.currency, biller.id)
        deadline_at = tx.now + biller.deadline_s * 1000
        expires_at = deadline_at + rules.HOLD_MARGIN_MS
        hold = purse.ledger.post(
            tx,
            New(
                f"{payment}/hold",
                debit.number,
                credit.number,
                money.amount,
                Kind.HOLD,
                Purpose.BILL,
                payment,
                expires_at=expires_at,
            ),
        )
        store.add(
            tx.connection,
            {
                "id": payment,
                "person": person,
                "key": key,
                "biller": biller.id,
                "customer": customer,
                "bill": bill,
                "ref": ref,
                "name": name,
                "amount": money.amount,
                "currency": money.currency,
                "at": tx.now,
                "state": "held",
                "autopay": autopay,
                "hold": hold,
                "post": 0,
                "step": "pay",
                "next_at": tx.now,
                "tries": 0,
                "deadline_at": deadline_at,
                "expires_at": expires_at,
                "ended_at": 0,
                "reference": "",
                "reason": "",
            },
        )
        tx.after(self.wake)
        return self._changed(tx, payment)[1]

    # --- what a biller says ---

    def heard(self, tx: Tx, payment: str, state: str, ask: rules.Ask, said: Said) -> None:
        """Do what follows from an answer to a question that was asked while the payment was in this state."""
        row = store.payment(tx.connection, payment)
        if row is None or row.state != state or not row.next_at:
            return  # it was ended meanwhile
        following = rules.follows(known(row), ask, said, tx.now)
        store.change(tx.connection, row.id, step=following.step, next_at=following.at, tries=following.tries)
        if following.do == "post":
            self._post(tx, row, said)
        elif following.do == "void":
            self._void(tx, row, following.reason)
        elif following.do == "give_back":
            self._give_back(tx, row)
        if following.trouble:
            self._trouble(tx, row, following.trouble)
        if 0 < following.at <= tx.now:
            tx.after(self.wake)

    def _post(self, tx: Tx, row: sa.Row[Any], said: Said) -> None:
        new = _ending(row, "post", Kind.POST)
        number = self._purse.ledger.post(tx, new)
        reference = clean(said.reference)[:64]
        self._end(tx, row, state="paid", post=number, ended_at=tx.now, reference=reference)
        if row.autopay or tx.now - row.at > rules.SOON_MS:
            self._say(tx, row, "bill_paid")

    def _void(self, tx: Tx, row: sa.Row[Any], reason: str) -> None:
        self._purse.ledger.post(tx, _ending(row, "void", Kind.VOID))
        self._returned(tx, row, reason)

    def _returned(self, tx: Tx, row: sa.Row[Any], reason: str) -> None:
        self._purse.guard.unspend(tx, row.person, Money(row.amount, row.currency), row.at)
        reason = clean(reason)
        self._end(tx, row, state="returned", ended_at=tx.now, reason=reason)
        self._say(tx, row, "bill_returned", reason)

    def _give_back(self, tx: Tx, row: sa.Row[Any]) -> None:
        """The biller undid a payment. `ended_at` stays the time at which it was paid."""
        new = New(f"{row.id}/reverse", kind=Kind.REVERSE, purpose=Purpose.BILL, subject=row.id, refers=row.post)
        try:
            self._purse.ledger.post(tx, new)
        except Conflict:
            # It left for the biller's bank, and has to come from there.
            self._trouble(tx, row, "reversed_without_money")
            return
        store.change(tx.connection, row.id, step="", next_at=0)
        self._end(tx, row, state="reversed", reason="reversed")
        self._say(tx, row, "bill_reversed")

    def _expired(self, tx: Tx, hold: Transfer) -> None:
        """The ledger let go of a hold that nobody ended in time: the worker was away for days."""
        row = store.payment(tx.connection, hold.subject)
        if row is not None and row.state == "held":
            store.change(tx.connection, row.id, step="undo", next_at=tx.now, tries=0)
            self._returned(tx, row, "no_answer")
            tx.after(self.wake)

    # --- telling ---

    def _end(self, tx: Tx, row: sa.Row[Any], **values: Any) -> None:
        store.change(tx.connection, row.id, **values)
        ended, _ = self._changed(tx, row.id)
        for listener in self.on_ended:
            listener(tx, ended)

    def _changed(self, tx: Tx, payment: str) -> tuple[sa.Row[Any], BillPayment]:
        """Tell the payer's devices how a payment is now; return its row, and what was told."""
        row = store.payment(tx.connection, payment)
        assert row is not None
        told = self.as_told(tx.connection, row)
        tx.tell(BillChanged(payment=told), (row.person,))
        self._purse.tell(tx, self._purse.account(tx, row.person, row.currency))
        return row, told

    def as_told(self, connection: sa.Connection, row: sa.Row[Any]) -> BillPayment:
        receipt = self.receipt_path(row) if row.post else ""
        return shown(row, self._directory.shown(connection, {row.biller})[row.biller], receipt)

    def _say(self, tx: Tx, row: sa.Row[Any], what: Any, why: str = "") -> None:
        """Write to the payer in the biller's name."""
        person = self._purse.people.person(tx.connection, row.biller)
        notice = Notice(
            what=what,
            title=person.name if person else "",
            amount=row.amount,
            currency=row.currency,
            at=tx.now,
            ref=row.id,
            why=why,
        )
        with suppress(Refusal):  # money does not wait for a chat that cannot be written to
            self._purse.cards.say(tx, row.biller, row.person, notice)

    def _trouble(self, tx: Tx, row: sa.Row[Any], what: str) -> None:
        self._directory.note_trouble(tx, row.biller, f"{what}:{row.id}")


def known(row: sa.Row[Any]) -> rules.Known:
    return rules.Known(row.state, row.step, row.tries, row.deadline_at, row.expires_at)


def _ending(row: sa.Row[Any], what: str, kind: Kind) -> New:
    return New(f"{row.id}/{what}", kind=kind, purpose=Purpose.BILL, subject=row.id, refers=row.hold)
