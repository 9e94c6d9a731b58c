"""One call in the relay: a browser's leg, a trunk's leg, and what passes between them."""

import asyncio
import random
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from teahouse.calls.media.browser_sdp import BrowserOffer, read_browser_offer, write_browser_answer
from teahouse.calls.media.engine import MediaUnavailable
from teahouse.calls.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from teahouse.calls.media.relay.browser_leg import BrowserLeg
from teahouse.calls.media.relay.ports import Ports
from teahouse.calls.media.relay.reports import INTERVAL_S, Reporter
from teahouse.calls.media.relay.stream import Route, Stream, routes
from teahouse.calls.media.relay.trunk_leg import TrunkLeg
from teahouse.calls.media.sdp import OPPOSITE, STATIC_CODECS, Codec, Direction
from teahouse.calls.media.trunk_sdp import TrunkLocal, TrunkMedia, read_trunk, write_trunk

TABLES = {"PCMU": ULAW_TO_ALAW, "PCMA": ALAW_TO_ULAW}
"""From a law to the other."""
STATIC_TYPES = {name: int(number) for number, name in STATIC_CODECS.items()}


@dataclass(frozen=True)
class Surroundings:
    """What all calls of the process share."""

    ports: Ports
    addresses: Sequence[str]
    stun: tuple[str, int] | None


