"""The far end's sound: a tone or an echo as G.711 over RTP, 50 packets a second."""

import asyncio
import math
import secrets
import struct
from typing import Final, cast

from teahouse.calls.media.g711 import encode
from teahouse.calls.media.sdp import Codec

RATE_HZ: Final = 8000
FRAME_SAMPLES: Final = 160
FRAME_S: Final = FRAME_SAMPLES / RATE_HZ
LOUDNESS: Final = 8000
"""Amplitude of the tone, of 32767."""
RTP_HEADER: Final = struct.Struct("!BBHII")
LATE_FRAMES_MAX: Final = 25
"""A player that is later than this skips what is missed."""


def tone(frequency: int, codec: str) -> tuple[bytes, ...]:
    """One second of a tone in frames of 20 ms, which may be repeated without a click."""
    samples = [round(LOUDNESS * math.sin(2 * math.pi * frequency * number / RATE_HZ)) for number in range(RATE_HZ)]
    sound = encode(samples, codec)
    return tuple(sound[at : at + FRAME_SAMPLES] for at in range(0, RATE_HZ, FRAME_SAMPLES))


class Player(asyncio.DatagramProtocol):
    """Plays frames to an address until closed; with none, gives back what it hears."""

    def __init__(self, codec: Codec, frames: tuple[bytes, ...]) -> None:
        self._codec = codec
        self._frames = frames
        self._to: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._count = 0
        self._next_at = 0.0
        self._source = secrets.randbits(32)
        self.heard = 0
        """Packets that came."""

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def play_to(self, address: str, port: int) -> None:
        self._to = (address, port)
        if self._frames and self._timer is None:
            self._next_at = asyncio.get_running_loop().time()
            self._play()

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.heard += 1
        if not self._frames and self._to is not None and self._transport is not None:
            self._transport.sendto(data, self._to)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()

    def _play(self) -> None:
        assert self._transport is not None
        assert self._to is not None
        loop = asyncio.get_running_loop()
        marker = 0x80 if self._count == 0 else 0
        header = RTP_HEADER.pack(
            0x80,
            marker | self._codec.payload_type,
            self._count & 0xFFFF,
            self._count * FRAME_SAMPLES & 0xFFFFFFFF,
            self._source,
        )
        self._transport.sendto(header + self._frames[self._count % len(self._frames)], self._to)
        self._count += 1
        self._next_at = max(self._next_at + FRAME_S, loop.time() - LATE_FRAMES_MAX * FRAME_S)
        self._timer = loop.call_at(self._next_at, self._play)
