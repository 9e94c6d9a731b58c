"""Errands to billers: what is to be asked, and when, is in rows; so after a crash they go on where they were.

Many billers are asked at once, each of them a few times only, so that a slow one delays nobody else's.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import sqlalchemy as sa
import structlog

from teahouse.errors import Unavailable
from teahouse.storage.store import Store

logger = structlog.get_logger()

AT_ONCE_MAX = 64
OF_BILLER_MAX = 8
EVERY_S = 5.0
"""They look again after so long, though nobody woke them."""
REST_S = 5.0
"""After a fault of ours, so that a biller is not asked again at once."""

Due = Callable[[sa.Connection, int, int, Collection[str]], Sequence[sa.Row[Any]]]
"""`(connection, now, limit, without)`: rows (with `id` and `biller`) that are due, the longest due first; none of these
billers'."""
NextDue = Callable[[sa.Connection, int], int]
"""`(connection, now)`: when, after now, the next is due; 0: never."""


class Errands:
    """In the loop's thread, but for `wake`. `do(row)` runs one errand, and writes down when the next one is due."""

    def __init__(
        self, name: str, house_store: Store, due: Due, next_due: NextDue, do: Callable[[Any], Awaitable[None]]
    ) -> None:
        self._name = name
        self._store = house_store
        self._due = due
        self._next_due = next_due
        self._do = do
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._starting = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """Under way, by the row's id."""
        self._of_biller: Counter[str] = Counter()
        self._ended: set[str] = set()
        """Those that ended while rows were being read, as they were before."""

    def wake(self) -> None:
        """Something is due: from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        task = asyncio.create_task(self._run(), name=self._name)
        try:
            yield
        finally:
            self._loop = None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for each in (under_way := tuple(self._tasks.values())):
                each.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def work(self) -> None:
        """Run all that is due now, and return once nothing is, nor is under way."""
        while True:
            await self._start_due()
            if not self._tasks:
                return
            await asyncio.wait(tuple(self._tasks.values()))

    # --- within ---

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            pause_s = EVERY_S
            try:
                await self._start_due()
                pause_s = await self._pause_s()
            except Unavailable:
                pass  # too much waits: next time
            except Exception:
                logger.exception("errands_failed", errands=self._name)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()

    async def _pause_s(self) -> float:
        now = self._store.writer.clock()
        upcoming = await self._store.read(self._next_due, now)
        return min(EVERY_S, (upcoming - now) / 1000) if upcoming else EVERY_S

    async def _start_due(self) -> None:
        """Begin what is due, as far as there is room."""
        async with self._starting:
            while len(self._tasks) < AT_ONCE_MAX:
                full = [biller for biller, count in self._of_biller.items() if count >= OF_BILLER_MAX]
                self._ended.clear()
                # As many as may be under way are due still, and so come again.
                rows = await self._store.read(self._due, self._store.writer.clock(), 2 * AT_ONCE_MAX, full)
                if not sum(self._start(row) for row in rows):
                    return

    def _start(self, row: sa.Row[Any]) -> bool:
        if row.id in self._tasks or row.id in self._ended or len(self._tasks) >= AT_ONCE_MAX:
            return False
        if self._of_biller[row.biller] >= OF_BILLER_MAX:
            return False
        self._of_biller[row.biller] += 1
        self._tasks[row.id] = asyncio.create_task(self._errand(row))
        return True

    async def _errand(self, row: sa.Row[Any]) -> None:
        try:
            await self._do(row)
        except Exception:
            logger.exception("errand_failed", errands=self._name, row=row.id)
            await asyncio.sleep(REST_S)
        finally:
            del self._tasks[row.id]
            self._ended.add(row.id)
            self._of_biller[row.biller] -= 1
            if not self._of_biller[row.biller]:
                del self._of_biller[row.biller]
            self._woken.set()
