"""Calls through a real rtpengine: the stories that are told of every engine, and what is its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import pytest

from teahouse.calls.media.engine import MediaUnavailable
from teahouse.calls.media.rtpengine.engine import RtpEngine
from teahouse.calls.media.sdp import Codec, Media, read
from tests.calls.media import test_engines as stories
from tests.calls.media.peer import Peer
from tests.calls.media.sound import PCMU, encoded
from tests.calls.media.test_engines import BROWSER_HZ, NEAR_HZ, TRUNK_HZ, a_peer, a_session, a_trunk, call, ends, until
from tests.calls.media.trunk import Trunk
from tests.harness.peers import RtpEngineDaemon

__all__ = ["ends"]

BROWSER_EVENTS, TRUNK_EVENTS = 126, 101
"""Payload types of telephone-event, as Chromium and as most carriers have them."""
FIVE = bytes([5, 10, 0, 160])


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtpEngineDaemon]:
    with RtpEngineDaemon(tmp_path_factory.mktemp("media")) as running:
        yield running


@pytest.fixture
async def engine(daemon: RtpEngineDaemon) -> AsyncIterator[RtpEngine]:
    running = RtpEngine(daemon.control)
    await running.start()
    yield running
    await running.stop()


test_each_hears_the_others_tone = stories.test_each_hears_the_others_tone
test_a_call_that_comes_in_is_heard_both_ways = stories.test_a_call_that_comes_in_is_heard_both_ways
test_a_stranger_is_not_heard = stories.test_a_stranger_is_not_heard
test_a_trunk_that_holds = stories.test_a_trunk_that_holds_is_told_nothing_and_may_play_music
test_the_sound_follows_the_trunk = stories.test_the_sound_follows_the_trunk_to_another_address
test_a_browser_begins_anew = stories.test_a_browser_begins_anew_and_the_trunk_does_not_notice
test_what_is_no_offer_is_refused = stories.test_what_is_no_offer_is_refused
test_what_is_no_answer_is_refused = stories.test_what_is_no_answer_is_refused
test_nothing_is_opened = stories.test_nothing_is_opened_for_a_session_without_an_offer
test_it_says_that_it_would_carry_a_call = stories.test_it_says_that_it_would_carry_a_call


def audio_of(description: str | bytes) -> Media:
    media = read(description).audio()
    assert media is not None
    return media


async def test_the_trunk_is_offered_plain_g711_and_digits(engine: RtpEngine, ends: stories.AsyncExitStack) -> None:
    session = a_session(ends, engine)
    offer = await session.offer(await a_peer(ends, events=BROWSER_EVENTS).offer())
    media = audio_of(offer)
    assert media.protocol == "RTP/AVP"
    assert {codec.name for codec in media.codecs()} == {"PCMU", "PCMA", "telephone-event"}
    assert not any(word in offer for word in (b"candidate", b"fingerprint", b"ice-", b"rtcp-mux"))
    assert session.browser_answer == "", "it cannot know the answer before the trunk's"


async def press(peer: Peer, payload_type: int) -> None:
    for sequence in range(3):
        await peer.send(payload_type, FIVE, sequence=sequence, stamp=0, ssrc=77)


def keys(trunk: Trunk) -> set[int]:
    return {packet.payload_type for packet in trunk.packets if packet.payload == FIVE}


@pytest.mark.parametrize("events", [BROWSER_EVENTS, TRUNK_EVENTS])
async def test_the_browser_is_told_the_trunk_s_number_for_keys(
    engine: RtpEngine, ends: stories.AsyncExitStack, events: int
) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends, events=BROWSER_EVENTS), a_session(ends, engine)
    await call(session, peer, trunk, "0 PCMU", f"{events} telephone-event")
    assert audio_of(session.browser_answer).codecs() == [Codec("PCMU", PCMU), Codec("telephone-event", events)]
    await press(peer, events)
    await trunk.rtp.until(lambda: keys(trunk))
    assert keys(trunk) == {events}
    assert await trunk.hears() == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)


async def test_keys_of_a_call_that_came_in(engine: RtpEngine, ends: stories.AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends, events=BROWSER_EVENTS), a_session(ends, engine)
    answer = await session.join(trunk.answer("0 PCMU", "101 telephone-event"), await peer.offer())
    for side in (answer, session.browser_answer):
        assert audio_of(side).codecs() == [Codec("PCMU", PCMU), Codec("telephone-event", TRUNK_EVENTS)]
    trunk.told(answer)
    await peer.take(session.browser_answer)
    await peer.connected()
    await press(peer, TRUNK_EVENTS)
    await trunk.rtp.until(lambda: keys(trunk))


async def test_a_browser_is_not_offered_keys_that_the_trunk_has_not(
    engine: RtpEngine, ends: stories.AsyncExitStack
) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends, events=BROWSER_EVENTS), a_session(ends, engine)
    await call(session, peer, trunk, "0 PCMU")
    assert audio_of(session.browser_answer).codecs() == [Codec("PCMU", PCMU)]
    assert await trunk.hears() == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)


async def test_a_stranger_who_comes_first_does_not_get_the_call(
    engine: RtpEngine, ends: stories.AsyncExitStack
) -> None:
    stranger, trunk = await a_trunk(ends), await a_trunk(ends)
    peer, session = a_peer(ends), a_session(ends, engine)
    offer = await session.offer(await peer.offer())
    stranger.told(offer)
    stranger.play(2000)
    trunk.told(offer)
    await session.accept(trunk.answer("0 PCMU"))
    await peer.take(session.browser_answer)
    await peer.connected()
    assert await trunk.hears() == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)
    trunk.play(TRUNK_HZ)
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)
    assert stranger.packets == []
    assert encoded(2000, 0) not in [packet.payload for packet in peer.packets]


async def test_who_has_another_certificate_hears_nothing_and_is_not_heard(
    engine: RtpEngine, ends: stories.AsyncExitStack
) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    offer = re.sub(r"(?m)^a=fingerprint:sha-\d+ .*\r?\n", "", await peer.offer())
    trunk.told(await session.offer(f"{offer}a=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\n"))
    await session.accept(trunk.answer("0 PCMU"))
    await peer.take(session.browser_answer)
    trunk.play(TRUNK_HZ)
    # A second of the trunk's sound has come to rtpengine, and gone nowhere.
    await until(session, lambda stats: stats.from_trunk >= 50)
    assert peer.packets == []
    assert trunk.packets == []


async def test_a_call_ends_once_and_its_sound_with_it(engine: RtpEngine, ends: stories.AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    await trunk.hears()
    await session.close()
    await session.close()
    for asked in (session.stats(), session.accept(trunk.answer("0 PCMU")), session.offer(await peer.offer())):
        with pytest.raises(MediaUnavailable):
            await asked


async def test_a_full_engine_says_so(tmp_path_factory: pytest.TempPathFactory, ends: stories.AsyncExitStack) -> None:
    folder = tmp_path_factory.mktemp("full")
    daemon = ends.enter_context(RtpEngineDaemon(folder, options=("--max-sessions=1",)))
    engine = RtpEngine(daemon.control)
    await engine.start()
    ends.push_async_callback(engine.stop)
    first, second = a_session(ends, engine), a_session(ends, engine)
    offer = await a_peer(ends).offer()
    await first.offer(offer)
    with pytest.raises(MediaUnavailable, match="session limit"):
        await second.offer(offer)
    await first.close()
    await second.offer(offer)


async def test_an_engine_that_was_killed_carries_nothing_until_it_is_back(
    tmp_path_factory: pytest.TempPathFactory, ends: stories.AsyncExitStack
) -> None:
    daemon = RtpEngineDaemon(tmp_path_factory.mktemp("killed")).start()
    ends.callback(daemon.stop)
    engine = RtpEngine(daemon.control)
    await engine.start()
    ends.push_async_callback(engine.stop)
    trunk, session = await a_trunk(ends), a_session(ends, engine)
    await session.offer(await a_peer(ends).offer())

    daemon.kill()
    with pytest.raises(MediaUnavailable, match="does not answer"):
        await engine.ping()
    daemon.start()
    await engine.ping()
    with pytest.raises(MediaUnavailable, match="Unknown call-id"):
        await session.accept(trunk.answer("0 PCMU"))
