"""One direction of a call's RTP (RFC 3550): in from any source, out as one unbroken stream of our own.

A trunk's source changes when a call is forked, answered after early media, or re-negotiated; a browser's when it begins
anew. Whoever listens must not notice: SSRC, sequence numbers and timestamps go on. No sockets here, and no clock.
"""

import secrets
import struct
from dataclasses import dataclass
from typing import Final

from teahouse.calls.media.sdp import CLOCK_HZ

HEADER: Final = struct.Struct("!BBHII")
HEADER_BYTES: Final = 12
PACKET_BYTES_MAX: Final = 1_500
VERSION_MASK: Final = 0xC0
VERSION_2: Final = 0x80
MARKER: Final = 0x80
DROPOUT_MAX: Final = 3_000
MISORDER_FROM: Final = (1 << 16) - 100
"""A source that leaps farther than this, ahead or back, began anew (RFC 3550, appendix A.1)."""
GAP_MIN: Final = CLOCK_HZ // 50
GAP_MAX: Final = CLOCK_HZ * 60
"""Ticks by which a new source may come after the old one: a packet of 20 ms, a minute."""


@dataclass(frozen=True)
class Route:
    """What becomes of one payload type."""

    payload_type: int
    table: bytes | None = None
    """Translates each byte of the payload; None: it passes as it is."""


Routes = list[Route | None]
"""By incoming payload type; None: not negotiated."""


def routes(known: dict[int, Route]) -> Routes:
    return [known.get(number) for number in range(128)]


class Stream:
    """Rewrites packets and counts them, for one direction."""

    __slots__ = (
        "_arrived",
        "_seq_offset",
        "_source",
        "_time_offset",
        "jitter_x16",
        "octets",
        "packets",
        "received",
        "received_base",
        "routes",
        "sequence",
        "sequence_base",
        "sequence_high",
        "ssrc",
        "stamp",
        "stamp_at",
        "transit",
    )

    def __init__(self) -> None:
        self.ssrc = secrets.randbits(32)
        """Of what goes out."""
        self.routes: Routes = routes({})
        self.packets = 0
        self.octets = 0
        """Bytes of payload that went out."""
        self.sequence = secrets.randbits(15)
        """Highest that went out (below 2^15 at first, as RFC 3711 advises: the roll-over counter is safe)."""
        self.stamp = secrets.randbits(32)
        self.stamp_at = 0.0
        """When `stamp` went out, in the caller's seconds."""
        self._source: int | None = None
        self._seq_offset = 0
        self._time_offset = 0
        self._arrived = 0.0
        # Of the incoming source (RFC 3550, appendix A.3 and A.8).
        self.received = 0
        self.received_base = 0
        self.sequence_base = 0
        self.sequence_high = 0
        """Extended: roll-overs in the upper bits."""
        self.transit = 0
        self.jitter_x16 = 0

    @property
    def source(self) -> int | None:
        """SSRC of what comes in, once something has."""
        return self._source

    def passed(self, packet: bytes, now: float) -> bytes | None:
        """The packet as it goes out; None if it is no RTP, or of a payload type that was not negotiated.

        `now` is in seconds, of a clock that never goes back.
        """
        size = len(packet)
        if not HEADER_BYTES < size <= PACKET_BYTES_MAX or packet[0] & VERSION_MASK != VERSION_2:
            return None
        first, second, sequence, stamp, source = HEADER.unpack_from(packet)
        route = self.routes[second & 0x7F]
        if route is None:
            return None
        if source != self._source or DROPOUT_MAX < (sequence - self.sequence_high) & 0xFFFF < MISORDER_FROM:
            self._turn_to(source, sequence, stamp, now)
            second |= MARKER
        self._count(sequence, stamp, now)
        sequence = (sequence + self._seq_offset) & 0xFFFF
        stamp = (stamp + self._time_offset) & 0xFFFFFFFF
        if (sequence - self.sequence) & 0xFFFF < 0x8000:
            self.sequence = sequence
            self.stamp = stamp
            self.stamp_at = now
        self.packets += 1
        self.octets += size - HEADER_BYTES
        header = HEADER.pack(first, second & MARKER | route.payload_type, sequence, stamp, self.ssrc)
        if route.table is None:
            return header + packet[HEADER_BYTES:]
        start = _payload_start(packet)
        return header + packet[HEADER_BYTES:start] + packet[start:].translate(route.table)

    def _turn_to(self, source: int, sequence: int, stamp: int, now: float) -> None:
        """Go on with another source where the last one stopped."""
        gap = int((now - self.stamp_at) * CLOCK_HZ) if self._source is not None else 0
        self._source = source
        self._seq_offset = (self.sequence + 1 - sequence) & 0xFFFF
        self._time_offset = (self.stamp + max(GAP_MIN, min(gap, GAP_MAX)) - stamp) & 0xFFFFFFFF
        self.received = self.received_base = 0
        self.sequence_base = self.sequence_high = sequence
        self.transit = int(now * CLOCK_HZ) - stamp
        self.jitter_x16 = 0

    def _count(self, sequence: int, stamp: int, now: float) -> None:
        self.received += 1
        self._arrived = now
        ahead = (sequence - self.sequence_high) & 0xFFFF
        if ahead < 0x8000:
            self.sequence_high += ahead
        transit = int(now * CLOCK_HZ) - stamp
        change = abs(transit - self.transit)
        self.transit = transit
        if change < GAP_MAX:
            self.jitter_x16 += change - (self.jitter_x16 + 8 >> 4)

    def idle_s(self, now: float) -> float | None:
        """Seconds since a packet was passed; None: none ever was."""
        return now - self._arrived if self._source is not None else None


def _payload_start(packet: bytes) -> int:
    """Behind the contributing sources and the header extension (RFC 3550, section 5.1)."""
    start = HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10 and start + 4 <= len(packet):
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4])
    return min(start, len(packet))