class Call:
    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._to_trunk = Stream()
        self._to_browser = Stream()
        cname = secrets.token_hex(8)
        self._cname = cname
        self._for_trunk = Reporter(self._to_trunk, self._to_browser, cname)
        self._for_browser = Reporter(self._to_browser, self._to_trunk, cname)
        self._leg: BrowserLeg | None = None
        self._legs_dropped = 0
        self._trunk: TrunkLeg | None = None
        self._browser: BrowserOffer | None = None
        self._peer: TrunkMedia | None = None
        self._events_offered: int | None = None
        self._session = secrets.randbits(31)
        self._version = 0
        self._sends = False
        self._receives = False
        self._refused = 0
        self._reporting: asyncio.TimerHandle | None = None
        self.browser_answer = ""

    async def offer(self, browser_offer: str) -> bytes:
        """Raises `BadOffer`, `MediaUnavailable`."""
        offer = read_browser_offer(browser_offer)
        trunk = await self._open_trunk()
        await self._answer_browser(offer, offer.codecs)
        self._events_offered = offer.events
        codecs = [Codec(codec.name, STATIC_TYPES[codec.name]) for codec in offer.codecs]
        return write_trunk(self._local(trunk), codecs, offer.events, offer.direction)

    async def accept(self, trunk_answer: bytes) -> None:
        """Raises `BadAnswer`."""
        peer = read_trunk(trunk_answer)
        trunk = await self._open_trunk()
        trunk.aim(peer.address, peer.port, peer.rtcp)
        self._peer = peer
        self._route()

    async def join(self, trunk_offer: bytes, browser_offer: str) -> bytes:
        """Raises `BadOffer`, `BadAnswer`, `MediaUnavailable`."""
        peer, offer = read_trunk(trunk_offer), read_browser_offer(browser_offer)
        trunk = await self._open_trunk()
        trunk.aim(peer.address, peer.port, peer.rtcp)
        await self._answer_browser(offer, _common(offer.codecs, peer.codecs))
        return self._answer_trunk(trunk, offer, peer)

    async def reoffered(self, trunk_offer: bytes) -> bytes:
        """Raises `BadAnswer`, `MediaUnavailable`."""
        peer = read_trunk(trunk_offer)
        trunk, offer = self._trunk, self._browser
        if trunk is None or offer is None:
            raise MediaUnavailable("the call has not begun")
        trunk.aim(peer.address, peer.port, peer.rtcp)
        return self._answer_trunk(trunk, offer, peer)

    async def rejoin(self, browser_offer: str) -> str:
        """Raises `BadOffer`, `MediaUnavailable`."""
        offer = read_browser_offer(browser_offer)
        codecs = offer.codecs if self._peer is None else _common(offer.codecs, self._peer.codecs)
        await self._answer_browser(offer, codecs)
        return self.browser_answer

    @property
    def connected(self) -> bool:
        return self._leg is not None and self._leg.connected

    @property
    def from_browser(self) -> int:
        return self._to_trunk.packets

    @property
    def from_trunk(self) -> int:
        return self._to_browser.packets

    @property
    def dropped(self) -> int:
        leg = self._leg.dropped if self._leg is not None else 0
        strangers = self._trunk.strangers if self._trunk is not None else 0
        return self._refused + self._legs_dropped + leg + strangers

    @property
    def idle_s(self) -> float | None:
        """Seconds since the trunk's last RTP; None: there was none yet."""
        return self._to_browser.idle_s(time.monotonic())

    async def close(self) -> None:
        if self._reporting is not None:
            self._reporting.cancel()
            self._reporting = None
        now = time.monotonic()
        trunk, self._trunk = self._trunk, None
        if trunk is not None:
            if trunk.aimed:
                trunk.report(self._for_trunk.goodbye(now))
            trunk.close()
        leg, self._leg = self._leg, None
        if leg is not None:
            leg.report(self._for_browser.goodbye(now))
            await leg.close()

    async def _open_trunk(self) -> TrunkLeg:
        if self._trunk is None:
            trunk = TrunkLeg(self._around.ports, self._from_trunk, self._trunk_reports)
            await trunk.open()
            self._trunk = trunk
            self._report_later()
        return self._trunk

    async def _answer_browser(self, offer: BrowserOffer, codecs: Sequence[Codec]) -> None:
        """Give the browser a new leg, and let go of the one it had."""
        around = self._around
        leg = BrowserLeg(offer, around.addresses, around.stun, self._from_browser, self._browser_reports)
        try:
            local = await leg.open(self._to_browser.ssrc, self._cname)
        except BaseException:
            await leg.close()
            raise
        old, self._leg = self._leg, leg
        self._browser = offer
        self.browser_answer = write_browser_answer(offer, local, codecs)
        self._route()
        if old is not None:
            self._legs_dropped += old.dropped
            await old.close()

    def _answer_trunk(self, trunk: TrunkLeg, offer: BrowserOffer, peer: TrunkMedia) -> bytes:
        self._peer = peer
        self._events_offered = None
        self._route()
        direction = _both(OPPOSITE[peer.direction], offer.direction)
        events = peer.events if offer.events is not None else None
        return write_trunk(self._local(trunk), _common(peer.codecs, offer.codecs), events, direction, peer)

    def _local(self, trunk: TrunkLeg) -> TrunkLocal:
        self._version += 1
        return TrunkLocal(trunk.address, trunk.port, self._session, self._version)

    def _route(self) -> None:
        """Settle what becomes of each payload type, and which way sound may go."""
        offer, peer = self._browser, self._peer
        if offer is None or peer is None:
            return
        to_trunk = {codec.payload_type: _route(codec, peer.codecs) for codec in offer.codecs}
        to_browser = {codec.payload_type: _route(codec, offer.codecs) for codec in peer.codecs}
        if offer.events is not None and peer.events is not None:
            to_trunk[offer.events] = Route(peer.events)
            # A trunk sends events under the type that we offered, or under its own; both are plain enough.
            for number in (self._events_offered, peer.events):
                if number is not None:
                    to_browser.setdefault(number, Route(offer.events))
        self._to_trunk.routes, self._to_browser.routes = routes(to_trunk), routes(to_browser)
        self._sends = _sends(offer.direction) and _receives(peer.direction)
        self._receives = _receives(offer.direction) and _sends(peer.direction)

    def _from_browser(self, packet: bytes) -> None:
        if self._sends and self._trunk is not None:
            passed = self._to_trunk.passed(packet, time.monotonic())
            if passed is None:
                self._refused += 1
            else:
                self._trunk.send(passed)

    def _from_trunk(self, packet: bytes) -> None:
        if self._receives and self._leg is not None and self._leg.connected:
            passed = self._to_browser.passed(packet, time.monotonic())
            if passed is None or not self._leg.send(passed):
                self._refused += 1

    def _browser_reports(self, packet: bytes) -> None:
        self._for_browser.hear(packet, time.monotonic())

    def _trunk_reports(self, packet: bytes) -> None:
        self._for_trunk.hear(packet, time.monotonic())

    def _report_later(self) -> None:
        """At random times, so that calls that began together do not report together (RFC 3550, section 6.3.1)."""
        later = INTERVAL_S * random.uniform(0.5, 1.5)
        self._reporting = asyncio.get_running_loop().call_later(later, self._report)

    def _report(self) -> None:
        now = time.monotonic()
        if self._trunk is not None and self._trunk.aimed:
            self._trunk.report(self._for_trunk.report(now))
        if self._leg is not None and self._leg.connected:
            self._leg.report(self._for_browser.report(now))
        self._report_later()


def _common(codecs: Sequence[Codec], others: Sequence[Codec]) -> list[Codec]:
    """Those that the other side has too; all of them when it has none of them, for then we translate."""
    names = {codec.name for codec in others}
    return [codec for codec in codecs if codec.name in names] or list(codecs)


def _route(codec: Codec, others: Sequence[Codec]) -> Route:
    same = next((other for other in others if other.name == codec.name), None)
    return Route(same.payload_type) if same is not None else Route(others[0].payload_type, TABLES[codec.name])


def _sends(direction: Direction) -> bool:
    return direction in ("sendrecv", "sendonly")


def _receives(direction: Direction) -> bool:
    return direction in ("sendrecv", "recvonly")


def _both(one: Direction, other: Direction) -> Direction:
    """What both allow."""
    if _sends(one) and _sends(other):
        return "sendrecv" if _receives(one) and _receives(other) else "sendonly"
    return "recvonly" if _receives(one) and _receives(other) else "inactive"
