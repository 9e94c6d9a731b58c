"""The door of this room: the user agent on real sockets, led by the loop's clock."""

import asyncio
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from teahouse.calls.sip.agent import Agent, AgentSettings
from teahouse.calls.sip.driver import Resolved, Where
from teahouse.calls.sip.model import Leg, Listener, OnIncoming, OnStatus, Outgoing, Trunk, TrunkStatus
from teahouse.calls.sip.numeric import plain
from teahouse.calls.sip.resolve import Resolver
from teahouse.calls.sip.transactions import Flow
from teahouse.calls.sip.transport import tls
from teahouse.calls.sip.transport.stream import Streams
from teahouse.calls.sip.transport.udp import UdpDoor

STOP_S_MAX: Final = 3.0
"""How long the last BYEs may take."""
PORTS_TRIED_MAX: Final = 16
NAMES_MAX: Final = 1024
_UNSPECIFIED: Final = ("0.0.0.0", "::")


@dataclass(frozen=True)
class StackSettings:
    listen: str = "127.0.0.1:5060"
    """`host:port` for UDP and TCP; port 0 takes a free one. Over UDP only carriers with addresses of the same kind
    (IPv4 or IPv6) are reached."""
    tls_listen: str = ""
    """`host:port` for TLS; empty: TLS goes out only."""
    certificate: str = ""
    """PEM file with certificate and key, for inbound TLS and for carriers that ask for one."""
    public_address: str = ""
    """`host` or `host:port` that Via and Contact show; empty: the socket's own, and what `received`/`rport` said."""
    product: str = "Teahouse"
    t1_s: float = 0.5
    """RFC 3261 T1; tests on loopback shorten it."""


