"""What happens to one call, from every side, as one queue: SIP, the person's devices, the media engine."""

import asyncio
from dataclasses import dataclass

from teahouse.calls.sip.model import Ended, Reply

HEARD_MAX = 64
"""Things that may wait for a call's leader; a carrier that says more at once is cut off."""


@dataclass(frozen=True)
class Trying:
    pass


@dataclass(frozen=True)
class Ringing:
    pass


@dataclass(frozen=True)
class EarlyMedia:
    answer: bytes


@dataclass(frozen=True)
class Answered:
    answer: bytes


@dataclass(frozen=True)
class Offered:
    """The trunk offers anew; whoever takes it must reply (None: 488)."""

    offer: bytes
    reply: Reply


@dataclass(frozen=True)
class LegEnded:
    ended: Ended


@dataclass(frozen=True)
class Taken:
    """The person answers on a device."""

    device: str
    offer: str
    attempt: int


@dataclass(frozen=True)
class Rejoined:
    """The person's device begins its sound anew."""

    offer: str
    attempt: int


@dataclass(frozen=True)
class HungUp:
    pass


@dataclass(frozen=True)
class MediaLost:
    pass


@dataclass(frozen=True)
class HouseCloses:
    pass


Heard = (
    Trying | Ringing | EarlyMedia | Answered | Offered | LegEnded | Taken | Rejoined | HungUp | MediaLost | HouseCloses
)


class Hearing:
    """In the loop."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Heard] = asyncio.Queue(HEARD_MAX)
        self._deaf = False
        self.over: HungUp | HouseCloses | MediaLost | None = None
        """What was said to end the call, though it may not have been heard yet: nothing new is begun then."""

    def say(self, heard: Heard) -> None:
        if self._deaf:
            if isinstance(heard, Offered):
                heard.reply(None)
            return
        if self._queue.full():
            self.close()
            heard = HungUp()
        if isinstance(heard, HungUp | HouseCloses | MediaLost):
            self.over = heard
        self._queue.put_nowait(heard)

    async def next(self, deadline: float | None) -> Heard | None:
        """Wait until something happens, or the loop's clock reaches the deadline (None is returned then)."""
        loop = asyncio.get_running_loop()
        if deadline is None:
            return await self._queue.get()
        try:
            return await asyncio.wait_for(self._queue.get(), max(0.0, deadline - loop.time()))
        except TimeoutError:
            return None

    def close(self) -> None:
        """Nobody leads the call any more: who waits for a reply gets none."""
        self._deaf = True
        while not self._queue.empty():
            heard = self._queue.get_nowait()
            if isinstance(heard, Offered):
                heard.reply(None)


class Ear:
    """Hears one leg for a call's queue (a `sip.model.Listener`), until the call has turned to another leg."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._turned_away = False

    def turn_away(self) -> None:
        self._turned_away = True

    def trying(self) -> None:
        self._say(Trying())

    def ringing(self) -> None:
        self._say(Ringing())

    def early_media(self, answer: bytes) -> None:
        self._say(EarlyMedia(answer))

    def answered(self, answer: bytes) -> None:
        self._say(Answered(answer))

    def offered(self, offer: bytes, reply: Reply) -> None:
        if self._turned_away:
            reply(None)
        else:
            self._say(Offered(offer, reply))

    def ended(self, ended: Ended) -> None:
        self._say(LegEnded(ended))

    def _say(self, heard: Heard) -> None:
        if not self._turned_away:
            self._hearing.say(heard)
