"""The guard's rules. Pure: what is known and what is asked go in, a refusal or nothing comes out."""

from itertools import pairwise
from typing import Literal

from teahouse.clock import DAY_MS, HOUR_MS, MINUTE_MS
from teahouse.errors import Conflict, Forbidden, Refusal
from teahouse.money import AMOUNT_MAX, currencies
from teahouse.wallet.guard.model import SpendingLimits

PIN_TRIES = 5
"""Wrong PINs in a row before the PIN is locked, and again after each lock."""
PIN_LOCKS_MS = (15 * MINUTE_MS, HOUR_MS, DAY_MS)
"""How long: the first time, the second, and ever after."""
APPROVAL_MS = 2 * MINUTE_MS
APPROVAL_OF_MANY_MS = 10 * MINUTE_MS
LEVELS = (0, 1, 2)
VERIFIED = 2


class PinTooEasy(Refusal):
    code = "pin_too_easy"
    title = "This PIN is too easy to guess"


class PinMissing(Conflict):
    code = "pin_missing"
    title = "There is no payment PIN yet: set one first"


class WrongPin(Forbidden):
    """`left`: tries until the PIN is locked."""

    code = "wrong_pin"
    title = "The PIN is wrong"


class PinLocked(Forbidden):
    """`until`: Unix ms."""

    code = "pin_locked"
    title = "The PIN was wrong too often: it is locked for a while"


class ApprovalNeeded(Forbidden):
    code = "approval_needed"
    title = "The person has to say yes to this sum first"


class LimitExceeded(Conflict):
    """`which`: `payment` or `day`; `max` and `left` in minor units."""

    code = "limit_exceeded"
    title = "This is more than you may spend"


class WalletFull(Conflict):
    """It names no sums: whoever pays may not learn what the payee has."""

    code = "wallet_full"
    title = "This wallet cannot hold that much"


class AlreadyVerified(Conflict):
    code = "already_verified"
    title = "A cashier has verified this name: only a cashier can change it"


class NotACashier(Forbidden):
    code = "not_a_cashier"
    title = "Only cashiers do this"


class OwnWallet(Forbidden):
    code = "own_wallet"
    title = "Nobody does this to their own wallet"


class BadLimits(Refusal):
    code = "bad_limits"
    title = "These are no limits of all three levels of one currency"


class TooManyCashiers(Conflict):
    code = "too_many_cashiers"
    title = "There are too many cashiers"


# --- the PIN --------------------------------------------------------------------------------------


def must_be_hard(pin: str) -> None:
    """Raises `PinTooEasy` for one digit six times, and for runs up or down (also through the zero, as 890123)."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {9}):
        raise PinTooEasy()


def locked_until(failures: int, now: int) -> int:
    """Return until when the PIN is locked after so many wrong ones in a row; 0: it is not."""
    rounds, rest = divmod(failures, PIN_TRIES)
    if rest or not rounds:
        return 0
    return now + PIN_LOCKS_MS[min(rounds, len(PIN_LOCKS_MS)) - 1]


def tries_left(failures: int) -> int:
    """Return how many wrong ones more will lock it; 0: it is locked now."""
    return -failures % PIN_TRIES if failures else PIN_TRIES


# --- levels and limits ----------------------------------------------------------------------------

_DEFAULTS = ((100, 200, 500), (500, 1_000, 2_000), (5_000, 10_000, 50_000))
"""By level: of one payment, of a day, of the balance. In units of about a euro."""
WORTH = {
    code: worth
    for worth, codes in {
        10: "AED BOB BRL BWP BYN CNY CUP CZK DKK ERN GHS GTQ HKD HNL ILS LSL LYD MAD MDL MOP MVR MXN MYR NAD NOK "
        "PEN PGK PLN QAR RON SAR SBD SCR SEK STN SVC SZL TJS TMT TND TTD ZAR ZMW",
        100: "AFN ALL BDT BTN CVE DJF DOP DZD EGP ETB GMD GYD HTG INR ISK JMD JPY KES KGS LRD MKD MRU MUR MZN NIO "
        "NPR PHP PKR RSD RUB SRD THB TRY TWD UAH UYU VES VUV XPF YER",
        1_000: "AMD AOA ARS CDF CLP CRC HUF IQD KMF KRW KZT LKR MMK MWK NGN RWF SDG SOS SSP TZS XAF XOF",
        10_000: "BIF COP GNF IDR KHR LAK MGA MNT PYG SYP UGX UZS VND",
        100_000: "IRR LBP",
    }.items()
    for code in codes.split()
}
"""What a euro is in it, to the nearest power of ten: enough for a default."""


def default_limits(level: int, currency: str) -> SpendingLimits:
    """What holds until the operator says otherwise."""
    unit = 10 ** currencies()[currency].exponent * WORTH.get(currency, 1)
    payment, day, balance = _DEFAULTS[level]
    return SpendingLimits(level, currency, payment * unit, day * unit, balance * unit)


def must_be_limits(limits: tuple[SpendingLimits, ...]) -> None:
    """Raises `BadLimits` unless they are of all levels of one currency, and sums that the ledger can hold."""
    codes = {each.currency for each in limits}
    if len(codes) != 1 or not codes <= set(currencies()) or sorted(each.level for each in limits) != list(LEVELS):
        raise BadLimits()
    for each in limits:
        if not all(0 <= most <= AMOUNT_MAX for most in (each.payment_max, each.day_max, each.balance_max)):
            raise BadLimits(f"A limit is between 0 and {AMOUNT_MAX} minor units.")


def may_spend(limits: SpendingLimits, spent: int, amount: int) -> None:
    """Raises `LimitExceeded` when the payment is too large, or too much with what was spent this day."""
    if amount > limits.payment_max:
        raise _exceeded("payment", limits.payment_max, limits.payment_max)
    if spent + amount > limits.day_max:
        raise _exceeded("day", limits.day_max, max(0, limits.day_max - spent))


def _exceeded(which: Literal["payment", "day"], most: int, left: int) -> LimitExceeded:
    return LimitExceeded(which=which, max=most, left=left)


def may_hold(limits: SpendingLimits, has: int, amount: int) -> None:
    """Raises `WalletFull`."""
    if has + amount > limits.balance_max:
        raise WalletFull()


def day_of(at: int) -> int:
    """The day of UTC that an instant lies in, counted from 1970."""
    return at // DAY_MS


# --- names ----------------------------------------------------------------------------------------
