"""What is due in the wallet: holds and packets whose day is over go back. One worker, in bounded steps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from teahouse.errors import Unavailable
from teahouse.house import House
from teahouse.wallet.purse import Purse, Sweep

logger = structlog.get_logger()

EVERY_S = 10.0
AT_ONCE = 100
"""Of one kind in one transaction, so that others have their turn between."""
STEPS_MAX = 1000
"""Transactions of one kind in one sweep."""


class Due:
    def __init__(self, house: House, purse: Purse) -> None:
        self._house = house
        self._purse = purse

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run(), name="wallet-due")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def sweep(self) -> int:
        """End all that is due now; return how much it was."""
        return sum([await self._end(sweep) for sweep in self._purse.sweeps])

    async def _end(self, sweep: Sweep) -> int:
        ended = 0
        for _ in range(STEPS_MAX):
            count = await self._house.store.write(sweep, AT_ONCE)
            ended += count
            if not count:
                break
        return ended

    async def _run(self) -> None:
        while True:
            for sweep in self._purse.sweeps:
                try:
                    await self._end(sweep)
                except Unavailable:
                    break  # too much waits for the writer: next time
                except Exception:
                    # One that fails does not keep the others' money waiting.
                    logger.exception("wallet_sweep_failed", sweep=sweep.__qualname__)
            await asyncio.sleep(EVERY_S)
