"""May a coupon be used here, now, for this basket? One answer for all who ask: the counter's quote, the redemption, the
order that is paid with it. Pure."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from teahouse.coupons.campaigns.model import Campaign, Hours, Worth
from teahouse.coupons.campaigns.rules import CampaignOver
from teahouse.coupons.counter import rules, worth
from teahouse.coupons.pack.rules import must_be_held
from teahouse.money import Money


class Held(Protocol):
    """A coupon, of the store or as the writer knows it."""

    @property
    def state(self) -> str: ...

    @property
    def starts_at(self) -> int: ...

    @property
    def expires_at(self) -> int: ...


class Offered(worth.Terms, Protocol):
    """Its campaign."""

    @property
    def merchant(self) -> str: ...

    @property
    def state(self) -> str: ...


class Shown(msgspec.Struct, frozen=True):
    """A campaign as its staff see it, under the same names."""

    merchant: str
    state: str
    worth: Worth
    hours: Sequence[Hours]
    timezone: str
    counters: Sequence[str]


def as_shown(campaign: Campaign) -> Shown:
    return Shown(
        campaign.merchant.id,
        campaign.state,
        campaign.worth,
        campaign.hours,
        campaign.timezone,
        campaign.counter_ids,
    )


def may_use(coupon: Held, campaign: Offered, merchant: str, counter: str, now: int) -> None:
    """Raises why not, whatever is in the basket."""
    if campaign.merchant != merchant:
        raise rules.OtherMerchant()
    must_be_held(coupon.state, coupon.expires_at, now)
    if campaign.state == "ended":
        raise CampaignOver()
    worth.must_be_now(campaign, coupon.starts_at, now)
    worth.must_be_here(campaign, counter)


def discount(
    coupon: Held, campaign: Offered, merchant: str, counter: str, basket: Money, quantity: int, now: int
) -> int:
    """Return what it takes off. Raises why it may not be used."""
    may_use(coupon, campaign, merchant, counter, now)
    return worth.must_take_off(campaign.worth, basket.amount, basket.currency, quantity)
