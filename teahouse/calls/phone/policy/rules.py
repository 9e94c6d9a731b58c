"""Why a call to a phone is refused, and what follows from the policy alone. Pure."""

from typing import Literal

from teahouse.calls.phone.meter.rules import PARTS
from teahouse.calls.phone.model import Price
from teahouse.calls.phone.numbers import Number
from teahouse.calls.phone.policy.model import PhonePolicy
from teahouse.errors import Conflict, Forbidden, RateLimited

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
What = Literal[
    "person_calls",
    "person_calls_hour",
    "person_numbers_hour",
    "person_spend_day",
    "house_calls",
    "house_spend_day",
]


class PhoneOff(Conflict):
    code = "phone_off"
    title = "This house does not call phones"


class NumberKindOff(Forbidden):
    """Premium numbers, satellites and the like; `kind` says which."""

    code = "number_kind_off"
    title = "Numbers of this kind cannot be called from here"


class DestinationOff(Forbidden):
    code = "destination_off"
    title = "This country or number cannot be called from here"


class TooDear(Forbidden):
    """A minute costs more than the operator allows; `per_minute_max` says how much, in minor units."""

    code = "too_dear"
    title = "Calls to this number cost more than is allowed here"


class LevelNeeded(Forbidden):
    """`level`: the wallet's level that one needs."""

    code = "level_needed"
    title = "Confirm who you are with a cashier first"


class CallLimit(RateLimited):
    """`what` names the limit, `limit` says how much it is; `retry_after_ms` when it is over, where that is known."""

    code = "call_limit"
    title = "That is as much calling as is allowed for now"


def must_be_destination(policy: PhonePolicy, number: Number) -> None:
    """Raises `PhoneOff`, `NumberKindOff`, `DestinationOff`."""
    if not policy.on:
        raise PhoneOff()
    if number.kind in policy.kinds_off:
        raise NumberKindOff(kind=number.kind)
    if policy.countries and number.country not in policy.countries:
        raise DestinationOff(country=number.country)
    if policy.prefixes_off and number.e164.removeprefix("+").startswith(policy.prefixes_off):
        raise DestinationOff(country=number.country)


def must_be_cheap(policy: PhonePolicy, price: Price, currency: str) -> None:
    """Raises `TooDear`. The policy's sums are of the house's first currency: prices in others are not compared."""
    most = policy.per_minute_max
    if most and price.currency == currency and price.per_minute_e4 > most * PARTS:
        raise TooDear(per_minute_max=most)


def over_at(costs: list[tuple[int, int]], too_much: int) -> int:
    """When a day's sum is low enough again (Unix ms), of what began when and cost what, the oldest first; 0: it takes
    more than these."""
    for at, cost in costs:
        too_much -= cost
        if too_much <= 0:
            return at + DAY_MS
    return 0


def reached(what: What, limit: int, over: int = 0, now: int = 0) -> CallLimit:
    """The refusal by a limit that is over at an instant (Unix ms; 0: nobody knows)."""
    known = {"retry_after_ms": max(1, over - now)} if over else {}
    return CallLimit("", what=what, limit=limit, **known)
