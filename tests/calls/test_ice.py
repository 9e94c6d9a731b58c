"""Browsers get credentials for a real coturn that it takes, for a while, and that tell it nobody's name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import cast

import msgspec
import pytest
from aioice import stun
from aioice.turn import TurnTransport, create_turn_endpoint

from teahouse.calls.ice import IceServer, ice_servers, password
from teahouse.clock import now_ms
from teahouse.config import Settings
from tests.harness.peers import Coturn

SECRET = "oolong, not for everybody"
ALICE = "0q3v8k2m5t7w9x1z"
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    with Coturn(tmp_path_factory.mktemp("turn"), secret=SECRET) as running:
        yield running


@pytest.fixture
def settings(coturn: Coturn) -> Settings:
    return Settings(stun_urls=coturn.stun_url, turn_urls=coturn.turn_urls, turn_secret=SECRET)


class Echo(asyncio.DatagramProtocol):
    """Sends back what it gets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)


class Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.heard.done():
            self.heard.set_result(data)


async def allocate(coturn: Coturn, server: IceServer, transport: str = "udp") -> tuple[TurnTransport, Ear]:
    async with asyncio.timeout(20):
        relayed, ear = await create_turn_endpoint(
            Ear, ("127.0.0.1", coturn.port), server.username, server.credential, transport=transport
        )
    return relayed, ear


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_what_a_person_gets_relays_through_coturn(coturn: Coturn, settings: Settings, transport: str) -> None:
    stun_server, turn_server = ice_servers(settings, ALICE, now_ms()).servers
    assert stun_server == IceServer([coturn.stun_url])
    assert f"turn:127.0.0.1:{coturn.port}?transport={transport}" in turn_server.urls

    echo, _ = await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    relayed, ear = await allocate(coturn, turn_server, transport)
    try:
        async with asyncio.timeout(20):
            relayed.sendto(b"tea?", echo.get_extra_info("sockname"))
            assert await ear.heard == b"tea?"
    finally:
        relayed.close()
        echo.close()


async def test_after_their_hours_they_are_refused(coturn: Coturn, settings: Settings) -> None:
    long_ago = now_ms() - (settings.turn_hours + 1) * HOUR_MS
    given = ice_servers(settings, ALICE, long_ago)
    assert given.until < now_ms()
    with pytest.raises(stun.TransactionFailed, match="401"):
        await allocate(coturn, given.servers[-1])


async def test_whoever_makes_them_longer_is_refused(coturn: Coturn, settings: Settings) -> None:
    _, given = ice_servers(settings, ALICE, now_ms()).servers
    end, name = given.username.split(":")
    with pytest.raises(stun.TransactionFailed, match="401"):
        await allocate(coturn, msgspec.structs.replace(given, username=f"{int(end) + 86_400}:{name}"))


async def test_those_of_another_secret_are_refused(coturn: Coturn, settings: Settings) -> None:
    guessed = msgspec.structs.replace(settings, turn_secret="a guess")
    with pytest.raises(stun.TransactionFailed, match="401"):
        await allocate(coturn, ice_servers(guessed, ALICE, now_ms()).servers[-1])


def test_the_relay_learns_nobody_s_name_but_counts_by_person(settings: Settings) -> None:
    first, later, other = (
        ice_servers(settings, person, at).servers[-1].username.partition(":")[2]
        for person, at in ((ALICE, now_ms()), (ALICE, now_ms() + HOUR_MS), ("0q3v8k2m5t7w9x1y", now_ms()))
    )
    assert ALICE not in first
    assert first == later, "its quotas would not hold"
    assert first != other


def test_the_password_is_the_scheme_s() -> None:
    # printf 1700000000:tea | openssl dgst -sha1 -hmac north -binary | base64
    assert password("north", "1700000000:tea") == "MZfvJVCH/dtpTI39zZMseLCbAvg="


def test_a_relay_without_its_secret_is_not_given_away(coturn: Coturn) -> None:
    assert ice_servers(Settings(turn_urls=coturn.turn_urls), ALICE, now_ms()).servers == []


def test_a_house_without_servers_gives_none() -> None:
    given = ice_servers(Settings(), ALICE, now_ms())
    assert given.servers == []
    assert given.until > now_ms()


def test_a_browser_reads_only_what_there_is(settings: Settings) -> None:
    stun_server, turn_server = msgspec.json.decode(msgspec.json.encode(ice_servers(settings, ALICE, 0)))["servers"]
    assert set(stun_server) == {"urls"}
    assert set(turn_server) == {"urls", "username", "credential"}


@pytest.mark.parametrize("urls", ["stun:tea.example", "https://tea.example", "turn://tea.example", "tea.example:3478"])
def test_what_is_no_relay_is_refused(urls: str) -> None:
    with pytest.raises(ValueError, match="turn_urls"):
        ice_servers(Settings(turn_urls=urls, turn_secret=SECRET), ALICE, 0)
