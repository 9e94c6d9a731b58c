"""Webhooks: queued in the transaction of what they tell, sent by a worker. The one door of this room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from teahouse.commands import Signed
from teahouse.house import House
from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.webhooks.model import Delivery, SetWebhook, Webhook, WebhookEvent
from teahouse.storage.transaction import Tx


class Webhooks:
    def __init__(self, house: House, accounts: Accounts) -> None:
        self._house = house
        self._accounts = accounts

    def tell(self, tx: Tx, merchant: str, event: WebhookEvent, data: Any) -> None:
        """Queue an event for the merchant's program, if it has a webhook. `data`: a struct, as its staff sees it."""
        raise NotImplementedError

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send what waits, from now on."""
        yield

    async def webhook(self, signed: Signed, merchant: str) -> Webhook:
        raise NotImplementedError

    async def set(self, signed: Signed, merchant: str, asked: SetWebhook) -> Webhook:
        raise NotImplementedError

    async def test(self, signed: Signed, merchant: str) -> Delivery:
        raise NotImplementedError

    async def deliveries(self, signed: Signed, merchant: str) -> tuple[Delivery, ...]:
        raise NotImplementedError

    async def retry(self, signed: Signed, merchant: str, delivery: str) -> Delivery:
        raise NotImplementedError
