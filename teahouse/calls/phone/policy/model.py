"""The operator's policy of calls to phones."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.calls.phone.model import NumberKind
from teahouse.commands import Command

Count = Annotated[int, Meta(ge=0, le=1_000_000, description="0: no limit.")]
Minor = Annotated[int, Meta(ge=0, le=2**53, description="Minor units of the house's first currency; 0: no limit.")]


class PhonePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    on: bool = False
    kinds_off: tuple[NumberKind, ...] = (
        "premium_rate",
        "shared_cost",
        "satellite",
        "personal_number",
        "pager",
        "unknown",
    )
    countries: Annotated[tuple[Annotated[str, Meta(pattern="^[A-Z]{2}$")], ...], Meta(max_length=250)] = ()
    """Only these may be called; empty: all."""
    prefixes_off: Annotated[tuple[Annotated[str, Meta(pattern="^[0-9]{1,15}$")], ...], Meta(max_length=500)] = ()
    """E.164 digits that are never called."""
    per_minute_max: Minor = 200
    """The dearest price a minute."""
    level_min: Annotated[int, Meta(ge=0, le=2)] = 0
    """The wallet's level that one needs (2: verified by a cashier)."""
    person_calls: Count = 2
    """At once."""
    person_calls_hour: Count = 30
    person_numbers_hour: Count = 15
    """Different numbers called within an hour."""
    person_spend_day: Minor = 2000
    house_calls: Count = 50
    house_spend_day: Minor = 50_000
    talk_minutes_max: Annotated[int, Meta(ge=1, le=1440)] = 240
    caller: Literal["house", "own", "own_or_house", "hidden"] = "own_or_house"
    """Which number the called see: the house's, the person's own (else none), their own or else the house's, none."""
    house_number: Annotated[str, Meta(pattern=r"^(\+[0-9]{3,15})?$")] = ""
    may_hide: bool = True


class SetPhonePolicy(Command, frozen=True, tag="phone.policy"):
    """Operators only."""

    policy: PhonePolicy
