"""A trunk's leg: two UDP sockets that listen to one negotiated peer and to nobody else."""

import asyncio
import ipaddress
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

from teahouse.calls.media.engine import BadAnswer
from teahouse.calls.media.relay.ports import Ports

Take = Callable[[bytes], None]
Peer = tuple[Any, ...]
STRANGERS_MAX: Final = 1_000
"""Packets of strangers that are counted one by one; from then on the kernel drops them (Linux)."""


class TrunkLeg:
    def __init__(self, ports: Ports, on_packet: Take, on_report: Take) -> None:
        self._ports = ports
        self._rtp = _Door(on_packet)
        self._rtcp = _Door(on_report)
        self.port = 0

    @property
    def address(self) -> str:
        return self._ports.address

    @property
    def strangers(self) -> int:
        """Packets of a wrong source."""
        return self._rtp.strangers

    @property
    def aimed(self) -> bool:
        return self._rtp.peer is not None

    async def open(self) -> None:
        """Raises `MediaUnavailable`."""
        loop = asyncio.get_running_loop()
        self.port, (rtp, rtcp) = self._ports.open(loop.time())
        for door, made in ((self._rtp, rtp), (self._rtcp, rtcp)):
            door.socket = made
            await loop.create_datagram_endpoint(lambda door=door: door, sock=made)  # type: ignore[misc]

    def aim(self, address: str, port: int, rtcp: tuple[str, int]) -> None:
        """Speak and listen to this peer from now on. Raises `BadAnswer` for one that these sockets do not reach."""
        for each in (address, rtcp[0]):
            if ipaddress.ip_address(each).version != self._ports.version:
                raise BadAnswer("its address is of the other IP version")
        self._rtp.aim(address, port)
        self._rtcp.aim(*rtcp)

    def send(self, packet: bytes) -> None:
        self._rtp.send(packet)

    def report(self, packet: bytes) -> None:
        self._rtcp.send(packet)

    def close(self) -> None:
        if self.port:
            for door in (self._rtp, self._rtcp):
                door.close()
            self._ports.give_back(self.port, asyncio.get_running_loop().time())
            self.port = 0


class _Door(asyncio.DatagramProtocol):
    """One socket. It is not connected to its peer, so that strangers can be counted, until there are too many."""

    def __init__(self, take: Take) -> None:
        self.peer: Peer | None = None
        self.strangers = 0
        self.socket: socket.socket | None = None
        self._take = take
        self._transport: asyncio.DatagramTransport | None = None
        self._shut = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes | str, addr: Peer) -> None:
        if addr == self.peer:
            self._take(cast(bytes, data))
            return
        self.strangers += 1
        if self.strangers > STRANGERS_MAX and not self._shut and self.peer is not None:
            self._shut_out()

    def error_received(self, exc: Exception) -> None:
        """The peer's port is closed, or was for a moment: what RTP loses stays lost."""

    def aim(self, address: str, port: int) -> None:
        peer = (address, port) if ":" not in address else (address, port, 0, 0)
        if peer != self.peer:
            self.peer = peer
            if self._shut:
                self._shut_out()

    def send(self, packet: bytes) -> None:
        if self._transport is not None and self.peer is not None:
            with suppress(OSError):
                self._transport.sendto(packet, self.peer)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _shut_out(self) -> None:
        """Let the kernel drop what is not the peer's. Elsewhere than on Linux one may not send with an address then."""
        if self.socket is None or self.peer is None or not sys.platform.startswith("linux"):
            return
        self._shut = True
        with suppress(OSError):
            self.socket.connect(self.peer)
