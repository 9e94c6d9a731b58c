"""Session descriptions as browsers and trunks write them, and as nobody should."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.calls.media.browser_sdp import (
    BrowserLocal,
    IceCandidate,
    read_browser_offer,
    write_browser_answer,
)
from teahouse.calls.media.engine import BadAnswer, BadOffer
from teahouse.calls.media.sdp import BYTES_MAX, LINES_MAX, Codec, Unreadable, read
from teahouse.calls.media.trunk_sdp import TrunkLocal, read_trunk, write_trunk

PRINT = ":".join(["0A"] * 32)
CHROMIUM = f"""\
v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS stream
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 1f4712db-ea17-4bcf-a596-105139dfd8bf.local 54596 typ host generation 0 network-cost 999
a=candidate:2 1 udp 1677729535 203.0.113.9 54597 typ srflx raddr 0.0.0.0 rport 0 generation 0 network-cost 999
a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active generation 0
a=ice-ufrag:abcd
a=ice-pwd:0123456789abcdefghijklmn
a=ice-options:trickle
a=fingerprint:sha-256 {PRINT}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=msid:stream track
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1 cname:x
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789abcdefghijklmn
a=fingerprint:sha-256 {PRINT}
a=setup:actpass
a=mid:1
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
"""
FIREFOX = f"""\
v=0
o=mozilla...THIS_IS_SDPARTA-99.0 3 0 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:sha-256 {PRINT}
a=group:BUNDLE 0
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 50512 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 198.51.100.4
a=candidate:0 1 UDP 2122252543 198.51.100.4 50512 typ host
a=candidate:3 1 TCP 2105524479 198.51.100.4 9 typ host tcptype active
a=sendonly
a=end-of-candidates
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=fmtp:101 0-15
a=ice-pwd:0123456789abcdefghijklmn
a=ice-ufrag:cafebabe
a=mid:0
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=rtpmap:9 G722/8000/1
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000/1
a=setup:active
"""
TRUNK = """\
v=0
o=carrier 1 1 IN IP4 192.0.2.9
s=call
c=IN IP4 192.0.2.9
t=0 0
m=audio 49172 RTP/AVP 8 0 18 101
a=fmtp:18 annexb=no
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
"""
LOCAL = BrowserLocal(
    ufrag="hous",
    password="p" * 22,
    fingerprint=("sha-256", PRINT),
    candidates=(
        IceCandidate("f1", 2130706431, "192.0.2.2", 40000, "host"),
        IceCandidate("f2", 1694498815, "203.0.113.1", 40000, "srflx", ("192.0.2.2", 40000)),
    ),
    ssrc=7,
    cname="house",
)
OURS = TrunkLocal("192.0.2.2", 30_000, 5, 1)
G711 = (Codec("PCMU", 0), Codec("PCMA", 8))


def test_chromium_s_offer_is_understood() -> None:
    offer = read_browser_offer(CHROMIUM.replace("\n", "\r\n"))
    assert offer.codecs == G711
    assert offer.events == 126
    assert offer.setup == "actpass"
    assert offer.bundled
    assert offer.candidates == (IceCandidate("2", 1677729535, "203.0.113.9", 54597, "srflx"),)


def test_firefox_s_offer_with_its_fingerprint_for_the_session_is_understood() -> None:
    offer = read_browser_offer(FIREFOX)
    assert offer.fingerprints == (("sha-256", PRINT),)
    assert offer.events == 101
    assert offer.direction == "sendonly"
    assert [candidate.address for candidate in offer.candidates] == ["198.51.100.4"]


def test_the_answer_takes_the_sound_and_rejects_the_rest() -> None:
    offer = read_browser_offer(CHROMIUM)
    answer = write_browser_answer(offer, LOCAL, offer.codecs)
    audio, video = read(answer).media
    assert audio.codecs() == [*G711, Codec("telephone-event", 126)]
    assert audio.first("setup") == "active"
    assert audio.first("mid") == "0"
    assert video.port == 0
    assert video.first("mid") == "1"
    assert "a=group:BUNDLE 0\r\n" in answer
    assert "extmap" not in answer
    assert "a=candidate:f2 1 udp 1694498815 203.0.113.1 40000 typ srflx raddr 192.0.2.2 rport 40000\r\n" in answer


@pytest.mark.parametrize(("theirs", "ours"), [("actpass", "active"), ("active", "passive"), ("passive", "active")])
def test_one_side_begins_the_handshake(theirs: str, ours: str) -> None:
    offer = read_browser_offer(CHROMIUM.replace("a=setup:actpass", f"a=setup:{theirs}"))
    assert f"a=setup:{ours}\r\n" in write_browser_answer(offer, LOCAL, offer.codecs)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly"), ("inactive", "inactive")],
)
def test_a_browser_that_holds_is_answered_so(theirs: str, ours: str) -> None:
    offer = read_browser_offer(CHROMIUM.replace("a=sendrecv", f"a={theirs}"))
    assert offer.direction == theirs
    assert read(write_browser_answer(offer, LOCAL, offer.codecs)).media[0].direction() == ours


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("v=0", "v=1"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF", "m=audio 9 RTP/AVP"),
        ("m=audio 9", "m=audio 0"),
        ("m=audio 9", "m=audio 99999"),
        ("a=rtcp-mux\na=rtcp-rsize", "a=rtcp-rsize"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:a b"),
        ("a=ice-pwd:0123456789abcdefghijklmn", "a=ice-pwd:short"),
        ("a=setup:actpass", "a=setup:holdconn"),
        (f"a=fingerprint:sha-256 {PRINT}", "a=fingerprint:md5 00:11"),
        ("111 63 9 0 8 13", "111 63 9 13"),
    ],
)
def test_an_offer_that_cannot_be_used_is_refused(what: str, instead: str) -> None:
    with pytest.raises(BadOffer):
        read_browser_offer(CHROMIUM.replace(what, instead))


def test_a_trunk_s_answer_is_understood() -> None:
    trunk = read_trunk(TRUNK.encode())
    assert (trunk.address, trunk.port, trunk.rtcp) == ("192.0.2.9", 49172, ("192.0.2.9", 49173))
    assert trunk.codecs == (Codec("PCMA", 8), Codec("PCMU", 0))
    assert trunk.events == 101
    assert trunk.direction == "sendrecv"


def test_what_a_medium_says_goes_before_what_the_session_says() -> None:
    text = TRUNK.replace("t=0 0", "t=0 0\na=sendonly") + "c=IN IP6 2001:0db8::0009\na=rtcp:53020 IN IP6 2001:db8::a\n"
    trunk = read_trunk(text.encode())
    assert trunk.address == "2001:db8::9"
    assert trunk.rtcp == ("2001:db8::a", 53020)
    assert trunk.direction == "sendonly"
    assert read_trunk((text + "a=inactive\n").encode()).direction == "inactive"


def test_an_address_of_nowhere_is_the_old_way_to_hold() -> None:
    assert read_trunk(TRUNK.replace("c=IN IP4 192.0.2.9", "c=IN IP4 0.0.0.0").encode()).direction == "sendonly"


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("RTP/AVP", "RTP/SAVP"),
        ("49172", "0"),
        ("8 0 18 101", "18 101"),
        ("c=IN IP4 192.0.2.9", "c=IN IP4 media.example"),
        ("c=IN IP4 192.0.2.9", "c=IN IP4 224.0.0.1"),
        ("c=IN IP4 192.0.2.9\n", ""),
        ("m=audio", "m=image"),
        ("m=audio", "m="),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(what: str, instead: str) -> None:
    with pytest.raises(BadAnswer):
        read_trunk(TRUNK.replace(what, instead).encode())


def test_what_we_write_we_can_read() -> None:
    trunk = read_trunk(write_trunk(OURS, G711, 126, "sendonly"))
    assert (trunk.address, trunk.port) == ("192.0.2.2", 30_000)
    assert trunk.codecs == G711
    assert trunk.events == 126
    assert trunk.direction == "sendonly"
    six = read_trunk(write_trunk(TrunkLocal("2001:db8::2", 30_000, 5, 1), G711, None))
    assert six.address == "2001:db8::2"
    assert six.events is None


def test_the_answer_to_a_trunk_has_as_many_media_as_its_offer() -> None:
    offer = read_trunk(TRUNK.replace("m=audio", "m=video 4000 RTP/AVP 31\nm=audio").encode())
    answer = read(write_trunk(OURS, offer.codecs, offer.events, "sendrecv", offer))
    assert [(media.kind, media.port) for media in answer.media] == [("video", 0), ("audio", 30_000)]


def test_a_type_that_is_given_another_meaning_is_no_g711() -> None:
    """`a=rtpmap` goes before the static types of RFC 3551, and so does another clock."""
    text = TRUNK.replace("a=ptime:20", "a=rtpmap:8 PCMA/16000\na=rtpmap:0 opus/8000\na=rtpmap:96 pcmu/8000/1")
    with pytest.raises(BadAnswer):
        read_trunk(text.encode())
    assert read_trunk(text.replace("8 0 18", "8 0 96").encode()).codecs == (Codec("PCMU", 96),)


def test_no_description_is_read_beyond_the_bounds() -> None:
    for text in (CHROMIUM + "a=x\n" * LINES_MAX, CHROMIUM + "x" * BYTES_MAX, CHROMIUM + "a=" + "x" * 5_000):
        with pytest.raises(Unreadable):
            read(text)
    with pytest.raises(Unreadable):
        read(CHROMIUM + "m=audio 9 RTP/AVP 0\n" * 40)


@st.composite
def torn(draw: st.DrawFn, text: str) -> str:
    """The text with lines gone, doubled, moved, and characters changed."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["drop", "double", "cut", "number", "noise"]))
        if what == "drop" and len(lines) > 1:
            del lines[place]
        elif what == "double":
            lines.insert(draw(st.integers(0, len(lines))), lines[place])
        elif what == "cut":
            lines[place] = lines[place][: draw(st.integers(0, len(lines[place])))]
        elif what == "number":
            lines[place] = re.sub(
                r"\d+", str(draw(st.integers(-1, 2**70))), lines[place], count=draw(st.integers(0, 2))
            )
        else:
            lines[place] += draw(st.text(max_size=12))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


@given(st.one_of(torn(CHROMIUM), torn(FIREFOX), torn(TRUNK), st.text(), st.text().map(lambda text: "v=0\n" + text)))
def test_any_offer_is_either_understood_or_refused(text: str) -> None:
    try:
        offer = read_browser_offer(text)
    except BadOffer:
        return
    answer = read(write_browser_answer(offer, LOCAL, offer.codecs))
    assert len(answer.media) == len(offer.media)
    assert answer.audio() is answer.media[offer.audio]


@given(st.one_of(torn(TRUNK).map(str.encode), st.binary(), st.binary().map(lambda body: b"v=0\n" + body)))
def test_any_answer_is_either_understood_or_refused(body: bytes) -> None:
    try:
        trunk = read_trunk(body)
    except BadAnswer:
        return
    ours = read(write_trunk(OURS, trunk.codecs, trunk.events, "sendrecv", trunk))
    assert len(ours.media) == len(trunk.media)
    assert 0 < trunk.port < 65_536
