"""A browser's leg in session descriptions: what its offer says (RFC 9429), and the answer that it gets."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from teahouse.calls.media.engine import BadOffer
from teahouse.calls.media.sdp import (
    G711,
    OPPOSITE,
    PORT_MAX,
    TELEPHONE_EVENT,
    Codec,
    Description,
    Direction,
    Media,
    Unreadable,
    address_line,
    number,
    read,
)

CANDIDATES_MAX: Final = 16
FINGERPRINTS_MAX: Final = 8
PRIORITY_MAX: Final = (1 << 31) - 1
FINGERPRINT_HASHES: Final = ("sha-256", "sha-384", "sha-512")
UFRAG: Final = re.compile(r"[A-Za-z0-9+/]{4,256}", re.ASCII)
PASSWORD: Final = re.compile(r"[A-Za-z0-9+/]{22,256}", re.ASCII)
FINGERPRINT: Final = re.compile(r"(?:[0-9A-F]{2}:){31,63}[0-9A-F]{2}", re.ASCII)
MID: Final = re.compile(r"[!#-'*+\-.0-9A-Z^-~]{1,64}", re.ASCII)
OUR_ROLES: Final = {"actpass": "active", "passive": "active", "active": "passive"}
"""By what the browser's `a=setup` says (RFC 8842, section 5.3: whoever answers had better be active)."""


@dataclass(frozen=True)
class IceCandidate:
    """`a=candidate` (RFC 8839, section 5.1), over UDP."""

    foundation: str
    priority: int
    address: str
    port: int
    kind: str
    """`host`, `srflx` or `relay`."""
    related: tuple[str, int] | None = None


@dataclass(frozen=True)
class BrowserOffer:
    media: tuple[str, ...]
    """The `m=` lines, for the answer has as many."""
    mids: tuple[str, ...]
    """Of each of them; empty: it has none."""
    audio: int
    """Which of them is the call's."""
    codecs: tuple[Codec, ...]
    """Its G.711, in its order."""
    events: int | None
    """Payload type of telephone-event/8000."""
    direction: Direction
    ufrag: str
    password: str
    lite: bool
    fingerprints: tuple[tuple[str, str], ...]
    """Hash and value, in capitals."""
    setup: str
    candidates: tuple[IceCandidate, ...]
    bundled: bool


@dataclass(frozen=True)
class BrowserLocal:
    """Our end of a browser's leg."""

    ufrag: str
    password: str
    fingerprint: tuple[str, str]
    candidates: tuple[IceCandidate, ...]
    ssrc: int
    cname: str


def read_browser_offer(text: str) -> BrowserOffer:
    """Read what `createOffer` made. Raises `BadOffer`."""
    try:
        description = read(text)
    except Unreadable as error:
        raise BadOffer(str(error)) from None
    media = description.audio()
    if media is None:
        raise BadOffer("there is no audio in it")
    if "TLS" not in media.protocol or "SAVP" not in media.protocol:
        raise BadOffer("its audio is not RTP over DTLS")
    if media.first("rtcp-mux") is None:
        raise BadOffer("it has no rtcp-mux")
    codecs = media.codecs()
    if not any(codec.name in G711 for codec in codecs):
        raise BadOffer("it has neither PCMU nor PCMA")
    ufrag, password = (_of(description, media, name) or "" for name in ("ice-ufrag", "ice-pwd"))
    if not UFRAG.fullmatch(ufrag) or not PASSWORD.fullmatch(password):
        raise BadOffer("it has no ICE credentials")
    setup = _of(description, media, "setup") or ""
    if setup not in OUR_ROLES:
        raise BadOffer("it has no a=setup that can be answered")
    mids = tuple(_mid(section) for section in description.media)
    audio = description.media.index(media)
    groups = [group.split() for group in description.all("group")]
    return BrowserOffer(
        media=tuple(section.line for section in description.media),
        mids=mids,
        audio=audio,
        codecs=tuple(codec for codec in codecs if codec.name in G711),
        events=next((codec.payload_type for codec in codecs if codec.name == TELEPHONE_EVENT), None),
        direction=description.direction(media),
        ufrag=ufrag,
        password=password,
        lite=description.first("ice-lite") is not None,
        fingerprints=_fingerprints(media.all("fingerprint") or description.all("fingerprint")),
        setup=setup,
        candidates=_candidates(media.all("candidate")),
        bundled=any(group[:1] == ["BUNDLE"] and mids[audio] in group[1:] for group in groups),
    )


