"""A browser's leg: aiortc's ICE and DTLS, and SRTP straight from the socket to the call and back.

aiortc would queue each packet and wake tasks for it. Here its transports make the connection and keep it (handshake,
consent, alerts), and media goes by them: one call from the socket to the call, one from the call to the socket.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import pylibsrtp
from aioice import Connection
from aioice.ice import CandidatePair, get_host_addresses
from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.rtcicetransport import RTCIceCandidate, RTCIceParameters
from OpenSSL import SSL

from teahouse.calls.media.browser_sdp import OUR_ROLES, BrowserLocal, BrowserOffer, IceCandidate
from teahouse.calls.media.engine import MediaUnavailable
from teahouse.calls.media.relay.stream import HEADER_BYTES, PACKET_BYTES_MAX

CONNECT_S: Final = 30.0
STUN_S: Final = 1
"""Seconds that a STUN server has to say how we are seen from outside."""
HANDSHAKE_WAITING_MAX: Final = 32
"""Datagrams of DTLS that may wait to be read."""
SOURCES_MAX: Final = 8
"""SSRCs that one browser may send with: libsrtp keeps a state for each."""
DTLS_ROLES: Final = {"active": "client", "passive": "server"}

Take = Callable[[bytes], None]


def reachable_addresses(house: str) -> list[str]:
    """Where a browser may reach this machine. The loopback is one of them if there is no other, or if the house
    itself is there, since aioice leaves it out."""
    addresses = get_host_addresses(use_ipv4=True, use_ipv6=True)
    if not addresses or ipaddress.ip_address(house).is_loopback:
        addresses.append("127.0.0.1")
    return addresses


class BrowserLeg:
    def __init__(
        self,
        offer: BrowserOffer,
        addresses: Sequence[str],
        stun: tuple[str, int] | None,
        on_packet: Take,
        on_report: Take,
    ) -> None:
        self._offer = offer
        self._ice = DirectIce(offer.lite, addresses, stun, self._take)
        gatherer = RTCIceGatherer(iceServers=[])
        gatherer._connection = self._ice
        self._gatherer = gatherer
        self._transport = RTCIceTransport(gatherer)
        certificate = RTCCertificate.generateCertificate()
        self._fingerprint = next(each for each in certificate.getFingerprints() if each.algorithm == "sha-256")
        self._dtls = RTCDtlsTransport(self._transport, [certificate])
        self._dtls._set_role(DTLS_ROLES[OUR_ROLES[offer.setup]])
        self._on_packet = on_packet
        self._on_report = on_report
        self._connecting: asyncio.Task[None] | None = None
        self._rx: pylibsrtp.Session | None = None
        self._tx: pylibsrtp.Session | None = None
        self._sources: set[bytes] = set()
        self._pair: CandidatePair | None = None
        self._send_to: Callable[[bytes, tuple[str, int]], object] = lambda data, address: None
        self._address = ("", 0)
        self.dropped = 0

    @property
    def connected(self) -> bool:
        return self._tx is not None and bool(self._ice._nominated)

    async def open(self, ssrc: int, cname: str) -> BrowserLocal:
        """Gather, begin to connect, and say what the answer is to say. Raises `MediaUnavailable`."""
        await self._gatherer.gather()
        local = self._gatherer.getLocalParameters()
        candidates = tuple(map(_ours, self._gatherer.getLocalCandidates()))
        if not candidates or local.usernameFragment is None or local.password is None:
            raise MediaUnavailable("this machine has no address that a browser could reach")
        self._connecting = asyncio.create_task(self._connect())
        fingerprint = (self._fingerprint.algorithm, self._fingerprint.value)
        return BrowserLocal(local.usernameFragment, local.password, fingerprint, candidates, ssrc, cname)

    async def _connect(self) -> None:
        """ICE, then DTLS. ICE is never told that all candidates are there: a hidden browser is found by its checks."""
        for candidate in self._offer.candidates:
            await self._transport.addRemoteCandidate(_theirs(candidate))
        remote = RTCIceParameters(self._offer.ufrag, self._offer.password, self._offer.lite)
        prints = [RTCDtlsFingerprint(algorithm, value) for algorithm, value in self._offer.fingerprints]
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(CONNECT_S):
                await self._transport.start(remote)
                if self._transport.state == "completed":
                    await self._dtls.start(RTCDtlsParameters(prints))
        if self._dtls.state == "connected":
            self._rx, self._tx = self._dtls._rx_srtp, self._dtls._tx_srtp
        else:
            await self._turn_away()
            await self._transport.stop()

    async def _turn_away(self) -> None:
        """Tell whoever finished the handshake with another certificate than its offer named; aiortc only stops."""
        handshake = self._dtls._ssl
        if handshake is not None:
            with suppress(SSL.Error, ConnectionError):
                handshake.shutdown()
                await self._dtls._write_ssl()

    def send(self, packet: bytes) -> bool:
        """Protect and send RTP; False while there is no connection. Raises nothing."""
        session = self._tx
        if session is None or not self._aimed():
            return False
        try:
            self._send_to(session.protect(packet), self._address)
        except (pylibsrtp.Error, ValueError, OSError):
            return False
        return True

    def report(self, packet: bytes) -> None:
        """The same with RTCP."""
        if self._tx is not None and self._aimed():
            with suppress(pylibsrtp.Error, ValueError, OSError):
                self._send_to(self._tx.protect_rtcp(packet), self._address)

    def _aimed(self) -> bool:
        pair = self._ice._nominated.get(1)
        if pair is not self._pair:
            self._pair = pair
            if pair is not None:
                self._send_to, self._address = pair.protocol.transport.sendto, pair.remote_addr
        return pair is not None

    def _take(self, data: bytes) -> None:
        """SRTP or SRTCP (RFC 5761, section 4) as it came from the socket."""
        session = self._rx
        if session is None:
            return
        if not HEADER_BYTES <= len(data) <= PACKET_BYTES_MAX:
            self.dropped += 1
            return
        try:
            if 192 <= data[1] <= 223:
                self._on_report(session.unprotect_rtcp(data))
                return
            source = data[8:12]
            if source not in self._sources and len(self._sources) >= SOURCES_MAX:
                self.dropped += 1
                return
            packet = session.unprotect(data)
        except (pylibsrtp.Error, ValueError):
            self.dropped += 1
            return
        self._sources.add(source)
        self._on_packet(packet)

    async def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        self._rx = None
        await self._dtls.stop()
        self._tx = None
        await self._transport.stop()
        # A transport that never started leaves its sockets to us.
        await self._ice.close()


class DirectIce(Connection):
    """aioice's connection, on addresses of our choice, that gives media away before it is queued."""

    def __init__(self, lite: bool, addresses: Sequence[str], stun: tuple[str, int] | None, take: Take) -> None:
        super().__init__(ice_controlling=lite, stun_server=stun)
        self._addresses = list(addresses)
        self._take = take

    async def gather_candidates(self) -> None:
        self._local_candidates_start = True
        self._local_candidates += await self.get_component_candidates(1, self._addresses, timeout=STUN_S)
        self._local_candidates_end = True

    def data_received(self, data: bytes, component: int) -> None:
        first = data[0] if data else 0
        if 127 < first < 192:
            self._take(data)
        elif 19 < first < 64 and self._queue.qsize() < HANDSHAKE_WAITING_MAX:
            super().data_received(data, component)


def _ours(candidate: RTCIceCandidate) -> IceCandidate:
    related = None
    if candidate.relatedAddress is not None and candidate.relatedPort is not None:
        related = (candidate.relatedAddress, candidate.relatedPort)
    return IceCandidate(candidate.foundation, candidate.priority, candidate.ip, candidate.port, candidate.type, related)


def _theirs(candidate: IceCandidate) -> RTCIceCandidate:
    return RTCIceCandidate(
        component=1,
        foundation=candidate.foundation,
        ip=candidate.address,
        port=candidate.port,
        priority=candidate.priority,
        protocol="udp",
        type=candidate.kind,
    )
