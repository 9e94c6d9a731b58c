"""A carrier that says whatever a test wants, byte for byte, over UDP: early media, nonsense, too much."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

PATIENCE_S = 20.0
REPEATED = ("Via", "From", "Call-ID", "CSeq")


class Message:
    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.partition(b"\r\n\r\n")
        self.start, *lines = head.decode().split("\r\n")
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines if ":" in line]

    @property
    def method(self) -> str:
        return self.start.split()[0]

    def field(self, name: str) -> str:
        return next(value for key, value in self.fields if key.lower() == name.lower())


class RawCarrier(asyncio.DatagramProtocol):
    """Is kept alive by OPTIONS, answers BYE and CANCEL as it should, and an INVITE as `on_invite` does."""

    def __init__(self, on_invite: Callable[[RawCarrier, Message], None]) -> None:
        self._on_invite = on_invite
        self._transport: asyncio.DatagramTransport
        self._house: tuple[str, int] = ("", 0)
        self.invite: Message
        self.heard: list[str] = []
        """Methods of requests that came, in order, without OPTIONS; an INVITE that is repeated once."""
        self._news = asyncio.Event()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))

    async def stop(self) -> None:
        self._transport.close()

    @property
    def port(self) -> int:
        return int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        message = Message(data)
        if message.start.startswith("SIP/2.0"):
            return
        self._house = address
        if message.method == "OPTIONS":
            self.answers(message, 200, "OK")
            return
        if message.method == "INVITE" and self.heard[-1:] == ["INVITE"]:
            return
        self.heard.append(message.method)
        self._news.set()
        if message.method == "INVITE":
            self.invite = message
            self._on_invite(self, message)
        elif message.method in ("BYE", "CANCEL"):
            self.answers(message, 200, "OK")
            if message.method == "CANCEL":
                self.answers(self.invite, 487, "Request Terminated")

    def answers(self, request: Message, code: int, phrase: str, body: bytes = b"", *, tag: str = "far") -> None:
        lines = [f"SIP/2.0 {code} {phrase}"]
        lines += [f"{name}: {value}" for name, value in request.fields if name in REPEATED]
        to = request.field("To")
        lines.append(f"To: {to}" if ";tag=" in to else f"To: {to};tag={tag}")
        lines.append(f"Contact: <sip:far@127.0.0.1:{self.port}>")
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        self._transport.sendto("\r\n".join(lines).encode() + b"\r\n\r\n" + body, self._house)

    async def hears(self, method: str, times: int = 1) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.heard.count(method) < times:
                self._news.clear()
                await self._news.wait()


def sdp(port: int, *, version: int = 1, lines: str = "") -> bytes:
    """PCMA at a port of this machine."""
    return (
        f"v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n{lines}"
    ).encode()
