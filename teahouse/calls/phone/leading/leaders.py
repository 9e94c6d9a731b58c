"""Leaders of phone calls: one goes out through the trunks in turn, one comes in and rings. One task a call."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from teahouse.calls.media.engine import BadAnswer, BadOffer, MediaEngine, MediaSession, MediaUnavailable
from teahouse.calls.phone.leading import hearing as h
from teahouse.calls.phone.leading import rules
from teahouse.calls.phone.leading.booking import Booking
from teahouse.calls.phone.leading.talk import Party, Talk, answer_trunk, rejoin, take_answer
from teahouse.calls.phone.model import PhoneReason, PhoneState
from teahouse.calls.phone.rates.model import Rate
from teahouse.calls.sip.model import Caller, IncomingLeg, Leg, Outgoing
from teahouse.calls.sip.stack import Stack
from teahouse.errors import Unavailable
from teahouse.storage.store import Store

logger = structlog.get_logger()

SILENT_TRUNK_S = 6.0
"""Less than RFC 3261's Timer B, for somebody waits."""
END_S_MAX = 60.0
"""So long the end of a call is tried to be written down, should the store be full."""


CUT_OFF: Final[dict[type, PhoneReason]] = {h.HungUp: "cancelled", h.HouseCloses: "restarted", h.MediaLost: "no_sound"}
"""Of a call that goes out and was not answered."""


FROM_TRUNK: Final = (h.Trying, h.Ringing, h.EarlyMedia, h.Answered)
"""Signs that the trunk has the INVITE."""


@dataclass(frozen=True)
class Way:
    """A trunk to try, with the number as it wants it."""

    trunk: str
    dialled: str
    cost: Rate | None


@dataclass(frozen=True)
class Tools:
    """What every leader works with."""

    store: Store
    booking: Booking
    engine: MediaEngine
    stack: Stack | None
    """None: SIP is not open, so no trunk has room."""
    has_room: Callable[[str], bool]
    """Whether a trunk takes one more call now."""
    minutes_max: int


class Leader(ABC):
    """Leads one call until it has ended and is written down."""

    def __init__(self, tools: Tools, call: str, party: Party) -> None:
        self.tools = tools
        self.call = call
        self.party = party
        self.hearing = h.Hearing()
        self.trunk = ""
        self._session: MediaSession = tools.engine.session(call)
        self._leg: Leg | None = None
        self._talk: Talk | None = None
        self._cost: Rate | None = None

    async def run(self) -> None:
        reason: PhoneReason = "no_carrier"
        try:
            reason = await self._lead()
        except (MediaUnavailable, BadAnswer, BadOffer) as refusal:
            logger.info("phone_no_sound", call=self.call, why=str(refusal))
            reason = "no_sound"
        except asyncio.CancelledError:
            reason = "restarted"
            raise
        except Exception:
            logger.exception("phone_call_failed", call=self.call)
        finally:
            await asyncio.shield(self._end(reason))

    @abstractmethod
    async def _lead(self) -> PhoneReason: ...

    async def _end(self, reason: PhoneReason) -> None:
        self.hearing.close()
        if self._leg is not None:
            self._leg.hang_up()
        seconds = rules.used_s(self._talk.seconds) if self._talk else 0
        await self._session.close()
        loop = asyncio.get_running_loop()
        give_up = loop.time() + END_S_MAX
        while True:
            try:
                await self.tools.store.write(self.tools.booking.ended, self.call, reason, seconds, self._cost)
            except Unavailable:
                # Should it never be written, the restart settles it with what was last known.
                if loop.time() > give_up:
                    raise
                await asyncio.sleep(1.0)
            else:
                return

    async def _to_talk(self, *, dtmf: bool, awaits_answer: bool = False) -> PhoneReason:
        tools = self.tools
        self._talk = Talk(
            tools.store,
            tools.booking,
            self.call,
            self.party,
            self._session,
            self.hearing,
            minutes_max=tools.minutes_max,
        )
        trace = self._leg.trace if self._leg is not None else b""
        return await self._talk.run(self._cost, dtmf=dtmf, trace=trace, awaits_answer=awaits_answer)

    async def _answer_browser(self) -> None:
        """Give the device its answer, if the engine has one that it was not given."""
        answer = self._session.browser_answer
        if answer:
            party = self.party
            await self.tools.store.write(
                self.tools.booking.media, party.person, self.call, party.device, party.attempt, answer
            )

    async def _rejoin(self, heard: h.Rejoined) -> None:
        tools = self.tools
        await rejoin(tools.store, tools.booking, self.call, self.party, self._session, heard.offer, heard.attempt)


