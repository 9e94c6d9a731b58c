"""Merchants: the one door of this room. Shops sell through orders; each is paid into the ledger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from teahouse.house import House
from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.orders.model import Order
from teahouse.merchants.orders.orders import Orders
from teahouse.merchants.statements.statements import Statements
from teahouse.merchants.webhooks.model import WebhookEvent
from teahouse.merchants.webhooks.webhooks import Webhooks
from teahouse.storage.transaction import Tx
from teahouse.wallet.service import WalletService

TOLD: dict[str, WebhookEvent] = {"paid": "order.paid", "closed": "order.closed", "refunded": "order.refunded"}


class MerchantService:
    def __init__(self, house: House, wallet: WalletService) -> None:
        purse = wallet.purse
        self.accounts = Accounts(purse)
        self.orders = Orders(purse, self.accounts, wallet.codes, wallet.charges)
        self.statements = Statements(purse, self.accounts)
        self.webhooks = Webhooks(house, self.accounts)
        self.orders.on_changed.append(self._tell)

    def register(self) -> None:
        self.accounts.register()
        self.orders.register()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send webhooks, from now on; enter it once the house has started."""
        async with self.webhooks.running():
            yield

    def _tell(self, tx: Tx, order: Order) -> None:
        event = "order.refunded" if order.refunded else TOLD[order.state]
        self.webhooks.tell(tx, order.merchant.id, event, order)
