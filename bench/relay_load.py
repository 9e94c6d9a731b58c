"""Many phone calls through one media engine, both ends in this process: `python -m bench.relay_load relay 50 10 0`.

Each packet carries when it was sent. The same packets also go straight from socket to socket, with the same SRTP, in
the same run: what is left when that is taken away is what the engine adds. Prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pylibsrtp
import uvloop
from aioice import Candidate
from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.rtcicetransport import RTCIceParameters

from bench import process
from teahouse.calls.media.engine import MediaEngine, MediaSession
from teahouse.calls.media.relay.browser_leg import DirectIce
from teahouse.calls.media.relay.engine import RelayEngine, RelaySettings
from teahouse.calls.media.rtpengine.engine import RtpEngine
from teahouse.calls.media.sdp import read

HOME: Final = "127.0.0.1"
FRAME_S: Final = 0.02
TICK_S: Final = 0.001
WARM_S: Final = 1.0
LATE_S: Final = 0.5
"""How long late packets are waited for before they count as lost."""
STAMP: Final = struct.Struct("!BBHIIQ")
FILLER: Final = b"\xd5" * 152
NG: Final = f"{HOME}:22222"
CONNECT_S: Final = 60.0
KEY: Final = bytes(range(30))


class Tally:
    """When packets came, of one direction of all calls."""

    def __init__(self) -> None:
        self.sent = 0
        self.added: list[int] = []
        self.open = False

    def take(self, packet: bytes) -> None:
        now = time.monotonic_ns()
        if len(packet) == STAMP.size + len(FILLER):
            *_, sent = STAMP.unpack_from(packet)
            if self.open and sent:
                self.added.append(now - sent)


class Source:
    """The packets of one end of a call."""

    def __init__(self, tally: Tally, send: Callable[[bytes], object]) -> None:
        self._tally = tally
        self._send = send
        self._ssrc = random.getrandbits(32)
        self._sequence = random.getrandbits(15)

    def next(self) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        measured = self._tally.open
        self._tally.sent += measured
        stamp = time.monotonic_ns() if measured else 0
        self._send(STAMP.pack(0x80, 0, self._sequence, self._sequence * 160, self._ssrc, stamp) + FILLER)


class Socket(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self.transport: asyncio.DatagramTransport = cast(asyncio.DatagramTransport, None)

    @classmethod
    async def open(cls, take: Callable[[bytes], object]) -> Socket:
        loop = asyncio.get_running_loop()
        _, made = await loop.create_datagram_endpoint(lambda: cls(take), local_addr=(HOME, 0))
        return made

    @property
    def address(self) -> tuple[str, int]:
        return cast(tuple[str, int], self.transport.get_extra_info("sockname"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._take(data)


def _send(wire: Socket, to: tuple[str, int], packet: bytes) -> None:
    wire.transport.sendto(packet, to)


def _protected(wire: Socket, to: tuple[str, int], session: pylibsrtp.Session, packet: bytes) -> None:
    wire.transport.sendto(session.protect(packet), to)


def _opened(tally: Tally, session: pylibsrtp.Session, data: bytes) -> None:
    # Whoever else runs on this machine may send to a port that was theirs a moment ago.
    with suppress(pylibsrtp.Error):
        tally.take(session.unprotect(data))


class Browser:
    """The browser's end: aiortc's ICE and DTLS as who offers, and SRTP from and to the socket."""

    def __init__(self, tally: Tally, codec: str = "0 PCMU/8000") -> None:
        self._tally = tally
        self._codec = codec
        self._ice = DirectIce(True, [HOME], None, self._take)
        self._gatherer = RTCIceGatherer(iceServers=[])
        self._gatherer._connection = self._ice
        self._transport = RTCIceTransport(self._gatherer)
        certificate = RTCCertificate.generateCertificate()
        self._print = certificate.getFingerprints()[0]
        self._dtls = RTCDtlsTransport(self._transport, [certificate])

    async def offer(self) -> str:
        await self._gatherer.gather()
        local = self._gatherer.getLocalParameters()
        candidate = self._ice.local_candidates[0]
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
        lines += [f"m=audio {candidate.port} UDP/TLS/RTP/SAVPF {self._codec.split()[0]}", f"c=IN IP4 {HOME}"]
        lines += [f"a=rtpmap:{self._codec}", "a=mid:0", "a=rtcp-mux", "a=sendrecv", f"a=candidate:{candidate.to_sdp()}"]
        lines += [f"a=ice-ufrag:{local.usernameFragment}", f"a=ice-pwd:{local.password}"]
        lines += [f"a=fingerprint:{self._print.algorithm} {self._print.value}", "a=setup:actpass", ""]
        return "\r\n".join(lines)

    async def take(self, answer: str) -> None:
        description = read(answer)
        media = description.media[0]

        def said(name: str) -> str:
            return media.first(name) or description.first(name) or ""

        for line in media.all("candidate"):
            candidate = Candidate.from_sdp(line)
            if candidate.component == 1 and candidate.transport.lower() == "udp":
                await self._ice.add_remote_candidate(candidate)
        self._dtls._set_role("server" if said("setup") == "active" else "client")
        lite = description.first("ice-lite") is not None
        await self._transport.start(RTCIceParameters(said("ice-ufrag"), said("ice-pwd"), lite))
        algorithm, _, digest = said("fingerprint").partition(" ")
        await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, digest)]))
        assert self._dtls.state == "connected", self._dtls.state
        pair = self._ice._nominated[1]
        self._send_to, self._address = pair.protocol.transport.sendto, pair.remote_addr

    def send(self, packet: bytes) -> None:
        self._send_to(self._dtls._tx_srtp.protect(packet), self._address)

    def _take(self, data: bytes) -> None:
        session = self._dtls._rx_srtp
        if session is not None and not 192 <= data[1] <= 223:
            _opened(self._tally, session, data)


async def calls(
    engine: MediaEngine, count: int, to_trunk: Tally, to_browser: Tally
) -> tuple[list[Source], list[float]]:
    """Set up so many calls; their sources, and how long each took to be answered and connected, in ms."""
    sources, took = [], []
    for number in range(count):
        browser, trunk = Browser(to_browser), await Socket.open(to_trunk.take)
        offer = await browser.offer()
        started = time.perf_counter()
        session: MediaSession = engine.session(f"bench-{number}")
        invite = await session.offer(offer)
        took.append((time.perf_counter() - started) * 1000)
        port = re.search(rb"m=audio (\d+)", invite)
        assert port
        host, own = trunk.address
        text = f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {own} RTP/AVP 0\r\n"
        await session.accept(text.encode())
        async with asyncio.timeout(CONNECT_S):
            await browser.take(session.browser_answer)
        there = (HOME, int(port[1]))
        sources.append(Source(to_trunk, browser.send))
        sources.append(Source(to_browser, partial(_send, trunk, there)))
    return sources, took


async def straight(count: int, tally: Tally) -> list[Source]:
    """As many packets from socket to socket, protected by one end and opened by the other."""
    sources = []
    for _ in range(count):
        kinds = (pylibsrtp.Policy.SSRC_ANY_OUTBOUND, pylibsrtp.Policy.SSRC_ANY_INBOUND)
        out, into = (pylibsrtp.Session(pylibsrtp.Policy(key=KEY, ssrc_type=kind)) for kind in kinds)
        ear = await Socket.open(partial(_opened, tally, into))
        mouth = await Socket.open(lambda data: None)
        sources.append(Source(tally, partial(_protected, mouth, ear.address, out)))
    return sources


async def run(sources: list[Source], tallies: list[Tally], seconds: float) -> float:
    """Send each source's packets every 20 ms, all at different instants; the CPU that it took here, of one core."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    due = [(start + FRAME_S * place / len(sources), source) for place, source in enumerate(sources)]
    at, opened, used = 0, start + WARM_S, process.own_cpu_s()
    while (now := loop.time()) < opened + seconds:
        for tally in tallies:
            tally.open = now >= opened
        while due[at][0] <= now:
            when, source = due[at]
            source.next()
            due[at] = (when + FRAME_S, source)
            at = (at + 1) % len(due)
        await asyncio.sleep(TICK_S)
    await asyncio.sleep(LATE_S)
    return (process.own_cpu_s() - used) / (seconds + WARM_S + LATE_S)


