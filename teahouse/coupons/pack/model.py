"""The card pack: coupons that people hold, claim and give."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.coupons.campaigns.model import Campaign
from teahouse.events import Event
from teahouse.people.model import Person
from teahouse.wallet.model import Key

CouponState = Literal["held", "reserved", "redeemed", "expired", "given"]
"""`reserved`: an order with it waits for its payer; `given`: gone from one's pack to somebody else's."""


class Custody(msgspec.Struct, frozen=True):
    """One link in the chain of who held a coupon."""

    person: Person
    at: int
    how: Literal["claimed", "given"]


class Coupon(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    campaign: Campaign
    state: CouponState
    claimed_at: int
    starts_at: int
    expires_at: int
    redeemed_at: int = 0
    discount: int = 0
    """What it took off, once redeemed."""
    giver: str = ""
    """Whom one has it from, if anybody."""
    secret: str = ""
    """For its holder: base32 key of the rotating code (see docs/coupons.md). Another for every holder."""
    custody: tuple[Custody, ...] = ()
    """Only when one coupon is read."""


class CouponPack(msgspec.Struct, frozen=True):
    """What one holds (what expires first comes first), and what was used, given or lost (the newest 100)."""

    held: tuple[Coupon, ...]
    past: tuple[Coupon, ...]


class ClaimCoupon(Command, frozen=True, tag="coupon.claim"):
    """Get one of a campaign's coupons. Hot."""

    key: Key
    campaign: Id


class CouponClaimed(Result, frozen=True):
    coupon: str
    expires_at: int
    left: int


class GiveCoupon(Command, frozen=True, tag="coupon.give"):
    """Give a coupon to a member of a chat (in a direct chat: the other): it is theirs at once."""

    key: Key
    coupon: Id
    chat: Id
    to: Id | UnsetType = UNSET


class CouponGiven(Result, frozen=True):
    chat: str
    seq: int


class CouponsChanged(Event, frozen=True, tag="coupons.changed"):
    """One's pack changed: read `GET /coupons` (or the one that is named) again."""

    coupon: str = ""
