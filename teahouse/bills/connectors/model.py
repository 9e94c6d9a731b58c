"""How the house speaks with a biller, whatever the wire. Calls run outside the writer; each has a deadline."""

from typing import Literal, Protocol

import msgspec

from teahouse.bills.payments.model import BillLine
from teahouse.errors import Conflict, NotFound, Unavailable


class Reach(msgspec.Struct, frozen=True):
    """A biller, as a connector needs it."""

    biller: str
    currency: str
    open_amount: bool
    url: str
    key_id: str
    public_key: str


class FoundBill(msgspec.Struct, frozen=True):
    """What a biller says is due. `amount` 0: nothing."""

    ref: str
    name: str
    """Masked, by the biller or by us."""
    amount: int
    least: int
    most: int
    due_at: int
    lines: tuple[BillLine, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """A payment, as a biller is told of it. The same `id` is the same payment, however often it is told."""

    id: str
    ref: str
    customer: dict[str, str]
    amount: int
    currency: str
    at: int


class Said(msgspec.Struct, frozen=True):
    """What a biller says of a payment. `unknown`: it never heard of it, and nothing will come of it once we give up."""

    state: Literal["paid", "refused", "pending", "unknown", "reversed"]
    reference: str = ""
    reason: str = ""


class BillerAway(Unavailable):
    """No answer in time, or none that makes sense. Whether a payment arrived is not known: ask for its status."""

    code = "biller_away"
    title = "The biller does not answer now"


class BillerNotTrusted(BillerAway):
    code = "biller_not_trusted"
    title = "The biller's answer is not signed with its key"


class NoSuchCustomer(NotFound):
    code = "no_such_customer"
    title = "The biller does not know this customer"


class BillChangedMeanwhile(Conflict):
    code = "bill_changed"
    title = "The bill is not what it was: fetch it again"


class Connector(Protocol):
    """Raises `BillerAway`, `BillerNotTrusted`."""

    async def fetch(self, reach: Reach, customer: dict[str, str]) -> FoundBill:
        """Raises `NoSuchCustomer` too."""

    async def pay(self, reach: Reach, asked: Asked) -> Said: ...

    async def status(self, reach: Reach, payment: str) -> Said: ...

    async def reverse(self, reach: Reach, asked: Asked) -> Said:
        """Ask for a payment to be undone: `reversed`, `refused` (it stays paid), `unknown`, or `pending`."""
