"""Reads session descriptions (RFC 8866) into lines and attributes, within bounds; what they mean is for others.

An own reader, since what aiortc has fails on lines that trunks do send (`a=fmtp` without an `a=rtpmap`, a host name in
`c=`), and would load all of FFmpeg into whoever asks.
"""

import ipaddress
from dataclasses import dataclass, field
from typing import Final, Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

BYTES_MAX: Final = 64 << 10
LINES_MAX: Final = 2_000
LINE_CHARACTERS_MAX: Final = 4_096
MEDIA_MAX: Final = 32
FORMATS_MAX: Final = 128
PORT_MAX: Final = 65_535
CLOCK_HZ: Final = 8_000

DIRECTIONS: Final[dict[str, Direction]] = {
    "sendrecv": "sendrecv",
    "sendonly": "sendonly",
    "recvonly": "recvonly",
    "inactive": "inactive",
}
OPPOSITE: Final[dict[Direction, Direction]] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
STATIC_CODECS: Final = {"0": "PCMU", "8": "PCMA"}
"""Payload types that need no `a=rtpmap` (RFC 3551, section 6)."""
G711: Final = ("PCMU", "PCMA")
TELEPHONE_EVENT: Final = "telephone-event"


class Unreadable(ValueError):
    """It is no session description, or one beyond the bounds."""


@dataclass(frozen=True)
class Codec:
    """A codec at 8000 Hz with one channel, under the payload type that a description gives it."""

    name: str
    """`PCMU`, `PCMA` or `telephone-event`."""
    payload_type: int


@dataclass
class Media:
    """One `m=` section."""

    line: str
    """All after `m=`."""
    kind: str
    port: int
    protocol: str
    formats: list[str]
    address: str = ""
    """Of its own `c=` line, else of the session's; empty: none."""
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)

    def direction(self) -> Direction | None:
        return next((DIRECTIONS[key] for key, _ in self.attributes if key in DIRECTIONS), None)

    def codecs(self) -> list[Codec]:
        """G.711 and telephone-event at 8000 Hz, in the order of the `m=` line."""
        names = {number: name for number, name in STATIC_CODECS.items() if number in self.formats}
        for value in self.all("rtpmap"):
            number, _, encoding = value.strip().partition(" ")
            name, _, rate = encoding.strip().partition("/")
            if rate in ("8000", "8000/1"):
                names[number] = next((known for known in (*G711, TELEPHONE_EVENT) if known.lower() == name.lower()), "")
            else:
                names.pop(number, None)
        return [
            Codec(names[number], int(number))
            for number in dict.fromkeys(self.formats)
            if names.get(number) and number.isascii() and number.isdecimal() and int(number) < 128
        ]


@dataclass
class Description:
    attributes: list[tuple[str, str]] = field(default_factory=list)
    """Of the session, before the first `m=`."""
    media: list[Media] = field(default_factory=list)

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def direction(self, media: Media) -> Direction:
        """Of the section, else of the session, else both ways (RFC 8866, section 6.7)."""
        own = next((DIRECTIONS[key] for key, _ in self.attributes if key in DIRECTIONS), None)
        return media.direction() or own or "sendrecv"

    def audio(self) -> Media | None:
        """The first audio section that is not rejected."""
        return next((media for media in self.media if media.kind == "audio" and media.port != 0), None)


def read(text: str | bytes) -> Description:
    """Read a description. Raises `Unreadable`."""
    if len(text) > BYTES_MAX:
        raise Unreadable(f"longer than {BYTES_MAX} bytes")
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", LINES_MAX + 1)
    if len(lines) > LINES_MAX:
        raise Unreadable(f"more than {LINES_MAX} lines")
    if lines[0].strip() != "v=0":
        raise Unreadable("it does not begin with v=0")
    description = Description()
    address = ""
    for line in lines[1:]:
        if len(line) > LINE_CHARACTERS_MAX:
            raise Unreadable(f"a line longer than {LINE_CHARACTERS_MAX} characters")
        kind, value = line[:2], line[2:].rstrip()
        if kind == "m=":
            if len(description.media) == MEDIA_MAX:
                raise Unreadable(f"more than {MEDIA_MAX} media")
            description.media.append(_media(value, address))
        elif kind == "c=":
            if description.media:
                description.media[-1].address = address_of(value)
            else:
                address = address_of(value)
        elif kind == "a=":
            name, _, content = value.partition(":")
            place = description.media[-1].attributes if description.media else description.attributes
            place.append((name.lower(), content))
    return description


def number(text: str, most: int) -> int:
    """A decimal number from 0 to `most`. Raises `Unreadable`."""
    if text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= most:
        return int(text)
    raise Unreadable("not a number in its range")


def address_line(address: str) -> str:
    """`IN IP4 192.0.2.1`, as `o=` and `c=` lines have it."""
    return f"IN IP{ipaddress.ip_address(address).version} {address}"


def _media(value: str, address: str) -> Media:
    words = value.split()
    if len(words) < 4 or len(words) > 3 + FORMATS_MAX:
        raise Unreadable("an m= line without formats, or with too many")
    # `49170/2` names two ports; the first of them is the one to speak to.
    port = number(words[1].partition("/")[0], PORT_MAX)
    return Media(value, words[0].lower(), port, words[2].upper(), words[3:], address)


def address_of(value: str) -> str:
    """The address in `IN IP4 192.0.2.1`; empty when it is none that we can speak to (a name, another network)."""
    words = value.split()
    if len(words) != 3 or words[0] != "IN" or "%" in words[2]:
        return ""
    try:
        return str(ipaddress.ip_address(words[2].partition("/")[0]))
    except ValueError:
        return ""
