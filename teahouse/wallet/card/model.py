"""Card top-ups: what clients may ask and what they are told."""

from typing import Literal

import msgspec

from teahouse.money import Money
from teahouse.wallet.model import Key


class StartCardTopUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: Key
    amount: Money


class CardTopUp(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    amount: int
    currency: str
    at: int
    state: Literal["started", "paid", "failed", "refunded"]
    url: str = ""
    """Where to pay, while it is `started`."""
    refunded: int = 0
