"""Campaigns: what a merchant gives away, to whom, and what became of it."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Milliseconds, Result
from teahouse.events import Event
from teahouse.money import AMOUNT_MAX, Currency
from teahouse.people.model import Person
from teahouse.wallet.model import Key

STOCK_MAX = 1_000_000
Title = Annotated[str, Meta(min_length=1, max_length=60)]
Terms = Annotated[str, Meta(max_length=2000)]
Item = Annotated[str, Meta(max_length=60)]
MinorUnits = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
Stock = Annotated[int, Meta(ge=1, le=STOCK_MAX)]
PerPerson = Annotated[int, Meta(ge=1, le=100)]
Colour = Literal["red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "grey"]
Offer = Literal["amount_off", "percent_off", "free_item", "buy_x_get_y", "cash"]
CampaignState = Literal["draft", "live", "paused", "ended"]
"""`paused`: nobody claims, but what is held may be redeemed; `ended`: nothing may."""
Weekday = Annotated[int, Meta(ge=0, le=6, description="0: Monday.")]
Minute = Annotated[int, Meta(ge=0, le=1440, description="Minutes after midnight, in the campaign's time zone.")]


class Worth(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a coupon is worth, by its offer:

    - `amount_off`: `amount` off the basket;
    - `percent_off`: `percent` (1 to 100) off, `amount` at most (0: no ceiling), rounded down;
    - `free_item`: `item` for nothing: its price is `amount`, or, if less, the basket;
    - `buy_x_get_y`: of every `buy` + `get` of `item` at `amount` each, `get` are free; how many there are is said at
      the counter;
    - `cash`: as good as `amount` in cash; the rest is not paid out.

    Never more than the basket.
    """

    offer: Offer
    currency: Currency
    amount: MinorUnits = 0
    percent: Annotated[int, Meta(ge=0, le=100)] = 0
    item: Item = ""
    buy: Annotated[int, Meta(ge=0, le=100)] = 0
    get: Annotated[int, Meta(ge=0, le=100)] = 0
    min_spend: MinorUnits = 0


class Hours(msgspec.Struct, frozen=True):
    """When it may be redeemed: on these days, from a minute up to (not with) another."""

    days: Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)]
    start: Minute = 0
    end: Minute = 1440


class Figures(msgspec.Struct, frozen=True):
    issued: int
    """The stock."""
    claimed: int
    shared: int
    """How often one was given on."""
    redeemed: int


class Campaign(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    merchant: Person
    title: str
    worth: Worth
    colour: Colour
    state: CampaignState
    valid_from: int
    valid_to: int
    url: str
    """`/c/<id>`: where people get one."""
    left: int
    """How many may still be claimed."""
    per_person: int = 1
    valid_days: int = 0
    """From the claim on, within the window; 0: to its end."""
    counters: tuple[str, ...] = ()
    """Names of where it may be used; none: everywhere."""
    hours: tuple[Hours, ...] = ()
    """None: always."""
    timezone: str = "UTC"
    terms: str = ""
    picture: str = ""
    givable: bool = True
    refund_back: bool = True
    """A cancelled redemption or a refunded order gives it back."""
    mine: int = 0
    """How many one claimed oneself."""
    figures: Figures | None = None
    """Staff only."""
    counter_ids: tuple[str, ...] = ()
    """Staff only: the same as `counters`."""


class CreateCampaign(Command, frozen=True, tag="campaign.create"):
    """By a manager: a draft."""

    key: Key
    merchant: Id
    title: Title
    worth: Worth
    stock: Stock
    valid_from: Milliseconds
    valid_to: Milliseconds
    per_person: PerPerson = 1
    valid_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    counters: Annotated[tuple[Id, ...], Meta(max_length=100)] = ()
    hours: Annotated[tuple[Hours, ...], Meta(max_length=14)] = ()
    timezone: Annotated[str, Meta(max_length=64)] = "UTC"
    terms: Terms = ""
    colour: Colour = "red"
    givable: bool = True
    refund_back: bool = True


class CampaignMade(Result, frozen=True):
    campaign: Campaign


class UpdateCampaign(Command, frozen=True, tag="campaign.update"):
    """By a manager. A draft may change in all; once it was live, people hold it to its word: only more stock, a later
    end, title, terms and colour."""

    campaign: Id
    title: Title | UnsetType = UNSET
    worth: Worth | UnsetType = UNSET
    stock: Stock | UnsetType = UNSET
    valid_from: Milliseconds | UnsetType = UNSET
    valid_to: Milliseconds | UnsetType = UNSET
    per_person: PerPerson | UnsetType = UNSET
    valid_days: Annotated[int, Meta(ge=0, le=3650)] | UnsetType = UNSET
    counters: Annotated[tuple[Id, ...], Meta(max_length=100)] | UnsetType = UNSET
    hours: Annotated[tuple[Hours, ...], Meta(max_length=14)] | UnsetType = UNSET
    timezone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    terms: Terms | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    givable: bool | UnsetType = UNSET
    refund_back: bool | UnsetType = UNSET


class SetCampaignState(Command, frozen=True, tag="campaign.state"):
    """By a manager. draft -> live <-> paused; any -> ended, which is for good."""

    campaign: Id
    state: Literal["live", "paused", "ended"]


class ShareCampaign(Command, frozen=True, tag="coupon.share"):
    """Put a campaign's card into a chat or channel where one may write: whoever reads it may claim."""

    chat: Id
    campaign: Id


class CampaignShared(Result, frozen=True):
    chat: str
    seq: int


class CampaignDay(msgspec.Struct, frozen=True):
    day: str
    claimed: int
    shared: int
    redeemed: int


class CampaignFigures(msgspec.Struct, frozen=True):
    figures: Figures
    held: int
    expired: int
    discounts: int
    """Minor units, of what was redeemed and not given back."""
    days: tuple[CampaignDay, ...]
    """Those on which something happened, oldest first (the last 366)."""


class CampaignChanged(Event, frozen=True, tag="campaign.changed"):
    """For the merchant's staff, at most once a second and campaign: read it again."""

    campaign: str
    merchant: str
