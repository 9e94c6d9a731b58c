"""Pay-outs to banks: what people and operators may ask and what they are told."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.commands import Command, Id, Result
from teahouse.money import Currency, Money
from teahouse.wallet.model import Approval, Key, Note


class Withdraw(Command, frozen=True, tag="bank.withdraw"):
    """Have money paid to a bank account. It is held until the operator's bank has executed it."""

    key: Key
    amount: Money
    iban: Annotated[str, Meta(min_length=15, max_length=42)]
    name: Annotated[str, Meta(min_length=1, max_length=70)]
    approval: Approval


class Withdrawn(Result, frozen=True):
    withdrawal: "Withdrawal"


class CancelWithdrawal(Command, frozen=True, tag="bank.cancel"):
    """As long as it is in no file."""

    withdrawal: Id


class Withdrawal(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    amount: int
    currency: str
    iban: str
    """Masked but for its country and last four digits; the bank's file alone has it whole."""
    name: str
    """In the letters that every bank takes."""
    at: int
    state: Literal["waiting", "in_file", "paid", "rejected", "cancelled"]
    reason: str = ""


class BankFile(msgspec.Struct, frozen=True):
    """A batch of withdrawals as one ISO 20022 `pain.001` file."""

    id: str
    at: int
    count: int
    total: int
    currency: str
    state: Literal["made", "settled"]
    withdrawals: tuple[Withdrawal, ...]
    """In the list of files, of those that are not settled; else empty."""


class MakeBankFile(Command, frozen=True, tag="bank.make_file"):
    """Operators only: put all that waits into a new file."""

    key: Key
    currency: Currency


class BankFileMade(Result, frozen=True):
    file: BankFile


class SettleBankFile(Command, frozen=True, tag="bank.settle"):
    """Operators only: the bank executed the file, but for those `rejected`, which go back."""

    file: Id
    rejected: Annotated[tuple[Id, ...], Meta(max_length=5000)] = ()
    reason: Note = ""
