"""RTCP (RFC 3550, section 6): what is told to each side of what came from it and what went to it."""

import time
from typing import Final

from aiortc.rtp import (
    RtcpByePacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    clamp_packets_lost,
)

from teahouse.calls.media.relay.stream import Stream
from teahouse.calls.media.sdp import CLOCK_HZ

INTERVAL_S: Final = 5.0
NTP_EPOCH_S: Final = 2_208_988_800
SENDER_REPORT: Final = 200
SENDER_REPORT_BYTES: Final = 28
CNAME: Final = 1


class Reporter:
    """Reports to one side: on the stream that goes to it, and on the stream that comes from it."""

    def __init__(self, outgoing: Stream, incoming: Stream, cname: str) -> None:
        self._outgoing = outgoing
        self._incoming = incoming
        self._cname = cname.encode()
        self._expected = 0
        self._received = 0
        self._source: int | None = None
        self._heard = 0
        self._heard_at = 0.0

    def hear(self, packet: bytes, now: float) -> None:
        """Take what the other side reports: of a sender report its time, for our next one answers with it."""
        if len(packet) < SENDER_REPORT_BYTES or packet[0] & 0xC0 != 0x80 or packet[1] != SENDER_REPORT:
            return
        self._follow()
        if int.from_bytes(packet[4:8]) == self._source:
            self._heard = int.from_bytes(packet[10:14])
            self._heard_at = now

    def report(self, now: float) -> bytes:
        """A compound packet: sender report, or receiver report when nothing was sent; and our name."""
        stream, reports = self._outgoing, self._blocks(now)
        name = RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=stream.ssrc, items=[(CNAME, self._cname)])])
        if not stream.packets:
            return bytes(RtcpRrPacket(ssrc=stream.ssrc, reports=reports)) + bytes(name)
        info = RtcpSenderInfo(
            ntp_timestamp=int((time.time() + NTP_EPOCH_S) * (1 << 32)) & (1 << 64) - 1,
            rtp_timestamp=int(stream.stamp + (now - stream.stamp_at) * CLOCK_HZ) & 0xFFFFFFFF,
            packet_count=stream.packets & 0xFFFFFFFF,
            octet_count=stream.octets & 0xFFFFFFFF,
        )
        return bytes(RtcpSrPacket(ssrc=stream.ssrc, sender_info=info, reports=reports)) + bytes(name)

    def goodbye(self, now: float) -> bytes:
        return self.report(now) + bytes(RtcpByePacket(sources=[self._outgoing.ssrc]))

    def _follow(self) -> None:
        """Begin anew when the source is another one."""
        if self._incoming.source != self._source:
            self._source, self._expected, self._received, self._heard = self._incoming.source, 0, 0, 0

    def _blocks(self, now: float) -> list[RtcpReceiverInfo]:
        stream = self._incoming
        if stream.source is None:
            return []
        self._follow()
        expected = stream.sequence_high - stream.sequence_base + 1
        lost = expected - stream.received
        expected_now, received_now = expected - self._expected, stream.received - self._received
        self._expected, self._received = expected, stream.received
        lost_now = max(0, expected_now - received_now)
        return [
            RtcpReceiverInfo(
                ssrc=stream.source,
                fraction_lost=min(255, (lost_now << 8) // expected_now) if expected_now > 0 else 0,
                packets_lost=clamp_packets_lost(lost),
                highest_sequence=stream.sequence_high & 0xFFFFFFFF,
                jitter=stream.jitter_x16 >> 4,
                lsr=self._heard,
                dlsr=min(int((now - self._heard_at) * 65_536), 0xFFFFFFFF) if self._heard else 0,
            )
        ]
