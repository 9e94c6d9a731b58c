"""The guard: what clients may ask of PIN, approvals, levels and limits, and what they are told."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id
from teahouse.money import Currency, Money
from teahouse.people.model import Credential, Person

Pin = Annotated[str, Meta(pattern=r"^[0-9]{6}$", description="The payment PIN: six digits.")]


RealName = Annotated[str, Meta(min_length=2, max_length=80)]


Level = Annotated[
    int, Meta(ge=0, le=2, description="Of verification. 0: none, 1: gave a real name, 2: shown to a cashier.")
]


class SpendingLimits(msgspec.Struct, frozen=True):
    """Of one level of verification, in one currency."""

    level: int
    currency: Currency
    payment_max: int
    day_max: int
    balance_max: int


class WalletSettings(Command, frozen=True, tag="wallet.set"):
    accept_at_once: bool | UnsetType = UNSET
    real_name: RealName | UnsetType = UNSET
    """May be changed as long as no cashier has verified it."""


class SetPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first PIN, or another: with `current`, or (forgotten) with the account's password or a passkey (`ceremony`
    and `credential`, after `POST /me/proof/options`)."""

    pin: Pin
    current: Pin | UnsetType = UNSET
    password: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    ceremony: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    credential: Credential | UnsetType = UNSET


class Approve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say yes to a sum, with the PIN or with a passkey (`ceremony` and `credential`, after
    `POST /wallet/approvals/passkey`). `uses` above 1 is for programs that pay many times: together at most `amount`."""

    amount: Money
    pin: Pin | UnsetType = UNSET
    ceremony: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    credential: Credential | UnsetType = UNSET
    uses: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class Approved(msgspec.Struct, frozen=True):
    approval: str
    expires_at: int


class Look(msgspec.Struct, frozen=True):
    """That an operator or cashier looked at one's wallet."""

    at: int
    by: Person
    what: str
    """`balance`, `history`, `statement`, `verification`, `receipt`, `withdrawal`."""


class Looks(msgspec.Struct, frozen=True):
    looks: tuple[Look, ...]


class ChangeLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Operators only: the limits of all levels in one currency."""

    limits: Annotated[tuple[SpendingLimits, ...], Meta(min_length=3, max_length=3)]


class Cashiers(msgspec.Struct, frozen=True):
    people: tuple[Person, ...]


class VerifyPerson(Command, frozen=True, tag="wallet.verify"):
    """By a cashier who saw a document: sets the real name and level 2; `level` 1 takes that back."""

    person: Id
    level: Level
    real_name: RealName | UnsetType = UNSET
