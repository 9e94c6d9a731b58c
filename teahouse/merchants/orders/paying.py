"""How orders are paid: by who scanned the order's code, by who scanned a counter's, or by who was asked by charge."""

from typing import Any

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Actor
from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.orders import rules, store
from teahouse.merchants.orders.booking import Booking
from teahouse.merchants.orders.discounts import Hung
from teahouse.merchants.orders.model import ChargeOrder, Order, OrderCharged, OrderPaid, PayMerchant, PayOrder
from teahouse.merchants.orders.showing import Showing
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.payments.charges import Charges
from teahouse.wallet.payments.codes import Codes
from teahouse.wallet.payments.model import Charge
from teahouse.wallet.purse import Purse, balance_of

NO_NUMBER = b""
"""The digest of an order that the house numbered itself: what a merchant creates is never a repeat of it."""


class Paying:
    def __init__(
        self,
        purse: Purse,
        accounts: Accounts,
        codes: Codes,
        charges: Charges,
        showing: Showing,
        booking: Booking,
        hung: Hung,
    ) -> None:
        self._purse = purse
        self._accounts = accounts
        self._codes = codes
        self._charges = charges
        self._showing = showing
        self._booking = booking
        self._hung = hung

    def register(self) -> None:
        house, charges = self._purse.house, self._charges
        house.handle(PayOrder, self.pay)
        house.handle(PayMerchant, self.pay_at_counter)
        house.handle(ChargeOrder, self.charge)
        charges.on_paid[Purpose.MERCHANT] = self._charge_paid
        charges.on_ended[Purpose.MERCHANT] = self._charge_ended

    # --- by the payer ---

    def pay(self, tx: Tx, actor: Actor, command: PayOrder) -> OrderPaid:
        def decide() -> OrderPaid:
            row = store.order(tx.connection, command.order)
            if row is None:
                raise rules.NoSuchOrder()
            rules.must_be_payable(row.state, row.expires_at, row.charge, tx.now)
            return self._by_payer(tx, actor, row, command.coupon or "", command.approval)

        return once(tx, actor, command, OrderPaid, decide)

    def pay_at_counter(self, tx: Tx, actor: Actor, command: PayMerchant) -> OrderPaid:
        def decide() -> OrderPaid:
            merchant, counter = self._accounts.counter_of_token(tx.connection, command.counter)
            row = self._add(tx, actor, merchant, command.amount, command.note, counter.id)
            return self._by_payer(tx, actor, row, command.coupon or "", command.approval)

        return once(tx, actor, command, OrderPaid, decide)

    def _by_payer(self, tx: Tx, actor: Actor, row: sa.Row[Any], coupon: str, approval: str) -> OrderPaid:
        purse, payer = self._purse, actor.person
        self._accounts.must_be_open(tx.connection, row.merchant)
        discount = 0
        if coupon:
            basket = Money(row.amount, row.currency)
            discount = self._hung.discounts.quote(tx, payer, coupon, row.merchant, row.counter, basket)
        paid = rules.net_of(row.amount, discount)
        if paid:
            purse.guard.spend(tx, actor, Money(paid, row.currency), approval)
            self._booking.takes(tx, row, payer, paid)
        row = self._complete(tx, row, payer, coupon, discount, payer)
        available = balance_of(purse.account(tx, payer, row.currency)).available
        return OrderPaid(order=self._showing.one(tx.connection, row, staff=False), available=available)

    # --- by charge ---

    def charge(self, tx: Tx, actor: Actor, command: ChargeOrder) -> OrderCharged:
        def decide() -> OrderCharged:
            merchant, counter = command.merchant, command.counter or ""
            self._accounts.must_be_staff(tx.connection, actor, merchant)
            if counter:
                self._accounts.counter(tx.connection, merchant, counter)
            payer = self._codes.use_pay_code(tx, actor, command.code)
            row = self._add(tx, actor, merchant, command.amount, command.description, counter, payer=payer)
            order, charge = self._ask(tx, row, command.amount.amount)
            return OrderCharged(order=order, charge=charge)

        return once(tx, actor, command, OrderCharged, decide)

    def charge_holder(
        self, tx: Tx, actor: Actor, merchant: str, payer: str, basket: Money, discount: int, coupon: str, counter: str
    ) -> Order:
        self._accounts.must_be_staff(tx.connection, actor, merchant)
        row = self._add(tx, actor, merchant, basket, "", counter, payer=payer, coupon=coupon, discount=discount)
        if paid := rules.net_of(basket.amount, discount):
            return self._ask(tx, row, paid)[0]
        row = self._complete(tx, row, payer, coupon, discount, actor.person)
        return self._showing.one(tx.connection, row, staff=True)

    def _ask(self, tx: Tx, row: sa.Row[Any], paid: int) -> tuple[Order, Charge]:
        """Ask the order's payer for what is left to pay. The order lives as long as the question."""
        charge = self._charges.ask(
            tx,
            row.payer,
            row.merchant,
            Money(paid, row.currency),
            row.description,
            purpose=Purpose.MERCHANT,
            subject=row.id,
            credit=self._booking.till(tx, row.merchant, row.currency),
        )
        store.change_order(tx.connection, row.id, charge=charge.id, expires_at=charge.expires_at)
        if row.coupon:
            self._hung.discounts.reserve(tx, row.coupon, row.id)
        return self._showing.tell(tx, self.row(tx, row.id)), charge

    def _charge_paid(self, tx: Tx, charge: sa.Row[Any]) -> None:
        """The payer said yes, and their money is in the till. A refusal here rolls that back."""
        row = self.row(tx, charge.subject)
        if row.state != "created":
            raise rules.OrderOver(state=row.state)
        self._accounts.must_be_open(tx.connection, row.merchant)
        self._complete(tx, row, row.payer, row.coupon, row.discount, row.maker)

    def _charge_ended(self, tx: Tx, charge: sa.Row[Any]) -> None:
        """Declined, or nobody answered."""
        row = self.row(tx, charge.subject)
        if row.state == "created":
            self.close(tx, row)

    # --- what orders share ---

    def close(self, tx: Tx, row: sa.Row[Any]) -> Order:
        """End an order that is not paid: its coupon is free again, and its payer is asked no more."""
        store.change_order(tx.connection, row.id, state="closed", closed_at=tx.now, discount=0)
        if row.charge:
            self._charges.cancel(tx, row.charge)
        if row.coupon:
            self._hung.discounts.release(tx, row.coupon, row.id)
        return self.changed(tx, row.id)

    def changed(self, tx: Tx, order: str) -> Order:
        """Tell everybody of an order that was paid, closed or refunded; return it as the staff see it."""
        shown = self._showing.tell(tx, self.row(tx, order))
        for told in self._hung.on_changed:
            told(tx, shown)
        return shown

    def row(self, tx: Tx, order: str) -> sa.Row[Any]:
        row = store.order(tx.connection, order)
        assert row is not None
        return row

    def _add(
        self,
        tx: Tx,
        actor: Actor,
        merchant: str,
        basket: Money,
        description: str,
        counter: str,
        *,
        payer: str = "",
        coupon: str = "",
        discount: int = 0,
    ) -> sa.Row[Any]:
        """Make an order that the house numbers itself."""
        shop = self._accounts.must_be_open(tx.connection, merchant)
        rules.must_be_sold_in(shop.currency, basket.currency)
        identifier = ids.new_id()
        store.add_order(
            tx.connection,
            id=identifier,
            merchant=merchant,
            number=identifier,
            digest=NO_NUMBER,
            amount=basket.amount,
            currency=basket.currency,
            state="created",
            description=clean(description),
            attach="",
            counter=counter,
            at=tx.now,
            expires_at=tx.now,
            maker=actor.person,
            payer=payer,
            coupon=coupon,
            discount=discount,
        )
        return self.row(tx, identifier)

    def _complete(self, tx: Tx, row: sa.Row[Any], payer: str, coupon: str, discount: int, by: str) -> sa.Row[Any]:
        """The payer's money is in the till: give the discount, take the fee, and tell."""
        paid = rules.net_of(row.amount, discount)
        booked = self._booking.completes(tx, row, discount, paid)
        store.change_order(
            tx.connection,
            row.id,
            state="paid",
            payer=payer,
            coupon=coupon,
            discount=discount,
            paid=paid,
            fee=booked.fee,
            paid_at=booked.at,
        )
        row = self.row(tx, row.id)
        if coupon:
            self._hung.discounts.redeem(tx, coupon, row, by)
        self.changed(tx, row.id)
        return row
