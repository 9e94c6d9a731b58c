"""A carrier, a media engine and a clock in memory, moved by a test: no wires."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from teahouse.calls.media.engine import MediaStats, MediaUnavailable
from teahouse.calls.sip.model import Caller, EndCause, Ended, Listener, Outgoing, Trunk, TrunkStatus
from teahouse.storage.store import Store

SDP = b"v=0\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
OFFER = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\na=fingerprint:sha-256 AA\r\na=ice-ufrag:abcd\r\n"
QUIET_TURNS = 25
"""So many turns of the loop in which nobody waits for the store: everybody waits for something new."""


class StillLoop(asyncio.SelectorEventLoop):
    """A loop whose clock stands still but where a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        super().__init__()

    def time(self) -> float:
        return self.now

    def next_timer(self) -> float:
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        return min((timer.when() for timer in timers if not timer.cancelled()), default=math.inf)

    def move_to(self, instant: float) -> None:
        self.now = max(self.now, instant)
        heapq.heapify(self._scheduled)  # type: ignore[attr-defined]


class Quiet:
    """Tells when all that was begun has come to rest: counts who waits for the store."""

    def __init__(self, store: Store, loop: StillLoop) -> None:
        self._loop = loop
        self._waiting = 0
        store.write = self._counted(store.write)  # type: ignore[method-assign]
        store.read = self._counted(store.read)  # type: ignore[method-assign]

    def _counted(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*given: Any, **named: Any) -> Any:
            self._waiting += 1
            try:
                return await ask(*given, **named)
            finally:
                self._waiting -= 1

        return counted

    async def comes(self) -> None:
        turns = 0
        while turns < QUIET_TURNS:
            await asyncio.sleep(0)
            turns = 0 if self._waiting else turns + 1

    async def passes(self, seconds: float) -> None:
        """Let time pass, from one thing that is due to the next, each at its instant."""
        until = self._loop.now + seconds
        await self.comes()
        while (due := self._loop.next_timer()) <= until:
            self._loop.move_to(due)
            await self.comes()
        self._loop.move_to(until)
        await self.comes()


class StandInLeg:
    """A call at the SIP side; the test says what its far end does."""

    def __init__(self, call_id: str, trunk: str, number: str, listener: Listener | None = None) -> None:
        self.call_id = call_id
        self.trunk = trunk
        self.number = number
        self.listener = listener
        self.ended: Ended | None = None
        self.answered_at = 0.0
        """By the loop's clock; 0: it was not."""
        self.ended_at = 0.0
        self.said: list[int] = []
        """Final and provisional answers to a call that came in."""

    @property
    def was_answered(self) -> bool:
        return bool(self.answered_at)

    @property
    def trace(self) -> bytes:
        return self.call_id.encode() if self.was_answered else b""

    def is_answered(self, sdp: bytes = SDP) -> None:
        self.answered_at = asyncio.get_running_loop().time()
        assert self.listener is not None
        self.listener.answered(sdp)

    def ends(self, cause: EndCause, *, may_fail_over: bool = False) -> None:
        if self.ended is not None:
            return
        self.ended = Ended(cause, was_answered=self.was_answered, may_fail_over=may_fail_over)
        loop = asyncio.get_running_loop()
        self.ended_at = loop.time()
        if self.listener is not None:
            loop.call_soon(self.listener.ended, self.ended)

    def hang_up(self, reason: str = "") -> None:
        self.ends("local")

    def reoffer(self, sdp: bytes, on_answer: Callable[[bytes | None], None]) -> None:
        on_answer(None)

    # --- one that came in ---

    dialled = property(lambda self: self.number)
    caller = Caller("+4989123456")
    offer = SDP

    def listen(self, listener: Listener) -> None:
        self.listener = listener
        if self.ended is not None:
            listener.ended(self.ended)

    def ring(self) -> None:
        self.said.append(180)

    def answer(self, sdp: bytes) -> None:
        if self.ended is None and not self.was_answered:
            self.said.append(200)
            self.is_answered(self.offer)

    def refuse(self, code: int = 486, phrase: str = "") -> None:
        if self.ended is None and not self.was_answered:
            self.said.append(code)
            self.ends("local")


