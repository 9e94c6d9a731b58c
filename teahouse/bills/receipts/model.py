"""Receipts that anybody can verify at the house."""

import msgspec


class ReceiptCheck(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the house says of a receipt that somebody scanned: public, so it names the payer by initials only."""

    house: str
    biller: str
    customer: str
    """Masked."""
    name: str
    amount: int
    currency: str
    paid_at: int
    reference: str
    number: str
    reversed: bool = False
