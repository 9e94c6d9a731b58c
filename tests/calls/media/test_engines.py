"""A phone call's sound between a browser and a trunk, told of every media engine."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from teahouse.calls.media.engine import BadAnswer, BadOffer, MediaEngine, MediaSession, MediaStats, MediaUnavailable
from tests.calls.media.engines import ENGINES
from tests.calls.media.peer import Peer
from tests.calls.media.sound import PCMA, PCMU, encoded
from tests.calls.media.trunk import PATIENCE_S, Trunk, Wire

BROWSER_HZ, TRUNK_HZ, NEAR_HZ = 440, 1000, 3
POLL_S = 0.02


@pytest.fixture(params=ENGINES)
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[MediaEngine]:
    async with ENGINES[request.param]() as running:
        yield running


@pytest.fixture
async def ends() -> AsyncIterator[AsyncExitStack]:
    """Closes, at the end, whoever the story brought in."""
    async with AsyncExitStack() as stack:
        yield stack


async def a_trunk(ends: AsyncExitStack) -> Trunk:
    trunk = await Trunk.open()
    ends.callback(trunk.close)
    return trunk


def a_peer(ends: AsyncExitStack, hertz: float = BROWSER_HZ, *laws: int, events: int | None = None) -> Peer:
    peer = Peer(hertz, *laws, events=events)
    ends.push_async_callback(peer.close)
    return peer


def a_session(ends: AsyncExitStack, engine: MediaEngine) -> MediaSession:
    session = engine.session(f"call-{secrets.token_hex(4)}")
    ends.push_async_callback(session.close)
    return session


async def call(session: MediaSession, peer: Peer, trunk: Trunk, *formats: str) -> None:
    """The browser calls, the trunk answers with these formats and plays its tone."""
    trunk.told(await session.offer(await peer.offer()))
    await session.accept(trunk.answer(*(formats or ("0 PCMU", "8 PCMA"))))
    await peer.take(session.browser_answer)
    await peer.connected()
    trunk.play(TRUNK_HZ, int((formats or ("0",))[0].split()[0]))


async def until(session: MediaSession, true: Callable[[MediaStats], bool]) -> MediaStats:
    for _ in range(int(PATIENCE_S / POLL_S)):
        if true(stats := await session.stats()):
            return stats
        await asyncio.sleep(POLL_S)
    raise AssertionError(f"it stays at {stats}")


@pytest.mark.parametrize("law", [PCMU, PCMA])
async def test_each_hears_the_others_tone(engine: MediaEngine, ends: AsyncExitStack, law: int) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends, BROWSER_HZ, law), a_session(ends, engine)

    await call(session, peer, trunk, {PCMU: "0 PCMU", PCMA: "8 PCMA"}[law])

    assert await trunk.hears(law) == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)
    stats = await session.stats()
    assert stats.from_browser > 20
    assert stats.from_trunk > 20


async def test_a_call_that_comes_in_is_heard_both_ways(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)

    answer = await session.join(trunk.answer("8 PCMA", "101 telephone-event"), await peer.offer())
    trunk.told(answer)
    await peer.take(session.browser_answer)
    await peer.connected()
    trunk.play(TRUNK_HZ, PCMA)

    assert b"a=rtpmap:8 PCMA/8000" in answer
    assert await trunk.hears(PCMA) == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)


async def test_keys_go_under_the_number_that_each_side_has_for_them(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends, events=126), a_session(ends, engine)
    await call(session, peer, trunk, "0 PCMU", "101 telephone-event")
    await trunk.hears()
    five = bytes([5, 10, 0, 160])

    for sequence in range(3):
        await peer.send(126, five, sequence=sequence, stamp=0, ssrc=77)
    await trunk.rtp.until(lambda: any(packet.payload == five for packet in trunk.packets))
    trunk.send(five, 101)
    await peer.until(lambda: any(packet.payload == five for packet in peer.packets))

    assert {packet.payload_type for packet in trunk.packets if packet.payload == five} == {101}
    assert {packet.payload_type for packet in peer.packets if packet.payload == five} == {126}


async def test_a_trunk_without_keys_is_sent_none(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends, events=126), a_session(ends, engine)
    await call(session, peer, trunk, "0 PCMU")
    await trunk.hears()

    await peer.send(126, bytes(4), sequence=0, stamp=0, ssrc=77)
    await peer.send(PCMU, b"\x7f" * 160, sequence=1, stamp=160, ssrc=77)

    await trunk.rtp.until(lambda: any(packet.payload == b"\x7f" * 160 for packet in trunk.packets))
    assert {packet.payload_type for packet in trunk.packets} == {PCMU}


async def test_a_stranger_is_not_heard(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    await peer.hears()
    stranger = await Wire.open()
    ends.callback(stranger.transport.close)
    before = await session.stats()

    lie = encoded(2000, 0)
    for data in trunk_packets(lie, 50):
        stranger.transport.sendto(data, trunk.peer)

    await until(session, lambda stats: stats.dropped >= before.dropped + 50)
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)
    assert lie not in [packet.payload for packet in peer.packets]


def trunk_packets(payload: bytes, count: int) -> list[bytes]:
    return [bytes([0x80, 0, 0, number, 0, 0, 0, 0, 1, 2, 3, 4]) + payload for number in range(count)]


async def test_what_was_not_agreed_upon_is_dropped(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    await peer.hears()
    before = await session.stats()

    trunk.send(b"opus" * 40, 111)
    for nonsense in (b"", b"\x80", b"\x00" * 172, b"\x80\x00" + bytes(9), b"\xff" * 3000):
        trunk.rtp.transport.sendto(nonsense, trunk.peer)

    await until(session, lambda stats: stats.dropped > before.dropped)
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)
    assert {packet.payload_type for packet in peer.packets} == {PCMU}


async def test_a_trunk_that_holds_is_told_nothing_and_may_play_music(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    await trunk.hears()

    answer = await session.reoffered(trunk.answer("0 PCMU", direction="sendonly"))
    assert b"a=recvonly" in answer
    quiet_from = len(trunk.packets)
    trunk.play(700)
    assert await peer.hears() == pytest.approx(700, abs=NEAR_HZ)
    # A packet or two may have been under way when the trunk said so.
    assert len(trunk.packets) <= quiet_from + 2

    answer = await session.reoffered(trunk.answer("0 PCMU"))
    assert b"a=sendrecv" in answer
    assert await trunk.hears(after=len(trunk.packets)) == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)


async def test_the_sound_follows_the_trunk_to_another_address(engine: MediaEngine, ends: AsyncExitStack) -> None:
    early, final = await a_trunk(ends), await a_trunk(ends)
    peer, session = a_peer(ends), a_session(ends, engine)
    await call(session, peer, early, "0 PCMU")
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)

    final.peer = early.peer
    await session.accept(final.answer("0 PCMU"))
    early.hush()
    final.play(700)

    assert await final.hears() == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)
    assert await peer.hears() == pytest.approx(700, abs=NEAR_HZ)


async def test_a_browser_begins_anew_and_the_trunk_does_not_notice(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk, "0 PCMU")
    await trunk.hears()
    again = a_peer(ends, 660)

    await again.take(await session.rejoin(await again.offer()))
    await again.connected()
    came = len(trunk.packets)

    assert await again.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)
    assert await trunk.hears(after=came + 25) == pytest.approx(660, abs=NEAR_HZ)


async def test_who_has_another_certificate_is_never_connected(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    offer = re.sub(r"(?m)^a=fingerprint:sha-\d+ .*\r?\n", "", await peer.offer())
    offer += f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\n"

    trunk.told(await session.offer(offer))
    await session.accept(trunk.answer("0 PCMU"))
    await peer.take(session.browser_answer)
    trunk.play(TRUNK_HZ)

    await peer.until_ended()
    stats = await session.stats()
    assert stats.from_browser == 0
    assert trunk.packets == []
    assert peer.packets == []


async def test_what_is_no_offer_is_refused(engine: MediaEngine, ends: AsyncExitStack) -> None:
    good = await a_peer(ends).offer()
    for bad in (
        "",
        "hello",
        good.replace("m=audio", "m=video"),
        good.replace("a=ice-pwd", "a=ice-was"),
        good.replace("a=fingerprint", "a=thumb"),
        re.sub(r"m=audio (\d+) (\S+) 0 8", r"m=audio \1 \2 9 18", good),
        good + "a=x\r\n" * 40_000,
    ):
        with pytest.raises(BadOffer):
            await a_session(ends, engine).offer(bad)


async def test_what_is_no_answer_is_refused(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, session = await a_trunk(ends), a_session(ends, engine)
    await session.offer(await a_peer(ends).offer())
    for bad in (
        b"",
        b"\xff\xfe",
        trunk.answer("18 G729"),
        trunk.answer("0 PCMU", port=0),
        trunk.answer("0 PCMU").replace(b"RTP/AVP", b"RTP/SAVP"),
        trunk.answer("0 PCMU").replace(b"127.0.0.1", b"media.example"),
    ):
        with pytest.raises(BadAnswer):
            await session.accept(bad)
    await session.accept(trunk.answer("0 PCMU"))


async def test_a_call_ends_once(engine: MediaEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    await trunk.hears()

    await session.close()
    await session.close()

    with pytest.raises(MediaUnavailable):
        await session.stats()
    with pytest.raises(MediaUnavailable):
        # Another peer: the first has heard that the call is over.
        await session.offer(await a_peer(ends).offer())
    await peer.until_ended()


async def test_nothing_is_opened_for_a_session_without_an_offer(engine: MediaEngine) -> None:
    session = engine.session("silent")
    assert session.browser_answer == ""
    with pytest.raises(MediaUnavailable):
        await session.stats()
    await session.close()


async def test_it_says_that_it_would_carry_a_call(engine: MediaEngine) -> None:
    await engine.ping()
    await engine.stop()
    with pytest.raises(MediaUnavailable):
        await engine.ping()
