"""Card top-ups: how Stripe counts money, and what is refused. Pure."""

from teahouse import clock
from teahouse.errors import Conflict, NotFound, Refusal, Unavailable
from teahouse.money import currencies
from teahouse.wallet.ledger.rules import BadAmount

OPEN_MAX = 20
"""Top-ups of one person that are begun and not paid."""
CHECK_AFTER_MS = 10 * clock.MINUTE_MS
"""Stripe is asked when it said nothing for so long."""
SESSION_LIFE_MS = clock.DAY_MS
"""Stripe's page is open so long."""

TIMES_100 = frozenset(("ISK", "UGX"))
"""Whole in ISO 4217; Stripe takes them with two decimals that are 0."""
WHOLE = frozenset(("MGA",))
"""Two decimals in ISO 4217, whole at Stripe. (HUF and TWD are charged as ISO has them; only payouts of them are
whole.) See docs.stripe.com/currencies."""


class CardOff(Conflict):
    code = "card_off"
    title = "This house does not take cards"


class CardAway(Unavailable):
    """Nothing is lost: the same key may be sent again."""

    code = "card_away"
    title = "The card service does not answer now"


class CardRefused(Conflict):
    """`detail` is what Stripe says."""

    code = "card_refused"
    title = "The card service refused this"


class BadSignature(Refusal):
    code = "bad_signature"
    title = "This is not signed by Stripe, or too old"


class CardDiffers(Conflict):
    """What was paid is not what was asked for: nothing was moved, the operator has to look."""

    code = "card_differs"
    title = "What was paid by card is not what this top-up is for"


class NoSuchTopUp(NotFound):
    code = "no_such_top_up"
    title = "There is no such card top-up"


class TooManyTopUps(Conflict):
    code = "too_many_top_ups"
    title = "Pay or wait for the card top-ups that are begun"


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    title = "There is nothing of this top-up that could go back to the card"


def step_of(currency: str) -> int:
    """Return what every amount of a currency is a multiple of at Stripe, in our minor units."""
    if currency in WHOLE:
        return 100
    return 10 if currencies()[currency].exponent == 3 else 1


def to_stripe(amount: int, currency: str) -> int:
    """Return minor units as Stripe counts them. Raises `BadAmount` for what cannot be paid by card."""
    step = step_of(currency)
    if amount % step:
        raise BadAmount(f"By card, {currency} is paid in steps of {step} minor units.", step=step)
    if currency in WHOLE:
        return amount // 100
    return amount * 100 if currency in TIMES_100 else amount


def from_stripe(units: int, currency: str) -> int:
    """Return our minor units of what Stripe says. Raises `CardDiffers` for a fraction of one."""
    if currency in WHOLE:
        return units * 100
    if currency not in TIMES_100:
        return units
    amount, rest = divmod(units, 100)
    if rest:
        raise CardDiffers(f"{units} is no amount of {currency}.")
    return amount


def next_check(now: int, begun_at: int) -> int:
    """Return when to ask Stripe again: ever more rarely, for some ways to pay take days."""
    return now + max(CHECK_AFTER_MS, (now - begun_at) // 4)


def refundable(amount: int, gone_back: int, available: int, currency: str) -> int:
    """Return what can go back to the card: what is left of the top-up, as far as the person still has it."""
    return max(0, min(amount - gone_back, available)) // step_of(currency) * step_of(currency)
