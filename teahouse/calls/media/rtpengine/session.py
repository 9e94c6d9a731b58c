"""One call's media in rtpengine. To it the browser always offers and the trunk always answers, whoever called whom."""

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import Final

from teahouse.calls.media.browser_sdp import BrowserOffer, read_browser_offer
from teahouse.calls.media.engine import MediaStats, MediaUnavailable
from teahouse.calls.media.rtpengine.bencode import Value
from teahouse.calls.media.rtpengine.ng import Ng, Refused
from teahouse.calls.media.rtpengine.sdp import browser_answer, common, tell_browser, tell_trunk, trunk_end
from teahouse.calls.media.rtpengine.stats import stats_of
from teahouse.calls.media.sdp import OPPOSITE, Codec, Direction
from teahouse.calls.media.trunk_sdp import TrunkLocal, TrunkMedia, read_trunk, write_trunk

BROWSER: Final = "browser"
TRUNK: Final = "trunk"
OFFER: Final[dict[str, Value]] = {
    "from-tag": BROWSER,
    "transport-protocol": "RTP/AVP",
    "ICE": "remove",
    "DTLS": "off",
    "DTLS-reverse": "passive",
    "SDES": ["off"],
    "rtcp-mux": ["demux"],
    # Ports stay when a browser comes back from another network: the trunk is told nothing of it.
    "flags": ["trust-address", "port-latching"],
    "replace": ["origin", "session-connection"],
    "supports": ["load limit"],
}
ANSWER: Final[dict[str, Value]] = {
    "from-tag": BROWSER,
    "to-tag": TRUNK,
    "transport-protocol": "UDP/TLS/RTP/SAVPF",
    "ICE": "force",
    "DTLS": "passive",
    "rtcp-mux": ["require"],
    # Of the trunk: its address is what it said it is (no learning), and from elsewhere nothing is taken.
    "flags": ["trust-address", "asymmetric", "strict-source"],
    "replace": ["origin", "session-connection"],
}
HELD: Final[dict[Direction, frozenset[str]]] = {
    "sendrecv": frozenset(),
    "sendonly": frozenset({BROWSER}),
    "recvonly": frozenset({TRUNK}),
    "inactive": frozenset({BROWSER, TRUNK}),
}
"""Who is not heard, by what the trunk says of itself."""


class RtpSession:
    """A `MediaSession`."""

    def __init__(self, ng: Ng, call: str) -> None:
        self._ng = ng
        self._call_id = f"teahouse-{call}"
        self._browser: BrowserOffer | None = None
        self._trunk: TrunkMedia | None = None
        self._local: TrunkLocal | None = None
        self._events: int | None = None
        """Payload type of telephone-event in our description for the trunk."""
        self._browser_answer = ""
        self._blocked: frozenset[str] = frozenset()
        """Tags whose sound goes no further: of whoever is not to be heard while a call is held."""
        self._is_closed = False

    @property
    def browser_answer(self) -> str:
        return self._browser_answer

    async def offer(self, browser_offer: str) -> bytes:
        browser = read_browser_offer(browser_offer)
        local = await self._offer(browser, browser.events)
        return write_trunk(local, browser.codecs, self._events)

    async def accept(self, trunk_answer: bytes) -> None:
        await self._answer(read_trunk(trunk_answer))

    async def join(self, trunk_offer: bytes, browser_offer: str) -> bytes:
        trunk, browser = read_trunk(trunk_offer), read_browser_offer(browser_offer)
        codecs = common(trunk.codecs, browser.codecs)
        await self._offer(browser, None if browser.events is None else trunk.events)
        await self._answer(trunk)
        return self._answer_for(trunk, codecs)

    async def reoffered(self, trunk_offer: bytes) -> bytes:
        trunk = read_trunk(trunk_offer)
        codecs = await self._answer(trunk)
        if self._local is not None:
            self._local = replace(self._local, version=self._local.version + 1)
        return self._answer_for(trunk, codecs)

    async def rejoin(self, browser_offer: str) -> str:
        if self._trunk is None or self._local is None:
            raise MediaUnavailable("the trunk has not answered yet")
        browser, before = read_browser_offer(browser_offer), self._local
        local = await self._offer(browser, None if browser.events is None else self._events)
        if (local.address, local.port) != (before.address, before.port):
            raise MediaUnavailable("rtpengine moved the trunk's leg")
        self._local = before
        await self._answer(self._trunk)
        return self._browser_answer

    async def stats(self) -> MediaStats:
        return stats_of(await self._ask("query", {}), BROWSER, TRUNK)

    async def close(self) -> None:
        if self._browser is not None and not self._is_closed:
            # rtpengine that does not answer forgets a call without packets by itself.
            with suppress(MediaUnavailable):
                await self._ask("delete", {"from-tag": BROWSER, "delete delay": 0})
        self._is_closed = True

    async def _offer(self, browser: BrowserOffer, events: int | None) -> TrunkLocal:
        said = await self._ask("offer", {**OFFER, "sdp": tell_browser(browser, events)})
        local = trunk_end(str(said.get("sdp")), secrets.randbits(31))
        self._browser, self._local, self._events = browser, local, events
        return local

    async def _answer(self, trunk: TrunkMedia) -> tuple[Codec, ...]:
        """Tell rtpengine of the trunk's end; return the codecs that both have, in the trunk's order."""
        if self._browser is None:
            raise MediaUnavailable("the browser has not offered yet")
        codecs = common(trunk.codecs, self._browser.codecs)
        has_events = self._events is not None and trunk.events is not None
        said = await self._ask(
            "answer", {**ANSWER, "sdp": tell_trunk(trunk, codecs, self._events if has_events else None)}
        )
        self._trunk = trunk
        await self._block(HELD[trunk.direction])
        # rtpengine does not change payload types, so the browser sends its digits under the trunk's.
        events = trunk.events if has_events else None
        self._browser_answer = browser_answer(str(said.get("sdp")), self._browser, codecs, events)
        return codecs

    async def _block(self, tags: frozenset[str]) -> None:
        # rtpengine passes sound on whatever the directions in descriptions say.
        for tag in tags ^ self._blocked:
            await self._ask("block media" if tag in tags else "unblock media", {"from-tag": tag})
        self._blocked = tags

    def _answer_for(self, trunk: TrunkMedia, codecs: tuple[Codec, ...]) -> bytes:
        if self._local is None:
            raise MediaUnavailable("the browser has not offered yet")
        events = trunk.events if self._events is not None else None
        return write_trunk(self._local, codecs, events, OPPOSITE[trunk.direction], trunk)

    async def _ask(self, command: str, given: dict[str, Value]) -> dict[str, Value]:
        if self._is_closed:
            raise MediaUnavailable("the call has ended")
        try:
            return await self._ng.ask(command, {"call-id": self._call_id, **given})
        except Refused as refused:
            raise MediaUnavailable(f"rtpengine refuses the {command}: {refused}") from None
