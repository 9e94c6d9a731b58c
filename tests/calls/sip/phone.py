"""Someone who listens to calls, and writes down what happens."""

import asyncio
from collections.abc import Callable
from typing import Any

from teahouse.calls.sip.model import Caller, Ended, IncomingLeg, Leg, Outgoing, Reply, TrunkStatus

OFFER = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
ANSWER = OFFER.replace(b"40000", b"50000")
HELD = OFFER.replace(b"t=0 0\r\n", b"t=0 0\r\na=sendonly\r\n")
BERLIN = "+4930123456"
ANN = Caller("+4930999888", "Ann")
PATIENCE_S = 30.0


def outgoing(to: str = BERLIN, caller: Caller = ANN, ring_s_max: int = 60, call_id: str = "") -> Outgoing:
    return Outgoing(to, caller, OFFER, ring_s_max, call_id)


class Ear:
    """A listener. `events` is what it heard, by name; `until` waits for one."""

    def __init__(self, answer: bytes | None = ANSWER) -> None:
        self.events: list[str] = []
        self.early: list[bytes] = []
        self.answers: list[bytes] = []
        self.offers: list[bytes] = []
        self.endings: list[Ended] = []
        self.on: dict[str, Callable[[], None]] = {}
        """What to do within an event."""
        self._answer = answer
        self._news = asyncio.Event()

    @property
    def ending(self) -> Ended:
        (ending,) = self.endings
        return ending

    def trying(self) -> None:
        self._hear("trying")

    def ringing(self) -> None:
        self._hear("ringing")

    def early_media(self, answer: bytes) -> None:
        self.early.append(answer)
        self._hear("early_media")

    def answered(self, answer: bytes) -> None:
        self.answers.append(answer)
        self._hear("answered")

    def offered(self, offer: bytes, reply: Reply) -> None:
        self.offers.append(offer)
        self._hear("offered")
        reply(self._answer)

    def ended(self, ended: Ended) -> None:
        self.endings.append(ended)
        self._hear("ended")

    async def until(self, event: str) -> None:
        """Wait until it was heard; a call that ended otherwise is an error."""
        async with asyncio.timeout(PATIENCE_S):
            while event not in self.events:
                assert not self.endings, self.endings
                self._news.clear()
                await self._news.wait()

    def _hear(self, event: str) -> None:
        assert not self.endings or event == "ended", f"{event} after the end"
        self.events.append(event)
        self._news.set()
        if act := self.on.get(event):
            act()


class Bell:
    """Where calls come in, and where trunks say how they do."""

    def __init__(self) -> None:
        self.legs: asyncio.Queue[IncomingLeg] = asyncio.Queue()
        self.statuses: list[TrunkStatus] = []
        self._news = asyncio.Event()

    def on_incoming(self, leg: IncomingLeg) -> None:
        self.legs.put_nowait(leg)

    def on_status(self, trunk: str, status: TrunkStatus) -> None:
        self.statuses.append(status)
        self._news.set()

    async def rings(self) -> IncomingLeg:
        async with asyncio.timeout(PATIENCE_S):
            return await self.legs.get()

    async def until(self, state: str) -> TrunkStatus:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for status in self.statuses:
                    if status.state == state:
                        return status
                self._news.clear()
                await self._news.wait()


__all__ = ["ANN", "ANSWER", "BERLIN", "HELD", "OFFER", "Any", "Bell", "Ear", "Leg", "outgoing"]
