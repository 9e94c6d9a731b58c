"""What Stripe says, as far as we read it: the names are those of its API."""

from typing import Any, Literal

import msgspec


class Charge(msgspec.Struct, frozen=True):
    id: str
    amount_refunded: int
    currency: str
    payment_intent: str | None = None
    metadata: dict[str, str] = {}


class PaymentIntent(msgspec.Struct, frozen=True):
    id: str
    latest_charge: Charge | str | None = None
    metadata: dict[str, str] = {}


class Session(msgspec.Struct, frozen=True):
    """A Checkout Session: Stripe's page to pay on."""

    id: str
    payment_status: Literal["paid", "unpaid", "no_payment_required"]
    status: Literal["open", "complete", "expired"] | None = None
    amount_total: int | None = None
    currency: str | None = None
    client_reference_id: str | None = None
    payment_intent: PaymentIntent | str | None = None
    url: str | None = None
    metadata: dict[str, str] | None = None

    @property
    def intent(self) -> str:
        found = self.payment_intent
        return found.id if isinstance(found, PaymentIntent) else found or ""

    @property
    def charge(self) -> Charge | None:
        """The charge, where it was asked for too."""
        found = self.payment_intent.latest_charge if isinstance(self.payment_intent, PaymentIntent) else None
        return found if isinstance(found, Charge) else None


class Refund(msgspec.Struct, frozen=True):
    id: str
    status: str | None = None
    metadata: dict[str, str] | None = None


class Dispute(msgspec.Struct, frozen=True):
    """A chargeback: the bank took the money back."""

    id: str
    amount: int
    currency: str
    payment_intent: str | None = None


class EventData(msgspec.Struct, frozen=True):
    object: dict[str, Any]


class Event(msgspec.Struct, frozen=True):
    id: str
    type: str
    data: EventData
