"""Webhooks: queued in the transaction of what they tell, sent by a worker. The one door of this room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse import ids
from teahouse.calling import NotPublic
from teahouse.commands import Signed
from teahouse.house import House
from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.webhooks import rules, store
from teahouse.merchants.webhooks.lanes import Lanes
from teahouse.merchants.webhooks.model import Delivery, HouseKey, SetWebhook, Told, Webhook, WebhookEvent
from teahouse.merchants.webhooks.sending import Sender
from teahouse.storage.transaction import Tx

SHOWN: Final = 100
LOOK_UP_S: Final = 5.0

_encode = msgspec.json.Encoder().encode


class _Queue:
    """What memory knows of a merchant's webhook. Only in the writer's thread."""

    __slots__ = ("url", "waiting")

    def __init__(self, url: str, waiting: int) -> None:
        self.url = url
        self.waiting = waiting


class NewDeliveries:
    """Those of a group, written by one statement."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def flush(self, tx: Tx) -> None:
        store.add(tx.connection, self.rows)
        self.rows.clear()

    def forget(self) -> None:
        self.rows.clear()


class Webhooks:
    def __init__(self, house: House, accounts: Accounts) -> None:
        self._house = house
        self._accounts = accounts
        self._sender = Sender(house.settings)
        self._lanes = Lanes(house, self._sender, self._ended)
        self._queues: dict[str, _Queue] = {}

    def tell(self, tx: Tx, merchant: str, event: WebhookEvent, data: Any) -> None:
        """Queue an event for the merchant's program, if it has a webhook. `data`: a struct, as its staff sees it."""
        if self._queue(tx, merchant).url:
            self._add(tx, merchant, event, data)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send what waits, from now on."""
        async with self._lanes.running():
            yield

    def wake(self) -> None:
        """Look at the clock again: it was set."""
        self._lanes.ring_all()

    async def sweep(self) -> int:
        """Drop what is older than thirty days; return how many."""
        return await self._lanes.sweep()

    def house_key(self) -> HouseKey:
        return HouseKey(key_id=self._sender.key.id, public_key=self._sender.key.public)

    # --- by its owners ---

    async def webhook(self, signed: Signed, merchant: str) -> Webhook:
        return await self._house.store.read(self._shown, signed, merchant)

    async def set(self, signed: Signed, merchant: str, asked: SetWebhook) -> Webhook:
        await self._house.store.read(self._accounts.must_be_staff, signed, merchant, "owner")
        if asked.url:
            await self._must_be_public(asked.url)

        def commit(tx: Tx) -> Webhook:
            self._accounts.must_be_staff(tx.connection, signed, merchant, "owner")
            store.set_url(tx.connection, merchant, asked.url)
            if not asked.url:
                store.give_up_all(tx.connection, merchant, "no webhook")
            elif (first := store.first_waiting(tx.connection, merchant)) is not None:
                store.change(tx.connection, first.id, next_at=tx.now)
            self._forget(merchant)
            tx.undo(lambda: self._forget(merchant))
            tx.after(lambda: self._lanes.ring(merchant))
            return self._shown(tx.connection, signed, merchant)

        return await self._house.store.write(commit)

    async def test(self, signed: Signed, merchant: str) -> Delivery:
        def commit(tx: Tx) -> Delivery:
            self._accounts.must_be_staff(tx.connection, signed, merchant, "owner")
            queue = self._queue(tx, merchant)
            if not queue.url:
                raise rules.NoWebhook()
            if queue.waiting >= rules.WAITING_MAX:
                raise rules.TooManyWaiting()
            made = self._add(tx, merchant, "test", {})
            tx.flush()
            return _delivery(store.delivery(tx.connection, merchant, made))

        return await self._house.store.write(commit)

    async def deliveries(self, signed: Signed, merchant: str) -> tuple[Delivery, ...]:
        def read(connection: sa.Connection) -> tuple[Delivery, ...]:
            self._accounts.must_be_staff(connection, signed, merchant, "owner")
            return tuple(_delivery(row) for row in store.newest(connection, merchant, SHOWN))

        return await self._house.store.read(read)

    async def retry(self, signed: Signed, merchant: str, delivery: str) -> Delivery:
        """Raises `NoSuchDelivery`, `NoWebhook`. One that was delivered is left alone."""

        def commit(tx: Tx) -> Delivery:
            self._accounts.must_be_staff(tx.connection, signed, merchant, "owner")
            queue = self._queue(tx, merchant)
            row = store.delivery(tx.connection, merchant, delivery)
            if row is None:
                raise rules.NoSuchDelivery()
            if not queue.url:
                raise rules.NoWebhook()
            if row.state == "given_up":
                if queue.waiting >= rules.WAITING_MAX:
                    raise rules.TooManyWaiting()
                store.change(tx.connection, delivery, state=store.WAITING, attempts=0)
                self._forget(merchant)
                tx.undo(lambda: self._forget(merchant))
            if row.state != "delivered":
                # What waits before it goes first, so that is tried now too.
                first = store.first_waiting(tx.connection, merchant)
                for each in {first.id, delivery}:
                    store.change(tx.connection, each, next_at=tx.now)
                tx.after(lambda: self._lanes.ring(merchant))
            return _delivery(store.delivery(tx.connection, merchant, delivery))

        return await self._house.store.write(commit)

    # --- in the writer's thread ---

    def _add(self, tx: Tx, merchant: str, event: WebhookEvent, data: Any) -> str:
        queue = self._queue(tx, merchant)
        made = ids.new_id()
        body = _encode(Told(id=made, event=event, at=tx.now, merchant=merchant, data=data))
        # The sale counts more than its webhook: one too many is kept, and its owner may have it sent later.
        full = queue.waiting >= rules.WAITING_MAX
        state, last = ("given_up", "too many wait") if full else (store.WAITING, "")
        new: NewDeliveries = tx.gathered(NewDeliveries)
        new.rows.append((made, merchant, event, body, state, 0, tx.now, tx.now, last))
        if not full:
            queue.waiting += 1
            tx.undo(lambda: self._forget(merchant))
            tx.after(lambda: self._lanes.ring(merchant))
        return made

    def _ended(self, tx: Tx, merchant: str) -> None:
        if queue := self._queues.get(merchant):
            queue.waiting -= 1
            tx.undo(lambda: self._forget(merchant))

    def _queue(self, tx: Tx, merchant: str) -> _Queue:
        found = self._queues.get(merchant)
        if found is None:
            tx.flush()
            url = store.url_of(tx.connection, merchant)
            found = self._queues[merchant] = _Queue(url, store.waiting(tx.connection, merchant))
        return found

    def _forget(self, merchant: str) -> None:
        self._queues.pop(merchant, None)

    # --- elsewhere ---

    def _shown(self, connection: sa.Connection, signed: Signed, merchant: str) -> Webhook:
        self._accounts.must_be_staff(connection, signed, merchant, "owner")
        return Webhook(
            url=store.url_of(connection, merchant),
            key_id=self._sender.key.id,
            public_key=self._sender.key.public,
            waiting=store.waiting(connection, merchant),
        )

    async def _must_be_public(self, url: str) -> None:
        """Say at once what would fail later: a name that is not known, or not public."""
        private_too = self._house.settings.webhooks_private
        host, port = rules.must_be_callable(url, private_too=private_too)
        if private_too:
            return
        try:
            async with asyncio.timeout(LOOK_UP_S):
                await self._sender.caller.addresses(host, port)
        except (NotPublic, OSError, ValueError):  # a time-out is an OSError, an IDNA error a ValueError
            raise rules.WrongWebhookUrl("This address is not known on the public internet.") from None


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        event=row.event,
        at=row.at,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        last=row.last,
    )
