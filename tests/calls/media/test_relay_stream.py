"""What the relay does to each packet, without a network."""

from __future__ import annotations

import itertools

from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSrPacket, RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from teahouse.calls.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from teahouse.calls.media.relay.reports import Reporter
from teahouse.calls.media.relay.stream import Route, Stream, routes
from tests.calls.media.sound import PCMA, PCMU, decoded, encoded

SILENCE = b"\xff" * 160


def packet(sequence: int, stamp: int, ssrc: int = 1, payload_type: int = 0, payload: bytes = SILENCE) -> bytes:
    made = RtpPacket(
        payload_type=payload_type, sequence_number=sequence & 0xFFFF, timestamp=stamp & 0xFFFFFFFF, ssrc=ssrc
    )
    made.payload = payload
    return made.serialize()


def a_stream() -> Stream:
    stream = Stream()
    stream.routes = routes({0: Route(0), 101: Route(126), 8: Route(0, ALAW_TO_ULAW)})
    return stream


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.integers(1, 20)),
        min_size=1,
        max_size=8,
        unique_by=lambda source: source[0],
    )
)
def test_sources_one_after_another_are_one_stream(sources: list[tuple[int, int, int, int]]) -> None:
    """Whatever numbers each source begins with: no step back, no gap, and time that goes on."""
    stream, now, out = a_stream(), 100.0, []
    for ssrc, sequence, stamp, count in sources:
        for number in range(count):
            passed = stream.passed(packet(sequence + number, stamp + 160 * number, ssrc), now)
            assert passed is not None
            out.append(RtpPacket.parse(passed))
            now += 0.02

    assert {each.ssrc for each in out} == {stream.ssrc}
    for before, after in itertools.pairwise(out):
        assert (after.sequence_number - before.sequence_number) & 0xFFFF == 1
        assert 150 <= (after.timestamp - before.timestamp) & 0xFFFFFFFF <= 170
    assert all(each.payload == SILENCE for each in out)


def test_a_pause_before_the_next_source_is_a_pause_in_what_goes_out() -> None:
    stream = a_stream()
    first = stream.passed(packet(7, 7), 10.0)
    second = stream.passed(packet(9_000, 9_000, ssrc=2), 11.0)
    assert first is not None
    assert second is not None
    assert (RtpPacket.parse(second).timestamp - RtpPacket.parse(first).timestamp) & 0xFFFFFFFF == 8_000
    assert RtpPacket.parse(second).marker == 1


def test_lost_and_late_packets_stay_what_they_are() -> None:
    stream = a_stream()
    order = [1, 2, 5, 4, 6]
    out = [stream.passed(packet(number, number * 160), 10.0 + number / 50) for number in order]
    numbers = [RtpPacket.parse(each).sequence_number for each in out if each is not None]
    assert [(number - numbers[0]) & 0xFFFF for number in numbers] == [0, 1, 4, 3, 5]


def test_a_source_that_begins_anew_under_its_old_name_goes_on_too() -> None:
    """A trunk's machine may restart its numbers; SRTP's receiver would take them for a replay."""
    stream = a_stream()
    out = [stream.passed(packet(number, 160 * number), 10.0) for number in (40_000, 40_001, 5, 6)]
    numbers = [RtpPacket.parse(each).sequence_number for each in out if each is not None]
    assert [(number - numbers[0]) & 0xFFFF for number in numbers] == [0, 1, 2, 3]


def test_types_are_rewritten_and_others_refused() -> None:
    stream = a_stream()
    event = stream.passed(packet(1, 0, payload_type=101, payload=b"\x05\x0a\x00\xa0"), 1.0)
    assert event is not None
    assert RtpPacket.parse(event).payload_type == 126
    assert stream.passed(packet(2, 0, payload_type=9), 1.0) is None
    assert stream.packets == 1


@given(st.binary(max_size=1600))
def test_any_bytes_are_either_passed_or_refused(data: bytes) -> None:
    passed = a_stream().passed(data, 1.0)
    assert passed is None or len(passed) == len(data)


def test_translated_sound_is_the_same_sound() -> None:
    for there, back, law, other in ((ULAW_TO_ALAW, ALAW_TO_ULAW, PCMU, PCMA), (ALAW_TO_ULAW, ULAW_TO_ALAW, PCMA, PCMU)):
        payload = encoded(440, 0, law)
        one, two = decoded([payload], law), decoded([payload.translate(there)], other)
        assert abs(one.astype(int) - two.astype(int)).max() <= 300, "more than half a step of the coarser law"
        again = decoded([payload.translate(there).translate(back)], law)
        assert abs(one.astype(int) - again.astype(int)).max() <= 600


def test_only_the_payload_is_translated() -> None:
    """Not the contributing sources, nor an extension of the header, before it."""
    sources = (b"\x01\x02\x03\x04", b"\x05\x06\x07\x08")
    extension = b"\xbe\xde\x00\x01\x10\x55\x00\x00"
    data = bytes([0x92, 8, 0, 1]) + bytes(4) + b"\x00\x00\x00\x09" + b"".join(sources) + extension + b"\xd5" * 160
    passed = a_stream().passed(data, 1.0)
    assert passed is not None
    assert passed[12:28] == data[12:28]
    assert passed[28:] == (b"\xd5" * 160).translate(ALAW_TO_ULAW)


def test_reports_say_what_was_lost_and_when_we_last_heard() -> None:
    incoming, outgoing = a_stream(), a_stream()
    reporter = Reporter(outgoing, incoming, "house")
    for number in (1, 2, 3, 4, 7, 8, 9, 10):
        incoming.passed(packet(number, number * 160, ssrc=9), 10.0 + number / 50)
    theirs = RtcpSrPacket(ssrc=9, sender_info=RtcpSenderInfo(0x1111_2222_3333_4444, 0, 8, 1280))
    reporter.hear(bytes(theirs), 11.0)

    receiver, name = RtcpPacket.parse(reporter.report(13.0))

    assert isinstance(receiver, RtcpRrPacket)
    assert isinstance(name, RtcpSdesPacket)
    block = receiver.reports[0]
    assert (block.ssrc, block.packets_lost, block.fraction_lost, block.highest_sequence) == (9, 2, 2 * 256 // 10, 10)
    assert (block.lsr, block.dlsr) == (0x2222_3333, 2 * 65_536)

    outgoing.passed(packet(1, 160), 13.0)
    sender, _ = RtcpPacket.parse(reporter.report(13.5))
    assert isinstance(sender, RtcpSrPacket)
    assert sender.sender_info.packet_count == 1
    assert sender.sender_info.octet_count == 160
    assert sender.sender_info.rtp_timestamp == (outgoing.stamp + 4_000) & 0xFFFFFFFF
    assert sender.reports[0].fraction_lost == 0, "nothing was lost since the last report"


@given(st.binary(max_size=200))
def test_any_report_of_a_peer_is_heard_without_harm(data: bytes) -> None:
    reporter = Reporter(a_stream(), a_stream(), "house")
    reporter.hear(data, 1.0)
    assert RtcpPacket.parse(reporter.report(2.0))
