"""Lets devices that are not connected ring, and stop. For each person that a call rings there is one task: it sends the
ring, waits until that is over, and sends what takes the ring's place, so that the two never come in the wrong order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import sqlalchemy as sa
import structlog
from msgspec.structs import replace

from teahouse.chat.content import CallCard
from teahouse.chat.events import MessageNew
from teahouse.chat.reads import views
from teahouse.chat.service import ChatService, Notice
from teahouse.chat.words_of import call_of
from teahouse.house import House
from teahouse.people.service import PeopleService
from teahouse.push.model import CallNotice, Delivery
from teahouse.push.rings import Ringing

logger = structlog.get_logger()

RINGS_MAX: Final = 2000
"""People whom calls ring at the same time; others are told of what they missed only."""
RING_S_MAX: Final = 180.0
"""Nothing rings longer; it guards against an end that nobody tells."""
RING: Final = Delivery(ttl_s=30, urgency="high")
OVER: Final = Delivery(urgency="high")

Subscriber = tuple[str, str, str, str]
"""Device, endpoint and the two keys."""
Send = Callable[[Subscriber, Notice | CallNotice, Delivery], Awaitable[None]]


class Ring:
    """One person's, from the first ring on."""

    def __init__(self, ringing: Ringing, person: str) -> None:
        self.first = ringing
        self.person = person
        self.over = asyncio.Event()
        self.missed = False
        self.card: MessageNew | None = None
        """The message that tells of the call, if the chat has got one."""


class Ringer:
    def __init__(
        self,
        house: House,
        chat: ChatService,
        people: PeopleService,
        away: Callable[[str], list[Subscriber]],
        send: Send,
    ) -> None:
        self._house = house
        self._chat = chat
        self._people = people
        self._away = away
        self._send = send
        self._rings: dict[str, dict[str, Ring]] = {}
        """By call and person, those that go on."""
        self._tasks: set[asyncio.Task[None]] = set()

    def changed(self, ringing: Ringing, card: MessageNew | None) -> set[str]:
        """Begin and end rings as a call says; return the people who need no other notice of it."""
        rings = self._rings.get(ringing.call, {})
        told = set(ringing.rung)
        for person in ringing.rung:
            if person not in rings and len(self._tasks) < RINGS_MAX and self._away(person):
                self._begin(Ring(ringing, person))
        for person in [each for each in rings if each not in ringing.rung]:
            ring = rings[person]
            ring.missed, ring.card = person in ringing.missed, card
            ring.over.set()
            self._forget(ring)
            told.add(person)
        return told

    async def stop(self) -> None:
        for task in (going_on := tuple(self._tasks)):
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)

    # --- within ---

    def _begin(self, ring: Ring) -> None:
        self._rings.setdefault(ring.first.call, {})[ring.person] = ring
        task = asyncio.create_task(self._lead(ring))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _lead(self, ring: Ring) -> None:
        try:
            rung = self._away(ring.person)
            notice = await self._house.store.read(self._words, ring)
            await self._send_all(rung, notice, RING)
            async with asyncio.timeout(RING_S_MAX):
                await ring.over.wait()
            # Devices that were rung have to stop; others that are away hear only of what was missed.
            devices = {each[0]: each for each in (rung + self._away(ring.person) if ring.missed else rung)}
            await self._send_all(list(devices.values()), await self._house.store.read(self._last_words, ring), OVER)
        except TimeoutError:
            logger.warning("ring_without_end", call=ring.first.call)
        except Exception:
            logger.exception("ring_failed", call=ring.first.call)
        finally:
            self._forget(ring)

    def _forget(self, ring: Ring) -> None:
        rings = self._rings.get(ring.first.call, {})
        if rings.get(ring.person) is ring:
            del rings[ring.person]
            if not rings:
                del self._rings[ring.first.call]

    async def _send_all(self, devices: Sequence[Subscriber], notice: Notice | CallNotice, how: Delivery) -> None:
        delivery = replace(how, topic=notice.tag)
        await asyncio.gather(*(self._send(device, notice, delivery) for device in devices))

    def _words(self, connection: sa.Connection, ring: Ring) -> CallNotice:
        call = ring.first
        what = "🎥 Incoming video call" if call.video else "📞 Incoming call"
        return self._notice(connection, ring, what, rings=True)

    def _last_words(self, connection: sa.Connection, ring: Ring) -> Notice | CallNotice:
        """The chat's own notice of what was missed, if it has one that its person wants; else a line of ours."""
        if ring.missed and ring.card is not None:
            notice = self._chat.notices(connection, ring.card, (ring.person,)).get(ring.person)
            if notice is not None:
                return of_card(notice, ring.first.call)
        card = CallCard(call=ring.first.call, outcome="missed" if ring.missed else "", video=ring.first.video)
        return self._notice(connection, ring, call_of(card), rings=False)

    def _notice(self, connection: sa.Connection, ring: Ring, what: str, *, rings: bool) -> CallNotice:
        call = ring.first
        title, body = self._caller(connection, ring), what
        for chat in views(connection, ring.person, call.chat) if call.chat else ():
            if chat.kind != "direct":
                title, body = chat.name, f"{title}: {what}"
        return CallNotice(
            title=title,
            body=body,
            call=call.call,
            chat=call.chat,
            tag=tag_of(call.call),
            rings=rings,
            missed=ring.missed,
        )

    def _caller(self, connection: sa.Connection, ring: Ring) -> str:
        call = ring.first
        person = self._people.person(connection, call.caller) if call.caller else None
        if person is None:
            return call.number or "📞"
        return self._people.shown_name(connection, ring.person, person)


def tag_of(call: str) -> str:
    """Notifications of one call take each other's place."""
    return f"call-{call}"


def of_card(notice: Notice, call: str) -> Notice:
    """Return the notice of a message that tells of a call, as that call's."""
    return replace(notice, tag=tag_of(call))
