"""The small interface that both media engines have, and that the phone room leads calls by.

Session descriptions cross it as text (browser) and bytes (SIP body). Audio is G.711 (PCMU, PCMA: RFC 7874 makes every
browser speak both) and telephone-event (RFC 4733), passed through and never transcoded.
"""

from dataclasses import dataclass
from typing import Protocol

from teahouse.errors import Refusal, Unavailable


class BadOffer(Refusal):
    """The browser's offer cannot be used: no audio, no G.711, no DTLS fingerprint, no ICE, or not SDP."""

    code = "bad_offer"
    title = "The call's media description cannot be used"


class MediaUnavailable(Unavailable):
    """The engine is down, full, or did not answer in time."""

    code = "media_unavailable"
    title = "Calls to phones cannot carry sound right now"


class BadAnswer(Exception):
    """What the trunk answered or offered has no codec or address in common with us."""


@dataclass(frozen=True)
class MediaStats:
    """Of one call, since it began."""

    from_browser: int = 0
    """RTP packets that went on to the trunk."""
    from_trunk: int = 0
    dropped: int = 0
    """Packets of a wrong source, a payload type that was not negotiated, or no RTP."""


class MediaSession(Protocol):
    """One call's media. Calls are made one after another; each has its own deadline and raises `MediaUnavailable`."""

    async def offer(self, browser_offer: str) -> bytes:
        """Take the browser's offer and return the offer for the INVITE."""

    async def accept(self, trunk_answer: bytes) -> None:
        """Take the trunk's answer (early or final; again if it changed). Raises `BadAnswer`."""

    async def join(self, trunk_offer: bytes, browser_offer: str) -> bytes:
        """Of a call that came in: take both offers, return the answer for the trunk. Raises `BadOffer`, `BadAnswer`."""

    async def reoffered(self, trunk_offer: bytes) -> bytes:
        """Take a re-INVITE's offer (hold, another address or codec) and return the answer. Raises `BadAnswer`."""

    @property
    def browser_answer(self) -> str:
        """The answer for the browser, once there is one (the relay has it after `offer`, rtpengine after `accept`);
        empty before."""

    async def rejoin(self, browser_offer: str) -> str:
        """The browser begins anew after its network changed: take its new offer, keep the trunk's leg, and return the
        answer."""

    async def stats(self) -> MediaStats: ...

    async def close(self) -> None:
        """Idempotent; never raises."""


class MediaEngine(Protocol):
    name: str

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def session(self, call: str) -> MediaSession:
        """Begin the media of a call. Nothing is opened before its first offer."""

    async def ping(self) -> None:
        """Raises `MediaUnavailable` when it would carry no call now."""
