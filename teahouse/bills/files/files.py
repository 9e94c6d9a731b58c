"""Billers without a server: open bills come as files, payments leave as files. The one door of this room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from teahouse.bills.directory.directory import Directory
from teahouse.bills.files.model import BillFile, Settlement
from teahouse.commands import Signed
from teahouse.wallet.bank.bank import BankPayOuts
from teahouse.wallet.purse import Purse


class BillFiles:
    def __init__(self, purse: Purse, directory: Directory, bank: BankPayOuts) -> None:
        self._purse = purse
        self._directory = directory
        self._bank = bank

    def register(self) -> None:
        """Hang the commands into the house."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Make settlements by schedule, from now on."""
        yield

    async def take(self, signed: Signed, biller: str, name: str, data: bytes) -> BillFile:
        raise NotImplementedError

    async def files(self, signed: Signed, biller: str) -> tuple[BillFile, ...]:
        raise NotImplementedError

    async def settlements(self, signed: Signed, biller: str) -> tuple[Settlement, ...]:
        raise NotImplementedError

    async def settlement_file(self, signed: Signed, settlement: str) -> tuple[bytes, str, str]:
        """Return its bytes, name and MIME type."""
        raise NotImplementedError
