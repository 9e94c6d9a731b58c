"""Merchants: who they are, who works for them, where they sell, what they pay. A merchant is a service account of the
house (`people`), so its id is a person's id: it has a face in chats and histories, and nobody signs in as it."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.money import Money
from teahouse.people.model import Handle, Person, PersonName
from teahouse.wallet.model import Key

Category = Literal[
    "food", "groceries", "clothes", "health", "home", "electronics", "books", "travel", "leisure", "services", "other"
]
About = Annotated[str, Meta(max_length=280)]
Role = Literal["owner", "manager", "cashier"]
"""`cashier`: takes payments and redeems coupons; `manager`: also refunds, makes campaigns, reads figures and daily
bills, keeps counters; `owner`: also staff, API keys, webhooks and pay-outs."""
State = Literal["waiting", "open", "suspended"]
"""`waiting`: for an operator's yes; `suspended`: takes no payments."""
CounterName = Annotated[str, Meta(min_length=1, max_length=40)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000, description="Hundredths of a per cent.")]


class Tariff(msgspec.Struct, frozen=True):
    """What a merchant pays the house for a payment: a share of what the payer paid (rounded half to even), plus a fixed
    part in minor units; never more than the payment. Returned in proportion when it is refunded."""

    share: BasisPoints = 0
    fixed: Annotated[int, Meta(ge=0, le=10**9)] = 0


class Counter(msgspec.Struct, frozen=True):
    """A place of a merchant where people pay: its static code hangs there."""

    id: str
    name: str
    url: str
    """`/m/<token>`: what its QR code says."""
    qr: str
    """The same as EMVCo merchant-presented text."""


class StaffMember(msgspec.Struct, frozen=True):
    person: Person
    role: Role


class Merchant(msgspec.Struct, frozen=True, omit_defaults=True):
    """For everybody."""

    person: Person
    category: Category
    state: State
    about: str = ""


class Shop(msgspec.Struct, frozen=True, omit_defaults=True):
    """A merchant for its staff."""

    merchant: Merchant
    role: Role
    tariff: Tariff
    staff: tuple[StaffMember, ...]
    counters: tuple[Counter, ...]
    currency: str
    """In which it sells: the house's main one when it was opened."""
    takings: int = 0
    """What it may take out: sales and refunds, less fees and discounts. Owners and managers only."""


class OpenMerchant(Command, frozen=True, tag="merchant.open"):
    """Become a merchant, as its owner. An operator says yes first, unless one is an operator oneself."""

    key: Key
    handle: Handle
    name: PersonName
    category: Category
    about: About = ""


class MerchantOpened(Result, frozen=True):
    shop: Shop


class UpdateMerchant(Command, frozen=True, tag="merchant.update"):
    merchant: Id
    name: PersonName | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    about: About | UnsetType = UNSET


class JudgeMerchant(Command, frozen=True, tag="merchant.judge"):
    """Operators only: let it sell or not, and by which tariff."""

    merchant: Id
    state: Literal["open", "suspended"] | UnsetType = UNSET
    tariff: Tariff | UnsetType = UNSET


class SetStaff(Command, frozen=True, tag="merchant.staff.set"):
    """By the owner: give a person a role. There is always one owner at least."""

    merchant: Id
    person: Id
    role: Role


class RemoveStaff(Command, frozen=True, tag="merchant.staff.remove"):
    """By the owner, or by oneself."""

    merchant: Id
    person: Id


class AddCounter(Command, frozen=True, tag="counter.add"):
    merchant: Id
    name: CounterName


class CounterAdded(Result, frozen=True):
    counter: Counter


class UpdateCounter(Command, frozen=True, tag="counter.update"):
    merchant: Id
    counter: Id
    name: CounterName


class RemoveCounter(Command, frozen=True, tag="counter.remove"):
    """Its code ends with that."""

    merchant: Id
    counter: Id


class TakeOut(Command, frozen=True, tag="merchant.take_out"):
    """By the owner: move takings to one's own wallet. First the merchant's discounts are settled out of them."""

    key: Key
    merchant: Id
    amount: Money


class TakenOut(Result, frozen=True):
    takings: int
    """What is left."""


class MerchantChanged(Event, frozen=True, tag="merchant.changed"):
    """For staff: who they are, counters, takings. Read `GET /merchants/{merchant}` again."""

    merchant: str


class ApiKey(msgspec.Struct, frozen=True):
    """What a program of the merchant's signs in with: a device of its service account."""

    id: str
    name: str
    created_at: int
    seen_at: int


class MakeApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]


class ApiKeyMade(msgspec.Struct, frozen=True):
    key: ApiKey
    token: str
    """For `Authorization: Bearer`. Shown once."""


class MerchantTariffs(msgspec.Struct, frozen=True):
    """For operators: every merchant, the waiting ones first."""

    default: Tariff
    merchants: tuple["MerchantRow", ...]


class MerchantRow(msgspec.Struct, frozen=True):
    merchant: Merchant
    tariff: Tariff
    owner: Person
    at: int


class SetDefaultTariff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For merchants that are opened from now on."""

    tariff: Tariff
