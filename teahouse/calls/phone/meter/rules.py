"""What a call costs, exactly. Pure: a rate and seconds in, minor units out.

cost(s) = connection + per_minute * billed(s) / 60, rounded up to a whole minor unit once, where billed(0) = 0 (an
unanswered call is free; an answered one pays the first interval at least) and billed(s) = first_s, then whole next_s.
"""

from typing import Final, Protocol

TALK_S_MAX: Final = 86_400
"""A day: no call is held, paid or led for longer."""
PARTS: Final = 10_000
"""Rates are in ten-thousandths of a minor unit."""
_MINUTE_PARTS: Final = 60 * PARTS


class Tariff(Protocol):
    @property
    def per_minute_e4(self) -> int: ...

    @property
    def connection_e4(self) -> int: ...

    @property
    def first_s(self) -> int: ...

    @property
    def next_s(self) -> int: ...


def billed_s(tariff: Tariff, seconds: int) -> int:
    """Seconds that are paid for `seconds` of talk (1 or more; an answered call has begun its first second)."""
    if seconds <= 0:
        return 0
    begun = -(-max(0, seconds - tariff.first_s) // tariff.next_s)
    return tariff.first_s + begun * tariff.next_s


def cost_of(tariff: Tariff, seconds: int) -> int:
    """Minor units for `seconds` of talk of an answered call; 0 for none."""
    if seconds <= 0:
        return 0
    parts = tariff.connection_e4 * 60 + tariff.per_minute_e4 * billed_s(tariff, seconds)
    return -(-parts // _MINUTE_PARTS)


def seconds_for(tariff: Tariff, amount: int) -> int:
    """The longest talk that costs no more than this, in seconds, at most `TALK_S_MAX`; 0: not even the first."""
    left = amount * _MINUTE_PARTS - tariff.connection_e4 * 60
    if left < tariff.per_minute_e4 * tariff.first_s:
        return 0
    if not tariff.per_minute_e4:
        return TALK_S_MAX
    begun = (left // tariff.per_minute_e4 - tariff.first_s) // tariff.next_s
    return min(TALK_S_MAX, tariff.first_s + begun * tariff.next_s)
