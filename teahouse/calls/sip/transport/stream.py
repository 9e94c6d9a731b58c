"""Connections of TCP and TLS: opened when there is something to send, used again, bounded in number, time and bytes."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final

from teahouse.calls.sip.message import PING, PONG, BadMessage, Framer
from teahouse.calls.sip.transactions import Flow

CONNECTIONS_MAX: Final = 512
CONNECT_S_MAX: Final = 5.0
IDLE_S_MAX: Final = 900.0
"""A connection on which no message came or went so long is closed."""
PING_EVERY_S: Final = 60.0
"""CRLF keep-alive (RFC 5626 3.5.1) of connections that we opened."""
UNSENT_MAX: Final = 1024 * 1024
"""Bytes that the other side does not take; beyond that the connection is cut."""
WAITING_MAX: Final = 256
"""Messages that wait for a connection to open."""
OnMessage = Callable[[bytes, Flow], None]
OnFailed = Callable[[Flow], None]


class Streams:
    """All connections, by flow. `admits` decides by the address who may connect to us."""

    def __init__(self, on_message: OnMessage, on_failed: OnFailed, admits: Callable[[str], bool]) -> None:
        self.on_message = on_message
        self._on_failed = on_failed
        self._admits = admits
        self._open: dict[Flow, Connection] = {}
        self._opening: dict[Flow, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def listen(self, host: str, port: int, context: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Raises `OSError`. Returns where it listens."""
        loop = asyncio.get_running_loop()
        kind = "tls" if context is not None else "tcp"
        timeout = CONNECT_S_MAX if context is not None else None
        server = await loop.create_server(
            lambda: Connection(self, kind, None), host, port, ssl=context, ssl_handshake_timeout=timeout
        )
        self._servers.append(server)
        name = server.sockets[0].getsockname()
        return str(name[0]), int(name[1])

    def send(self, flow: Flow, data: bytes, tls: Callable[[], tuple[ssl.SSLContext, str] | None]) -> None:
        """Over the connection that is open, or a new one; `tls` gives the context and the name to hold it to."""
        if connection := self._open.get(flow):
            connection.write(data)
        elif flow in self._opening:
            if len(self._opening[flow]) < WAITING_MAX:
                self._opening[flow].append(data)
        elif len(self._open) + len(self._opening) >= CONNECTIONS_MAX:
            self._on_failed(flow)
        else:
            self._opening[flow] = [data]
            task = asyncio.get_running_loop().create_task(self._connect(flow, tls))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        for connection in list(self._open.values()):
            connection.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, flow: Flow, tls: Callable[[], tuple[ssl.SSLContext, str] | None]) -> None:
        loop = asyncio.get_running_loop()
        try:
            context, name = None, None
            if flow.transport == "tls":
                given = tls()
                if given is None:
                    raise OSError("nobody said whom to expect there")
                context, name = given
            async with asyncio.timeout(CONNECT_S_MAX):
                _, connection = await loop.create_connection(
                    lambda: Connection(self, flow.transport, flow),
                    flow.host,
                    flow.port,
                    ssl=context,
                    server_hostname=name,
                )
        except (OSError, TimeoutError, ValueError):
            self._opening.pop(flow, None)
            self._on_failed(flow)
            return
        for data in self._opening.pop(flow, []):
            connection.write(data)

    # --- what connections say ---

    def opened(self, connection: "Connection") -> bool:
        """False: it may not stay."""
        if not connection.is_ours and (len(self._open) >= CONNECTIONS_MAX or not self._admits(connection.flow.host)):
            return False
        self._open[connection.flow] = connection
        return True

    def lost(self, connection: "Connection") -> None:
        if self._open.get(connection.flow) is connection:
            del self._open[connection.flow]
            self._on_failed(connection.flow)


class Connection(asyncio.Protocol):
    """One. `flow` is given for those that we opened."""

    def __init__(self, streams: Streams, kind: str, flow: Flow | None) -> None:
        self.flow = flow or Flow(kind, "", 0)
        self.is_ours = flow is not None
        self._streams = streams
        self._kind = kind
        self._framer = Framer()
        self._transport: Any = None
        self._used_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def write(self, data: bytes) -> None:
        self._used_at = asyncio.get_running_loop().time()
        if self._transport.get_write_buffer_size() > UNSENT_MAX:
            self._transport.abort()
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        if not self.is_ours:
            host, port = transport.get_extra_info("peername")[:2]
            self.flow = Flow(self._kind, str(host), int(port))
        if not self._streams.opened(self):
            transport.abort()
            return
        self._used_at = asyncio.get_running_loop().time()
        self._watch()

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._framer.feed(data)
        except BadMessage:
            self._transport.abort()
            return
        if self._framer.pongs_due:
            self._framer.pongs_due = 0
            self._transport.write(PONG)
        for message in messages:
            self._used_at = asyncio.get_running_loop().time()
            self._streams.on_message(message, self.flow)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._streams.lost(self)

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() - self._used_at >= IDLE_S_MAX:
            self._transport.close()
            return
        self._timer = loop.call_later(PING_EVERY_S, self._ping)

    def _ping(self) -> None:
        if self.is_ours and not self._transport.is_closing():
            self._transport.write(PING)
        self._watch()
