"""A carrier's end of a call's media: a plain RTP socket that plays a tone and keeps what it gets."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from contextlib import suppress
from typing import Any, cast

from aiortc.rtp import RtcpPacket, RtpPacket

from tests.calls.media.sound import FRAME, HEARD_SAMPLES, PCMU, decoded, encoded, pitch

PATIENCE_S = 15.0
FRAME_S = 0.02


class Wire(asyncio.DatagramProtocol):
    """A socket whose packets can be waited for."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.came = asyncio.Condition()
        self.transport: asyncio.DatagramTransport = cast(asyncio.DatagramTransport, None)
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, port: int = 0, address: str = "127.0.0.1") -> Wire:
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_datagram_endpoint(cls, local_addr=(address, port))
        return wire

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.got.append(data)
        task = asyncio.get_running_loop().create_task(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self.came:
            self.came.notify_all()

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(PATIENCE_S), self.came:
            await self.came.wait_for(true)


def free_pair() -> int:
    """An even port that is free, as is the one above it."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1]) & ~1
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as beside:
                beside.bind(("127.0.0.1", port + 1))
                return port


class Trunk:
    """Plays a tone to the address of an offer or answer that it was given, until it is closed."""

    def __init__(self, rtp: Wire, rtcp: Wire) -> None:
        self.rtp = rtp
        self.rtcp = rtcp
        self.ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(16)
        self.stamp = secrets.randbits(32)
        self.peer = ("", 0)
        self._playing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls) -> Trunk:
        port = free_pair()
        return cls(await Wire.open(port), await Wire.open(port + 1))

    def answer(self, *formats: str, direction: str = "sendrecv", port: int | None = None) -> bytes:
        """`0 PCMU`, `101 telephone-event`."""
        numbers = " ".join(each.split()[0] for each in formats)
        lines = ["v=0", "o=carrier 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
        lines += [f"m=audio {self.rtp.port if port is None else port} RTP/AVP {numbers}"]
        lines += [f"a=rtpmap:{each}/8000" for each in formats]
        return "\r\n".join([*lines, "a=ptime:20", f"a={direction}", ""]).encode()

    def told(self, description: bytes) -> None:
        """Take the house's offer or answer."""
        address = re.search(rb"^c=IN IP4 (\S+)", description, re.M)
        port = re.search(rb"^m=audio (\d+) ", description, re.M)
        assert address
        assert port
        self.peer = (address[1].decode(), int(port[1]))

    def send(self, payload: bytes, payload_type: int = PCMU, *, ticks: int = FRAME) -> None:
        packet = RtpPacket(
            payload_type=payload_type, sequence_number=self.sequence, timestamp=self.stamp, ssrc=self.ssrc
        )
        packet.payload = payload
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.stamp = (self.stamp + ticks) & 0xFFFFFFFF
        self.rtp.transport.sendto(packet.serialize(), self.peer)

    def play(self, hertz: float, law: int = PCMU) -> None:
        self.hush()
        self._playing = asyncio.create_task(self._play(hertz, law))

    async def _play(self, hertz: float, law: int) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for number in range(1 << 20):
            self.send(encoded(hertz, number, law), law)
            await asyncio.sleep(started + (number + 1) * FRAME_S - loop.time())

    def hush(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None

    @property
    def packets(self) -> list[RtpPacket]:
        return [RtpPacket.parse(data) for data in self.rtp.got]

    @property
    def reports(self) -> list[Any]:
        return [packet for data in self.rtcp.got for packet in RtcpPacket.parse(data)]

    async def hears(self, law: int = PCMU, *, after: int = 0) -> float:
        """The pitch of half a second of what comes under one law, not counting the first `after` packets."""

        def payloads() -> list[bytes]:
            return [packet.payload for packet in self.packets[after:] if packet.payload_type == law]

        await self.rtp.until(lambda: len(payloads()) * FRAME > HEARD_SAMPLES + 10 * FRAME)
        return pitch(decoded(payloads(), law)[-HEARD_SAMPLES:])

    def close(self) -> None:
        self.hush()
        self.rtp.transport.close()
        self.rtcp.transport.close()