def numbers(*tallies: Tally) -> dict[str, float]:
    added = np.concatenate([np.array(tally.added, dtype=np.int64) for tally in tallies]) / 1e6
    sent = sum(tally.sent for tally in tallies)
    p50, p99, most = np.percentile(added, [50, 99, 100])
    return {
        "p50_ms": round(float(p50), 3),
        "p99_ms": round(float(p99), 3),
        "most_ms": round(float(most), 3),
        "packets": sent,
        "lost": sent - len(added),
    }


async def measured(engine: MediaEngine, pids: Callable[[], list[int]], count: int, seconds: float) -> dict[str, Any]:
    await engine.start()
    await engine.ping()
    for pid in pids():
        process.pin(pid, process.SERVER_CORE)
    process.prefer_always([os.getpid(), *pids()])
    to_trunk, to_browser, direct = Tally(), Tally(), Tally()
    floor_cpu = await run(await straight(2 * count, direct), [direct], min(seconds, 5.0))
    sources, took = await calls(engine, count, to_trunk, to_browser)
    used = process.cpu_s(pids())
    generator = await run(sources, [to_trunk, to_browser], seconds)
    cpu = (process.cpu_s(pids()) - used) / (seconds + WARM_S + LATE_S)
    whole, floor = numbers(to_trunk, to_browser), numbers(direct)
    await engine.stop()
    return {
        "calls": count,
        "added_p50_ms": round(whole["p50_ms"] - floor["p50_ms"], 3),
        "added_p99_ms": round(whole["p99_ms"] - floor["p99_ms"], 3),
        "lost": whole["lost"],
        "packets": whole["packets"],
        "set_up_ms": round(float(np.median(took)), 2),
        "server_cpu": round(cpu, 3),
        "generator_cpu": round(generator, 3),
        "with": whole,
        "straight": floor | {"generator_cpu": round(floor_cpu, 3)},
    }


def rtpengine() -> subprocess.Popen[bytes]:
    command = ["rtpengine", "--config-file=none", "--table=-1", f"--interface={HOME}", f"--listen-ng={NG}"]
    command += ["--port-min=44000", "--port-max=59999", "--foreground", "--log-level=3", "--num-threads=2"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> None:
    name, count, seconds, core = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    os.sched_setaffinity(0, {core})
    if name == "relay":
        relay = RelayEngine(RelaySettings(address=HOME, ports=(40_000, 43_999), calls_max=1_000))
        found = uvloop.run(measured(relay, lambda: [relay.pid], count, seconds))
    else:
        daemon = rtpengine()
        try:
            wanted = f"{int(NG.rpartition(':')[2]):04X}"
            while not any(
                line.split()[1].endswith(wanted) for line in Path("/proc/net/udp").read_text().splitlines()[1:]
            ):
                time.sleep(0.02)
            found = uvloop.run(measured(RtpEngine(NG), lambda: [daemon.pid], count, seconds))
        finally:
            daemon.kill()
            daemon.wait()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
