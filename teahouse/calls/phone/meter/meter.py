"""The meter: no call leaves without a hold, none costs more than was used. The one door of this room.

`begin`, `answered`, `advance` and `settle` are called in the writer's thread, in the transactions of the room that
leads the call.
"""

import msgspec

from teahouse.calls.phone.rates.model import Rate
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse


class Running(msgspec.Struct, frozen=True):
    """How a call stands with its money."""

    cost: int
    """Minor units for what was used so far."""
    covered_s: int
    """Seconds of talk that the money held pays for."""
    left_s: int
    """Seconds of talk in all, from its beginning, that the money held and the balance would pay for."""
    next_s: int
    """When (second of talk) `advance` must be called again at the latest."""


class Meter:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang in what is swept and described."""

    def begin(self, tx: Tx, call: str, person: str, number: str, rate: Rate) -> Running:
        """Hold the price of the first interval (at least `HOLD_S` of talk where the balance allows) before the INVITE
        leaves. Raises `InsufficientFunds`."""
        raise NotImplementedError

    def answered(self, tx: Tx, call: str) -> Running:
        """The talk begins at `tx.now`."""
        raise NotImplementedError

    def advance(self, tx: Tx, call: str, seconds: int) -> Running:
        """It goes on: `seconds` of talk are known to have been used. Holds more where what is held runs out within a
        minute. When `covered_s` is reached and no more could be held, the caller of this must end the call."""
        raise NotImplementedError

    def settle(self, tx: Tx, call: str, seconds: int, cost: Rate | None, trunk: str) -> int:
        """Post the exact cost of these seconds (0: it was never answered) and free the rest; book what the carrier
        asks. Returns minor units. Again: the same. It never posts more than is held."""
        raise NotImplementedError

    def settle_open(self, tx: Tx, limit: int) -> list[tuple[str, int, int]]:
        """After a restart: settle calls that were open, by the last seconds known. Returns (call, seconds, cost)."""
        raise NotImplementedError
