"""The wallet: the words that all its rooms share. What else may be asked and told is in the `model.py` of each room."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.events import Event
from teahouse.money import Currency

Key = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=36,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Idempotency key, chosen by the client and best time-ordered (UUIDv7): the same key with the same "
        "body returns the first answer, with another body it is refused (`key_reused`).",
    ),
]


Language = Literal["en", "zh", "ru"]
"""In which papers are printed."""

Note = Annotated[str, Meta(max_length=140)]


Approval = Annotated[
    str,
    Meta(
        max_length=64,
        description="From `POST /wallet/approvals`: that the person said yes to this sum, by PIN or passkey.",
    ),
]


EntryKind = Literal[
    "other",
    "payment",
    "contact",
    "packet",
    "packet_share",
    "packet_return",
    "cash_in",
    "cash_out",
    "card_in",
    "card_refund",
    "bank_out",
    "bank_return",
    "fee",
    "correction",
    "cash_difference",
    "bill",
    "coupon",
    "call",
    "merchant",
    "refund",
    "take_out",
    "settlement",
    "split",
]


class Balance(msgspec.Struct, frozen=True):
    currency: Currency
    balance: int
    """Minor units: what is the person's."""
    available: int
    """What may be spent now: the balance less what is held for payments under way."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a person's history."""

    number: int
    """The transfer's number in the ledger."""
    at: int
    kind: EntryKind
    state: Literal["moved", "held", "returned"]
    """`held`: set aside, as long as the other side has not accepted; `returned`: it came back."""
    amount: int
    """Minor units; negative when it went out."""
    currency: Currency
    balance: int
    """After it."""
    subject: str = ""
    """The id of the payment, packet, receipt … it belongs to."""
    other: str = ""
    """The other person's id, if there is one (people are listed beside)."""
    note: str = ""
    chat: str = ""
    seq: int = 0
    """The message it was sent with, if there is one."""


class WalletChanged(Event, frozen=True, tag="wallet.changed"):
    """Money moved in or out of one's wallet, or its settings changed."""

    balance: Balance | None = None
    entry: Entry | None = None
