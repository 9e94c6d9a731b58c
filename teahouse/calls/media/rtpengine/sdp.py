"""What rtpengine is told of both legs, and what its answer means: plain descriptions that we wrote ourselves.

Nothing that a browser or a trunk sent reaches rtpengine as it came: only what was read and understood, so that its own
reader meets no surprises, and so that no codec is in it that would have to be transcoded.
"""

from collections.abc import Sequence
from dataclasses import replace

from teahouse.calls.media.browser_sdp import (
    BrowserLocal,
    BrowserOffer,
    IceCandidate,
    read_browser_offer,
    write_browser_answer,
)
from teahouse.calls.media.engine import BadAnswer, BadOffer, MediaUnavailable
from teahouse.calls.media.sdp import TELEPHONE_EVENT, Codec, address_line
from teahouse.calls.media.trunk_sdp import TrunkLocal, TrunkMedia, read_trunk

CNAME = "phone"
TRICKLE = IceCandidate("0", 0, "0.0.0.0", 9, "host")
"""Stands for the address of a browser that named none: rtpengine learns it from its ICE checks."""


def tell_browser(offer: BrowserOffer, events: int | None) -> str:
    """The browser's offer, with `events` as payload type of telephone-event, for rtpengine."""
    first = offer.candidates[0] if offer.candidates else TRICKLE
    lines = _head(first.address)
    lines += _media("UDP/TLS/RTP/SAVPF", first.port, offer.codecs, events)
    lines += ["a=rtcp-mux", f"a={offer.direction}", f"a=setup:{offer.setup}"]
    lines += [f"a=ice-ufrag:{offer.ufrag}", f"a=ice-pwd:{offer.password}"]
    # rtpengine holds the certificate against one fingerprint: against the hash that it knows best.
    name, digest = next((one for one in offer.fingerprints if one[0] == "sha-256"), offer.fingerprints[0])
    lines.append(f"a=fingerprint:{name} {digest}")
    if offer.lite:
        lines.insert(3, "a=ice-lite")
    if not offer.candidates:
        lines.append("a=ice-options:trickle")
    for one in offer.candidates:
        line = f"a=candidate:{one.foundation} 1 udp {one.priority} {one.address} {one.port} typ {one.kind}"
        # RFC 8839 wants a related address of all but hosts; who it was does not matter to us.
        lines.append(line if one.kind == "host" else f"{line} raddr 0.0.0.0 rport 9")
    return "\r\n".join(lines) + "\r\n"


def tell_trunk(trunk: TrunkMedia, codecs: Sequence[Codec], events: int | None) -> str:
    """The trunk's answer, with these of its codecs, for rtpengine."""
    address, port = trunk.rtcp
    lines = _head(trunk.address) + _media("RTP/AVP", trunk.port, codecs, events)
    lines += [f"a=rtcp:{port} {address_line(address)}", f"a={trunk.direction}"]
    return "\r\n".join(lines) + "\r\n"


def common(codecs: Sequence[Codec], others: Sequence[Codec]) -> tuple[Codec, ...]:
    """Those of the first that the second have too. Raises `BadAnswer` when there are none."""
    names = {codec.name for codec in others}
    found = tuple(codec for codec in codecs if codec.name in names)
    if not found:
        raise BadAnswer("it has no codec that was offered")
    return found


def trunk_end(said: str, session: int) -> TrunkLocal:
    """Our end of the trunk's leg, out of rtpengine's answer to an offer."""
    try:
        ours = read_trunk(said.encode())
    except BadAnswer as error:
        raise MediaUnavailable(f"rtpengine's offer: {error}") from None
    return TrunkLocal(ours.address, ours.port, session, 1)


def browser_answer(said: str, offer: BrowserOffer, codecs: Sequence[Codec], events: int | None) -> str:
    """The browser's answer, out of rtpengine's answer to the trunk's."""
    try:
        ours = read_browser_offer(said)
    except BadOffer as error:
        raise MediaUnavailable(f"rtpengine's answer: {error}") from None
    local = BrowserLocal(ours.ufrag, ours.password, ours.fingerprints[0], ours.candidates, 0, CNAME)
    # The writer answers with the opposite of what the offer says: with rtpengine's own role.
    answered = replace(offer, setup="active" if ours.setup == "passive" else "passive", events=events)
    lines = write_browser_answer(answered, local, codecs).splitlines()
    # The trunk chooses the SSRC of what passes through, so none is promised.
    return "\r\n".join(line for line in lines if not line.startswith("a=ssrc:")) + "\r\n"


def _head(address: str) -> list[str]:
    where = address_line(address)
    return ["v=0", f"o=- 1 1 {where}", "s=-", f"c={where}", "t=0 0"]


def _media(protocol: str, port: int, codecs: Sequence[Codec], events: int | None) -> list[str]:
    numbers = [codec.payload_type for codec in codecs] + ([] if events is None else [events])
    lines = [f"m=audio {port} {protocol} {' '.join(map(str, numbers))}"]
    lines += [f"a=rtpmap:{codec.payload_type} {codec.name}/8000" for codec in codecs]
    if events is not None:
        lines += [f"a=rtpmap:{events} {TELEPHONE_EVENT}/8000", f"a=fmtp:{events} 0-16"]
    return [*lines, "a=ptime:20"]
