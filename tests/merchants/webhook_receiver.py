"""A merchant's program that takes webhooks: a small HTTP server in the test's own loop, on a port that it keeps."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec

from teahouse.signatures import Request, verify
from tests.harness.server import free_port

PATIENCE_S = 15


class Heard(msgspec.Struct):
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.json.decode(self.body)
        return told

    @property
    def id(self) -> str:
        return str(self.told["id"])


class Receiver:
    def __init__(self, path: str = "/hooks?shop=1") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{path}"
        self.status = 200
        self.hangs = False
        """It takes the call and says nothing."""
        self.location = ""
        self.heard: list[Heard] = []
        self._server: asyncio.Server | None = None
        self._more = asyncio.Condition()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """From now on nobody listens."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    async def has(self, count: int) -> list[Heard]:
        """Wait until it was called so often."""
        async with asyncio.timeout(PATIENCE_S), self._more:
            await self._more.wait_for(lambda: len(self.heard) >= count)
        return self.heard[:count]

    def believes(self, heard: Heard, public_key: str, key_id: str = "") -> str:
        """As docs/merchants.md says: return the nonce. Raises `NotTrusted`."""
        return verify(Request("POST", heard.url, heard.headers), heard.body, "teahouse-webhook", public_key, key_id)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {}
            for line in head[1:-2]:
                name, _, value = line.partition(":")
                headers[name.title()] = value.strip()
            body = await reader.readexactly(int(headers.get("Content-Length", "0")))
            path = head[0].split(" ")[1]
            status, hangs = self.status, self.hangs
            async with self._more:
                self.heard.append(Heard(f"http://{headers['Host']}{path}", headers, body))
                self._more.notify_all()
            if hangs:
                await reader.read()  # until the caller has enough
            else:
                location = f"Location: {self.location}\r\n" if self.location else ""
                writer.write(f"HTTP/1.1 {status} Said\r\n{location}Content-Length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.close()

    async def __aenter__(self) -> Receiver:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
