"""The workers that deliver: one lane a merchant, in order, so that a receiver that is down delays nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import sqlalchemy as sa
import structlog

from teahouse.errors import Unavailable
from teahouse.house import House
from teahouse.merchants.webhooks import rules, store
from teahouse.merchants.webhooks.sending import Sender
from teahouse.storage.transaction import Tx

AT_ONCE: Final = 64
"""Calls under way, of all merchants."""
LOOK_AGAIN_S: Final = 60.0
"""The longest sleep: a clock may be set."""
TROUBLE_S: Final = 5.0
SWEEP_EVERY_S: Final = 3600.0
SWEPT_AT_ONCE: Final = 500

logger = structlog.get_logger()
Ended = Callable[[Tx, str], None]
"""Told in the writer's thread that a delivery of a merchant waits no more."""


class Lanes:
    def __init__(self, house: House, sender: Sender, ended: Ended) -> None:
        self._house = house
        self._sender = sender
        self._ended = ended
        self._room = asyncio.Semaphore(AT_ONCE)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._bells: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        sweeper = asyncio.create_task(self._sweep_for_ever(), name="webhooks-sweep")
        for merchant in await self._house.store.read(store.waiting_merchants):
            self._ring(merchant)
        try:
            yield
        finally:
            self._loop = None
            tasks = [sweeper, *self._lanes.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._lanes.clear()
            self._bells.clear()

    def ring(self, merchant: str) -> None:
        """Something waits for a merchant, or waits no longer. From any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ring, merchant)

    def ring_all(self) -> None:
        """Look at the clock again."""
        for bell in self._bells.values():
            bell.set()

    def _ring(self, merchant: str) -> None:
        if self._loop is None:
            return
        if bell := self._bells.get(merchant):
            bell.set()
            return
        self._bells[merchant] = asyncio.Event()
        self._lanes[merchant] = asyncio.create_task(self._deliver(merchant), name=f"webhooks-{merchant}")

    async def _deliver(self, merchant: str) -> None:
        """Deliver what waits, the oldest first, until nothing does."""
        bell = self._bells[merchant]
        while True:
            bell.clear()
            try:
                pause_s = await self._step(merchant)
            except Unavailable:
                pause_s = TROUBLE_S  # too much waits for the writer; what was sent is sent again
            except Exception:
                logger.exception("webhook_lane_failed", merchant=merchant)
                pause_s = TROUBLE_S
            if pause_s is None:
                if bell.is_set():
                    continue
                # Without a pause between: whoever rings next makes a new lane.
                del self._bells[merchant], self._lanes[merchant]
                return
            if pause_s > 0:
                try:
                    async with asyncio.timeout(min(pause_s, LOOK_AGAIN_S)):
                        await bell.wait()
                except TimeoutError:
                    pass

    async def _step(self, merchant: str) -> float | None:
        """Try the first that waits, if it is time. Return how long to pause; None: nothing waits."""
        url, row = await self._house.store.read(_first, merchant)
        if row is None or not url:
            return None
        early_ms: int = row.next_at - self._house.store.writer.clock()
        if early_ms > 0:
            return early_ms / 1000
        async with self._room:
            status = await self._sender.send(url, row.body)
        await self._house.store.write(self._note, row.id, merchant, status)
        return 0

    def _note(self, tx: Tx, delivery: str, merchant: str, status: int) -> None:
        row = store.delivery(tx.connection, merchant, delivery)
        if row is None or row.state != store.WAITING:
            return  # given up meanwhile
        attempts = row.attempts + 1
        then = rules.after(attempts, row.at, tx.now, status)
        last = str(status) if status else rules.NO_ANSWER
        store.change(tx.connection, delivery, state=then.state, attempts=attempts, next_at=then.next_at, last=last)
        if then.state != store.WAITING:
            self._ended(tx, merchant)

    async def sweep(self) -> int:
        """Drop what ended thirty days ago; return how many."""
        count, swept = SWEPT_AT_ONCE, 0
        while count == SWEPT_AT_ONCE:
            count = await self._house.store.write(_drop_old)
            swept += count
        return swept

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
            except Unavailable:
                pass  # next time
            except Exception:
                logger.exception("webhook_sweep_failed")
            await asyncio.sleep(SWEEP_EVERY_S)


def _first(connection: sa.Connection, merchant: str) -> tuple[str, Any]:
    return store.url_of(connection, merchant), store.first_waiting(connection, merchant)


def _drop_old(tx: Tx) -> int:
    return store.drop_old(tx.connection, tx.now - rules.KEPT_MS, SWEPT_AT_ONCE)
