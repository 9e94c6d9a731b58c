"""Ways to fail, for tests: a biller that is slow, dies, says things twice. A real one has no use for this file.

`GET /switches` shows them, `POST /switches` sets them, from this machine only. `POST /bills` writes a bill, and
`GET /payments` shows what the company believes.
"""

import asyncio
import os
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from examples.biller.books import Books
from examples.biller.signing import Answered, Signing

Message = dict[str, Any]
DOORS = ("fetch", "pay", "status", "reverse")


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    on: tuple[str, ...] = ("pay",)
    """The doors that behave so; `refuse`, `pending` and `keeps` are about payments themselves."""
    times: int = 0
    """How many requests at these doors; 0: all."""
    slow_s: float = 0
    """Waits first, and does it late."""
    down: bool = False
    """Answers 503 and does nothing."""
    lose: bool = False
    """Does it, then closes the connection without an answer."""
    crash: bool = False
    """Does it, then the process is gone."""
    double: bool = False
    """Answers twice, on one connection."""
    wrong_key: bool = False
    odd: Literal["", "stale", "unsigned", "nonsense", "large", "redirect", "replayed"] = ""
    """`stale`: signed an hour ago; `replayed`: the last good answer again, which was for another request."""
    refuse: str = ""
    pending: int = 0
    keeps: bool = False


_now: ContextVar[Switches] = ContextVar("_now", default=Switches())  # noqa: B039 - nobody changes it
"""What is wrong with the request that is answered."""


class FailingSigning(Signing):
    """Signs as if it were another time, or somebody else."""

    def sign(self, answered: Answered, body: bytes, created: datetime | None = None) -> None:
        created = datetime.now(UTC) - timedelta(hours=_now.get().odd == "stale")
        if _now.get().wrong_key:
            Signing(Ed25519PrivateKey.generate(), self.house).sign(answered, body, created)
        else:
            super().sign(answered, body, created)


class Droppable(HttpToolsProtocol):
    """Tells the application how to write past it, and how to hang up."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["wire"] = (self.transport.write, self.transport.abort)  # type: ignore[typeddict-unknown-key]


class Switched:
    """The server, and what is wrong with it."""

    def __init__(self, app: Any, books: Books, switches: Switches) -> None:
        self._app = app
        self._books = books
        self._last: list[Message] = []
        self.set(switches)

    def set(self, switches: Switches) -> None:
        self._switches = switches
        self._left = switches.times
        self._books.refuses, self._books.pending, self._books.keeps = switches.refuse, switches.pending, switches.keeps

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        own: dict[str, Callable[[bytes], Any]] = {
            "/switches": self._switch,
            "/bills": self._bill,
            "/payments": lambda _: self._books.payments(),
        }
        if path in own and scope["client"][0] == "127.0.0.1":
            body = await _body(receive) if scope["method"] == "POST" else b""
            await _reply(send, 200, msgspec.json.encode(own[path](body)))
        elif path[1:] in self._switches.on and self._counts():
            await self._misbehave(self._switches, scope, receive, send)
        else:
            self._last = await self._done(scope, receive)
            await _pass_on(self._last, send)

    def _counts(self) -> bool:
        if self._switches.times == 0:
            return True
        self._left -= 1
        return self._left >= 0

    def _switch(self, body: bytes) -> Switches:
        if body:
            self.set(msgspec.json.decode(body, type=Switches))
        return self._switches

    def _bill(self, body: bytes) -> Any:
        return {"ref": self._books.new_bill(**msgspec.json.decode(body))}

    async def _misbehave(self, is_on: Switches, scope: Any, receive: Any, send: Any) -> None:
        write, abort = scope["wire"]
        if is_on.slow_s:
            await asyncio.sleep(is_on.slow_s)
        if is_on.down:
            await _reply(send, 503, b"{}")
            return
        _now.set(is_on)
        answer = await self._done(scope, receive)
        _now.set(Switches())
        if is_on.crash:
            os._exit(9)
        if is_on.lose:
            abort()
            return
        answer = self._oddly(is_on.odd, answer)
        await _pass_on(answer, send)
        if is_on.double:
            write(_as_bytes(answer))

    def _oddly(self, odd: str, answer: list[Message]) -> list[Message]:
        start, *body = answer
        match odd:
            case "unsigned":
                kept = [each for each in start["headers"] if not each[0].lower().startswith(b"signature")]
                return [{**start, "headers": kept}, *body]
            case "nonsense":
                return [start, {"type": "http.response.body", "body": b"<" * _length(answer)}]
            case "large":
                large = b"[" + b" " * 2**20 + b"]"
                headers = [(b"content-length", str(len(large)).encode())]
                return [{**start, "headers": headers}, {"type": "http.response.body", "body": large}]
            case "redirect":
                headers = [(b"location", b"/status"), (b"content-length", b"0")]
                return [{**start, "status": 307, "headers": headers}, {"type": "http.response.body", "body": b""}]
            case "replayed":
                return self._last
        return answer

    async def _done(self, scope: Any, receive: Any) -> list[Message]:
        """Let the server do it, and keep what it answers."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        return answer


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _reply(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _pass_on(answer: list[Message], send: Any) -> None:
    for message in answer:
        await send(message)


def _length(answer: list[Message]) -> int:
    return sum(len(message.get("body", b"")) for message in answer)


def _as_bytes(answer: list[Message]) -> bytes:
    status = HTTPStatus(answer[0]["status"])
    lines = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode())]
    lines += [name + b": " + value for name, value in answer[0]["headers"]]
    return b"\r\n".join([*lines, b"", b"".join(message.get("body", b"") for message in answer[1:])])
