"""Connections have bounds: how many, how long, and how much one may be owed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from teahouse.calls.sip.transactions import Flow
from teahouse.calls.sip.transport import stream
from teahouse.calls.sip.transport.stream import Streams

HOST = "127.0.0.1"
PATIENCE_S = 30
Said = TypeVar("Said")
REQUEST = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Door:
    """Streams, and what they said."""

    messages: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    failed: asyncio.Queue[Flow] = field(default_factory=asyncio.Queue)
    port: int = 0

    def __post_init__(self) -> None:
        self.streams = Streams(
            lambda data, _flow: self.messages.put_nowait(data), self.failed.put_nowait, lambda _: True
        )

    def send(self, port: int, data: bytes, kind: str = "tcp") -> Flow:
        flow = Flow(kind, HOST, port)
        self.streams.send(flow, data, lambda: None)
        return flow


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    opened = Door()
    _, opened.port = await opened.streams.listen(HOST, 0)
    yield opened
    await opened.streams.close()


async def cut(reader: asyncio.StreamReader) -> bytes:
    """What came before the other side closed."""
    async with asyncio.timeout(PATIENCE_S):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


async def soon(queue: asyncio.Queue[Said]) -> Said:
    async with asyncio.timeout(PATIENCE_S):
        return await queue.get()


async def test_what_is_sent_while_it_connects_arrives_in_order(door: Door) -> None:
    other = Door()
    for at in range(3):
        other.send(door.port, REQUEST.replace(b"sip:a", b"sip:%d" % at))
    assert [(await soon(door.messages))[8:13] for _ in range(3)] == [b"sip:0", b"sip:1", b"sip:2"]
    await other.streams.close()


async def test_there_are_only_so_many(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CONNECTIONS_MAX", 1)
    _, first = await asyncio.open_connection(HOST, door.port)
    first.write(REQUEST)
    await soon(door.messages)
    reader, second = await asyncio.open_connection(HOST, door.port)
    assert await cut(reader) == b""
    refused = door.send(door.port, REQUEST)
    assert await soon(door.failed) == refused
    first.close()
    second.close()


async def test_who_says_nothing_for_long_is_let_go(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PING_EVERY_S", 0.01)
    monkeypatch.setattr(stream, "IDLE_S_MAX", 0.05)
    reader, writer = await asyncio.open_connection(HOST, door.port)
    assert await cut(reader) == b""
    writer.close()
    assert (await soon(door.failed)).host == HOST


async def test_our_own_connections_are_kept_alive(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PING_EVERY_S", 0.01)
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.readexactly(len(REQUEST) + 8))
        writer.close()

    server = await asyncio.start_server(hear, HOST, 0)
    flow = door.send(server.sockets[0].getsockname()[1], REQUEST)
    assert await soon(heard) == REQUEST + b"\r\n" * 4
    assert await soon(door.failed) == flow
    server.close()


async def test_who_does_not_read_is_cut_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "UNSENT_MAX", 100_000)
    still = asyncio.Event()

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await still.wait()
        writer.close()

    server = await asyncio.start_server(ignore, HOST, 0)
    flow = door.send(server.sockets[0].getsockname()[1], REQUEST)
    async with asyncio.timeout(PATIENCE_S):
        while door.failed.empty():
            door.send(flow.port, b"x" * 50_000)
            await asyncio.sleep(0)
    assert await soon(door.failed) == flow
    still.set()
    server.close()


async def test_tls_to_somebody_unknown_is_not_tried(door: Door) -> None:
    flow = door.send(door.port, REQUEST, "tls")
    assert await soon(door.failed) == flow
    assert door.messages.empty()
