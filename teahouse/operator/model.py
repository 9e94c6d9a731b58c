"""The house as its operator sets it, and as everybody sees it."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.clock import DAY_MS
from teahouse.money import AMOUNT_MAX, Currency

Registration = Literal["open", "invitation", "closed"]
HouseName = Annotated[str, Meta(min_length=1, max_length=64)]
RecallLimit = Annotated[int, Meta(ge=0, le=365 * DAY_MS, description="How long a message may be recalled, in ms.")]

Country = Annotated[str, Meta(pattern="^([A-Z]{2})?$", description="ISO 3166-1 alpha-2, or empty.")]


class HouseSettings(msgspec.Struct, frozen=True):
    name: str = "Teahouse"
    registration: Registration = "open"
    recall_limit_ms: int = 120_000
    """Two minutes, as in WeChat. 0: never."""
    link_previews: bool = True
    """Whether the house fetches the pages that people link to, to show what they are."""
    currencies: tuple[str, ...] = ("EUR",)
    """What the wallet holds, the main one first. None: the house has no wallet."""
    country: str = ""
    """ISO 3166-1 alpha-2, for payment codes that other readers parse; empty: not said."""
    cash_confirm_above: int = 500_00
    """Minor units of the main currency: above it, a second cashier confirms what one does. In another currency it is as
    many units."""


class HouseLimits(msgspec.Struct, frozen=True):
    text_max: int
    """Characters of one message."""
    group_members_max: int
    picture_bytes_max: int
    """Of profile and chat pictures."""
    upload_bytes_max: int
    """Of one file that is sent."""
    recall_limit_ms: int


class HouseCard(msgspec.Struct, frozen=True):
    """What the house says of itself to anybody."""

    name: str
    registration: Registration
    limits: HouseLimits
    link_previews: bool
    currencies: tuple[str, ...]
    """What the wallet holds, the main one first; none: the house has no wallet."""
    country: str
    cash_confirm_above: int
    """Minor units of the main currency: above it, a second cashier confirms."""
    vapid_key: str
    """The application server key for Web Push; empty: no push."""
    version: str


class ChangeHouse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Operators only."""

    name: HouseName | UnsetType = UNSET
    registration: Registration | UnsetType = UNSET
    recall_limit_ms: RecallLimit | UnsetType = UNSET
    link_previews: bool | UnsetType = UNSET
    currencies: Annotated[tuple[Currency, ...], Meta(max_length=8)] | UnsetType = UNSET
    """One that is taken away stays in the wallets that have it, but no new ones get it."""
    country: Country | UnsetType = UNSET
    cash_confirm_above: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)] | UnsetType = UNSET
