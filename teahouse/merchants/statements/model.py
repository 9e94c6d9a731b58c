"""The daily bill of a merchant: every payment and refund of a day (UTC), held against the ledger."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="A day in UTC, as 2026-11-26.")]


class DayLine(msgspec.Struct, frozen=True):
    at: int
    what: Literal["payment", "refund", "take_out"]
    order: str
    number: str
    """The merchant's own, of the order or refund; of a take-out its id."""
    payer: str
    """Handle."""
    counter: str
    """Name."""
    amount: int
    """The basket, or what was refunded or taken out (negative)."""
    discount: int
    paid: int
    fee: int
    """Negative when it came back."""
    net: int
    """What it changed the takings by: paid - fee."""
    attach: str = ""
    """What the merchant attached to the order, as it is."""


class DayBill(msgspec.Struct, frozen=True):
    merchant: str
    day: str
    currency: str
    opening: int
    """Takings at its first instant."""
    closing: int
    """… and at its last, or now: opening + sales - discounts - refunds - fees - taken_out."""
    sales: int
    """Baskets that were paid."""
    discounts: int
    refunds: int
    fees: int
    """Less what came back."""
    taken_out: int
    lines: tuple[DayLine, ...]
    """The first 5,000; all are in the CSV."""
    agrees: bool
    """What the lines add up to is what the ledger says, to the cent. False is a fault, and logged."""
    more: int = 0
    """Lines that are not shown."""
