"""The same calls the usual way: aiortc's peer connection, which decodes Opus and encodes it, and G.711 on the trunk.

`python -m bench.relay_transcoding 10 10 1` prints one line of JSON. With a fourth argument it is the process that is
measured: it reads offers as lines of JSON and answers them.
"""

from __future__ import annotations

import asyncio
import fractions
import json
import os
import random
import re
import sys
import time
from contextlib import suppress
from typing import Any, Final, cast

import av
import numpy as np
import uvloop
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.codecs.g711 import PcmuDecoder, PcmuEncoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket

from bench import process
from bench.relay_load import CONNECT_S, FRAME_S, HOME, TICK_S, Browser, Socket, Tally

FRAMES_WAITING_MAX: Final = 50
BURST: Final = 25
"""Packets of tone, then as many of silence: what arrives can be told from what was sent."""
OPUS: Final = "96 opus/48000/2"
LOUD: Final = 40
"""Bytes of a packet of 160 that are not near silence."""


class FromTrunk(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._decoder = PcmuDecoder()
        self._frames: asyncio.Queue[av.AudioFrame] = asyncio.Queue(FRAMES_WAITING_MAX)
        self._samples = 0

    def take(self, data: bytes) -> None:
        with suppress(asyncio.QueueFull):
            payload = JitterFrame(data=RtpPacket.parse(data).payload, timestamp=0)
            self._frames.put_nowait(cast(av.AudioFrame, self._decoder.decode(payload)[0]))

    async def recv(self) -> av.AudioFrame:
        frame = await self._frames.get()
        frame.pts, frame.time_base = self._samples, fractions.Fraction(1, 8000)
        self._samples += frame.samples
        return frame


async def answered(asked: dict[str, Any], kept: list[object]) -> dict[str, Any]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    source = FromTrunk()
    wire = await Socket.open(source.take)

    async def to_trunk(track: MediaStreamTrack) -> None:
        resampler, encoder = av.AudioResampler(format="s16", layout="mono", rate=8000, frame_size=160), PcmuEncoder()
        packet = RtpPacket(payload_type=0)
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                for small in resampler.resample(frame):
                    for payload in encoder.encode(small)[0]:
                        packet.payload = payload
                        packet.sequence_number = (packet.sequence_number + 1) & 0xFFFF
                        wire.transport.sendto(packet.serialize(), tuple(asked["trunk"]))

    connection.on("track", lambda track: kept.append(asyncio.ensure_future(to_trunk(track))))
    connection.addTrack(source)
    kept += [connection, wire]
    await connection.setRemoteDescription(RTCSessionDescription(asked["offer"], "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    return {"answer": connection.localDescription.sdp, "trunk": wire.address}


async def serve() -> None:
    # The loopback is left out by aioice; here all is on one machine.
    import aioice.ice  # noqa: PLC0415

    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [HOME]
    kept: list[object] = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await answered(json.loads(line), kept)), flush=True)


class Ear:
    """Notes when a tone begins."""

    def __init__(self) -> None:
        self.began: list[int] = []
        self.packets = 0
        self._loud = False

    def take(self, data: bytes) -> None:
        self.packets += 1
        loud = sum(byte & 0x7F < 0x60 for byte in data[12:]) > LOUD
        if loud and not self._loud:
            self.began.append(time.monotonic_ns())
        self._loud = loud


def bursts() -> list[bytes]:
    encoder, made = OpusEncoder(), []
    for number in range(2 * BURST):
        times = (np.arange(960) + 960 * number) / 48_000
        samples = (np.sin(2 * np.pi * 440 * times) * 12_000 * (number < BURST)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(samples, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 960 * number, fractions.Fraction(1, 48_000)
        made += encoder.encode(frame)[0]
    return made


class Call:
    def __init__(self) -> None:
        self.browser = Browser(Tally(), OPUS)
        self.ear = Ear()
        self.began: list[int] = []
        self._number = 0
        self._ssrc = random.getrandbits(32)

    async def begin(self, house: asyncio.subprocess.Process) -> None:
        assert house.stdin is not None
        assert house.stdout is not None
        self._wire = await Socket.open(self.ear.take)
        asked = {"offer": await self.browser.offer(), "trunk": self._wire.address}
        house.stdin.write(json.dumps(asked).encode() + b"\n")
        said = json.loads(await house.stdout.readline())
        self._to = tuple(said["trunk"])
        async with asyncio.timeout(CONNECT_S):
            await self.browser.take(re.sub(r"a=fingerprint:sha-(384|512) .*\r\n", "", said["answer"]))

    def next(self, payloads: list[bytes]) -> None:
        self._number += 1
        place = self._number % len(payloads)
        if place == 0:
            self.began.append(time.monotonic_ns())
        packet = RtpPacket(payload_type=96, sequence_number=self._number & 0xFFFF, timestamp=960 * self._number)
        packet.ssrc, packet.payload = self._ssrc, payloads[place]
        self.browser.send(packet.serialize())
        packet.payload_type, packet.timestamp, packet.payload = 0, 160 * self._number, b"\xff" * 160
        self._wire.transport.sendto(packet.serialize(), self._to)

    def latencies(self) -> list[float]:
        """From the first packet of a tone to the first that tells of it, in ms."""
        found = []
        for began in self.began:
            came = next((at for at in self.ear.began if at > began), None)
            if came is not None and came - began < BURST * FRAME_S * 1e9:
                found.append((came - began) / 1e6)
        return found


async def measured(count: int, seconds: float) -> dict[str, Any]:
    house = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.relay_transcoding", str(count), "0", str(process.SERVER_CORE), "serve"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    calls = [Call() for _ in range(count)]
    for call in calls:
        await call.begin(house)
    process.prefer_always([os.getpid(), house.pid])
    payloads, loop = bursts(), asyncio.get_running_loop()
    start, at, used = loop.time(), 0, process.cpu_s([house.pid])
    due = [start + FRAME_S * place / count for place in range(count)]
    while (now := loop.time()) < start + seconds:
        while due[at] <= now:
            calls[at].next(payloads)
            due[at] += FRAME_S
            at = (at + 1) % count
        await asyncio.sleep(TICK_S)
    cpu = (process.cpu_s([house.pid]) - used) / seconds
    house.kill()
    await house.wait()
    latencies = [latency for call in calls for latency in call.latencies()]
    return {
        "calls": count,
        "added_p50_ms": round(float(np.percentile(latencies, 50)), 1),
        "added_p99_ms": round(float(np.percentile(latencies, 99)), 1),
        "server_cpu": round(cpu, 3),
        "cpu_per_call": round(cpu / count, 4),
        "passed": round(sum(call.ear.packets for call in calls) / (count * seconds / FRAME_S), 3),
    }


def main() -> None:
    os.sched_setaffinity(0, {int(sys.argv[3])})
    if len(sys.argv) > 4:
        uvloop.run(serve())
    else:
        print(json.dumps(uvloop.run(measured(int(sys.argv[1]), float(sys.argv[2])))))


if __name__ == "__main__":
    main()
