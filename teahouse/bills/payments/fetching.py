"""Bills fetched from their billers: outside the writer, few at once of each, and kept for half an hour as a quote."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from teahouse.bills.connectors.model import BillerAway, Connector, FoundBill
from teahouse.bills.directory.directory import Directory
from teahouse.bills.directory.model import Biller
from teahouse.bills.payments import rules, store
from teahouse.bills.payments.health import Health
from teahouse.bills.payments.model import Bill
from teahouse.bills.payments.showing import write_customer
from teahouse.limits import Buckets
from teahouse.storage.transaction import Tx
from teahouse.storage.writer import Job
from teahouse.wallet.notes import clean
from teahouse.wallet.purse import Purse

FETCH_S = 15.0
"""Connectors have deadlines of their own; this is the last."""
OF_BILLER_MAX = 32
NAME_MAX = 120
LINES_MAX = 20


class Fetching:
    def __init__(self, purse: Purse, directory: Directory, connectors: Mapping[str, Connector], health: Health) -> None:
        self._purse = purse
        self._store = purse.house.store
        self._directory = directory
        self._connectors = connectors
        self._health = health
        self.limit = Buckets(0.5, 30)
        """Per person: nobody tries customer numbers through."""
        self._under_way: Counter[str] = Counter()
        self.saved_of: Callable[[sa.Connection, str, str, str], str] = lambda connection, person, biller, customer: ""

    async def fetch(self, person: str, biller: str, given: dict[str, str]) -> Bill:
        """Return what is due, and keep it so that the person may pay it."""
        self.limit.take(person)
        bill = await self._look(person, biller, given)
        if bill.most:
            # Nobody waits until it is written: whatever pays this bill comes to the writer after it.
            self._store.writer.submit((Job(self._keep, person, bill, lambda job: None),))
        return bill

    async def look(self, biller: str, given: dict[str, str]) -> Bill:
        return await self._look("", biller, given)

    async def _look(self, person: str, biller: str, given: dict[str, str]) -> Bill:
        row, shown, customer, saved = await self._store.read(self._prepare, person, biller, given)
        found = await self._ask(row, customer)
        least, most = rules.bounds(row.accepts, row.open_amount, found)
        return Bill(
            biller=shown,
            customer=customer,
            ref=found.ref,
            name=self._masked(found.name),
            amount=found.amount,
            currency=row.currency,
            least=least,
            most=most,
            due_at=found.due_at,
            lines=found.lines[:LINES_MAX],
            saved=saved,
        )

    def _prepare(
        self, connection: sa.Connection, person: str, biller: str, given: dict[str, str]
    ) -> tuple[sa.Row[Any], Biller, dict[str, str], str]:
        row = self._directory.open_row(connection, biller)
        customer = self._directory.customer_of(row, given)
        shown = self._directory.shown(connection, {biller})[biller]
        saved = self.saved_of(connection, person, biller, write_customer(customer)) if person else ""
        return row, shown, customer, saved

    async def _ask(self, row: sa.Row[Any], customer: dict[str, str]) -> FoundBill:
        """Raises `BillerAway`, `NoSuchCustomer`."""
        if self._under_way[row.id] >= OF_BILLER_MAX:
            raise BillerAway("Too many ask this biller now; try again in a moment.")
        self._under_way[row.id] += 1
        try:
            async with asyncio.timeout(FETCH_S):
                found = await self._connectors[row.connector].fetch(self._directory.reach(row), customer)
        except (BillerAway, TimeoutError) as error:
            away = error if isinstance(error, BillerAway) else BillerAway()
            await self._health.failed(row.id, away.code)
            raise away from None
        finally:
            self._under_way[row.id] -= 1
            if not self._under_way[row.id]:
                del self._under_way[row.id]
        await self._health.answered(row.id)
        if len(found.ref) > 64 or (not found.ref and not row.open_amount and found.amount):
            raise BillerAway("The biller's answer names no bill.")
        return found

    def _masked(self, name: str) -> str:
        """Hide a name, unless the biller did."""
        name = clean(name)[:NAME_MAX]
        return name if "*" in name else self._purse.guard.masked(name)

    @staticmethod
    def _keep(tx: Tx, person: str, bill: Bill) -> None:
        named = rules.bill_of(bill.biller.person.id, write_customer(bill.customer), bill.ref)
        row = (named, person, bill.name, bill.least, bill.most, tx.now + rules.QUOTE_MS)
        store.renew_quotes(tx.connection, [row])
