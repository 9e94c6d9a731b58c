"""Orders: created, paid, closed, refunded. Shaped like the life cycle of WeChat Pay's API v3."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.money import Amount, Money
from teahouse.people.model import Person
from teahouse.wallet.model import Approval, Key, Note
from teahouse.wallet.payments.model import Charge

OrderNumber = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"^[A-Za-z0-9_.-]+$",
        description="The merchant's own number of an order or refund, unique for it: a repeat returns the first.",
    ),
]
Description = Annotated[str, Meta(max_length=140)]
Attach = Annotated[str, Meta(max_length=500, description="Comes back in webhooks and the daily bill, as it is.")]
ExpiresIn = Annotated[int, Meta(ge=60_000, le=30 * 86_400_000, description="Milliseconds.")]
OrderState = Literal["created", "paid", "closed", "refunded"]
"""`closed`: by the merchant or by time, unpaid; `refunded`: wholly (in part it stays `paid`)."""


class Refund(msgspec.Struct, frozen=True):
    id: str
    number: str
    amount: int
    at: int
    reason: str


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    merchant: Person
    number: str
    amount: int
    """The basket, before a discount."""
    currency: str
    state: OrderState
    description: str
    created_at: int
    expires_at: int
    url: str
    """`/o/<id>`: what its QR code says."""
    qr: str
    """The same as EMVCo merchant-presented text."""
    discount: int = 0
    coupon: str = ""
    paid: int = 0
    """What the payer paid: the amount less the discount."""
    paid_at: int = 0
    closed_at: int = 0
    refunded: int = 0
    fee: int = 0
    """Staff only: what of it went to the house; less what came back with refunds."""
    payer: Person | None = None
    counter: str = ""
    attach: str = ""
    """Staff only."""
    charge: str = ""
    """What the payer was asked, if they were."""
    refunds: tuple[Refund, ...] = ()


class CreateOrder(Command, frozen=True, tag="order.create"):
    """By staff or the merchant's program. The payer scans its code."""

    merchant: Id
    number: OrderNumber
    amount: Money
    description: Description = ""
    counter: Id | UnsetType = UNSET
    attach: Attach = ""
    expires_in: ExpiresIn = 7_200_000


class OrderMade(Result, frozen=True):
    order: Order


class CloseOrder(Command, frozen=True, tag="order.close"):
    """By staff: it can be paid no more. One that was paid is not closed but refunded."""

    order: Id


class PayOrder(Command, frozen=True, tag="order.pay"):
    """By the payer. With a coupon of one's own the discount is the merchant's: it goes from its subsidy account."""

    key: Key
    order: Id
    approval: Approval
    coupon: Id | UnsetType = UNSET


class PayMerchant(Command, frozen=True, tag="merchant.pay"):
    """By the payer, who scanned a counter's code and says how much: an order that is paid at once."""

    key: Key
    counter: Annotated[str, Meta(min_length=1, max_length=64, description="The token of its code.")]
    amount: Money
    approval: Approval
    note: Note = ""
    coupon: Id | UnsetType = UNSET


class OrderPaid(Result, frozen=True):
    order: Order
    available: int


class ChargeOrder(Command, frozen=True, tag="order.charge"):
    """By staff, who scanned the payer's pay code: the payer is asked on their own device."""

    key: Key
    merchant: Id
    code: Annotated[str, Meta(pattern=r"^[0-9]{18}$")]
    amount: Money
    description: Description = ""
    counter: Id | UnsetType = UNSET


class OrderCharged(Result, frozen=True):
    order: Order
    charge: Charge


class RefundOrder(Command, frozen=True, tag="order.refund"):
    """By a manager: give the payer back what they paid, whole or in part, from the takings. Once it is whole, the
    discount goes back too, and the coupon where its campaign says so."""

    order: Id
    number: OrderNumber
    amount: Amount | UnsetType = UNSET
    """Without it: all that is left. So an order that a coupon paid wholly is refunded too."""
    reason: Description = ""


class OrderRefunded(Result, frozen=True):
    order: Order
    refund: Refund


class MerchantCode(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a scanned code of a merchant's stands for: a counter, where the payer says how much, or an order."""

    merchant: Person
    counter: str = ""
    """The token, for `merchant.pay`."""
    counter_name: str = ""
    currency: str = ""
    order: Order | None = None


class ReadMerchantCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=1024)]


class OrderPage(msgspec.Struct, frozen=True):
    orders: tuple[Order, ...]
    """Newest first."""
    more: bool


class OrderChanged(Event, frozen=True, tag="order.changed"):
    """For the merchant's staff and program, and the payer once there is one (without what is for staff only)."""

    order: Order
