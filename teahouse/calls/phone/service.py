"""Calls to and from phones: the one door of this room."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from teahouse.calls.phone.leading.leading import Leading
from teahouse.calls.phone.meter.meter import Meter
from teahouse.calls.phone.model import PhoneAbout, PhoneQuote
from teahouse.calls.phone.policy.policy import Policy
from teahouse.calls.phone.rates.rates import Rates
from teahouse.calls.phone.trunks.trunks import Trunks
from teahouse.commands import Signed
from teahouse.wallet.purse import Purse


class PhoneService:
    def __init__(self, purse: Purse) -> None:
        self.rates = Rates(purse)
        self.meter = Meter(purse)
        self.policy = Policy(purse)
        self.trunks = Trunks(purse)
        self.leading = Leading(purse, self.rates, self.meter, self.policy, self.trunks)

    def register(self) -> None:
        """Hang the commands into the house."""
        self.rates.register()
        self.meter.register()
        self.policy.register()
        self.trunks.register()
        self.leading.register()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Settle what a restart cut off, and lead calls from now on."""
        async with AsyncExitStack() as rooms:
            await rooms.enter_async_context(self.policy.running())
            await rooms.enter_async_context(self.leading.running())
            yield

    async def about(self, signed: Signed) -> PhoneAbout:
        return await self.leading.about(signed)

    async def quote(self, signed: Signed, number: str, region: str, language: str) -> PhoneQuote:
        """Raises `NotANumber`, `EmergencyNumber`."""
        return await self.leading.quote(signed, number, region, language)