@dataclass
class StandInStack:
    """As `sip.stack.Stack`. `before_dial` is called at the moment at which an INVITE leaves."""

    on_incoming: Callable[[StandInLeg], None]
    before_dial: Callable[[Outgoing], None]
    legs: list[StandInLeg] = field(default_factory=list)
    trunks: tuple[str, ...] = ()
    address = ("127.0.0.1", 5060)
    _numbers: Any = field(default_factory=itertools.count)

    async def start(self) -> None: ...

    async def stop(self) -> None:
        for leg in self.legs:
            leg.hang_up()

    def set_trunks(self, trunks: Sequence[Trunk]) -> None:
        self.trunks = tuple(trunk.id for trunk in trunks)

    def status(self, trunk: str) -> TrunkStatus:
        return TrunkStatus("up")

    def dial(self, trunk: str, outgoing: Outgoing, listener: Listener) -> StandInLeg:
        self.before_dial(outgoing)
        leg = StandInLeg(f"out-{next(self._numbers)}", trunk, outgoing.to, listener)
        self.legs.append(leg)
        return leg

    def end_lost(self, trunk: str, trace: bytes) -> bool:
        """As the carrier hears it, who still had the call."""
        lost = [leg for leg in self.legs if leg.trace == trace and leg.trunk == trunk]
        for leg in lost:
            leg.ends("local")
        return bool(lost)

    def rings(self, number: str, trunk: str) -> StandInLeg:
        """Somebody calls the house."""
        leg = StandInLeg(f"in-{next(self._numbers)}", trunk, number)
        self.legs.append(leg)
        self.on_incoming(leg)
        return leg


class StandInSession:
    def __init__(self, call: str, ready: asyncio.Event) -> None:
        self.call = call
        self.browser_answer = ""
        self.sound = 0
        self.is_silent = False
        """Nothing comes from the browser any more."""
        self.is_lost = False
        self.is_closed = False
        self.answers = 0
        self.is_ready = ready

    async def offer(self, browser_offer: str) -> bytes:
        await self.is_ready.wait()
        self._alive()
        self.browser_answer = "v=0 answer"
        return SDP

    async def accept(self, trunk_answer: bytes) -> None:
        self._alive()

    async def join(self, trunk_offer: bytes, browser_offer: str) -> bytes:
        return await self.offer(browser_offer)

    async def reoffered(self, trunk_offer: bytes) -> bytes:
        self._alive()
        self.answers += 1
        return SDP

    async def rejoin(self, browser_offer: str) -> str:
        self._alive()
        return "v=0 again"

    async def stats(self) -> MediaStats:
        self._alive()
        self.sound += not self.is_silent
        return MediaStats(from_browser=self.sound)

    async def close(self) -> None:
        self.is_closed = True

    def _alive(self) -> None:
        assert not self.is_closed, "asked after its end"
        if self.is_lost:
            raise MediaUnavailable()


@dataclass
class StandInEngine:
    """As `MediaEngine`; `loses` ends a call's sound as a process that dies does."""

    on_lost: Callable[[str], None]
    sessions: dict[str, StandInSession] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: it takes its time to begin."""
    name = "stand-in"

    async def start(self) -> None:
        self.ready.set()

    async def stop(self) -> None: ...

    async def ping(self) -> None: ...

    def session(self, call: str) -> StandInSession:
        assert call not in self.sessions, "a call has one"
        self.sessions[call] = StandInSession(call, self.ready)
        return self.sessions[call]

    def loses(self, call: str) -> None:
        self.sessions[call].is_lost = True
        self.on_lost(call)
