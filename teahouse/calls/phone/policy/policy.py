"""Who may call what, and how much. The one door of this room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from teahouse.calls.phone.model import Price
from teahouse.calls.phone.numbers import Number
from teahouse.calls.phone.policy.model import PhonePolicy
from teahouse.commands import Signed
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse


class Policy:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang the commands into the house."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Read the policy into memory; enter it once the house has started."""
        yield

    @property
    def now(self) -> PhonePolicy:
        """In force, from memory."""
        raise NotImplementedError

    def may_call(self, tx: Tx, person: str, number: Number, price: Price) -> None:
        """Raises `PhoneOff`, `NumberKindOff`, `DestinationOff`, `TooDear`, `LevelNeeded`, `CallLimit` (`what` names the
        limit, `retry_after_ms` when it is over where that is known). Changes nothing: `Meter` has what counts."""
        raise NotImplementedError

    async def read(self, signed: Signed) -> PhonePolicy:
        """Operators only."""
        raise NotImplementedError
