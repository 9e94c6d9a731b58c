"""What is heard in calls to phones, from ear to ear: before the answer, over a hold, after a network change, and not at
all."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from teahouse.calls.carrier.carrier import TONE_HZ, FarEnd
from teahouse.calls.carrier.sound import Player, tone
from teahouse.calls.media.relay.engine import RelayEngine
from teahouse.calls.media.sdp import Codec
from teahouse.calls.phone.model import RejoinPhone
from tests.calls.media.peer import Peer
from tests.calls.phone.phoning import PhoneHouse, a_phone, number, open_phones
from tests.calls.phone.raw_carrier import Message, RawCarrier, sdp

NEAR_HZ = 15
OTHER_HZ = 620
PCMA = Codec("PCMA", 8)
PATIENCE_S = 20.0


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PhoneHouse]:
    async with open_phones(tmp_path) as opened:
        await opened.sets_up()
        yield opened


@asynccontextmanager
async def a_player(hertz: int) -> AsyncIterator[Player]:
    """A far end's sound of one's own."""
    loop = asyncio.get_running_loop()
    _, player = await loop.create_datagram_endpoint(
        lambda: Player(PCMA, tone(hertz, PCMA.name)), local_addr=("127.0.0.1", 0)
    )
    try:
        yield player
    finally:
        player.close()


def audio_port(description: bytes) -> int:
    return int(description.partition(b"m=audio ")[2].split()[0])


async def reoffers(far_end: FarEnd, description: bytes) -> bytes:
    """The far end sends a re-INVITE; return what the house answers."""
    answers: asyncio.Queue[bytes | None] = asyncio.Queue()
    assert far_end.leg is not None
    far_end.leg.reoffer(description, answers.put_nowait)
    async with asyncio.timeout(PATIENCE_S):
        answer = await answers.get()
    assert answer is not None, "it was refused"
    return answer


async def test_what_the_carrier_plays_before_the_answer_is_heard_and_costs_nothing(tmp_path: Path) -> None:
    async with open_phones(tmp_path) as house, a_player(TONE_HZ) as player:
        await house.carrier.stop()

        def plays_early(carrier: RawCarrier, invite: Message) -> None:
            carrier.answers(invite, 183, "Session Progress", sdp(player.port))
            player.play_to("127.0.0.1", audio_port(invite.body))

        carrier = RawCarrier(plays_early)
        await carrier.start()
        house.carrier = carrier  # type: ignore[assignment]
        await house.sets_up()
        alice = await house.calls.person("alice", 10_00)
        async with a_phone(house, alice) as phone:
            await phone.dials(number("000"))
            await phone.becomes("early")
            await phone.joins()
            assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ)
            assert not any(each.state == "answered" for each in house.states(phone.call))

            carrier.answers(carrier.invite, 200, "OK", sdp(player.port))
            await phone.becomes("answered")
            assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ)
            ended = await phone.hangs_up()
            await carrier.hears("BYE")
        assert ended.cost is not None
        assert ended.cost.amount == 2


async def test_who_gives_up_in_early_sound_pays_nothing(tmp_path: Path) -> None:
    async with open_phones(tmp_path) as house, a_player(TONE_HZ) as player:
        await house.carrier.stop()
        carrier = RawCarrier(lambda carrier, invite: carrier.answers(invite, 183, "Progress", sdp(player.port)))
        await carrier.start()
        house.carrier = carrier  # type: ignore[assignment]
        await house.sets_up()
        alice = await house.calls.person("alice", 10_00)
        async with a_phone(house, alice) as phone:
            await phone.dials(number("000"))
            await phone.becomes("early")
            assert (await phone.hangs_up()).reason == "cancelled"
            await carrier.hears("CANCEL")
        assert await alice.has() == 10_00


async def test_the_far_end_holds_and_comes_back_from_elsewhere(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone, a_player(OTHER_HZ) as other:
        await phone.dials(number("000"))
        await phone.joins()
        await phone.becomes("answered")
        assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ)
        [far_end] = house.carrier.calls
        assert far_end.player is not None

        held = await reoffers(far_end, sdp(far_end.player.port, version=2, lines="a=sendonly\r\n"))
        assert b"a=recvonly" in held
        resumed = await reoffers(far_end, sdp(other.port, version=3, lines="a=sendrecv\r\n"))
        assert b"a=recvonly" not in resumed
        far_end.player.close()
        other.play_to("127.0.0.1", audio_port(resumed))
        assert await phone.peer.hears() == pytest.approx(OTHER_HZ, abs=NEAR_HZ)
        heard = other.heard
        async with asyncio.timeout(PATIENCE_S):
            await phone.peer.until(lambda: other.heard > heard)
        assert (await phone.hangs_up()).reason == "hung_up"


async def test_a_re_invite_that_makes_no_sense_is_refused_and_the_talk_goes_on(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.joins()
        await phone.becomes("answered")
        [far_end] = house.carrier.calls
        answers: asyncio.Queue[bytes | None] = asyncio.Queue()
        assert far_end.leg is not None
        far_end.leg.reoffer(b"v=0\r\nm=video 9 RTP/AVP 96\r\n", answers.put_nowait)
        async with asyncio.timeout(PATIENCE_S):
            assert await answers.get() is None
        assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ)
        assert (await phone.hangs_up()).reason == "hung_up"


async def test_a_device_begins_its_sound_anew_in_the_middle(house: PhoneHouse) -> None:
    """As after a change of networks: other ports, other keys, the same call."""
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.joins()
        await phone.becomes("answered")
        await phone.peer.close()

        phone.peer = Peer(880, events=110)
        before = len(house.answers(phone.call))
        await alice.does(RejoinPhone(call=phone.call, offer=await phone.peer.offer(), attempt=1))
        await house.until(lambda: len(house.answers(phone.call)) > before)
        await phone.joins()
        assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ)
        [far_end] = house.carrier.calls
        assert far_end.player is not None
        player, heard = far_end.player, far_end.player.heard
        await phone.peer.until(lambda: player.heard > heard)
        assert (await phone.hangs_up()).reason == "hung_up"


async def test_a_media_engine_that_is_killed_ends_the_call_at_both_ends(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.joins()
        await phone.becomes("answered")
        engine = house.calls.calls.phone.leading.carrying._engine
        assert isinstance(engine, RelayEngine)
        os.kill(engine.pid, signal.SIGKILL)
        ended = await phone.becomes("ended")
        assert ended.reason == "no_sound"
        await house.until(lambda: not house.carrier.calls)
        assert await alice.balance() == await alice.has(), "nothing is held any more"
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.joins()
        assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ), "the next call has a new engine"
        await phone.hangs_up()
