"""A call that was answered: the meter runs, the sound may be joined anew, until one side ends it."""

import asyncio
from dataclasses import dataclass, field

import structlog

from teahouse.calls.media.engine import BadAnswer, BadOffer, MediaSession, MediaUnavailable
from teahouse.calls.phone.leading import hearing as h
from teahouse.calls.phone.leading import rules
from teahouse.calls.phone.leading.booking import Booking
from teahouse.calls.phone.meter.meter import Running
from teahouse.calls.phone.model import PhoneReason
from teahouse.calls.phone.rates.model import Rate
from teahouse.calls.sip.model import Reply
from teahouse.errors import Unavailable
from teahouse.storage.store import Store

logger = structlog.get_logger()

LOOK_EVERY_S = 10.0
"""At whether the person's device is still there."""
WRITE_AGAIN_S = 1.0
"""After the store was full or away."""


@dataclass
class Party:
    """The person's end of a call, as it is now."""

    person: str
    device: str
    attempt: int
    kept_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    """When the device last reported (loop's clock)."""
    sound: int = 0
    """Packets that had come from it when they were last counted."""

    def lives(self) -> None:
        """The device was heard of."""
        self.kept_at = asyncio.get_running_loop().time()


class Talk:
    def __init__(
        self,
        store: Store,
        booking: Booking,
        call: str,
        party: Party,
        session: MediaSession,
        hearing: h.Hearing,
        *,
        minutes_max: int,
    ) -> None:
        self._store = store
        self._booking = booking
        self._call = call
        self._party = party
        self._session = session
        self._hearing = hearing
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._ends_at = self._began + minutes_max * 60
        self._running: Running | None = None
        self._told_low = False
        self._write_again_at = 0.0
        self._awaits_answer = False

    @property
    def seconds(self) -> float:
        return self._loop.time() - self._began

    async def run(
        self, cost: Rate | None, *, dtmf: bool, trace: bytes = b"", awaits_answer: bool = False
    ) -> PhoneReason:
        """Lead it until it ends; return why. `cost` is what its carrier asks; `trace` is the leg's; `awaits_answer`:
        the ACK of our 200 will bring the trunk's answer."""
        self._awaits_answer = awaits_answer
        self._running = await self._store.write(self._booking.answered, self._call, cost, dtmf=dtmf, trace=trace)
        look_at = self._began + LOOK_EVERY_S
        while True:
            heard = await self._hearing.next(min(look_at, self._ends_at, self._meter_at()))
            if heard is not None:
                if reason := await self._hear(heard):
                    return reason
            elif self._loop.time() >= self._ends_at:
                return "too_long"
            elif self._loop.time() >= self._meter_at():
                if not await self._advance():
                    return "no_credit"
            elif self._loop.time() >= look_at:
                look_at += LOOK_EVERY_S
                if await self._is_gone():
                    return "gone"

    async def _hear(self, heard: h.Heard) -> PhoneReason:
        match heard:
            case h.LegEnded(ended):
                return rules.REASONS[ended.cause]
            case h.HungUp():
                return "hung_up"
            case h.HouseCloses():
                return "restarted"
            case h.MediaLost():
                return "no_sound"
            case h.Rejoined(offer, attempt):
                await rejoin(self._store, self._booking, self._call, self._party, self._session, offer, attempt)
            case h.Offered(offer, reply):
                await answer_trunk(self._session, offer, reply)
            case h.Answered(answer) if self._awaits_answer:
                self._awaits_answer = False
                return await take_answer(self._session, answer)
            case _:
                pass
        return ""

    # --- the meter ---

    def _meter_at(self) -> float:
        """When it must be looked at: a step is due, the money grows short, or what is held is used up."""
        running = self._running
        if running is None:
            return self._ends_at
        due = min(running.next_s, running.covered_s)
        if not self._told_low:
            due = min(due, max(0, running.left_s - rules.LOW_S))
        return max(self._began + due, min(self._write_again_at, self._began + running.covered_s))

    async def _advance(self) -> bool:
        """Say what was used. False: what is held is used up, and there is no more."""
        assert self._running is not None
        used = int(self.seconds)
        try:
            running = await self._store.write(self._booking.metered, self._call, used, self._running)
        except Unavailable:
            # The store is full: the money held still covers it, so the talk goes on until that is used up.
            self._write_again_at = self._loop.time() + WRITE_AGAIN_S
            return self.seconds < self._running.covered_s
        self._running = running
        self._told_low = rules.is_low(running, used)
        return self.seconds < running.covered_s

    # --- the person's device ---

    async def _is_gone(self) -> bool:
        if self._loop.time() - self._party.kept_at < rules.SILENT_S_MAX:
            return False
        try:
            stats = await self._session.stats()
        except MediaUnavailable:
            return True
        # It cannot report while its network is bad, but its sound comes through.
        heard, self._party.sound = stats.from_browser > self._party.sound, stats.from_browser
        return not heard


async def answer_trunk(session: MediaSession, offer: bytes, reply: Reply) -> None:
    try:
        reply(await session.reoffered(offer))
    except (BadAnswer, MediaUnavailable):
        reply(None)


async def take_answer(session: MediaSession, answer: bytes) -> PhoneReason:
    try:
        await session.accept(answer)
    except (BadAnswer, MediaUnavailable):
        return "no_sound"
    return ""


async def rejoin(
    store: Store, booking: Booking, call: str, party: Party, session: MediaSession, offer: str, attempt: int
) -> None:
    """Join a device's sound anew. One whose offer cannot be used hears nothing, and may try again."""
    party.lives()
    try:
        answer = await session.rejoin(offer)
        party.attempt = attempt
        await store.write(booking.media, party.person, call, party.device, attempt, answer)
    except (BadOffer, Unavailable) as refusal:
        logger.info("phone_rejoin_failed", call=call, why=str(refusal))
