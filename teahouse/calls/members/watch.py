"""Ends what nobody ends: rings without an answer, and legs that are gone. It sleeps until something is due."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from teahouse.calls.members.book import NEVER
from teahouse.clock import SECOND_MS
from teahouse.errors import Unavailable
from teahouse.house import House
from teahouse.storage.transaction import Tx

logger = structlog.get_logger()

AT_ONCE = 200
"""Calls that are looked at in one transaction, so that others have their turn between."""
STEPS_MAX = 1000
"""Transactions in one sweep."""
REST_S = 5.0
"""After a fault, or when too much waits for the writer."""

Sweep = Callable[[Tx, int], tuple[int, int, int]]
"""`(tx, limit)`: end what is due; return how many calls that were, when something is due next, and what time it is."""


class Watch:
    def __init__(self, house: House, sweep: Sweep) -> None:
        self._house = house
        self._sweep = sweep
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something is due sooner than was known: from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        task = asyncio.create_task(self._run(), name="calls-watch")
        try:
            yield
        finally:
            self._loop = None
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def sweep(self) -> float | None:
        """End all that is due now; return the seconds until something is due again, None for never."""
        for _ in range(STEPS_MAX):
            ended, upcoming, now = await self._house.store.write(self._sweep, AT_ONCE)
            if not ended:
                return None if upcoming == NEVER else max(0, upcoming - now) / SECOND_MS
        return REST_S

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            pause_s: float | None = REST_S
            try:
                pause_s = await self.sweep()
            except Unavailable:
                pass
            except Exception:
                logger.exception("calls_sweep_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()
