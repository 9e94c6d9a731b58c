"""Billers without a server: their open bills come as files, and what was paid leaves as files. For operators."""

from typing import Literal

import msgspec

from teahouse.commands import Command, Id, Result


class FileFault(msgspec.Struct, frozen=True):
    line: int
    """In a CSV; in an XML the number of the entry. From 1."""
    why: str


class BillFile(msgspec.Struct, frozen=True):
    """One file of open bills. It replaces what the biller's file before it left open, or is refused whole."""

    id: str
    biller: str
    name: str
    format: Literal["csv", "pain.013", "camt.053"]
    """`camt.053`: the biller's statement, by which payments that went by hand are marked as paid."""
    at: int
    bills: int
    state: Literal["taken", "refused"]
    faults: tuple[FileFault, ...]
    """The first 100."""


class Settlement(msgspec.Struct, frozen=True):
    """What was paid to a biller up to a moment, on its way to the biller's bank."""

    id: str
    biller: str
    at: int
    amount: int
    currency: str
    payments: int
    format: Literal["pain.001", "csv"]
    state: Literal["made", "settled"]


class MakeSettlement(Command, frozen=True, tag="biller.settlement"):
    """Operators only: gather what one biller is owed now."""

    biller: Id


class SettlementMade(Result, frozen=True):
    settlement: Settlement


class ConfirmSettlement(Command, frozen=True, tag="biller.settled"):
    """Operators only: the bank has booked it."""

    settlement: Id
