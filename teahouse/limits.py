"""Rate limits: token buckets per person and per address, in memory (a restart forgives)."""

import time
from collections import OrderedDict

from teahouse.config import Settings
from teahouse.errors import RateLimited

KEYS_MAX = 100_000


class Buckets:
    """One bucket a key: it fills at `rate` a second up to `burst`, and every take empties it by one."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, cost: float = 1.0) -> None:
        """Raises `RateLimited` with `retry_after_ms`, and takes nothing, when the bucket does not hold the cost."""
        if not self.try_take(key, cost):
            missing = cost - self._buckets[key][0]
            raise RateLimited("Slow down a little.", retry_after_ms=int(missing / self.rate * 1000) + 1)

    def try_take(self, key: str, cost: float = 1.0) -> bool:
        """Take the cost if the bucket holds it; return whether it did."""
        now = time.monotonic()
        level, at = self._buckets.pop(key, (self.burst, now))
        level = min(self.burst, level + (now - at) * self.rate)
        is_enough = level >= cost
        self._buckets[key] = (level - cost if is_enough else level, now)
        if len(self._buckets) > KEYS_MAX:
            self._buckets.popitem(last=False)
        return is_enough


class Limits:
    def __init__(self, settings: Settings) -> None:
        self.person = Buckets(settings.rate_person, settings.rate_person * 10)
        self.address = Buckets(settings.rate_address, settings.rate_address * 10)
        self.sign_in = Buckets(settings.sign_in_rate, max(20.0, settings.sign_in_rate * 20))
        """Per address: sign-up, sign-in and recovery."""
        self.guess = Buckets(1 / 30, 10)
        """Per handle: failed sign-ins, so that guessing one person's password is slow from anywhere."""
