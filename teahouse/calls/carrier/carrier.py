"""A SIP carrier on loopback. The number's end tells what becomes of a call, so that every ending can be tried."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

import structlog

from teahouse.calls.carrier.sound import Player, tone
from teahouse.calls.media.engine import BadAnswer
from teahouse.calls.media.sdp import Codec
from teahouse.calls.media.trunk_sdp import TrunkLocal, read_trunk, write_trunk
from teahouse.calls.sip.model import Caller, Ended, IncomingLeg, Leg, Outgoing, Reply, Trunk
from teahouse.calls.sip.stack import Stack, StackSettings

logger = structlog.get_logger()

HOST: Final = "127.0.0.1"
TONE_HZ: Final = 440
RINGS_S: Final = 1.5
ENDINGS: Final[dict[str, tuple[int, str]]] = {
    "404": (404, "Not Found"),
    "486": (486, "Busy Here"),
    "503": (503, "Service Unavailable"),
    "603": (603, "Decline"),
}
"""What it refuses, by the last three digits of the number."""
RINGS_ON: Final = "480"
"""Nobody answers a number that ends so."""
ECHOES: Final = "732"
"""A number that ends so gives back what is said."""
HOUSE: Final = "house"
BUILT_IN: Final = (Codec("PCMA", 8), Codec("PCMU", 0))


@dataclass(frozen=True)
class Happened:
    """For whoever watches."""

    what: str
    """`rings`, `answered` or `ended`."""
    number: str
    code: int = 0
    """SIP's, of an end that had one."""


class Carrier:
    def __init__(
        self,
        port: int,
        house_port: int,
        *,
        host: str = HOST,
        told: Callable[[Happened], None] = lambda happened: None,
        refuses: tuple[int, str] | None = None,
    ) -> None:
        """`port` is where it listens (0: a free one), `house_port` where the house does, for calls to it; `refuses` is
        what it says to every call."""
        self._stack = Stack(StackSettings(listen=f"{host}:{port}"), self._incoming, lambda trunk, status: None)
        self._host = host
        self._house_port = house_port
        self._refuses = refuses
        self._told = told
        self.calls: set[FarEnd] = set()

    @property
    def port(self) -> int:
        return self._stack.address[1]

    async def start(self) -> None:
        """Raises `OSError`."""
        await self._stack.start()
        self.aims_at(self._house_port)

    def aims_at(self, port: int) -> None:
        """The house listens there."""
        loopback = (ip_network("127.0.0.0/8"),)
        self._stack.set_trunks([Trunk(id=HOUSE, host=self._host, port=port, keep_alive_s=0, networks=loopback)])

    async def stop(self) -> None:
        for call in tuple(self.calls):
            call.close()
        await self._stack.stop()

    async def call(self, number: str, caller: str) -> "FarEnd":
        """Call a number of the house's, playing the tone once it answers."""
        far_end = FarEnd(number, self._host, self._told, self.calls.discard)
        self.calls.add(far_end)
        await far_end.open(BUILT_IN[0], tone(TONE_HZ, BUILT_IN[0].name))
        offer = far_end.description(BUILT_IN, 101)
        far_end.leg = self._stack.dial(HOUSE, Outgoing(to=number, caller=Caller(caller), offer=offer), far_end)
        return far_end

    def _incoming(self, leg: IncomingLeg) -> None:
        number = leg.dialled
        far_end = FarEnd(number, self._host, self._told, self.calls.discard)
        far_end.leg = leg
        self.calls.add(far_end)
        leg.listen(far_end)
        self._told(Happened("rings", number))
        refusal = self._refuses or ENDINGS.get(number[-3:])
        if refusal is not None:
            leg.refuse(*refusal)
            return
        leg.ring()
        if number[-3:] != RINGS_ON:
            far_end.after(RINGS_S, lambda: far_end.answer(leg, echoes=number[-3:] == ECHOES))


class FarEnd:
    """The telephone at the far end of one call (a `Listener`)."""

    def __init__(
        self, number: str, host: str, told: Callable[[Happened], None], gone: "Callable[[FarEnd], None]"
    ) -> None:
        self.number = number
        self.leg: Leg | None = None
        self.player: Player | None = None
        self._host = host
        self._told = told
        self._gone = gone
        self._timer: asyncio.TimerHandle | None = None
        self._answering: asyncio.Task[None] | None = None

    def after(self, seconds: float, do: "Callable[[], None]") -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, do)

    def answer(self, leg: IncomingLeg, *, echoes: bool) -> None:
        self._answering = asyncio.get_running_loop().create_task(self._answer(leg, echoes=echoes))

    async def _answer(self, leg: IncomingLeg, *, echoes: bool) -> None:
        try:
            offer = read_trunk(leg.offer)
        except BadAnswer:
            leg.refuse(488)
            return
        codec = offer.codecs[0]
        await self.open(codec, () if echoes else tone(TONE_HZ, codec.name))
        assert self.player is not None
        local = TrunkLocal(self._host, self.player.port, 1, 1)
        leg.answer(write_trunk(local, [codec], offer.events, answered=offer))
        self.player.play_to(offer.address, offer.port)
        self._told(Happened("answered", self.number))

    async def open(self, codec: Codec, frames: tuple[bytes, ...]) -> None:
        loop = asyncio.get_running_loop()
        _, self.player = await loop.create_datagram_endpoint(lambda: Player(codec, frames), local_addr=(self._host, 0))

    def description(self, codecs: tuple[Codec, ...], events: int) -> bytes:
        assert self.player is not None
        return write_trunk(TrunkLocal(self._host, self.player.port, 1, 1), codecs, events)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self.player is not None:
            self.player.close()
        if self.leg is not None:
            self.leg.hang_up()
        self._gone(self)

    # --- as SIP's listener ---

    def trying(self) -> None: ...

    def ringing(self) -> None: ...

    def early_media(self, answer: bytes) -> None: ...

    def answered(self, answer: bytes) -> None:
        try:
            remote = read_trunk(answer)
        except BadAnswer:
            self.close()
            return
        assert self.player is not None
        self.player.play_to(remote.address, remote.port)
        if not self._answering:
            self._told(Happened("answered", self.number))

    def offered(self, offer: bytes, reply: Reply) -> None:
        """A hold or another address: go on with the same codec."""
        try:
            remote = read_trunk(offer)
        except BadAnswer:
            reply(None)
            return
        assert self.player is not None
        self.player.play_to(remote.address, remote.port)
        reply(
            write_trunk(
                TrunkLocal(self._host, self.player.port, 1, 2), remote.codecs[:1], remote.events, answered=remote
            )
        )

    def ended(self, ended: Ended) -> None:
        self._told(Happened("ended", self.number, ended.code))
        self.leg = None
        self.close()
