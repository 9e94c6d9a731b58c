"""Bills: fetched from the biller, paid by a hold that is posted once the biller confirms."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.bills.directory.model import Biller, Customer
from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.money import Money
from teahouse.wallet.model import Approval, Key

BillRef = Annotated[str, Meta(max_length=64, description="The biller's number of a bill; empty with an open amount.")]
PaymentState = Literal["held", "paid", "returned", "reversed"]
"""`held`: the biller has not said yes or no yet; `returned`: it said no, or nothing in time; `reversed`: paid, and
given back by the biller."""


class FetchBill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    biller: Id
    customer: Customer


class BillLine(msgspec.Struct, frozen=True):
    label: str
    value: str


class Bill(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be paid, as the biller says."""

    biller: Biller
    customer: dict[str, str]
    ref: str
    name: str
    """The customer's, masked."""
    amount: int
    """Minor units; 0: nothing is due (or the payer says how much)."""
    currency: str
    least: int
    """What may be paid of it: from `least` to `most`. The same: just this."""
    most: int
    due_at: int = 0
    lines: tuple[BillLine, ...] = ()
    """Period, meter readings …"""
    saved: str = ""
    """One's saved bill of this customer."""


class PayBill(Command, frozen=True, tag="bill.pay"):
    """Set the money aside and ask the biller; `bill.changed` tells how it ends."""

    key: Key
    biller: Id
    customer: Customer
    ref: BillRef
    amount: Money
    approval: Approval


class BillPayment(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    biller: Biller
    customer: dict[str, str]
    """Values masked but for the last four characters."""
    ref: str
    name: str
    amount: int
    currency: str
    at: int
    state: PaymentState
    ended_at: int = 0
    returns_at: int = 0
    """While it is held: when the money goes back at the latest."""
    reference: str = ""
    """The biller's receipt number."""
    reason: str = ""
    """Why it was returned: `refused:<the biller's words>`, `no_answer`, `reversed`."""
    autopay: bool = False
    receipt: str = ""
    """Once paid: `/v/<token>`, where anybody sees that it is true."""


class BillPaid(Result, frozen=True):
    payment: BillPayment
    available: int


class BillPaymentPage(msgspec.Struct, frozen=True):
    payments: tuple[BillPayment, ...]
    more: bool


class BillChanged(Event, frozen=True, tag="bill.changed"):
    payment: BillPayment
