"""The relay as an engine: starts its process, and asks it over a pipe."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from teahouse.calls.media.engine import BadAnswer, BadOffer, MediaSession, MediaStats, MediaUnavailable
from teahouse.calls.media.relay.child import Child
from teahouse.calls.media.relay.messages import Answer, Kind, Settings
from teahouse.calls.media.sdp import BYTES_MAX

IDLE_S: Final = 600.0
"""Seconds without a call after which the process is let go: an idle house holds no 70 MiB for nothing."""

Lost = Callable[[str], None]


@dataclass(frozen=True)
class RelaySettings:
    address: str = ""
    """The address that trunks send RTP to; empty: this machine's own."""
    ports: tuple[int, int] = (30000, 30999)
    """First and last UDP port."""
    stun: str = ""
    """`host:port`, for a house behind NAT; empty: none."""
    calls_max: int = 200


@dataclass(frozen=True)
class RelayStats(MediaStats):
    connected: bool = False
    """The browser's leg is up."""
    idle_s: float | None = None
    """Seconds since the trunk's last RTP; None: there was none yet."""


class RelayEngine:
    name = "relay"

    def __init__(self, settings: RelaySettings, on_lost: Lost = lambda call: None) -> None:
        """`on_lost` is called with each call whose sound is gone because the process died; the next call starts a new
        one. It may be set later."""
        self.on_lost = on_lost
        self._settings = Settings(settings.address, settings.ports, settings.stun, settings.calls_max)
        self._child: Child | None = None
        self._starting = asyncio.Lock()
        self._open = True
        self._sessions: dict[str, RelaySession] = {}
        self._numbers = itertools.count(1)
        self._idle: asyncio.TimerHandle | None = None
        self._retired: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process; 0: none runs."""
        return self._child.pid if self._child is not None and self._child.alive else 0

    async def start(self) -> None:
        """Cheap: the process is started by the first call, or by `ping`."""
        self._open = True

    async def stop(self) -> None:
        self._open = False
        self._wake()
        async with self._starting:
            child, self._child = self._child, None
        if child is not None:
            await child.stop()
        if self._retired is not None:
            await self._retired
        self._sessions.clear()

    def session(self, call: str) -> MediaSession:
        return RelaySession(self, call, f"{call}/{next(self._numbers)}")

    async def ping(self) -> None:
        _unless_refused(await (await self.child()).ask("ping"))

    async def child(self) -> Child:
        """The process that runs, or a new one. Raises `MediaUnavailable`."""
        async with self._starting:
            if not self._open:
                raise MediaUnavailable("the house is going down")
            if self._child is None or not self._child.alive:
                self._child = await Child.start(self._settings, self._ended)
                self._doze()
            return self._child

    def began(self, session: "RelaySession") -> None:
        self._wake()
        self._sessions[session.key] = session

    def ended(self, session: "RelaySession") -> None:
        if self._sessions.pop(session.key, None) is not None:
            self._doze()

    def _doze(self) -> None:
        """Without a call from now on, the process goes after a while."""
        self._wake()
        if not self._sessions and self._open:
            self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._retire)

    def _wake(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _retire(self) -> None:
        self._idle = None
        child, self._child = self._child, None
        if child is not None:
            self._retired = asyncio.get_running_loop().create_task(child.stop())

    def _ended(self, child: Child) -> None:
        lost = [session for session in self._sessions.values() if session.child is child]
        for session in lost:
            self.ended(session)
        if self._open:
            for session in lost:
                self.on_lost(session.call)


class RelaySession:
    """A call's media in the process. Which call it is there, its `key` says: a call may have several sessions."""

    def __init__(self, engine: RelayEngine, call: str, key: str) -> None:
        self.call = call
        self.key = key
        self.child: Child | None = None
        self._engine = engine
        self._browser_answer = ""
        self._closed = False

    @property
    def browser_answer(self) -> str:
        return self._browser_answer

    async def offer(self, browser_offer: str) -> bytes:
        answer = await self._begin("offer", browser_offer)
        self._browser_answer = answer.browser
        return answer.trunk

    async def accept(self, trunk_answer: bytes) -> None:
        await self._ask("accept", trunk=trunk_answer)

    async def join(self, trunk_offer: bytes, browser_offer: str) -> bytes:
        answer = await self._begin("join", browser_offer, trunk_offer)
        self._browser_answer = answer.browser
        return answer.trunk

    async def reoffered(self, trunk_offer: bytes) -> bytes:
        return (await self._ask("reoffered", trunk=trunk_offer)).trunk

    async def rejoin(self, browser_offer: str) -> str:
        self._browser_answer = (await self._ask("rejoin", browser=browser_offer)).browser
        return self._browser_answer

    async def stats(self) -> RelayStats:
        answer = await self._ask("stats")
        return RelayStats(
            answer.from_browser, answer.from_trunk, answer.dropped, connected=answer.connected, idle_s=answer.idle_s
        )

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._engine.ended(self)
        if self.child is not None:
            with suppress(MediaUnavailable):
                await self.child.ask("close", self.key)

    async def _begin(self, kind: Kind, browser: str, trunk: bytes = b"") -> Answer:
        if self.child is None and not self._closed:
            self.child = await self._engine.child()
            self._engine.began(self)
        return await self._ask(kind, browser=browser, trunk=trunk)

    async def _ask(self, kind: Kind, *, browser: str = "", trunk: bytes = b"") -> Answer:
        if self.child is None or self._closed:
            raise MediaUnavailable("this call has no media")
        if len(browser) > BYTES_MAX:
            raise BadOffer(f"longer than {BYTES_MAX} bytes")
        if len(trunk) > BYTES_MAX:
            raise BadAnswer(f"longer than {BYTES_MAX} bytes")
        browser = browser.encode("utf-8", "replace").decode()
        return _unless_refused(await self.child.ask(kind, self.key, browser=browser, trunk=trunk))


def _unless_refused(answer: Answer) -> Answer:
    match answer.code:
        case "bad_offer":
            raise BadOffer(answer.detail)
        case "bad_answer":
            raise BadAnswer(answer.detail)
        case "media_unavailable":
            raise MediaUnavailable(answer.detail)
    return answer
