"""A campaign's cards in chats: put there by whoever wants others to have one, and kept true while there are not too
many of them."""

from typing import Literal

from teahouse.chat.content import CouponCard
from teahouse.commands import Actor
from teahouse.coupons.campaigns import rules, store
from teahouse.coupons.campaigns.model import CampaignShared, ShareCampaign
from teahouse.coupons.campaigns.state import CampaignsInUse, CampaignState
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse

AT_ONCE = 20
"""Cards that are rewritten in one transaction: first in the group that changed their campaign, then by the sweep."""


class Sharing:
    def __init__(self, purse: Purse, campaigns: CampaignsInUse) -> None:
        self._purse = purse
        self._campaigns = campaigns

    def share(self, tx: Tx, actor: Actor, command: ShareCampaign) -> CampaignShared:
        """By anybody, for a live campaign: to have it is to know its link."""
        state = self._campaigns.get(tx, command.campaign)
        rules.must_give(state.state, state.valid_to, tx.now)
        if not state.left:
            raise rules.CampaignEmpty()
        seq = self._purse.cards.post(tx, actor.person, command.chat, self.card(tx, state))
        store.add_card(tx.connection, state.id, command.chat, seq, tx.now)
        return CampaignShared(chat=command.chat, seq=seq)

    def card(self, tx: Tx, state: CampaignState, *, to: str = "", coupon: str = "", ends_at: int = 0) -> CouponCard:
        """Return what a message shows of a campaign now, or of one coupon that was given to somebody."""
        merchant, worth = self._purse.people.person(tx.connection, state.merchant), state.worth
        return CouponCard(
            campaign=state.id,
            merchant=state.merchant,
            name=merchant.name if merchant else "",
            title=state.title,
            offer=worth.offer,
            currency=worth.currency,
            amount=worth.amount,
            percent=worth.percent,
            buy=worth.buy,
            get=worth.get,
            colour=state.colour,
            picture=state.picture,
            ends_at=ends_at or state.valid_to,
            to=to,
            coupon=coupon,
            state="given" if coupon else shows(state),
        )

    def changed(self, tx: Tx, state: CampaignState) -> None:
        """What the cards show is another thing now: rewrite the newest in this group, and mark the others."""
        store.cards_are_due(tx.connection, state.id)
        self._revise(tx, AT_ONCE, state.id)

    def sweep(self, tx: Tx, limit: int) -> int:
        """Rewrite cards that are due. Returns how many."""
        return self._revise(tx, min(limit, AT_ONCE))

    def _revise(self, tx: Tx, limit: int, campaign: str = "") -> int:
        due = store.due_cards(tx.connection, limit, campaign)
        made: dict[str, CouponCard] = {}
        for row in due:
            if row.campaign not in made:
                made[row.campaign] = self.card(tx, self._campaigns.get(tx, row.campaign))
            self._purse.cards.revise(tx, row.chat, row.seq, made[row.campaign])
            store.card_is_true(tx.connection, row.campaign, row.chat, row.seq)
        return len(due)


def shows(state: CampaignState) -> Literal["open", "empty", "ended"]:
    """A pause is not shown: it may end at any moment, and who asks meanwhile is told."""
    if state.state == "ended":
        return "ended"
    return "open" if state.left else "empty"
