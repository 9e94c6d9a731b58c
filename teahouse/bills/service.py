"""Bills: the one door of this room."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from teahouse.bills.connectors.http import HttpConnector
from teahouse.bills.directory.directory import Directory
from teahouse.bills.files.connector import FileConnector
from teahouse.bills.files.files import BillFiles
from teahouse.bills.payments.payments import BillPayments
from teahouse.bills.receipts.receipts import Receipts
from teahouse.bills.saved.saved import SavedBills
from teahouse.bills.splits.splits import Splits
from teahouse.house import House
from teahouse.wallet.service import WalletService


class BillService:
    def __init__(self, house: House, wallet: WalletService) -> None:
        purse = wallet.purse
        self.directory = Directory(purse)
        self._http = HttpConnector(house)
        self.payments = BillPayments(purse, self.directory, {"http": self._http, "file": FileConnector(house)})
        self.saved = SavedBills(purse, self.directory, self.payments)
        self.splits = Splits(purse)
        self.files = BillFiles(purse, self.directory, wallet.bank)
        self.receipts = Receipts(purse, self.payments)

    def register(self) -> None:
        self.directory.register()
        self.payments.register()
        self.saved.register()
        self.splits.register()
        self.files.register()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Bring payments to their ends, remind and settle, from now on; enter it once the house has started."""
        async with AsyncExitStack() as rooms:
            await rooms.enter_async_context(self._http.running())
            await rooms.enter_async_context(self.payments.running())
            await rooms.enter_async_context(self.saved.running())
            yield
