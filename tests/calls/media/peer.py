"""A browser's end of a call: aiortc's peer connection, held to G.711, with a tone to say and ears."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket

from tests.calls.media.sound import FRAME, HEARD_SAMPLES, PCMA, PCMU, frame, pitch
from tests.calls.media.trunk import FRAME_S, PATIENCE_S

CAPABILITIES = {
    PCMU: RTCRtpCodecCapability(mimeType="audio/PCMU", clockRate=8000, channels=1),
    PCMA: RTCRtpCodecCapability(mimeType="audio/PCMA", clockRate=8000, channels=1),
}


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz = hertz
        self._number = 0
        self._started = 0.0

    async def recv(self) -> object:
        loop = asyncio.get_running_loop()
        if self._number == 0:
            self._started = loop.time()
        await asyncio.sleep(self._started + self._number * FRAME_S - loop.time())
        self._number += 1
        return frame(self._hertz, self._number)


class Peer:
    """`offer()` for the engine, `take(answer)`, then it talks and listens."""

    def __init__(self, hertz: float = 440, *laws: int, events: int | None = None) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = self.connection.addTransceiver(Tone(hertz))
        transceiver.setCodecPreferences([CAPABILITIES[law] for law in laws or (PCMU, PCMA)])
        self._receiver = transceiver.receiver
        self._events = events
        self._listening: asyncio.Task[None] | None = None
        self._samples: list[np.ndarray] = []
        self.heard = asyncio.Condition()
        self.packets: list[RtpPacket] = []
        """All RTP that was decrypted, of whatever type."""

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        text = self.connection.localDescription.sdp
        if self._events is not None:
            text = re.sub(r"(m=audio .*)", rf"\1 {self._events}", text.replace("\r\n", "\n"))
            text = text.replace("\na=rtpmap:", f"\na=rtpmap:{self._events} telephone-event/8000\na=rtpmap:", 1)
        return text

    async def take(self, answer: str) -> None:
        transport = self._receiver.transport
        handle = transport._handle_rtp_data

        async def keep(data: bytes, arrival_time_ms: int) -> None:
            self.packets.append(RtpPacket.parse(data))
            async with self.heard:
                self.heard.notify_all()
            await handle(data, arrival_time_ms)

        transport._handle_rtp_data = keep
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        with suppress(MediaStreamError):
            while True:
                samples = (await self._receiver.track.recv()).to_ndarray().reshape(-1)
                async with self.heard:
                    self._samples.append(samples)
                    self.heard.notify_all()

    async def connected(self) -> None:
        connected = asyncio.Event()
        transport = self._receiver.transport

        def look() -> None:
            if transport.state == "connected":
                connected.set()

        transport.on("statechange", look)
        look()
        async with asyncio.timeout(PATIENCE_S):
            await connected.wait()

    async def until_ended(self) -> None:
        """Until the connection was refused, or ended by the other side."""
        ended = asyncio.Event()
        transport = self._receiver.transport

        def look() -> None:
            if transport.state in ("closed", "failed"):
                ended.set()

        transport.on("statechange", look)
        look()
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()

    async def until(self, true: object) -> None:
        async with asyncio.timeout(PATIENCE_S), self.heard:
            await self.heard.wait_for(true)

    async def hears(self) -> float:
        """The pitch of the next half second."""
        start = len(self._samples)
        await self.until(lambda: (len(self._samples) - start) * FRAME > HEARD_SAMPLES + 10 * FRAME)
        return pitch(np.concatenate(self._samples[start:])[-HEARD_SAMPLES:])

    async def send(self, payload_type: int, payload: bytes, *, sequence: int, stamp: int, ssrc: int) -> None:
        """A packet of one's own making through the connection's SRTP."""
        packet = RtpPacket(payload_type=payload_type, sequence_number=sequence, timestamp=stamp, ssrc=ssrc)
        packet.payload = payload
        await self._receiver.transport._send_rtp(packet.serialize())

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self.connection.close()
