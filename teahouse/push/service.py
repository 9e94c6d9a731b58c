"""Tells devices that are not connected: listens to the bus, asks chat what to show, and sends through Web Push. What
rings is led by the `ringer`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
import structlog

from teahouse.chat.content import CallCard
from teahouse.chat.events import MessageNew
from teahouse.chat.service import ChatService, Notice
from teahouse.commands import Signed
from teahouse.errors import Refusal
from teahouse.house import House
from teahouse.people.service import PeopleService
from teahouse.push import keys
from teahouse.push.model import CallNotice, Delivery, PushSubscription
from teahouse.push.ringer import Ringer, Subscriber, of_card
from teahouse.push.rings import READERS
from teahouse.push.sender import Gone, Sender, must_be_public
from teahouse.push.store import subscriptions
from teahouse.storage.transaction import Told, Tx

logger = structlog.get_logger()

WAITING_MAX = 2000
"""Messages that may wait for their notices; later ones go without (they are in the chat all the same)."""
WORKERS = 4

AS_MESSAGE = Delivery()


class PushService:
    def __init__(
        self, house: House, chat: ChatService, people: PeopleService, is_connected: Callable[[str, str], bool]
    ) -> None:
        self._house = house
        self._chat = chat
        self._is_connected = is_connected
        self._subscribers: dict[str, dict[str, Subscriber]] = {}
        self._waiting: asyncio.Queue[tuple[MessageNew, list[str]]] = asyncio.Queue(WAITING_MAX)
        settings = house.settings
        contact = settings.push_contact or f"mailto:operator@{settings.public_host}"
        self._sender = Sender(keys.private_key_file(settings.data), contact, private_too=settings.push_private)
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="push")
        # Of their own: a ring is late when it waits behind messages.
        self._ring_threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="push-rings")
        self._ringer = Ringer(house, chat, people, self._away, self._send_ring)
        self.sent = 0

    def register(self) -> None:
        self._house.bus.subscribe(self._told)
        self._house.device_ended.append(self._device_ended)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._house.vapid_public_key = keys.public_key(self._house.settings.data)
        for row in await self._house.store.read(lambda c: c.execute(sa.select(subscriptions)).all()):
            self._keep(row.person, (row.device, row.endpoint, row.p256dh, row.auth))
        workers = [asyncio.create_task(self._work()) for _ in range(WORKERS)]
        try:
            yield
        finally:
            for worker in workers:
                worker.cancel()
            await self._ringer.stop()
            for threads in (self._threads, self._ring_threads):
                threads.shutdown(wait=False, cancel_futures=True)

    async def subscribe(self, signed: Signed, given: PushSubscription) -> None:
        """Keep the device's subscription. Raises `BadEndpoint`."""
        loop = asyncio.get_running_loop()
        private_too = self._house.settings.push_private
        await loop.run_in_executor(self._threads, lambda: must_be_public(given.endpoint, private_too=private_too))
        made = (signed.device, given.endpoint, given.keys.p256dh, given.keys.auth)
        await self._house.store.write(_keep, signed.person, made)
        self._keep(signed.person, made)

    async def unsubscribe(self, device: str) -> None:
        await self._house.store.write(_forget, device)
        for devices in self._subscribers.values():
            devices.pop(device, None)

    def _keep(self, person: str, subscriber: Subscriber) -> None:
        self._subscribers.setdefault(person, {})[subscriber[0]] = subscriber

    def _device_ended(self, device: str, _reason: str) -> None:
        if any(device in devices for devices in self._subscribers.values()):
            asyncio.get_running_loop().create_task(self.unsubscribe(device))

    # --- sending ---

    def _told(self, _number: int, told: Sequence[Told]) -> None:
        """Called after every commit: it must cost nothing when nobody subscribed."""
        if not self._subscribers:
            return
        cards: dict[str, Told] = {}
        told_of: dict[str, set[str]] = {}
        for each in told:
            event = each.event
            kind = type(event)
            if kind is MessageNew:
                if type(event.content) is CallCard:
                    cards[event.content.call] = each
                elif event.sender:
                    self._queue(event, each.people)
            elif (read := READERS.get(kind)) and (ringing := read(event, each.people)):
                card = cards.get(ringing.call)
                told_of[ringing.call] = self._ringer.changed(ringing, card.event if card else None)
        for call, each in cards.items():
            # Who was in it, or hears of it as of a ring, needs no notice of its message.
            knows = told_of.get(call, set()).union(each.event.content.people)
            self._queue(each.event, [person for person in each.people if person not in knows])

    def _queue(self, event: MessageNew, receivers: Collection[str]) -> None:
        people = [person for person in receivers if person != event.sender and self._away(person)]
        if people and not self._waiting.full():
            self._waiting.put_nowait((event, people))

    def _away(self, person: str) -> list[Subscriber]:
        devices = self._subscribers.get(person)
        return [each for each in devices.values() if not self._is_connected(person, each[0])] if devices else []

    async def _work(self) -> None:
        while True:
            event, people = await self._waiting.get()
            try:
                notices = await self._house.store.read(self._chat.notices, event, people)
                for person, notice in notices.items():
                    call = event.content.call if type(event.content) is CallCard else ""
                    shown = of_card(notice, call) if call else notice
                    for subscriber in self._away(person):
                        await self._send(self._threads, subscriber, shown, AS_MESSAGE)
            except Exception:
                logger.exception("push_failed")

    async def _send_ring(self, subscriber: Subscriber, notice: Notice | CallNotice, delivery: Delivery) -> None:
        await self._send(self._ring_threads, subscriber, notice, delivery)

    async def _send(
        self, threads: ThreadPoolExecutor, subscriber: Subscriber, notice: Notice | CallNotice, delivery: Delivery
    ) -> None:
        device, endpoint, p256dh, auth = subscriber
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(threads, self._sender.send, endpoint, p256dh, auth, notice, delivery)
            self.sent += 1
        except Gone:
            await self.unsubscribe(device)
        except Refusal as refusal:
            logger.info("push_refused", code=refusal.code)
        except Exception as error:
            # A notice is a courtesy: the message itself waits in the store. The push service keeps its own retries.
            logger.info("push_not_sent", error=type(error).__name__)


def _keep(tx: Tx, person: str, subscriber: Subscriber) -> None:
    _forget(tx, subscriber[0])
    device, endpoint, p256dh, auth = subscriber
    tx.connection.execute(
        sa.insert(subscriptions).values(
            device=device, person=person, endpoint=endpoint, p256dh=p256dh, auth=auth, at=tx.now
        )
    )


def _forget(tx: Tx, device: str) -> Any:
    return tx.connection.execute(sa.delete(subscriptions).where(subscriptions.c.device == device)).rowcount
