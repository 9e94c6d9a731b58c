"""Bills fetched and paid; a worker brings every hold to its end. The one door of this room."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from teahouse.bills.connectors.model import Connector
from teahouse.bills.directory.directory import Directory
from teahouse.bills.payments.model import Bill, BillPayment, BillPaymentPage, FetchBill
from teahouse.commands import Signed
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse


class BillPayments:
    def __init__(self, purse: Purse, directory: Directory, connectors: dict[str, Connector]) -> None:
        self._purse = purse
        self._directory = directory
        self._connectors = connectors
        """By name: `http`, `file`."""
        self.on_ended: list[Callable[[Tx, sa.Row[Any]], None]] = []
        """Told of a payment's row once it was paid, returned or reversed, in the same transaction."""
        self.receipt_path: Callable[[sa.Row[Any]], str] = lambda row: ""
        """The path under which a paid one's receipt is verified. Hung in by receipts."""

    def register(self) -> None:
        """Hang the commands into the house."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Bring holds to their ends, from now on."""
        yield

    # --- what other rooms ask ---

    async def look(self, biller: str, customer: dict[str, str]) -> Bill:
        """Fetch for nobody in particular. Raises as `fetch`."""
        raise NotImplementedError

    def pay_agreed(
        self, tx: Tx, person: str, biller: str, customer: dict[str, str], ref: str, money: Money, key: str
    ) -> str:
        """Pay as was agreed with autopay: the limits count, but nobody is asked. Returns the payment. Raises why."""
        raise NotImplementedError

    # --- reads ---

    async def fetch(self, signed: Signed, asked: FetchBill) -> Bill:
        raise NotImplementedError

    async def page(self, signed: Signed, *, before: str, limit: int) -> BillPaymentPage:
        raise NotImplementedError

    async def payment(self, signed: Signed, payment: str) -> BillPayment:
        raise NotImplementedError
