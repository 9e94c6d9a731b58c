"""The worker that brings every held payment to its end: it tells billers of them, and asks until they say yes or no.

What is to be asked, and when, is in the rows: after a crash it goes on where it was. Many billers are asked at once,
each of them a few times only, so that a slow one delays nobody else's.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import sqlalchemy as sa
import structlog

from teahouse.bills.connectors.model import Asked, BillerAway, Connector, Reach, Said
from teahouse.bills.directory.directory import Directory
from teahouse.bills.payments import rules, store
from teahouse.bills.payments.booking import Booking, known
from teahouse.bills.payments.health import Health
from teahouse.bills.payments.showing import read_customer
from teahouse.errors import Refusal, Unavailable
from teahouse.storage.store import Store

logger = structlog.get_logger()

AT_ONCE_MAX = 64
OF_BILLER_MAX = 8
ASK_S = 40.0
"""Connectors have deadlines of their own; this is the last."""
EVERY_S = 5.0
"""It looks again after so long, though nobody woke it."""
REST_S = 5.0
"""After a fault of ours, so that a biller is not asked again at once."""
NO_ANSWER = Said("pending")


class Worker:
    """In the loop's thread, but for `wake`."""

    def __init__(
        self,
        house_store: Store,
        directory: Directory,
        booking: Booking,
        connectors: Mapping[str, Connector],
        health: Health,
    ) -> None:
        self._store = house_store
        self._directory = directory
        self._booking = booking
        self._connectors = connectors
        self._health = health
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._starting = asyncio.Lock()
        self._asking: dict[str, asyncio.Task[None]] = {}
        """By payment."""
        self._of_biller: Counter[str] = Counter()
        self._ended: set[str] = set()
        """Payments whose question ended while rows were being read."""

    def wake(self) -> None:
        """Something is due: from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        await self._health.load()
        task = asyncio.create_task(self._run(), name="bill-payments")
        try:
            yield
        finally:
            for each in (task, *self._asking.values()):
                each.cancel()
            await asyncio.gather(task, *self._asking.values(), return_exceptions=True)
            self._loop = None

    async def work(self) -> None:
        """Ask all that is due now, and return once nothing is, nor is under way."""
        while True:
            await self._start_due()
            if not self._asking:
                return
            await asyncio.wait(tuple(self._asking.values()))

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
                logger.exception("bill_payments_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()

    async def _pause_s(self) -> float:
        now = self._store.writer.clock()
        upcoming = await self._store.read(store.next_due, now)
        return min(EVERY_S, (upcoming - now) / 1000) if upcoming else EVERY_S

    async def _start_due(self) -> None:
        """Begin to ask about what is due, as far as there is room."""
        async with self._starting:
            while len(self._asking) < AT_ONCE_MAX:
                full = [biller for biller, count in self._of_biller.items() if count >= OF_BILLER_MAX]
                self._ended.clear()
                now = self._store.writer.clock()
                rows = await self._store.read(self._due, now, 2 * AT_ONCE_MAX, full)
                if not sum(self._start(row, biller) for row, biller in rows):
                    return

    def _due(
        self, connection: sa.Connection, now: int, limit: int, without: list[str]
    ) -> list[tuple[sa.Row[Any], sa.Row[Any]]]:
        """Return payments that are due, each with its biller's row."""
        rows = store.due(connection, now, limit, without)
        billers = {each: self._directory.row(connection, each) for each in {row.biller for row in rows}}
        return [(row, billers[row.biller]) for row in rows]

    def _start(self, row: sa.Row[Any], biller: sa.Row[Any]) -> bool:
        if row.id in self._asking or row.id in self._ended or len(self._asking) >= AT_ONCE_MAX:
            return False
        if self._of_biller[biller.id] >= OF_BILLER_MAX:
            return False
        self._of_biller[biller.id] += 1
        self._asking[row.id] = asyncio.create_task(self._bring_on(row, biller))
        return True

    async def _bring_on(self, row: sa.Row[Any], biller: sa.Row[Any]) -> None:
        """Ask once, and do what follows."""
        try:
            ask = rules.ask_of(known(row), self._store.writer.clock())
            said = await self._ask(row, biller, ask)
            await self._store.write(self._booking.heard, row.id, row.state, ask, said)
        except Exception:
            logger.exception("bill_payment_failed", payment=row.id)
            await asyncio.sleep(REST_S)
        finally:
            del self._asking[row.id]
            self._ended.add(row.id)
            self._of_biller[biller.id] -= 1
            if not self._of_biller[biller.id]:
                del self._of_biller[biller.id]
            self._woken.set()

    async def _ask(self, row: sa.Row[Any], biller: sa.Row[Any], ask: rules.Ask) -> Said:
        connector, reach = self._connectors[biller.connector], self._directory.reach(biller)
        asked = Asked(row.id, row.ref, read_customer(row.customer), row.amount, row.currency, row.at)
        if ask == "pay":
            return await self._said(biller.id, connector.pay(reach, asked))
        if ask in ("status", "watch"):
            return await self._said(biller.id, connector.status(reach, row.id))
        return await self._undo(connector, reach, asked, may_stay=ask == "stop")

    async def _undo(self, connector: Connector, reach: Reach, asked: Asked, *, may_stay: bool) -> Said:
        """Have a biller forget a payment, or undo it. What was paid stays so if it may, or if the biller keeps it."""
        biller = reach.biller
        said = await self._said(biller, connector.status(reach, asked.id))
        if said.state in ("refused", "reversed") or (said.state == "paid" and may_stay):
            return said
        undone = await self._said(biller, connector.reverse(reach, asked))
        if undone.state != "refused":
            return undone if undone.state in ("reversed", "unknown") else NO_ANSWER
        said = await self._said(biller, connector.status(reach, asked.id))
        return said if said.state in ("paid", "refused", "reversed") else NO_ANSWER

    async def _said(self, biller: str, answer: Awaitable[Said]) -> Said:
        """Wait for an answer. None in time, or none that makes sense, is `pending`."""
        try:
            async with asyncio.timeout(ASK_S):
                said = await answer
        except (BillerAway, TimeoutError) as error:
            await self._health.failed(biller, error.code if isinstance(error, BillerAway) else BillerAway.code)
            return NO_ANSWER
        except Refusal as refusal:
            logger.warning("biller_refused_to_say", biller=biller, code=refusal.code)
            return NO_ANSWER
        await self._health.answered(biller)
        return said
