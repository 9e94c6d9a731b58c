"""Redemptions as they are written and undone, whoever asked for it; the merchant's program is told."""

from typing import Any

from teahouse import ids
from teahouse.coupons.campaigns.state import CampaignState
from teahouse.coupons.counter import store
from teahouse.coupons.counter.model import Redemption
from teahouse.coupons.counter.showing import Showing
from teahouse.coupons.counter.undone import UndoneSteps
from teahouse.coupons.pack.pack import CardPack
from teahouse.coupons.pack.state import CouponState
from teahouse.merchants.service import MerchantService
from teahouse.money import Money
from teahouse.storage.transaction import Tx


class Keeping:
    def __init__(self, merchants: MerchantService, pack: CardPack, showing: Showing) -> None:
        self._merchants = merchants
        self._pack = pack
        self._showing = showing
        self.undone_steps = UndoneSteps()

    def redeemed(self, tx: Tx, row: store.Row, campaign: CampaignState) -> Redemption:
        """Keep one that is made now, without an order: it is gathered, so that thousands are written at once."""
        store.add(tx, row)
        shown = self._showing.new(tx, row, campaign)
        self._merchants.webhooks.tell(tx, row.merchant, "coupon.redeemed", shown)
        return shown

    def waits(self, tx: Tx, row: store.Row) -> None:
        """Keep one that its holder is asked to pay for."""
        store.add(tx, row)

    def paid(self, tx: Tx, row: store.Row) -> None:
        """Keep one whose order was paid now; it may have waited."""
        if store.redemption(tx.connection, row.id) is None:
            store.add(tx, row)
            tx.flush()
        shown = self._change(tx, row.id, state="redeemed", at=tx.now)
        self._merchants.webhooks.tell(tx, row.merchant, "coupon.redeemed", shown)

    def closed(self, tx: Tx, row: store.Row) -> None:
        """Its holder did not pay."""
        self.undone_steps.add(tx, row.coupon, row.step)
        store.change(tx.connection, row.id, state="closed", ended_at=tx.now)

    def undone(self, tx: Tx, row: store.Row, reason: str = "") -> Redemption:
        """It was cancelled or refunded: its holder has the coupon again, where the campaign says so."""
        self._pack.give_back(tx, self._pack.row(tx, row.coupon))
        self.undone_steps.add(tx, row.coupon, row.step)
        shown = self._change(tx, row.id, state="cancelled", reason=reason, ended_at=tx.now)
        self._merchants.webhooks.tell(tx, row.merchant, "coupon.cancelled", shown)
        return shown

    def _change(self, tx: Tx, redemption: str, **values: Any) -> Redemption:
        store.change(tx.connection, redemption, **values)
        row = store.redemption(tx.connection, redemption)
        assert row is not None
        return self._showing.one(tx.connection, row, staff=True)


def new_row(
    tx: Tx,
    coupon: CouponState,
    merchant: str,
    counter: str,
    staff: str,
    basket: Money,
    off: int,
    *,
    step: int,
    order: str = "",
    state: str = "redeemed",
) -> store.Row:
    return store.Row(
        id=ids.new_id(),
        coupon=coupon.id,
        campaign=coupon.campaign,
        merchant=merchant,
        counter=counter,
        holder=coupon.holder,
        staff=staff,
        order_id=order,
        basket=basket.amount,
        discount=off,
        currency=basket.currency,
        state=state,
        step=step,
        at=tx.now,
    )
