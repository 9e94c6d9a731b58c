"""A trunk's leg in session descriptions: plain RTP with G.711, offers and answers both ways (RFC 3264)."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from teahouse.calls.media.engine import BadAnswer
from teahouse.calls.media.sdp import (
    G711,
    PORT_MAX,
    TELEPHONE_EVENT,
    Codec,
    Description,
    Direction,
    Media,
    Unreadable,
    address_line,
    address_of,
    number,
    read,
)

PROTOCOLS = ("RTP/AVP", "RTP/AVPF")


@dataclass(frozen=True)
class TrunkMedia:
    """What a trunk's offer or answer says of its audio."""

    address: str
    port: int
    rtcp: tuple[str, int]
    codecs: tuple[Codec, ...]
    """Its G.711, in its order."""
    events: int | None
    """Payload type of telephone-event/8000."""
    direction: Direction
    """As the trunk sees it: `sendonly` is a trunk that holds the call and plays music."""
    media: tuple[str, ...]
    """The `m=` lines, for an answer has as many."""
    audio: int


@dataclass(frozen=True)
class TrunkLocal:
    """Our end of a trunk's leg."""

    address: str
    port: int
    session: int
    version: int


def read_trunk(body: bytes) -> TrunkMedia:
    """Read a trunk's offer or answer. Raises `BadAnswer`."""
    try:
        description = read(body)
        media = description.audio()
        if media is None:
            raise BadAnswer("there is no audio in it")
        return _audio(description, media)
    except Unreadable as error:
        raise BadAnswer(str(error)) from None


def _audio(description: Description, media: Media) -> TrunkMedia:
    if media.protocol not in PROTOCOLS:
        raise BadAnswer("its audio is not plain RTP")
    if not media.address or ipaddress.ip_address(media.address).is_multicast:
        raise BadAnswer("it names no address to send to")
    codecs = media.codecs()
    if not any(codec.name in G711 for codec in codecs):
        raise BadAnswer("it has neither PCMU nor PCMA")
    direction = description.direction(media)
    if ipaddress.ip_address(media.address).is_unspecified and direction != "inactive":
        # How calls were held before RFC 3264: an address that nothing can be sent to.
        direction = "sendonly" if direction in ("sendrecv", "sendonly") else "inactive"
    return TrunkMedia(
        address=media.address,
        port=media.port,
        rtcp=_rtcp(media),
        codecs=tuple(codec for codec in codecs if codec.name in G711),
        events=next((codec.payload_type for codec in codecs if codec.name == TELEPHONE_EVENT), None),
        direction=direction,
        media=tuple(section.line for section in description.media),
        audio=description.media.index(media),
    )


def _rtcp(media: Media) -> tuple[str, int]:
    """Where its RTCP goes: the next port, or what `a=rtcp` says (RFC 3605)."""
    words = (media.first("rtcp") or "").split()
    if not words:
        return media.address, min(media.port + 1, PORT_MAX)
    address = address_of(" ".join(words[1:])) if len(words) > 1 else media.address
    if not address:
        raise BadAnswer("its a=rtcp names no address")
    return address, number(words[0], PORT_MAX)


def write_trunk(
    local: TrunkLocal,
    codecs: Sequence[Codec],
    events: int | None,
    direction: Direction = "sendrecv",
    answered: TrunkMedia | None = None,
) -> bytes:
    """An offer; or the answer to what was `answered`, its other media rejected. `direction` is ours."""
    where = address_line(local.address)
    lines = ["v=0", f"o=- {local.session} {local.version} {where}", "s=-", f"c={where}", "t=0 0"]
    for place, line in enumerate(answered.media if answered is not None else ("",)):
        if answered is None or place == answered.audio:
            protocol = line.split()[2] if line else "RTP/AVP"
            lines += _audio_lines(local, protocol, codecs, events, direction)
        else:
            kind, _, rest = line.partition(" ")
            lines.append(f"m={kind} 0 {rest.partition(' ')[2]}")
    return ("\r\n".join(lines) + "\r\n").encode()


def _audio_lines(
    local: TrunkLocal, protocol: str, codecs: Sequence[Codec], events: int | None, direction: Direction
) -> list[str]:
    numbers = [str(codec.payload_type) for codec in codecs]
    maps = [f"a=rtpmap:{codec.payload_type} {codec.name}/8000" for codec in codecs]
    if events is not None:
        numbers.append(str(events))
        maps += [f"a=rtpmap:{events} {TELEPHONE_EVENT}/8000", f"a=fmtp:{events} 0-16"]
    lines = [f"m=audio {local.port} {protocol} {' '.join(numbers)}", *maps]
    return [*lines, f"a=rtcp:{local.port + 1}", "a=ptime:20", f"a={direction}"]
