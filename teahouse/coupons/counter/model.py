"""At the counter: a coupon is shown, read, quoted and redeemed, exactly once."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.coupons.campaigns.model import Campaign
from teahouse.merchants.orders.model import Order
from teahouse.money import Money
from teahouse.people.model import Person
from teahouse.wallet.model import Key

CouponCode = Annotated[
    str,
    Meta(max_length=64, description="What the holder's code said: `TC1.<coupon>.<step>.<tag>`, good for a minute."),
]
Quantity = Annotated[int, Meta(ge=0, le=1000, description="Of the offer's item in the basket.")]


class ReadCoupon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: CouponCode
    basket: Money | UnsetType = UNSET
    quantity: Quantity = 0
    counter: Id | UnsetType = UNSET


class Quote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a coupon is worth for this basket. Reading it uses nothing up."""

    coupon: str
    campaign: Campaign
    holder: Person
    discount: int = 0
    net: int = 0
    why_not: str = ""
    """The code of the refusal, if it may not be redeemed here, now, for this basket."""
    proof: str = ""
    """For `coupon.redeem`, for two minutes: that its code was scanned here. The holder's code may have turned since."""


class RedeemCoupon(Command, frozen=True, tag="coupon.redeem"):
    """By staff. With `collect` its holder is asked for the rest on their device, and the coupon is redeemed when they
    have paid, in the same instant; without, it is redeemed now (the rest is paid in cash)."""

    key: Key
    merchant: Id
    proof: Annotated[str, Meta(max_length=200)]
    basket: Money
    quantity: Quantity = 0
    counter: Id | UnsetType = UNSET
    collect: bool = False


class Redemption(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    coupon: str
    campaign: Campaign
    holder: Person
    merchant: str
    by: Person
    at: int
    basket: int
    discount: int
    currency: str
    state: Literal["waiting", "redeemed", "cancelled", "closed"]
    """`waiting`: for the holder to pay; `closed`: they did not; `cancelled`: it was undone."""
    counter: str = ""
    order: Order | None = None


class CouponRedeemed(Result, frozen=True):
    redemption: Redemption


class CancelRedemption(Command, frozen=True, tag="coupon.cancel"):
    """By a manager: undo a redemption without an order (one with an order is refunded). The holder has the coupon again
    where the campaign says so, and it has not expired."""

    redemption: Id
    reason: Annotated[str, Meta(max_length=140)] = ""


class RedemptionPage(msgspec.Struct, frozen=True):
    redemptions: tuple[Redemption, ...]
    more: bool
