"""Splits: one paid, the others pay their shares back. A card in the chat shows who has."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.money import Amount, Money
from teahouse.people.model import Person
from teahouse.wallet.model import Approval, Key

SHARES_MAX = 50
SplitTitle = Annotated[str, Meta(min_length=1, max_length=80)]


class AskedShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: Id
    amount: Amount


class MakeSplit(Command, frozen=True, tag="split.make"):
    """Ask members of a chat for their shares of what one paid. The shares add up to the total, or less: the rest is
    one's own. `payment`: the bill payment that it is of."""

    key: Key
    chat: Id
    title: SplitTitle
    total: Money
    shares: Annotated[tuple[AskedShare, ...], Meta(min_length=1, max_length=SHARES_MAX)]
    payment: Id | UnsetType = UNSET


class SplitMade(Result, frozen=True):
    split: str
    chat: str
    seq: int


class PaySplit(Command, frozen=True, tag="split.pay"):
    key: Key
    split: Id
    approval: Approval


class SplitPaid(Result, frozen=True):
    available: int


class CloseSplit(Command, frozen=True, tag="split.close"):
    """By who made it: nobody owes any more."""

    split: Id


class Share(msgspec.Struct, frozen=True):
    person: Person
    amount: int
    paid_at: int


class Split(msgspec.Struct, frozen=True):
    id: str
    maker: Person
    title: str
    total: int
    currency: str
    state: Literal["open", "settled", "closed"]
    at: int
    chat: str
    seq: int
    shares: tuple[Share, ...]
