"""What one has and had: the wallet, its entries, statements and sums, as they are told."""

import msgspec

from teahouse.money import Currency, Money
from teahouse.people.model import Person
from teahouse.wallet.guard.model import SpendingLimits
from teahouse.wallet.model import Balance, Entry
from teahouse.wallet.payments.model import Charge


class EntryPage(msgspec.Struct, frozen=True):
    """Newest first. `next` goes into `before` for older ones; 0: there are none."""

    entries: tuple[Entry, ...]
    people: tuple[Person, ...]
    next: int


class Wallet(msgspec.Struct, frozen=True):
    """A person's own wallet."""

    balances: tuple[Balance, ...]
    """The house's currencies, its main one first."""
    has_pin: bool
    pin_locked_until: int
    passkeys: int
    """Passkeys can approve payments too."""
    level: int
    real_name: str
    accept_at_once: bool
    """Transfers from contacts are accepted without asking."""
    limits: tuple[SpendingLimits, ...]
    """Of one's level."""
    spent_today: tuple[Money, ...]
    cashier: bool
    card_top_up: bool
    """Whether the house takes cards."""
    bank_pay_out: bool
    waiting: tuple["Charge", ...]
    """Charges that wait for one's yes."""


class Statement(msgspec.Struct, frozen=True):
    """One month of one account, for a page, CSV and PDF. Month by the house's time zone (UTC)."""

    month: str
    """`2026-11`."""
    currency: Currency
    opening: int
    closing: int
    total_in: int
    total_out: int
    entries: tuple[Entry, ...]
    """What moved, oldest first: the first 5,000."""
    people: tuple[Person, ...]
    more: int = 0
    """Entries that are not listed here (the CSV has up to 100,000); the sums count them too."""


class SpendingBar(msgspec.Struct, frozen=True):
    month: str
    total_in: int
    total_out: int
    by_kind: dict[str, int]
    """What went out, by kind of entry."""


class Spending(msgspec.Struct, frozen=True):
    currency: Currency
    months: tuple[SpendingBar, ...]
    """The last twelve, oldest first."""
