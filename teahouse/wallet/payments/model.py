"""Payments: to a person, within a chat or by code. What clients may ask and what they are told."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.money import Money
from teahouse.people.model import Person
from teahouse.wallet.model import Approval, Key, Note


class Payee(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom one is about to pay, to confirm."""

    person: Person
    masked_name: str = ""
    """The real name with most letters hidden, `A*** L*******`; empty when they gave none."""
    verified: bool = False
    amount: int = 0
    """Asked for by a code; 0: the payer says."""
    currency: str = ""
    note: str = ""
    code: str = ""
    """The receive code it came from."""


class Pay(Command, frozen=True, tag="wallet.pay"):
    """Pay somebody at once (by their receive code, or a contact). Hot."""

    key: Key
    to: Id
    amount: Money
    approval: Approval
    note: Note = ""
    code: Annotated[str, Meta(max_length=64)] = ""
    """The receive code that was scanned: then they need not be a contact."""


class Paid(Result, frozen=True):
    payment: str
    at: int
    available: int
    """What is left to spend, in minor units."""


class SendTransfer(Command, frozen=True, tag="transfer.send"):
    """Send money within a chat to one of its members. It is held until they accept, a day at most."""

    key: Key
    chat: Id
    to: Id
    amount: Money
    approval: Approval
    note: Note = ""


class TransferSent(Result, frozen=True):
    payment: str
    chat: str
    seq: int
    state: Literal["waiting", "accepted"]
    available: int


class AcceptTransfer(Command, frozen=True, tag="transfer.accept"):
    payment: Id


class ReturnTransfer(Command, frozen=True, tag="transfer.return"):
    """By the payee: it goes back."""

    payment: Id


class Payment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payment or transfer, for its two sides."""

    id: str
    payer: Person
    payee: Person
    amount: int
    currency: str
    at: int
    state: Literal["waiting", "accepted", "returned", "expired", "paid"]
    note: str = ""
    settled_at: int = 0
    expires_at: int = 0
    chat: str = ""
    seq: int = 0
    charge: str = ""


class PayCode(msgspec.Struct, frozen=True):
    """What the payer shows: good once, for a minute."""

    code: str
    """Eighteen digits, for a QR code or to be read aloud."""
    expires_at: int


class MakeCharge(Command, frozen=True, tag="charge.make"):
    """By the payee, who scanned a pay code: the payer is asked to say yes on their device."""

    key: Key
    code: Annotated[str, Meta(pattern=r"^[0-9]{18}$")]
    amount: Money
    note: Note = ""


class Charge(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    payee: Person
    payer: Person
    amount: int
    currency: str
    state: Literal["waiting", "paid", "declined", "expired"]
    expires_at: int
    note: str = ""
    masked_name: str = ""
    """The payee's."""
    cash: bool = False
    """A cashier pays this out in cash."""


class ChargeMade(Result, frozen=True):
    charge: Charge


class PayCharge(Command, frozen=True, tag="charge.pay"):
    charge: Id
    approval: Approval


class DeclineCharge(Command, frozen=True, tag="charge.decline"):
    charge: Id


class ReceiveCode(msgspec.Struct, frozen=True):
    """A code that others pay into. `qr` is EMVCo merchant-presented text; `url` opens the same in a browser."""

    code: str
    qr: str
    url: str
    amount: int = 0
    currency: str = ""
    note: str = ""


class MakeReceiveCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With an amount it asks for just that; without, it is one's fixed code."""

    amount: Money | UnsetType = UNSET
    note: Note = ""


class ReadCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scanner read: an EMVCo text or a receive code's URL. Answered with `Payee`."""

    text: Annotated[str, Meta(min_length=1, max_length=1024)]


class ChargeChanged(Event, frozen=True, tag="charge.changed"):
    """For both sides of a charge."""

    charge: Charge
