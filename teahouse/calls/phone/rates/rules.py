"""Which line of which deck holds, and which trunk is cheapest. Pure.

Among all lines that are in force the longest prefix holds, whatever deck it is in; of equal prefixes, the line of the
deck that was imported last.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from teahouse.calls.phone.rates.model import Rate, RateLine, Route
from teahouse.errors import Conflict, NotFound, Refusal

LINES_MAX = 200_000
"""Of one deck."""
LINES_OF_ALL_MAX = 2_000_000
DECKS_MAX = 500
PREFIX_MAX = 15
"""Digits of a number at most (E.164)."""
REFERENCE_S: Final = 180
"""The call by whose cost trunks are compared."""

Line = RateLine
"""As it is read from a deck and kept."""


class BadDeck(Refusal):
    """`fields["problems"]`: the first of them, each `{line, code, values, why}`."""

    code = "bad_deck"
    title = "This rate deck has lines that cannot be read"


class NoSuchDeck(NotFound):
    code = "no_such_deck"
    title = "There is no such rate deck"


class TooManyDecks(Conflict):
    code = "too_many_decks"
    title = "There are too many rate decks, or too many lines in them: remove old ones first"


class Found(msgspec.Struct, frozen=True, gc=False):
    """A line that is in force, with its deck."""

    trunk: str
    number: int
    """Of its deck, in the order of imports."""
    deck: str
    prefix: str
    name: str
    currency: str
    per_minute_e4: int
    connection_e4: int
    first_s: int
    next_s: int


def digits_of(e164: str) -> str:
    return e164.removeprefix("+")


def prefixes_of(digits: str) -> list[str]:
    """Return all that a number begins with."""
    return [digits[:length] for length in range(1, min(len(digits), PREFIX_MAX) + 1)]


def holding(lines: Iterable[Found], currency: str = "") -> Found | None:
    """Return the line that holds, of those that are in force and begin a number.

    With a currency: a longer prefix that is priced only in another one leaves the number without a price, for the
    shorter one is not meant for it.
    """
    found = list(lines)
    if not found:
        return None
    longest = max(len(line.prefix) for line in found)
    same = (line for line in found if len(line.prefix) == longest and currency in ("", line.currency))
    return max(same, key=lambda line: line.number, default=None)


def rate_of(line: Found) -> Rate:
    return Rate(
        deck=line.deck,
        prefix=line.prefix,
        name=line.name,
        currency=line.currency,
        per_minute_e4=line.per_minute_e4,
        connection_e4=line.connection_e4,
        first_s=line.first_s,
        next_s=line.next_s,
    )


def reference_cost(rate: Rate) -> int:
    """Return what the reference call costs, exactly: in sixtieths of a ten-thousandth of a minor unit."""
    more = max(0, REFERENCE_S - rate.first_s)
    billed = rate.first_s + -(-more // rate.next_s) * rate.next_s
    return 60 * rate.connection_e4 + rate.per_minute_e4 * billed


def in_order(
    trunks: Sequence[str], costs: dict[str, Rate], with_decks: set[str], currencies: Sequence[str]
) -> tuple[Route, ...]:
    """Return trunks as they are to be tried: the cheapest first, of equal ones the first given; those that have decks
    but no line for the number are left out; those without decks come last. Sums of two currencies cannot be compared:
    they come in the order of the house's currencies, others after them."""
    ranks = {code: rank for rank, code in enumerate(currencies)}

    def cost(route: Route) -> tuple[int, str, int]:
        assert route.cost is not None
        code = route.cost.currency
        return ranks.get(code, len(ranks)), "" if code in ranks else code, reference_cost(route.cost)

    given = tuple(dict.fromkeys(trunks))
    known = sorted((Route(trunk, costs[trunk]) for trunk in given if trunk in costs), key=cost)
    return (*known, *(Route(trunk, None) for trunk in given if trunk not in with_decks))
