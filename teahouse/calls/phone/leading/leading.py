"""Phone calls as they go on. The one door of this room."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa

from teahouse.calls.model import CallRecord
from teahouse.calls.phone.meter.meter import Meter
from teahouse.calls.phone.model import PhoneAbout, PhoneQuote
from teahouse.calls.phone.policy.policy import Policy
from teahouse.calls.phone.rates.rates import Rates
from teahouse.calls.phone.trunks.trunks import Trunks
from teahouse.commands import Signed
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse


class Leading:
    def __init__(
        self,
        purse: Purse,
        rates: Rates,
        meter: Meter,
        policy: Policy,
        trunks: Trunks,
        is_busy: Callable[[sa.Connection, str], bool],
    ) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang the commands into the house."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        yield

    async def about(self, signed: Signed) -> PhoneAbout:
        raise NotImplementedError

    async def quote(self, signed: Signed, number: str, region: str, language: str) -> PhoneQuote:
        raise NotImplementedError

    # --- the history ---

    def records(
        self, connection: sa.Connection, person: str, before: tuple[int, str], limit: int, *, missed: bool
    ) -> Sequence[CallRecord]:
        raise NotImplementedError

    def record(self, connection: sa.Connection, person: str, call: str) -> CallRecord | None:
        raise NotImplementedError

    def rate(self, tx: Tx, person: str, call: str, stars: int, troubles: Sequence[str]) -> bool:
        raise NotImplementedError

    def forget(self, tx: Tx, person: str, calls: Sequence[str]) -> None:
        raise NotImplementedError
