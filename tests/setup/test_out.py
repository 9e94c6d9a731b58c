"""`teahouse out test-trunk`: an operator tries calls to phones without a contract, beside the house that is open."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from teahouse import ids
from teahouse.out import TRUNK
from tests.calls.media.peer import Peer
from tests.harness.people import Device, Neighbour, Neighbours
from tests.harness.server import Server, free_port

OWN = "+493012345678"
END_S_MAX = 30.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings = {
        "SIP_LISTEN": f"127.0.0.1:{free_port()}",
        "RTP_PORTS": "44000-44999",
        "RTP_ADDRESS": "127.0.0.1",
    }
    with Server(tmp_path / "house", settings=settings) as running:
        yield running


@contextmanager
def carrier_beside(server: Server, *options: str) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TEAHOUSE_")}
    environment |= {f"TEAHOUSE_{name}": value for name, value in server._settings.items()}
    environment |= {
        "TEAHOUSE_DATA": str(server.data),
        "TEAHOUSE_LISTEN": f"127.0.0.1:{server.port}",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "teahouse", "out", "test-trunk", *options]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_with(pipe: IO[str] | None, words: str) -> list[str]:
    """Read on until a line has these words; return what was said until then."""
    assert pipe is not None
    said = []
    for line in pipe:
        said.append(line)
        if words in line:
            return said
    raise AssertionError(f"it never said {words!r}: {said}")


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=END_S_MAX)
    return process.returncode, out, err


async def changed(device: Device, *, state: str, **fields: Any) -> dict[str, Any]:
    wanted = {"state": state, **fields}

    def found() -> dict[str, Any] | None:
        calls = [event["call"] for event in device.events if event["type"] == "phone.changed"]
        return next((each for each in calls if wanted.items() <= each.items()), None)

    told: dict[str, Any] = await device.until(found)
    return told


async def devices(person: Neighbour) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = await person.http("GET", "/me/devices")
    return found


async def test_a_house_is_set_up_a_call_answered_and_all_taken_away_again(server: Server) -> None:
    async with Neighbours(server) as house:
        mei, ben = await house.join("mei"), await house.join("ben")
        with carrier_beside(server) as process:
            said = "".join(await asyncio.to_thread(line_with, process.stdout, "Ctrl+C ends it"))
            assert "no country" in said
            assert "Sample prices are in force" in said
            assert "Your wallet is empty" in said
            [trunk] = await mei.http("GET", "/calls/trunks")
            assert (trunk["setup"]["name"], trunk["state"]) == (TRUNK, "up")
            assert (await mei.http("GET", "/calls/phone"))["on"]
            assert len(await devices(mei)) == 2

            # What the line about the empty wallet says: a second account takes money in.
            await mei.http("PUT", f"/wallet/cashiers/{ben.id}")
            top_up = {"key": ids.new_id(), "person": mei.id, "amount": {"amount": 1000, "currency": "EUR"}}
            await ben.http("POST", "/wallet/desk/top-ups", json=top_up)

            device, peer = await mei.device(), Peer(880)
            try:
                number = "+493023125000"
                await device.does("phone.dial", key=ids.new_id(), number=number, offer=await peer.offer())
                talking = await changed(device, state="answered")
                await device.does("phone.hang_up", call=talking["id"])
                assert (await changed(device, state="ended"))["reason"] == "hung_up"
            finally:
                await peer.close()

            process.send_signal(signal.SIGINT)
            code, out, err = await asyncio.to_thread(ended, process)
        assert (code, err) == (0, "")
        assert [line.split()[1] for line in out.splitlines()] == ["rings", "answered", "ended"]
        assert await mei.http("GET", "/calls/trunks") == []
        assert len(await devices(mei)) == 1


async def test_it_calls_a_number_of_the_house(server: Server) -> None:
    async with Neighbours(server) as house:
        mei = await house.join("mei")
        await mei.http("PATCH", "/house", json={"country": "DE"})
        await mei.http("PUT", f"/calls/numbers/{OWN}", json={"person": mei.id})
        device = await mei.device()
        with carrier_beside(server, "--call", OWN) as process:
            ringing = await changed(device, state="ringing", direction="in")
            await device.does("phone.hang_up", call=ringing["id"])
            said = await asyncio.to_thread(line_with, process.stdout, "ended")
            assert said[-1].strip() == f"{OWN} ended (603)"
            process.send_signal(signal.SIGTERM)
            assert (await asyncio.to_thread(ended, process))[0] == 0
        assert await mei.http("GET", "/calls/trunks") == []


async def test_one_that_was_killed_leaves_nothing_that_the_next_does_not_take_away(server: Server) -> None:
    async with Neighbours(server) as house:
        mei = await house.join("mei")
        for _ in range(2):
            with carrier_beside(server) as process:
                await asyncio.to_thread(line_with, process.stdout, "Ctrl+C ends it")
            assert len(await mei.http("GET", "/calls/trunks")) == 1
        assert len(await mei.http("GET", "/calls/decks")) == 1, "prices are imported once"


def test_without_an_operator_it_says_what_to_do(server: Server) -> None:
    with carrier_beside(server) as process:
        code, _, err = ended(process)
    assert code == 1
    assert "sign up by the link" in err


def test_beside_a_house_that_is_closed_it_says_so(server: Server) -> None:
    server.stop()
    with carrier_beside(server) as process:
        code, _, err = ended(process)
    assert code == 1
    assert "is it open?" in err


def test_a_port_that_is_taken_is_said(server: Server) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with carrier_beside(server, "--port", str(taken.getsockname()[1])) as process:
            code, _, err = ended(process)
    assert code == 1
    assert "cannot be had" in err
