"""Claiming: hot, for a crowd comes within the same instant. It decides in memory and gathers its rows."""

from teahouse import ids
from teahouse.commands import Actor
from teahouse.coupons.campaigns import rules as campaign_rules
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.campaigns.state import CampaignState
from teahouse.coupons.pack import rules
from teahouse.coupons.pack.model import ClaimCoupon, CouponClaimed, CouponsChanged
from teahouse.coupons.pack.state import Coupons, CouponState
from teahouse.errors import Refusal
from teahouse.storage.transaction import Tx
from teahouse.wallet.once import once


class Claims:
    def __init__(self, campaigns: Campaigns, coupons: Coupons) -> None:
        self._campaigns = campaigns
        self._coupons = coupons

    def claim(self, tx: Tx, actor: Actor, command: ClaimCoupon) -> CouponClaimed:
        state, person = self._campaigns.state(tx, command.campaign), actor.person
        if state.whole and person not in state.claimers:
            # Who never had one has no earlier use of the key to look for: a sale that is over costs no query.
            self._may_claim(tx, state)
        return once(tx, actor, command, CouponClaimed, lambda: self._claim(tx, person, state))

    def _claim(self, tx: Tx, person: str, state: CampaignState) -> CouponClaimed:
        coupon = self._take(tx, person, state)
        return CouponClaimed(coupon=coupon.id, expires_at=coupon.expires_at, left=state.left)

    @staticmethod
    def _may_claim(tx: Tx, state: CampaignState) -> None:
        campaign_rules.must_give(state.state, state.valid_to, tx.now)
        campaign_rules.may_claim(state.left, 0, state.per_person)

    def _take(self, tx: Tx, person: str, state: CampaignState) -> CouponState:
        self._campaigns.take(tx, state, person)
        starts_at, expires_at = campaign_rules.good_for(state.valid_from, state.valid_to, state.valid_days, tx.now)
        due_at = rules.due_at(expires_at, tx.now)
        coupon = CouponState(
            ids.new_id(), state.id, person, person, "", 0, "held", tx.now, starts_at, expires_at, 0, 0, due_at
        )
        self._coupons.add(tx, coupon)
        tx.tell(CouponsChanged(coupon=coupon.id), (person,))
        return coupon

    # --- with red packets (`packets.gifts`) ---

    def may_come_along(self, tx: Tx, actor: Actor, campaign: str) -> str:
        """Return the title of a campaign whose coupons somebody may put into a red packet: one of its staff, while
        there are any to be had. Raises the `Refusal` of why not."""
        state = self._campaigns.state(tx, campaign)
        self._campaigns.must_be_staff(tx, actor, state)
        campaign_rules.must_give(state.state, state.valid_to, tx.now)
        campaign_rules.may_claim(state.left, 0, state.per_person)
        return state.title

    def come_along(self, tx: Tx, person: str, campaign: str) -> str:
        """Return the coupon that somebody gets with their share; none, when none are left or they have enough."""
        try:
            return self._take(tx, person, self._campaigns.state(tx, campaign)).id
        except Refusal:
            return ""
