"""Asks rtpengine over its `ng` control protocol: a cookie and a bencoded dictionary in a UDP datagram, either way."""

import asyncio
import secrets
from contextlib import suppress
from itertools import count
from typing import Final

from teahouse.calls.media.engine import MediaUnavailable
from teahouse.calls.media.rtpengine.bencode import Value, decode, encode

WAITS_S: Final = (0.25, 0.5, 1.0, 1.25)
"""How long an answer is waited for, each time that a command is sent: 3 s in all. rtpengine knows a command that comes
again by its cookie, and does it once."""
DATAGRAM_MAX: Final = 60_000
WAITING_MAX: Final = 2_000
"""Commands without an answer yet."""


class Refused(Exception):
    """rtpengine understood the command and says no; the text is its reason."""


class Ng(asyncio.DatagramProtocol):
    """One socket, connected to one rtpengine, so that nobody else's datagrams are heard."""

    def __init__(self, control: str) -> None:
        """`control` is `host:port`."""
        self._control = control
        self._transport: asyncio.DatagramTransport | None = None
        self._answers: dict[bytes, asyncio.Future[dict[str, Value]]] = {}
        self._cookies = count()
        # rtpengine remembers the cookies of a while: those of this process must not be those of the one before.
        self._prefix = secrets.token_hex(6)

    async def open(self) -> None:
        """Raises `OSError`, `OverflowError` or `ValueError` for what is no address. Whether rtpengine is there, `ask`
        finds out."""
        host, _, port = self._control.rpartition(":")
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=(host.strip("[]"), int(port)))
        self._transport = transport

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(MediaUnavailable("the engine stops"))

    async def ask(self, command: str, given: dict[str, Value] | None = None) -> dict[str, Value]:
        """What rtpengine answers. Raises `Refused` with its reason, `MediaUnavailable` when it does not answer."""
        if self._transport is None or len(self._answers) >= WAITING_MAX:
            raise MediaUnavailable("rtpengine is not asked" if self._transport is None else "too many commands wait")
        cookie = f"{self._prefix}_{next(self._cookies)}".encode()
        datagram = cookie + b" " + encode({"command": command, **(given or {})})
        if len(datagram) > DATAGRAM_MAX:
            raise MediaUnavailable("the command is too long for a datagram")
        answer = self._answers[cookie] = asyncio.get_running_loop().create_future()
        try:
            said = await self._answer(datagram, answer)
        finally:
            del self._answers[cookie]
        if said.get("result") not in ("ok", "pong"):
            raise Refused(str(said.get("error-reason") or said.get("message") or said.get("result")))
        return said

    async def _answer(self, datagram: bytes, answer: asyncio.Future[dict[str, Value]]) -> dict[str, Value]:
        for wait_s in WAITS_S:
            if self._transport is not None:
                self._transport.sendto(datagram)
            await asyncio.wait([answer], timeout=wait_s)
            if answer.done():
                return answer.result()
        raise MediaUnavailable(f"rtpengine at {self._control} does not answer")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        cookie, _, body = data.partition(b" ")
        answer = self._answers.get(cookie)
        if answer is None or answer.done():
            return
        with suppress(ValueError):
            said = decode(body)
            if isinstance(said, dict):
                answer.set_result(said)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there now (ICMP). It may be starting: the command's deadline decides."""