class Stack:
    def __init__(
        self, settings: StackSettings, on_incoming: OnIncoming, on_status: OnStatus, resolver: Resolver | None = None
    ) -> None:
        self._settings = settings
        self._resolver = resolver or Resolver()
        self._agent = Agent(AgentSettings(settings.product, settings.t1_s), self, on_incoming, on_status)
        self._udp = UdpDoor(self._agent.receive, self._agent.transport_failed)
        self._streams = Streams(self._agent.receive, self._agent.transport_failed, self._agent.gate.admits_connection)
        self._tls_address: tuple[str, int] | None = None
        self._names: OrderedDict[Flow, tuple[str, bool]] = OrderedDict()
        """Whom to expect at the other end of TLS, and whether to insist."""
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._locals: OrderedDict[str, str] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flushing: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None
        """When it goes off. The handle does not always know: uvloop makes what is due at once a plain call."""
        self._quiet = asyncio.Event()
        self._is_closed = False

    async def start(self) -> None:
        """Open the sockets. Raises `OSError`."""
        self._loop = asyncio.get_running_loop()
        host, port = _host_and_port(self._settings.listen)
        for tries_left in reversed(range(PORTS_TRIED_MAX)):
            await self._udp.open(host, port)
            try:
                await self._streams.listen(*self._udp.address)
                break
            except OSError:
                self._udp.close()
                if port or not tries_left:
                    raise
        if self._settings.tls_listen:
            context = tls.for_servers(self._settings.certificate)
            self._tls_address = await self._streams.listen(*_host_and_port(self._settings.tls_listen), context)
        self.wake()

    async def stop(self) -> None:
        """Hang up what is open, unregister, and close; bounded to a few seconds."""
        if self._loop is None or self._is_closed:
            return
        self._agent.leave()
        self._flush()
        try:
            async with asyncio.timeout(STOP_S_MAX):
                await self._quiet.wait()
        except TimeoutError:
            pass  # whoever does not answer now is not waited for
        self._is_closed = True
        for handle in (self._flushing, self._timer):
            if handle is not None:
                handle.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._streams.close()
        self._udp.close()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the UDP and TCP sockets."""
        return self._udp.address

    @property
    def tls_address(self) -> tuple[str, int] | None:
        """Host and port of the TLS socket, if there is one."""
        return self._tls_address

    @property
    def dropped(self) -> int:
        """Messages and connections of strangers."""
        return self._agent.gate.dropped

    def set_trunks(self, trunks: Sequence[Trunk]) -> None:
        """From now on these: registers, keeps alive, forgets the others (their calls go on)."""
        self._agent.set_trunks(trunks)

    def status(self, trunk: str) -> TrunkStatus:
        return self._agent.status(trunk)

    def dial(self, trunk: str, outgoing: Outgoing, listener: Listener) -> Leg:
        """Send an INVITE. It never raises for what the network does: that comes as `ended`."""
        return self._agent.dial(trunk, outgoing, listener)

    def end_lost(self, trunk: str, trace: bytes) -> bool:
        """Say BYE for a call that was answered, and whose process died; `trace` is its `Leg.trace`. False: it is not
        known where to."""
        return self._agent.end_lost(trunk, trace)

    # --- Driver: what the agent needs ---

    def now(self) -> float:
        return time.monotonic() if self._loop is None else self._loop.time()

    def unix_time(self) -> float:
        return time.time()

    def wake(self) -> None:
        if self._flushing is None and self._loop is not None and not self._is_closed:
            self._flushing = self._loop.call_soon(self._flush)

    def address_for(self, flow: Flow) -> tuple[str, int]:
        listens = self._tls_address if flow.transport == "tls" and self._tls_address else self._udp.address
        public = self._settings.public_address
        if public:
            host, port = _host_and_port(public, 0)
            return host, port if port and flow.transport != "tls" else listens[1]
        return self._local_for(flow.host) if listens[0] in _UNSPECIFIED else listens[0], listens[1]

    @property
    def has_public_address(self) -> bool:
        return bool(self._settings.public_address)

    def resolve(self, where: Where, then: Resolved) -> None:
        def found(flows: Sequence[Flow]) -> None:
            usable = [flow for flow in flows if flow.is_reliable or (":" in flow.host) == self._udp.is_ipv6]
            if where.transport == "tls":
                for flow in usable:
                    self._names[flow] = where.tls_name or where.host, where.verify_tls
                    self._names.move_to_end(flow)
                while len(self._names) > NAMES_MAX:
                    self._names.popitem(last=False)
            then(usable)

        known = self._resolver.known(where)
        if known is not None:
            found(known)
        elif self._loop is not None and not self._is_closed:
            task = self._loop.create_task(self._resolve(where, found))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _resolve(self, where: Where, found: Callable[[Sequence[Flow]], None]) -> None:
        found(await self._resolver.resolve(where))
        self.wake()

    # --- sockets ---

    def _flush(self) -> None:
        """Fire what is due, send what is there, and set the clock for what comes next."""
        self._flushing = None
        if self._is_closed or self._loop is None:
            return
        self._agent.handle_timers()
        outbox = self._agent.layer.outbox
        while outbox:
            sending, outbox[:] = outbox[:], []
            for flow, data in sending:
                if flow.transport == "udp":
                    self._udp.send(flow, data)
                else:
                    self._streams.send(flow, data, lambda flow=flow: self._tls_for(flow))  # type: ignore[misc]
        self._set_clock()
        if self._agent.is_quiet:
            self._quiet.set()

    def _set_clock(self) -> None:
        assert self._loop is not None
        due = self._agent.layer.next_timer()
        if self._timer is not None:
            if due == self._due:
                return
            self._timer.cancel()
        self._due = due
        self._timer = None if due is None else self._loop.call_at(due, self._flush_on_time)

    def _flush_on_time(self) -> None:
        self._timer = None
        self._flush()

    def _tls_for(self, flow: Flow) -> tuple[ssl.SSLContext, str] | None:
        expected = self._names.get(flow)
        if expected is None:
            return None
        name, verify = expected
        if verify not in self._contexts:
            self._contexts[verify] = tls.for_clients(verify, self._settings.certificate)
        return self._contexts[verify], name

    def _local_for(self, host: str) -> str:
        """The address from which the kernel reaches that host, where we listen on all of them."""
        if host not in self._locals:
            if len(self._locals) >= NAMES_MAX:
                self._locals.popitem(last=False)
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            try:
                with socket.socket(family, socket.SOCK_DGRAM) as probe:
                    probe.connect((host, 9))  # sends nothing
                    self._locals[host] = probe.getsockname()[0]
            except OSError:
                return self._udp.address[0]
        return self._locals[host]


def _host_and_port(text: str, default: int = 5060) -> tuple[str, int]:
    """`host`, `host:port`, `[v6]:port`. Raises `ValueError`."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return plain(text), default
    return plain(host), int(port)
