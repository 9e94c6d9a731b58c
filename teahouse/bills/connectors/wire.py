"""What the house and a biller's server send each other, as JSON. `page.py` makes the OpenAPI page for billers of it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

ANSWER_BYTES_MAX = 64 * 1024

PaymentId = Annotated[str, Meta(min_length=1, max_length=36, description="Chosen by the house; the same is the same.")]
Ref = Annotated[str, Meta(max_length=64, description="Your number of the bill; empty where there is no bill.")]
Minor = Annotated[int, Meta(ge=0, le=10**15, description="Minor units: cents, or whole yen.")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
Customer = Annotated[
    dict[str, str], Meta(description="What identifies your customer, by the fields that the house shows for you.")
]
Instant = Annotated[int, Meta(ge=0, description="Milliseconds since 1970, UTC.")]


class FetchAsked(msgspec.Struct, frozen=True):
    """What does this customer owe now? Asking changes nothing."""

    customer: Customer
    currency: Currency


class Line(msgspec.Struct, frozen=True):
    """Something that the customer wants to see beside the sum: the period, a meter's reading."""

    label: Annotated[str, Meta(max_length=60)]
    value: Annotated[str, Meta(max_length=120)]


class FetchAnswer(msgspec.Struct, frozen=True):
    ref: Ref
    amount: Minor
    """What is due; 0: nothing."""
    currency: Currency
    name: Annotated[str, Meta(max_length=120)] = ""
    """The customer's, masked (`A*** L*******`), so that the payer sees that it is the right one. One without an
    asterisk is masked by the house."""
    least: Minor | None = None
    """The least that you take of it; the amount if you do not say."""
    most: Minor | None = None
    """The most; the amount if you do not say."""
    due_at: Instant = 0
    lines: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()


class PaymentAsked(msgspec.Struct, frozen=True):
    """Take this payment, or give it back. The same `payment` may come again at any time, and is answered as before."""

    payment: PaymentId
    ref: Ref
    customer: Customer
    amount: Minor
    currency: Currency
    at: Instant
    """When the payer said yes."""


class StatusAsked(msgspec.Struct, frozen=True):
    payment: PaymentId


class PaymentAnswer(msgspec.Struct, frozen=True):
    payment: PaymentId
    state: Literal["paid", "refused", "pending", "unknown", "reversed"]
    """`paid`, `refused` and `reversed` are for good (a paid one may become reversed when the house asks for it);
    `pending`: ask again; `unknown`: never heard of."""
    reference: Annotated[str, Meta(max_length=64)] = ""
    """Your receipt number of a paid one."""
    reason: Annotated[str, Meta(max_length=200)] = ""
    """Why it was refused, in words that the payer may read."""


class Wrong(msgspec.Struct, frozen=True):
    """Why there is no answer (RFC 9457). The house knows the code `no_such_customer`, with status 404."""

    code: Annotated[str, Meta(max_length=64)]
    title: Annotated[str, Meta(max_length=200)] = ""
