"""The worker that brings every held payment to its end: it tells billers of them, and asks until they say yes or no."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
import structlog

from teahouse.bills.connectors.model import Asked, BillerAway, Connector, Reach, Said
from teahouse.bills.directory.directory import Directory
from teahouse.bills.errands import Errands
from teahouse.bills.payments import rules, store
from teahouse.bills.payments.booking import Booking, known
from teahouse.bills.payments.health import Health
from teahouse.bills.payments.showing import read_customer
from teahouse.errors import Refusal
from teahouse.storage.store import Store

logger = structlog.get_logger()

ASK_S = 40.0
"""Connectors have deadlines of their own; this is the last."""
NO_ANSWER = Said("pending")


class Worker:
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
        self.errands = Errands("bill-payments", house_store, store.due, store.next_due, self._bring_on)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._health.load()
        async with self.errands.running():
            yield

    # --- within ---

    async def _bring_on(self, row: sa.Row[Any]) -> None:
        """Ask once, and do what follows."""
        ask = rules.ask_of(known(row), self._store.writer.clock())
        said = await self._ask(row, ask)
        await self._store.write(self._booking.heard, row.id, row.state, ask, said)

    async def _ask(self, row: sa.Row[Any], ask: rules.Ask) -> Said:
        biller = await self._store.read(self._directory.row, row.biller)
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