class OutgoingLeader(Leader):
    def __init__(self, tools: Tools, call: str, party: Party, offer: str, ways: Sequence[Way], caller: Caller) -> None:
        super().__init__(tools, call, party)
        self._offer = offer
        self._ways = ways
        self._caller = caller
        self._answer_given = False

    async def _lead(self) -> PhoneReason:
        reason: PhoneReason = "no_carrier"
        has_room = self.tools.has_room
        if not any(has_room(way.trunk) for way in self._ways):
            return reason
        offer = await self._session.offer(self._offer)
        await self._give_answer()
        for number, way in enumerate(self._ways, 1):
            if over := self.hearing.over:
                return CUT_OFF[type(over)]
            if not has_room(way.trunk):
                continue
            reason, may_go_on = await self._try(way, offer, others=number < len(self._ways))
            if not may_go_on:
                break
        return reason

    async def _try(self, way: Way, offer: bytes, *, others: bool) -> tuple[PhoneReason, bool]:
        """Call through one trunk; return why it ended, and whether the next may be tried. Where there are others, one
        that says nothing at all is not waited for."""
        assert self.tools.stack is not None, "a trunk with room is one that SIP is open to"
        self.trunk, self._cost = way.trunk, way.cost
        ear = h.Ear(self.hearing)
        outgoing = Outgoing(to=way.dialled, caller=self._caller, offer=offer)
        self._leg = self.tools.stack.dial(way.trunk, outgoing, ear)
        silent_until = asyncio.get_running_loop().time() + SILENT_TRUNK_S if others else None
        while True:
            heard = await self.hearing.next(silent_until)
            silent_until = None if isinstance(heard, FROM_TRUNK) else silent_until
            match heard:
                case None:
                    # Should it answer after all, the leg itself says ACK and BYE.
                    ear.turn_away()
                    self._leg.hang_up()
                    self._leg = None
                    return "no_carrier", True
                case h.Trying() | h.Ringing():
                    await self._becomes("trying" if isinstance(heard, h.Trying) else "ringing", way.trunk)
                case h.EarlyMedia(answer) | h.Answered(answer):
                    if reason := await self._take(answer):
                        return reason, False
                    await self._becomes("early", way.trunk)
                    if isinstance(heard, h.Answered):
                        return await self._to_talk(dtmf=b"telephone-event" in answer), False
                case h.LegEnded(ended):
                    self._leg = None
                    return rules.REASONS[ended.cause], ended.may_fail_over
                case h.Rejoined():
                    await self._rejoin(heard)
                case h.Offered(offered, reply):
                    await answer_trunk(self._session, offered, reply)
                case h.HungUp() | h.HouseCloses() | h.MediaLost():
                    return CUT_OFF[type(heard)], False
                case _:
                    pass

    async def _becomes(self, state: PhoneState, trunk: str) -> None:
        await self.tools.store.write(self.tools.booking.becomes, self.call, state, trunk)

    async def _take(self, answer: bytes) -> PhoneReason:
        reason = await take_answer(self._session, answer)
        if not reason:
            await self._give_answer()
        return reason

    async def _give_answer(self) -> None:
        if not self._answer_given and self._session.browser_answer:
            self._answer_given = True
            await self._answer_browser()


class IncomingLeader(Leader):
    def __init__(self, tools: Tools, call: str, party: Party, leg: IncomingLeg) -> None:
        super().__init__(tools, call, party)
        self._leg = leg
        self._incoming = leg
        self.trunk = leg.trunk
        leg.listen(h.Ear(self.hearing))

    async def _lead(self) -> PhoneReason:
        leg = self._incoming
        leg.ring()
        until = asyncio.get_running_loop().time() + rules.RING_S_MAX
        while True:
            heard = await self.hearing.next(until)
            match heard:
                case None:
                    leg.refuse(480)
                    return "no_answer"
                case h.Taken():
                    return await self._answer(heard)
                case h.HungUp():
                    leg.refuse(603)
                    return "declined"
                case h.LegEnded():
                    self._leg = None
                    return "cancelled"
                case h.HouseCloses():
                    leg.refuse(503)
                    return "restarted"
                case h.Offered(_, reply):
                    reply(None)
                case _:
                    pass

    async def _answer(self, taken: h.Taken) -> PhoneReason:
        leg, session = self._incoming, self._session
        self.party.device, self.party.attempt = taken.device, taken.attempt
        self.party.lives()
        if leg.offer:
            leg.answer(await session.join(leg.offer, taken.offer))
            dtmf = b"telephone-event" in leg.offer
        else:
            leg.answer(await session.offer(taken.offer))
            dtmf = True
        await self._answer_browser()
        return await self._to_talk(dtmf=dtmf, awaits_answer=not leg.offer)