def write_browser_answer(offer: BrowserOffer, local: BrowserLocal, codecs: Sequence[Codec]) -> str:
    """The answer: audio with these of the offer's codecs, all else rejected. Whole: nothing is trickled later."""
    lines = ["v=0", f"o=- {local.ssrc} 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    if offer.bundled:
        lines.append(f"a=group:BUNDLE {offer.mids[offer.audio]}")
    for place, line in enumerate(offer.media):
        if place == offer.audio:
            lines += _audio(offer, local, codecs)
        else:
            kind, _, rest = line.partition(" ")
            lines += [f"m={kind} 0 {rest.partition(' ')[2]}", "c=IN IP4 0.0.0.0", "a=inactive"]
            if offer.mids[place]:
                lines.append(f"a=mid:{offer.mids[place]}")
    return "\r\n".join(lines) + "\r\n"


def _audio(offer: BrowserOffer, local: BrowserLocal, codecs: Sequence[Codec]) -> list[str]:
    numbers = [str(codec.payload_type) for codec in codecs]
    maps = [f"a=rtpmap:{codec.payload_type} {codec.name}/8000" for codec in codecs]
    if offer.events is not None:
        numbers.append(str(offer.events))
        maps += [f"a=rtpmap:{offer.events} {TELEPHONE_EVENT}/8000", f"a=fmtp:{offer.events} 0-16"]
    host = local.candidates[0] if local.candidates else None
    protocol = offer.media[offer.audio].split()[2]
    lines = [f"m=audio {host.port if host else 9} {protocol} {' '.join(numbers)}"]
    lines += [f"c={address_line(host.address if host else '0.0.0.0')}", *maps, "a=ptime:20", "a=rtcp-mux"]
    if offer.mids[offer.audio]:
        lines.append(f"a=mid:{offer.mids[offer.audio]}")
    direction = OPPOSITE[offer.direction]
    lines.append(f"a={direction}")
    if direction in ("sendrecv", "sendonly"):
        lines += [f"a=msid:{local.cname} phone", f"a=ssrc:{local.ssrc} cname:{local.cname}"]
    lines += [f"a=ice-ufrag:{local.ufrag}", f"a=ice-pwd:{local.password}"]
    lines += [f"a=fingerprint:{' '.join(local.fingerprint)}", f"a=setup:{OUR_ROLES[offer.setup]}"]
    return [*lines, *map(_candidate_line, local.candidates), "a=end-of-candidates"]


def _candidate_line(candidate: IceCandidate) -> str:
    line = f"a=candidate:{candidate.foundation} 1 udp {candidate.priority} {candidate.address} {candidate.port}"
    line += f" typ {candidate.kind}"
    return line if candidate.related is None else f"{line} raddr {candidate.related[0]} rport {candidate.related[1]}"


def _of(description: Description, media: Media, name: str) -> str | None:
    """An attribute of the section, else of the session."""
    value = media.first(name)
    return description.first(name) if value is None else value


def _mid(media: Media) -> str:
    mid = media.first("mid") or ""
    if mid and not MID.fullmatch(mid):
        raise BadOffer("an a=mid that is no token")
    return mid


def _fingerprints(values: list[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values[:FINGERPRINTS_MAX]:
        name, _, digest = value.strip().partition(" ")
        if name.lower() in FINGERPRINT_HASHES and FINGERPRINT.fullmatch(digest.strip().upper()):
            found.append((name.lower(), digest.strip().upper()))
    if not found:
        raise BadOffer("it has no certificate's fingerprint")
    return tuple(found)


def _candidates(values: list[str]) -> tuple[IceCandidate, ...]:
    """Those over UDP whose address is said. A `.local` name is left out: its owner's checks come to us anyway."""
    found: list[IceCandidate] = []
    for value in values:
        words = value.split()
        if len(words) < 8 or words[1] != "1" or words[2].lower() != "udp" or words[6] != "typ":
            continue
        if words[7] not in ("host", "srflx", "relay") or not _is_address(words[4]):
            continue
        try:
            priority, port = number(words[3], PRIORITY_MAX), number(words[5], PORT_MAX)
        except Unreadable:
            continue
        if port:
            found.append(IceCandidate(words[0][:32], priority, words[4], port, words[7]))
    return tuple(found[:CANDIDATES_MAX])


def _is_address(text: str) -> bool:
    try:
        return "%" not in text and bool(ipaddress.ip_address(text))
    except ValueError:
        return False
