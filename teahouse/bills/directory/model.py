"""Billers: whom one may pay bills to, what identifies a customer there, and how the house reaches them. A biller is a
service account of the house: its id is a person's id, and it writes reminders in its own name."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.money import Currency
from teahouse.people.model import Handle, Person, PersonName

BillerCategory = Literal[
    "electricity",
    "water",
    "gas",
    "heating",
    "internet",
    "mobile",
    "tv",
    "rent",
    "tuition",
    "insurance",
    "tax",
    "fine",
    "membership",
    "charity",
    "other",
]
Region = Annotated[
    str, Meta(max_length=6, pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", description="ISO 3166-1 or 3166-2: `DE`, `DE-BY`.")
]
FieldName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
FieldValue = Annotated[str, Meta(min_length=1, max_length=64)]
Customer = Annotated[dict[FieldName, FieldValue], Meta(min_length=1, max_length=6)]
"""What identifies a customer: by field."""
Accepts = Literal["exact", "partial", "over", "any"]
"""Which sums a biller takes of a bill: just it; less too; more too; both."""
Check = Annotated[
    str,
    Meta(
        max_length=120,
        description="How a value is checked (docs/billers.md): `digits:8-12`, `phone`, `pattern:<pattern>`, or a "
        "module of python-stdnum with its check digits, as `stdnum:luhn`, `stdnum:verhoeff`, "
        "`stdnum:iso7064.mod_97_10`, `stdnum:eu.eic`, `stdnum:es.cups`. Empty: any text.",
    ),
]


class CustomerField(msgspec.Struct, frozen=True, omit_defaults=True):
    name: FieldName
    label: Annotated[str, Meta(min_length=1, max_length=60)]
    """In the biller's language."""
    check: Check = ""
    example: Annotated[str, Meta(max_length=64)] = ""
    help: Annotated[str, Meta(max_length=200)] = ""
    """Where it is found on the paper bill."""


class Biller(msgspec.Struct, frozen=True, omit_defaults=True):
    person: Person
    category: BillerCategory
    regions: tuple[str, ...]
    """None: everywhere."""
    fields: tuple[CustomerField, ...]
    currency: str
    accepts: Accepts
    about: str = ""
    open_amount: bool = False
    """There is no bill: the payer says how much (mobile top-up, donations)."""


class BillerList(msgspec.Struct, frozen=True):
    billers: tuple[Biller, ...]
    categories: tuple[BillerCategory, ...]
    """That have any, in the order of this model."""
    regions: tuple[str, ...]


class BillerSetup(msgspec.Struct, frozen=True, omit_defaults=True):
    """A biller for operators."""

    biller: Biller
    state: Literal["open", "paused"]
    connector: Literal["http", "file"]
    url: str = ""
    """Where a biller's server answers."""
    key_id: str = ""
    public_key: str = ""
    """The biller's Ed25519 key (raw, base64): its answers are signed with it."""
    deadline_s: int = 86_400
    """How long a payment may be without an answer before the money goes back."""
    iban: str = ""
    bic: str = ""
    settles: Literal["daily", "weekly", "by_hand"] = "by_hand"
    """When what was paid leaves for the biller's bank."""
    settles_as: Literal["pain.001", "csv"] = "pain.001"
    balance: int = 0
    """What the house owes it now."""
    trouble: str = ""
    """What went wrong with it last, and is not over."""


class _Setup(Command, frozen=True, kw_only=True):
    regions: Annotated[tuple[Region, ...], Meta(max_length=50)] | UnsetType = UNSET
    accepts: Accepts | UnsetType = UNSET
    about: Annotated[str, Meta(max_length=280)] | UnsetType = UNSET
    open_amount: bool | UnsetType = UNSET
    url: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    key_id: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    public_key: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    deadline_s: Annotated[int, Meta(ge=60, le=14 * 86_400)] | UnsetType = UNSET
    iban: Annotated[str, Meta(max_length=42)] | UnsetType = UNSET
    bic: Annotated[str, Meta(max_length=11)] | UnsetType = UNSET
    settles: Literal["daily", "weekly", "by_hand"] | UnsetType = UNSET
    settles_as: Literal["pain.001", "csv"] | UnsetType = UNSET


class AddBiller(_Setup, frozen=True, kw_only=True, tag="biller.add"):
    """Operators only."""

    handle: Handle
    name: PersonName
    category: BillerCategory
    fields: Annotated[tuple[CustomerField, ...], Meta(min_length=1, max_length=6)]
    currency: Currency
    connector: Literal["http", "file"]


class BillerAdded(Result, frozen=True):
    biller: BillerSetup


class UpdateBiller(_Setup, frozen=True, kw_only=True, tag="biller.update"):
    """Operators only."""

    biller: Id
    name: PersonName | UnsetType = UNSET
    category: BillerCategory | UnsetType = UNSET
    fields: Annotated[tuple[CustomerField, ...], Meta(min_length=1, max_length=6)] | UnsetType = UNSET
    state: Literal["open", "paused"] | UnsetType = UNSET
