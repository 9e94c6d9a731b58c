"""What orders ask of coupons (`merchants.orders.discounts`), all within the order's own transaction."""

from typing import Any

import sqlalchemy as sa

from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.counter import codes, judging, store
from teahouse.coupons.counter.keeping import Keeping, new_row
from teahouse.coupons.pack.pack import CardPack
from teahouse.coupons.pack.rules import NoSuchCoupon
from teahouse.money import Money
from teahouse.storage.transaction import Tx


class CouponDiscounts:
    def __init__(self, campaigns: Campaigns, pack: CardPack, keeping: Keeping) -> None:
        self._campaigns = campaigns
        self._pack = pack
        self._keeping = keeping

    def quote(self, tx: Tx, holder: str, coupon: str, merchant: str, counter: str, basket: Money) -> int:
        """How many of an item are in the basket nobody says here: `buy_x_get_y` takes nothing off."""
        held = self._pack.row(tx, coupon)
        if held.holder != holder:
            raise NoSuchCoupon()
        campaign = self._campaigns.state(tx, held.campaign)
        return judging.discount(held, campaign, merchant, counter, basket, 0, tx.now)

    def reserve(self, tx: Tx, coupon: str, order: str) -> None:
        self._pack.reserve(tx, self._pack.row(tx, coupon))

    def redeem(self, tx: Tx, coupon: str, order: sa.Row[Any], by: str) -> None:
        held, off = self._pack.row(tx, coupon), order.discount
        self._pack.redeem(tx, held, off)
        tx.flush()
        row = store.of_order(tx.connection, order.id)
        if row is None:
            # Nobody scanned a code for it: all that were shown until now are used.
            basket, step = Money(order.amount, order.currency), codes.step_at(tx.now)
            row = new_row(tx, held, order.merchant, order.counter, by, basket, off, step=step, order=order.id)
        self._keeping.paid(tx, row)

    def release(self, tx: Tx, coupon: str, order: str) -> None:
        self._pack.release(tx, self._pack.row(tx, coupon))
        tx.flush()
        row = store.of_order(tx.connection, order)
        if row is not None and row.state == "waiting":
            self._keeping.closed(tx, row)

    def give_back(self, tx: Tx, coupon: str, order: str) -> None:
        tx.flush()
        row = store.of_order(tx.connection, order)
        if row is not None and row.state == "redeemed":
            self._keeping.undone(tx, row)
