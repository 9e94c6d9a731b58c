"""The door of this room: the user agent on real sockets, led by the loop's clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from teahouse.calls.sip.model import Leg, Listener, OnIncoming, OnStatus, Outgoing, Trunk, TrunkStatus


@dataclass(frozen=True)
class StackSettings:
    listen: str = "127.0.0.1:5060"
    """`host:port` for UDP and TCP; port 0 takes a free one."""
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
    def __init__(self, settings: StackSettings, on_incoming: OnIncoming, on_status: OnStatus) -> None: ...

    async def start(self) -> None:
        """Open the sockets. Raises `OSError`."""

    async def stop(self) -> None:
        """Hang up what is open, unregister, and close; bounded to a few seconds."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the UDP and TCP sockets."""
        raise NotImplementedError

    def set_trunks(self, trunks: Sequence[Trunk]) -> None:
        """From now on these: registers, keeps alive, forgets the others (their calls go on)."""

    def status(self, trunk: str) -> TrunkStatus:
        raise NotImplementedError

    def dial(self, trunk: str, outgoing: Outgoing, listener: Listener) -> Leg:
        """Send an INVITE. It never raises for what the network does: that comes as `ended`."""
        raise NotImplementedError
