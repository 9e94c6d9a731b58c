"""What a call costs, by a slow model: second by second, in fractions. Nothing of it is as the meter does it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil


@dataclass(frozen=True)
class Tariff:
    per_minute_e4: int
    connection_e4: int
    first_s: int
    next_s: int


@lru_cache(maxsize=256)
def costs(tariff: Tariff, upto: int) -> tuple[int, ...]:
    """What 0, 1, 2 … seconds cost. Whenever a second begins that is not paid for, the next interval is."""
    per_second = Fraction(tariff.per_minute_e4, 10_000) / 60
    cost, paid, found = Fraction(tariff.connection_e4, 10_000), 0, [0]
    for second in range(upto):
        if second >= paid:
            interval = tariff.next_s if second else tariff.first_s
            paid += interval
            cost += interval * per_second
        found.append(ceil(cost))
    return tuple(found)


def longest(tariff: Tariff, amount: int, upto: int) -> int:
    """The last second, of so many, that can still be begun with this sum."""
    return bisect_right(costs(tariff, upto), amount) - 1
