"""Coupons expire, and their holders are reminded before."""

from teahouse.chat.content import Notice
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.pack import store
from teahouse.coupons.pack.model import CouponsChanged
from teahouse.coupons.pack.state import Coupons, CouponState
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse

AT_ONCE = 20
"""In one transaction: a flash sale's reminders all come due together, and each may open a chat."""


class Ending:
    def __init__(self, purse: Purse, campaigns: Campaigns, coupons: Coupons) -> None:
        self._purse = purse
        self._campaigns = campaigns
        self._coupons = coupons

    def sweep(self, tx: Tx, limit: int) -> int:
        """Remind and let expire what is due. Returns how many coupons that were."""
        tx.flush()
        due = store.due(tx.connection, tx.now, min(limit, AT_ONCE))
        for identifier in due:
            coupon = self._coupons.get(tx, identifier)
            self._coupons.changing(tx, coupon)
            if coupon.state == "held" and coupon.expires_at <= tx.now:
                coupon.state, coupon.due_at = "expired", 0
                tx.tell(CouponsChanged(coupon=coupon.id), (coupon.holder,))
            elif coupon.state == "held":
                # Once: what comes next is its end, also for whom it is given to meanwhile.
                coupon.due_at = coupon.expires_at
                self._remind(tx, coupon)
            else:
                coupon.due_at = 0
        return len(due)

    def _remind(self, tx: Tx, coupon: CouponState) -> None:
        campaign = self._campaigns.state(tx, coupon.campaign)
        if campaign.state == "ended":
            return
        notice = Notice(what="coupon_expires", title=campaign.title, at=coupon.expires_at, ref=coupon.id)
        self._purse.cards.say(tx, campaign.merchant, coupon.holder, notice)
