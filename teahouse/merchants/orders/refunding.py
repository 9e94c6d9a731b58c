"""Refunds: what a payer paid goes back to them out of the takings, whole or in parts."""

from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.chat.content import Notice
from teahouse.commands import Actor
from teahouse.merchants.orders import rules, store
from teahouse.merchants.orders.booking import Booking
from teahouse.merchants.orders.discounts import Hung
from teahouse.merchants.orders.model import Order, OrderRefunded, Refund, RefundOrder
from teahouse.merchants.orders.paying import Paying
from teahouse.merchants.orders.showing import Showing
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.notes import clean
from teahouse.wallet.once import digest
from teahouse.wallet.purse import Purse


class Refunding:
    def __init__(self, purse: Purse, showing: Showing, booking: Booking, paying: Paying, hung: Hung) -> None:
        self._purse = purse
        self._showing = showing
        self._booking = booking
        self._paying = paying
        self._hung = hung

    def refund(self, tx: Tx, actor: Actor, row: sa.Row[Any], command: RefundOrder) -> OrderRefunded:
        """Of an order whose merchant the actor may refund for. A suspended merchant refunds too: what it owes it still
        owes. Raises `KeyReused`, `NotPaid`, `RefundTooMuch`, `NotEnoughTakings`."""
        said = digest(command)
        first = store.refund_by_number(tx.connection, row.merchant, command.number)
        if first is not None:
            if bytes(first.digest) != said:
                raise KeyReused()
            return _answer(self._showing.one(tx.connection, row, staff=True), first.id)
        asked = None if command.amount is UNSET else command.amount
        amount = rules.refundable(row.state, row.paid, row.refunded, asked)
        refunded = row.refunded + amount
        is_whole = refunded == row.paid
        discount = row.discount if is_whole else 0
        before = store.refunds_of(tx.connection, (row.id,))
        refund, reason = ids.new_id(), clean(command.reason)
        booked = self._booking.gives_back(tx, row, refund, amount, discount, sum(each.fee for each in before))
        store.add_refund(
            tx.connection,
            id=refund,
            merchant=row.merchant,
            number=command.number,
            digest=said,
            sale=row.id,
            amount=amount,
            discount=discount,
            fee=booked.fee,
            at=booked.at,
            reason=reason,
            maker=actor.person,
        )
        state = "refunded" if is_whole else "paid"
        store.change_order(tx.connection, row.id, state=state, refunded=refunded)
        if is_whole and row.coupon:
            self._hung.discounts.give_back(tx, row.coupon, row.id)
        self._say(tx, row, amount, reason)
        return _answer(self._paying.changed(tx, row.id), refund)

    def _say(self, tx: Tx, row: sa.Row[Any], amount: int, reason: str) -> None:
        """Write to the payer, in their chat with the merchant."""
        purse = self._purse
        if amount and purse.people.person(tx.connection, row.payer) is not None:
            notice = Notice(
                what="order_refunded",
                title=row.description,
                amount=amount,
                currency=row.currency,
                ref=row.id,
                why=reason,
            )
            purse.cards.say(tx, row.merchant, row.payer, notice)


def _answer(order: Order, refund: str) -> OrderRefunded:
    found: Refund = next(each for each in order.refunds if each.id == refund)
    return OrderRefunded(order=order, refund=found)
