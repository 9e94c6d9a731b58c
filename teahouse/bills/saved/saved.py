"""Saved bills: reminders and autopay. The one door of this room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from teahouse.bills.directory.directory import Directory
from teahouse.bills.payments.payments import BillPayments
from teahouse.bills.saved.model import SavedBill
from teahouse.commands import Signed
from teahouse.wallet.purse import Purse


class SavedBills:
    def __init__(self, purse: Purse, directory: Directory, payments: BillPayments) -> None:
        self._purse = purse
        self._directory = directory
        self._payments = payments

    def register(self) -> None:
        """Hang the commands into the house."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Fetch, remind and pay, from now on."""
        yield

    async def all(self, signed: Signed) -> tuple[SavedBill, ...]:
        raise NotImplementedError
