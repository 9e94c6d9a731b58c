"""What a call costs, exactly. Pure: a rate and seconds in, minor units out.

cost(s) = connection + per_minute * billed(s) / 60, rounded up to a whole minor unit once, where billed(0) = 0 (an
unanswered call is free; an answered one pays the first interval at least) and billed(s) = first_s, then whole next_s.
"""

from typing import Protocol


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
    raise NotImplementedError


def cost_of(tariff: Tariff, seconds: int) -> int:
    """Minor units for `seconds` of talk of an answered call."""
    raise NotImplementedError


def seconds_for(tariff: Tariff, amount: int) -> int:
    """The longest talk that costs no more than this, in seconds, at most `TALK_S_MAX`; 0: not even the first."""
    raise NotImplementedError
