"""Saved bills: fetched by themselves, reminded of in time, paid by themselves up to a ceiling."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.bills.directory.model import Biller, Customer
from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.money import Money
from teahouse.wallet.model import Approval

Nickname = Annotated[str, Meta(max_length=40)]
RemindDays = Annotated[int, Meta(ge=0, le=28, description="Days before it is due; 0: no reminder.")]


class Autopay(msgspec.Struct, frozen=True):
    ceiling: int
    """Minor units of the biller's currency: a higher bill is not paid by itself, but reminded of."""
    since: int


class SavedBill(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    biller: Biller
    customer: dict[str, str]
    nickname: str
    remind_days: int
    at: int
    autopay: Autopay | None = None
    ref: str = ""
    """Of the bill that is open now, as it was fetched last."""
    amount: int = 0
    due_at: int = 0
    fetched_at: int = 0
    trouble: str = ""
    """The code of why it could not be fetched, or paid by itself."""


class SaveBill(Command, frozen=True, tag="bill.save"):
    biller: Id
    customer: Customer
    nickname: Nickname = ""
    remind_days: RemindDays = 3


class BillSaved(Result, frozen=True):
    saved: SavedBill


class UpdateSavedBill(Command, frozen=True, tag="bill.saved.update"):
    saved: Id
    nickname: Nickname | UnsetType = UNSET
    remind_days: RemindDays | UnsetType = UNSET


class RemoveSavedBill(Command, frozen=True, tag="bill.saved.remove"):
    saved: Id


class SetAutopay(Command, frozen=True, tag="bill.autopay"):
    """Pay it by itself from now on, up to a ceiling. The approval is for the ceiling."""

    saved: Id
    ceiling: Money
    approval: Approval


class StopAutopay(Command, frozen=True, tag="bill.autopay.stop"):
    saved: Id


class BillsChanged(Event, frozen=True, tag="bills.changed"):
    """One's saved bills changed: read them again."""
