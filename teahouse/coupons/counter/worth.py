"""What a coupon takes off a basket, and when and where it may be used at all. Pure."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

from teahouse.coupons.campaigns.model import Hours, Worth
from teahouse.coupons.counter import rules


class Terms(Protocol):
    """What a campaign says of its coupons' use."""

    @property
    def worth(self) -> Worth: ...

    @property
    def hours(self) -> Sequence[Hours]: ...

    @property
    def timezone(self) -> str: ...

    @property
    def counters(self) -> Sequence[str]:
        """Ids of where it may be used; none: everywhere."""


def discount(worth: Worth, basket: int, quantity: int = 0) -> int:
    """Return what comes off a basket with so many of the offer's item, in minor units: never more than the basket."""
    if worth.offer == "percent_off":
        off = basket * worth.percent // 100
        return min(off, worth.amount) if worth.amount else off
    if worth.offer == "buy_x_get_y":
        dozen = worth.buy + worth.get
        free = quantity // dozen * worth.get if dozen else 0
        return min(free * worth.amount, basket)
    return min(worth.amount, basket)


def must_be_now(terms: Terms, starts_at: int, now: int) -> None:
    """Raises `TooEarly`, `NotAtThisHour`. That it has not expired, the card pack says."""
    if now < starts_at:
        raise rules.TooEarly()
    if terms.hours and not is_within(terms.hours, terms.timezone, now):
        raise rules.NotAtThisHour()


def must_be_here(terms: Terms, counter: str) -> None:
    """Raises `NotAtThisCounter`; where counters are named, to name none will not do."""
    if terms.counters and counter not in terms.counters:
        raise rules.NotAtThisCounter()


def must_take_off(worth: Worth, basket: int, currency: str, quantity: int = 0) -> int:
    """Return the discount. Raises `OtherCurrency`, `BelowMinSpend`, `NothingOff`."""
    if currency != worth.currency:
        raise rules.OtherCurrency()
    if basket < worth.min_spend:
        raise rules.BelowMinSpend(min_spend=worth.min_spend)
    off = discount(worth, basket, quantity)
    if off <= 0:
        raise rules.NothingOff()
    return off


def is_within(hours: Sequence[Hours], timezone: str, now: int) -> bool:
    """Whether the clock on the wall there shows one of these hours. Those that end before they start go past midnight,
    and belong to the day they start on."""
    there = datetime.fromtimestamp(now / 1000, _zone(timezone))
    day, minute = there.weekday(), there.hour * 60 + there.minute
    return any(_covers(each, day, minute) for each in hours)


def _covers(hours: Hours, day: int, minute: int) -> bool:
    if hours.start <= hours.end:
        return day in hours.days and hours.start <= minute < hours.end
    return (day in hours.days and minute >= hours.start) or ((day - 1) % 7 in hours.days and minute < hours.end)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
