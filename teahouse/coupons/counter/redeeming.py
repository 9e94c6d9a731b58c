"""Coupons are redeemed by staff who scanned the holder's code, exactly once, and redemptions undone by managers."""

from teahouse.commands import Actor
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.counter import judging, proofs, rules, store
from teahouse.coupons.counter.keeping import Keeping, new_row
from teahouse.coupons.counter.model import CancelRedemption, CouponRedeemed, RedeemCoupon, Redemption
from teahouse.coupons.counter.reading import Reading
from teahouse.coupons.counter.showing import Showing
from teahouse.coupons.pack.pack import CardPack
from teahouse.coupons.pack.state import CouponState
from teahouse.errors import NotFound
from teahouse.merchants.service import MerchantService
from teahouse.storage.transaction import Tx
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once


class Redeeming:
    def __init__(
        self,
        merchants: MerchantService,
        campaigns: Campaigns,
        pack: CardPack,
        reading: Reading,
        showing: Showing,
        keeping: Keeping,
    ) -> None:
        self._merchants = merchants
        self._campaigns = campaigns
        self._pack = pack
        self._reading = reading
        self._showing = showing
        self._keeping = keeping

    def redeem(self, tx: Tx, actor: Actor, command: RedeemCoupon) -> CouponRedeemed:
        """Hot, unless its holder is asked for the rest: it decides in memory, and its rows are gathered."""
        return once(tx, actor, command, CouponRedeemed, lambda: self._redeem(tx, actor, command))

    def _redeem(self, tx: Tx, actor: Actor, command: RedeemCoupon) -> CouponRedeemed:
        accounts, merchant, counter = self._merchants.accounts, command.merchant, command.counter or ""
        accounts.must_be_staff(tx.connection, actor, merchant)
        accounts.must_be_open(tx.connection, merchant)
        if counter:
            accounts.counter(tx.connection, merchant, counter)
        proof = proofs.read(self._reading.key, command.proof, merchant, actor.person, tx.now)
        coupon = self._pack.row(tx, proof.coupon)
        if coupon.custody != proof.custody:
            raise rules.WrongProof("It was given away meanwhile.")
        campaign = self._campaigns.state(tx, coupon.campaign)
        off = judging.discount(coupon, campaign, merchant, counter, command.basket, command.quantity, tx.now)
        if proof.step <= self._keeping.undone_steps.last(tx, coupon.id):
            raise rules.CodeUsed()
        if command.collect:
            return CouponRedeemed(redemption=self._ask(tx, actor, command, coupon, off, proof.step))
        self._pack.redeem(tx, coupon, off)
        row = new_row(tx, coupon, merchant, counter, actor.person, command.basket, off, step=proof.step)
        return CouponRedeemed(redemption=self._keeping.redeemed(tx, row, campaign))

    def _ask(self, tx: Tx, actor: Actor, command: RedeemCoupon, coupon: CouponState, off: int, step: int) -> Redemption:
        """Ask the holder for the rest; the coupon waits with the order. With nothing left to pay, the order is paid and
        the coupon redeemed when this returns."""
        merchant, counter, basket, staff = command.merchant, command.counter or "", command.basket, actor.person
        order = self._merchants.orders.charge_holder(
            tx, actor, merchant, coupon.holder, basket, off, coupon.id, counter
        )
        if order.state == "created":
            row = new_row(tx, coupon, merchant, counter, staff, basket, off, step=step, order=order.id, state="waiting")
            self._keeping.waits(tx, row)
        tx.flush()
        kept = store.of_order(tx.connection, order.id)
        assert kept is not None
        return self._showing.one(tx.connection, kept, staff=True)

    def cancel(self, tx: Tx, actor: Actor, command: CancelRedemption) -> CouponRedeemed:
        """A repeat changes nothing. Raises `NoSuchRedemption`, `HasOrder`, `NotRedeemed`."""
        row = store.redemption(tx.connection, command.redemption)
        if row is None:
            raise rules.NoSuchRedemption()
        try:
            self._merchants.accounts.must_be_staff(tx.connection, actor, row.merchant, "manager")
        except NotFound:  # who is no staff of its merchant does not learn of one by trying
            raise rules.NoSuchRedemption() from None
        if row.order_id:
            raise rules.HasOrder()
        if row.state == "cancelled":
            return CouponRedeemed(redemption=self._showing.one(tx.connection, row, staff=True))
        if row.state != "redeemed":
            raise rules.NotRedeemed()
        return CouponRedeemed(redemption=self._keeping.undone(tx, row, clean(command.reason)))
