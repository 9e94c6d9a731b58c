"""One UDP socket."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final

from teahouse.calls.sip.transactions import Flow

RECEIVE_BUFFER: Final = 4 * 1024 * 1024
"""What is asked of the kernel, so that a burst survives a busy moment of the loop."""
OnMessage = Callable[[bytes, Flow], None]


class UdpDoor(asyncio.DatagramProtocol):
    def __init__(self, on_message: OnMessage, on_failed: Callable[[Flow], None]) -> None:
        self._on_message = on_message
        self._on_failed = on_failed
        self._transport: asyncio.DatagramTransport | None = None
        self._is_full = False
        """The kernel takes no more for now: datagrams are dropped, as the network would."""

    @property
    def address(self) -> tuple[str, int]:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    @property
    def is_ipv6(self) -> bool:
        assert self._transport is not None
        return bool(self._transport.get_extra_info("socket").family == socket.AF_INET6)

    async def open(self, host: str, port: int) -> None:
        """Raises `OSError`."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        assert self._transport is not None
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def send(self, flow: Flow, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            self._on_failed(flow)
        elif not self._is_full:
            try:
                transport.sendto(data, (flow.host, flow.port))
            except (OSError, ValueError):
                self._on_failed(flow)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if data.strip(b"\r\n\0"):
            self._on_message(data, Flow("udp", str(addr[0]), addr[1]))

    def error_received(self, exc: Exception) -> None:
        """An ICMP error: it does not say whose datagram it was, so timers B and F find out."""
