"""A coupon is given on: it is the other's at once, and the chain says who had it."""

from teahouse.commands import Actor
from teahouse.coupons.campaigns import rules as campaign_rules
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.pack import rules, store
from teahouse.coupons.pack.model import CouponGiven, CouponsChanged, GiveCoupon
from teahouse.coupons.pack.state import Coupons, CouponState
from teahouse.storage.transaction import Tx
from teahouse.wallet.once import once
from teahouse.wallet.purse import Purse


class Giving:
    def __init__(self, purse: Purse, campaigns: Campaigns, coupons: Coupons) -> None:
        self._purse = purse
        self._campaigns = campaigns
        self._coupons = coupons

    def give(self, tx: Tx, actor: Actor, command: GiveCoupon) -> CouponGiven:
        return once(tx, actor, command, CouponGiven, lambda: self._give(tx, actor.person, command))

    def _give(self, tx: Tx, giver: str, command: GiveCoupon) -> CouponGiven:
        purse = self._purse
        coupon = self._held_by(tx, giver, command.coupon)
        campaign = self._campaigns.state(tx, coupon.campaign)
        if campaign.state == "ended":
            raise campaign_rules.CampaignOver()
        if not campaign.givable:
            raise rules.NotGivable()
        chat = purse.cards.may_send(tx, giver, command.chat)
        to = rules.may_give(chat.kind, chat.members, giver, command.to or "")
        receiver = purse.people.person(tx.connection, to)
        if receiver is None or receiver.service:
            raise rules.NotToService()
        if purse.people.blocked_between(tx.connection, giver, to):
            raise rules.BlockedBetween()
        self._coupons.changing(tx, coupon)
        coupon.holder, coupon.giver, coupon.custody = to, giver, coupon.custody + 1
        self._coupons.given(tx, coupon)
        card = self._campaigns.sharing.card(tx, campaign, to=to, coupon=coupon.id, ends_at=coupon.expires_at)
        seq = purse.cards.post(tx, giver, chat.id, card)
        self._campaigns.count(tx, campaign, "shared")
        tx.tell(CouponsChanged(coupon=coupon.id), (giver, to))
        return CouponGiven(chat=chat.id, seq=seq)

    def _held_by(self, tx: Tx, person: str, identifier: str) -> CouponState:
        """Raises `CouponGone` for who gave it away before, `NoSuchCoupon` for who never had it."""
        coupon = self._coupons.get(tx, identifier)
        if coupon.holder != person:
            tx.flush()
            had_it = any(link.giver == person for link in store.chain_of(tx.connection, coupon.id))
            raise rules.CouponGone() if had_it else rules.NoSuchCoupon()
        rules.must_be_held(coupon.state, coupon.expires_at, tx.now)
        return coupon
