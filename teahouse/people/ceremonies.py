"""Passkey ceremonies that were begun: their challenges, good once and for five minutes, kept in memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

import msgspec

from teahouse import ids
from teahouse.people.model import Person
from teahouse.people.relying_party import PasskeyRefused

CEREMONY_S = 300
CEREMONIES_MAX = 10_000

Purpose = Literal["sign_in", "sign_up", "add", "approve", "prove"]


class Begun(msgspec.Struct, frozen=True):
    purpose: Purpose
    challenge: bytes
    until: float
    person: Person | None
    """Who the passkey is for; None for a sign-in. Of an approval or a proof: who gives it."""
    secret: str
    """The invitation of a sign-up."""


class Ceremonies:
    """Bounded: a flood of beginnings drops the oldest."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._begun: OrderedDict[str, Begun] = OrderedDict()

    def begin(self, purpose: Purpose, challenge: bytes, *, person: Person | None = None, secret: str = "") -> str:
        name = ids.new_token()
        self._begun[name] = Begun(purpose, challenge, self._clock_s() + CEREMONY_S, person, secret)
        if len(self._begun) > CEREMONIES_MAX:
            self._begun.popitem(last=False)
        return name

    def finish(self, name: str, purpose: Purpose) -> Begun:
        """Return it, once. Raises `PasskeyRefused`."""
        begun = self._begun.pop(name, None)
        if begun is None or begun.purpose != purpose or self._clock_s() >= begun.until:
            raise PasskeyRefused("Begin again: this took too long.")
        return begun
