"""The card pack: what may be done with a coupon, and to whom it may be given. Pure."""

from collections.abc import Collection

from teahouse import clock
from teahouse.errors import Conflict, Forbidden, NotFound, Refusal

REMIND_MS = 2 * clock.DAY_MS
"""So long before it expires, its holder is reminded."""


class NoSuchCoupon(NotFound):
    code = "no_such_coupon"
    title = "There is no such coupon, or it was never yours"


class CouponGone(Conflict):
    code = "coupon_given"
    title = "You have given this coupon away"


class CouponWaits(Conflict):
    code = "coupon_waits"
    title = "An order with this coupon waits for its payer"


class CouponUsed(Conflict):
    code = "coupon_used"
    title = "This coupon was redeemed already"


class CouponExpired(Conflict):
    code = "coupon_expired"
    title = "This coupon has expired"


class NotGivable(Forbidden):
    code = "not_givable"
    title = "The merchant lets nobody give this coupon on"


class NotToService(Refusal):
    code = "not_to_service"
    title = "Coupons are given to people, not to merchants"


class NotAMember(Refusal):
    code = "not_a_member"
    title = "A coupon is given to another member of the chat"


class NotInChannels(Forbidden):
    code = "not_in_channels"
    title = "Coupons are given in chats whose members know of each other"


class BlockedBetween(Forbidden):
    """One blocked the other (who did is not said)."""

    code = "apart"
    title = "You cannot give each other anything"


def must_be_held(state: str, expires_at: int, now: int) -> None:
    if state == "reserved":
        raise CouponWaits()
    if state == "redeemed":
        raise CouponUsed()
    if state != "held" or expires_at <= now:
        raise CouponExpired()


def may_give(kind: str, members: Collection[str], giver: str, to: str) -> str:
    """Return to whom a coupon goes in a chat of this kind."""
    if kind == "channel":
        raise NotInChannels()
    if kind == "direct":
        to = to or next((each for each in members if each != giver), "")
    if not to or to == giver or to not in members:
        raise NotAMember()
    return to


def due_at(expires_at: int, now: int) -> int:
    """Return when something is next to be done for a coupon that is held: its holder reminded, else its end."""
    remind_at = expires_at - REMIND_MS
    return remind_at if remind_at > now else expires_at
