"""The ledger's words: accounts and their kinds, and transfers, which are immutable. TigerBeetle's model."""

from enum import IntEnum
from typing import Final, Literal

import msgspec

AccountKind = Literal[
    "member",
    "escrow",
    "merchant",
    "subsidy",
    "biller",
    "cash_desk",
    "card_clearing",
    "bank_clearing",
    "fee_income",
    "phone_income",
    "phone_cost",
    "carrier",
    "suspense",
]
Sign = Literal["credit", "debit", "either"]

SIGNS: Final[dict[AccountKind, Sign]] = {
    "member": "credit",
    "escrow": "credit",
    "merchant": "credit",
    "subsidy": "either",
    "biller": "credit",
    "cash_desk": "debit",
    "card_clearing": "debit",
    "bank_clearing": "either",
    "fee_income": "either",
    "phone_income": "credit",
    "phone_cost": "debit",
    "carrier": "credit",
    "suspense": "either",
}
"""Which balance a kind may have. `credit`: the house owes it (credits >= debits, holds counted), as to its members.
`debit`: the house has it (debits >= credits), as cash in a drawer. `either`: clearing and results, which go both
ways."""


class Kind(IntEnum):
    """What a transfer does."""

    TRANSFER = 1
    """Moves an amount from the debited account to the credited one."""
    HOLD = 2
    """Sets an amount aside until it is posted, voided or expires (two-phase)."""
    POST = 3
    """Ends a hold by moving it, whole or in part; the rest is free again."""
    VOID = 4
    """Ends a hold and moves nothing."""
    EXPIRE = 5
    """The same, because its time was up."""
    REVERSE = 6
    """Moves an earlier transfer's amount back. At most once, and whole."""


class Purpose(IntEnum):
    """Why money moved: for histories and filters. Numbers are on the disk for ever; add, never change."""

    OTHER = 0
    PAYMENT = 1
    CONTACT = 2
    PACKET = 3
    PACKET_SHARE = 4
    PACKET_RETURN = 5
    CASH_IN = 6
    CASH_OUT = 7
    CARD_IN = 8
    CARD_REFUND = 9
    BANK_OUT = 10
    BANK_RETURN = 11
    FEE = 12
    CORRECTION = 13
    CASH_DIFFERENCE = 14
    BILL = 15
    COUPON = 16
    CALL = 17
    MERCHANT = 18
    REFUND = 19
    TAKE_OUT = 20
    SETTLEMENT = 21
    SPLIT = 22


class New(msgspec.Struct, frozen=True, gc=False):
    """A transfer that is asked for. `TRANSFER` and `HOLD` name accounts and amount; `POST`, `VOID`, `EXPIRE` and
    `REVERSE` name the transfer that they refer to (`POST` an amount too, 0 for all of it)."""

    key: str
    """Idempotency key, up to 80 characters: unique in the ledger. Begin it with something that grows with time."""
    debit: int = 0
    """The number of the account that pays."""
    credit: int = 0
    """The number of the account that gets it."""
    amount: int = 0
    """Minor units."""
    kind: Kind = Kind.TRANSFER
    purpose: Purpose = Purpose.OTHER
    subject: str = ""
    """The id of what it is for (a payment, a packet …), 16 characters or none."""
    refers: int = 0
    expires_at: int = 0
    """Of a hold, Unix ms; 0: it stays until it is posted or voided."""


class Transfer(msgspec.Struct, frozen=True, gc=False):
    """A transfer as it is recorded (the fields of its 112 bytes; see `record.py`)."""

    number: int
    """1, 2, 3 … without gaps: the ledger's own order."""
    at: int
    """Unix ms; never less than the one before, whatever the clock did."""
    debit: int
    credit: int
    amount: int
    refers: int
    expires_at: int
    debit_before: int
    """The number of the transfer that touched the debited account before this one, 0 for none: so that an account's
    history is a chain through the ledger, and needs no index."""
    credit_before: int
    debit_balance: int
    """What the debited account had after it: credits less debits, holds not counted."""
    credit_balance: int
    kind: int
    purpose: int
    currency: int
    """ISO 4217 number."""
    subject: str


class Account(msgspec.Struct, frozen=True):
    """An account as it stands."""

    number: int
    owner: str
    """A person's id, or whatever names it within its kind; empty for the house's own."""
    kind: AccountKind
    currency: str
    credits: int
    debits: int
    """Posted sums of all time."""
    held_in: int
    held_out: int
    """Sums of open holds: coming to it, going from it."""
    entries: int
    """Transfers that touched it."""
    last: int
    """The number of the newest of them."""

    @property
    def balance(self) -> int:
        """Credits less debits: what is the owner's, or (negative) what the house has there."""
        return self.credits - self.debits

    @property
    def available(self) -> int:
        """What may be spent now: the balance less what is held."""
        return self.credits - self.debits - self.held_out
