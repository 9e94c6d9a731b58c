"""The relay's own ways: its process, its ports, and a stream that never breaks."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from aiortc.rtp import RtcpByePacket, RtcpSrPacket

from teahouse.calls.media.engine import MediaUnavailable
from teahouse.calls.media.relay.engine import RelayEngine, RelaySettings
from teahouse.calls.media.relay.ports import PAUSE_S, Ports
from tests.calls.media.engines import ADDRESS
from tests.calls.media.peer import Peer
from tests.calls.media.sound import PCMA, PCMU
from tests.calls.media.test_engines import (
    BROWSER_HZ,
    NEAR_HZ,
    TRUNK_HZ,
    a_peer,
    a_session,
    a_trunk,
    call,
    ends,
    trunk_packets,
    until,
)
from tests.calls.media.trunk import PATIENCE_S, Wire, free_pair

__all__ = ["ends"]
PORTS = (42_000, 42_999)


@pytest.fixture
async def engine() -> AsyncIterator[RelayEngine]:
    running = RelayEngine(RelaySettings(address=ADDRESS, ports=PORTS))
    await running.start()
    yield running
    await running.stop()


async def test_a_process_that_dies_fails_its_calls_and_the_next_call_has_a_new_one(
    engine: RelayEngine, ends: AsyncExitStack
) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    lost: asyncio.Queue[str] = asyncio.Queue()
    engine.on_lost = lost.put_nowait
    await call(session, peer, trunk)
    dead = engine.pid

    os.kill(dead, signal.SIGKILL)

    async with asyncio.timeout(PATIENCE_S):
        assert (await lost.get()).startswith("call-")
    with pytest.raises(MediaUnavailable):
        await session.stats()
    await session.close()

    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    assert await trunk.hears() == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)
    assert engine.pid not in (0, dead)
    assert lost.empty()


async def test_a_process_that_hangs_is_not_waited_for_beyond_the_deadline(
    engine: RelayEngine, ends: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = a_session(ends, engine)
    await engine.ping()
    monkeypatch.setattr("teahouse.calls.media.relay.child.ANSWER_S", 0.2)
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        with pytest.raises(MediaUnavailable):
            await session.offer(await a_peer(ends).offer())
    finally:
        os.kill(engine.pid, signal.SIGCONT)


async def test_a_process_that_does_not_start_carries_no_call(
    engine: RelayEngine, ends: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.calls.media.relay.child.MODULE", "teahouse.calls.media.no_such_module")
    with pytest.raises(MediaUnavailable):
        await engine.ping()
    with pytest.raises(MediaUnavailable):
        await a_session(ends, engine).offer(await a_peer(ends).offer())


async def test_it_ends_with_its_server() -> None:
    program = (
        "import asyncio, os\n"
        "from teahouse.calls.media.relay.engine import RelayEngine, RelaySettings\n"
        "async def main():\n"
        "    engine = RelayEngine(RelaySettings(address='127.0.0.1'))\n"
        "    await engine.ping()\n"
        "    print(engine.pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    pid = int(await server.stdout.readline())
    watch = os.pidfd_open(pid)
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(watch, gone.set)

    server.kill()

    async with asyncio.timeout(PATIENCE_S):
        await gone.wait()
    asyncio.get_running_loop().remove_reader(watch)
    os.close(watch)
    await server.wait()


async def test_a_house_without_calls_lets_the_process_go(
    engine: RelayEngine, ends: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.calls.media.relay.engine.IDLE_S", 0.05)
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    await trunk.hears()
    idle = engine.pid
    assert idle, "a call keeps it, however long"
    gone = asyncio.Event()
    watch = os.pidfd_open(idle)
    asyncio.get_running_loop().add_reader(watch, gone.set)

    await session.close()

    async with asyncio.timeout(PATIENCE_S):
        await gone.wait()
    asyncio.get_running_loop().remove_reader(watch)
    os.close(watch)
    again = a_session(ends, engine)
    await again.offer(await a_peer(ends).offer())
    assert engine.pid not in (0, idle)


async def test_a_house_that_stops_says_goodbye_to_the_trunk(engine: RelayEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    lost: list[str] = []
    engine.on_lost = lost.append
    await call(session, peer, trunk)
    await trunk.hears()

    await engine.stop()

    await trunk.rtcp.until(lambda: any(isinstance(packet, RtcpByePacket) for packet in trunk.reports))
    told = next(packet for packet in trunk.reports if isinstance(packet, RtcpSrPacket))
    assert told.ssrc == trunk.packets[-1].ssrc
    assert told.sender_info.packet_count == pytest.approx(len(trunk.packets), abs=2)
    assert [block.ssrc for block in told.reports] == [trunk.ssrc]
    assert told.reports[0].packets_lost == 0
    assert lost == []
    with pytest.raises(MediaUnavailable):
        await session.stats()


async def test_as_many_calls_as_it_may_carry(ends: AsyncExitStack) -> None:
    engine = RelayEngine(RelaySettings(address=ADDRESS, ports=PORTS, calls_max=2))
    ends.push_async_callback(engine.stop)
    offer = await a_peer(ends).offer()
    sessions = [a_session(ends, engine) for _ in range(3)]
    for session in sessions[:2]:
        await session.offer(offer)

    with pytest.raises(MediaUnavailable):
        await sessions[2].offer(offer)
    with pytest.raises(MediaUnavailable):
        await engine.ping()

    await sessions[0].close()
    await engine.ping()
    await a_session(ends, engine).offer(offer)


async def test_ports_are_freed_and_rest_for_a_while(engine: RelayEngine, ends: AsyncExitStack) -> None:
    offer = await a_peer(ends).offer()
    trunk, first = await a_trunk(ends), a_session(ends, engine)
    trunk.told(await first.offer(offer))
    port = trunk.peer[1]
    assert port % 2 == 0
    await first.close()

    for each in (port, port + 1):
        (await Wire.open(each)).transport.close()
    trunk.told(await a_session(ends, engine).offer(offer))
    assert trunk.peer[1] != port


def test_a_port_comes_round_again_when_it_has_rested() -> None:
    port = free_pair()
    ports = Ports(ADDRESS, port, port + 1)
    opened, pair = ports.open(0.0)
    assert opened == port
    with pytest.raises(MediaUnavailable):
        ports.open(0.0)
    for each in pair:
        each.close()
    ports.give_back(port, 10.0)

    with pytest.raises(MediaUnavailable):
        ports.open(10.0 + PAUSE_S - 0.1)
    again, pair = ports.open(10.0 + PAUSE_S)
    assert again == port
    for each in pair:
        each.close()


def test_a_port_that_another_program_has_is_passed_over() -> None:
    port = free_pair()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((ADDRESS, port + 1))
        with pytest.raises(MediaUnavailable):
            Ports(ADDRESS, port, port + 1).open(0.0)
    # The even port was let go of when the odd one could not be had.
    opened, pair = Ports(ADDRESS, port, port + 1).open(0.0)
    assert opened == port
    for each in pair:
        each.close()


async def test_another_source_goes_on_where_the_last_one_stopped(engine: RelayEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    await peer.hears()

    trunk.ssrc, trunk.sequence, trunk.stamp = 1, 60_000, 5
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)

    assert len({packet.ssrc for packet in peer.packets}) == 1
    numbers = [packet.sequence_number for packet in peer.packets]
    assert [(after - before) & 0xFFFF for before, after in itertools.pairwise(numbers)] == [1] * (len(numbers) - 1)
    stamps = [packet.timestamp for packet in peer.packets]
    steps = [(after - before) & 0xFFFFFFFF for before, after in itertools.pairwise(stamps)]
    assert steps.count(160) >= len(steps) - 1
    assert max(steps) < 8_000


async def test_a_trunk_that_takes_the_other_law_only_gets_it(engine: RelayEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends, BROWSER_HZ, PCMU, PCMA), a_session(ends, engine)

    await call(session, peer, trunk, "8 PCMA")

    assert await trunk.hears(PCMA) == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)
    assert {packet.payload_type for packet in trunk.packets} == {PCMA}
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)


async def test_a_flood_from_a_stranger_is_left_to_the_kernel(engine: RelayEngine, ends: AsyncExitStack) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    await call(session, peer, trunk)
    await peer.hears()
    stranger = await Wire.open()
    ends.callback(stranger.transport.close)

    for _ in range(40):
        for data in trunk_packets(b"\xff" * 160, 100):
            stranger.transport.sendto(data, trunk.peer)
        await session.stats()
    shut = (await until(session, lambda stats: stats.dropped > 1_000)).dropped
    # Linux: the socket hears its peer alone from here on; it still follows the peer to another address.
    for data in trunk_packets(b"\xff" * 160, 100):
        stranger.transport.sendto(data, trunk.peer)
    assert await peer.hears() == pytest.approx(TRUNK_HZ, abs=NEAR_HZ)
    assert (await session.stats()).dropped < shut + 4_000

    other = await a_trunk(ends)
    other.peer = trunk.peer
    trunk.hush()
    await session.accept(other.answer("0 PCMU"))
    other.play(700)
    assert await peer.hears() == pytest.approx(700, abs=NEAR_HZ)
    assert await other.hears() == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)


async def test_a_browser_that_hides_its_address_is_found_by_its_checks(
    engine: RelayEngine, ends: AsyncExitStack
) -> None:
    trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
    offer = await peer.offer()
    hidden = "\r\n".join(
        f"a=candidate:1 1 udp 2113937151 8a0c-{place}.local 9 typ host" if line.startswith("a=candidate") else line
        for place, line in enumerate(offer.splitlines())
        if line != "a=end-of-candidates"
    )

    trunk.told(await session.offer(hidden + "\r\n"))
    await session.accept(trunk.answer("0 PCMU"))
    await peer.take(session.browser_answer)

    assert await trunk.hears() == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)


async def test_calls_beside_each_other_do_not_mix(engine: RelayEngine, ends: AsyncExitStack) -> None:
    tones = {500: 1500, 600: 1600, 700: 1700}
    rooms = []
    for browser_hz, trunk_hz in tones.items():
        trunk, peer, session = await a_trunk(ends), Peer(browser_hz), a_session(ends, engine)
        ends.push_async_callback(peer.close)
        await call(session, peer, trunk)
        trunk.play(trunk_hz)
        rooms.append((trunk, peer, browser_hz, trunk_hz))

    for trunk, peer, browser_hz, trunk_hz in rooms:
        assert await trunk.hears() == pytest.approx(browser_hz, abs=NEAR_HZ)
        assert await peer.hears() == pytest.approx(trunk_hz, abs=NEAR_HZ)


async def test_a_closed_call_leaves_no_socket_behind(engine: RelayEngine, ends: AsyncExitStack) -> None:
    await engine.ping()
    before = open_files(engine.pid)
    for _ in range(3):
        trunk, peer, session = await a_trunk(ends), a_peer(ends), a_session(ends, engine)
        await call(session, peer, trunk)
        again = a_peer(ends)
        await again.take(await session.rejoin(await again.offer()))
        await session.close()
    unanswered = a_session(ends, engine)
    await unanswered.offer(await a_peer(ends).offer())
    await unanswered.close()

    assert open_files(engine.pid) == before


def open_files(pid: int) -> int:
    with suppress(FileNotFoundError):
        return len(os.listdir(f"/proc/{pid}/fd"))
    pytest.skip("counts files in /proc")
