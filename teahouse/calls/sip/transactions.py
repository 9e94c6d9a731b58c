"""Transactions of RFC 3261 section 17 (with RFC 6026): retransmissions, timers and matching, without I/O.

Time is a parameter (seconds, any monotonic clock). What is to be sent gathers in `outbox`; what happened is said to the
transaction's user. Timers are named as in the RFC: A B D E F G H I J K, and L M of RFC 6026.
"""

from dataclasses import dataclass
from typing import Protocol

from sipmessage import Request, Response


@dataclass(frozen=True)
class Flow:
    """Where messages go to and come from."""

    transport: str
    """`udp`, `tcp` or `tls`."""
    host: str
    """A numeric address."""
    port: int

    @property
    def is_reliable(self) -> bool:
        return self.transport != "udp"


class ClientUser(Protocol):
    """Who sent a request."""

    def on_response(self, transaction: "ClientTransaction", response: Response) -> None:
        """Every provisional response, and the final one (of an INVITE: each distinct 2xx too, until Timer M)."""

    def on_timeout(self, transaction: "ClientTransaction") -> None:
        """Timer B or F: treated as 408."""

    def on_transport_error(self, transaction: "ClientTransaction") -> None:
        """Treated as 503: the next server may be tried."""


class ClientTransaction(Protocol):
    @property
    def request(self) -> Request: ...

    @property
    def flow(self) -> Flow: ...


class ServerTransaction(Protocol):
    @property
    def request(self) -> Request: ...

    @property
    def flow(self) -> Flow: ...


class Core(Protocol):
    """The transaction user of requests that come in, and of what matches no transaction."""

    def on_request(self, transaction: ServerTransaction, flow: Flow) -> None:
        """A new request, not a retransmission. CANCEL comes with its own transaction; `layer.matching_invite(cancel)`
        finds what it cancels."""

    def on_ack(self, ack: Request, flow: Flow) -> None:
        """An ACK of a 2xx (ACKs of other answers are the transaction's own)."""

    def on_stray_response(self, response: Response, flow: Flow) -> None:
        """A response that matches no transaction: a 2xx again after its transaction ended must be ACKed again."""

    def on_no_ack(self, transaction: ServerTransaction) -> None:
        """Timer H ended: a non-2xx final answer of an INVITE was never ACKed."""

    def on_server_transport_error(self, transaction: ServerTransaction) -> None: ...


class TransactionLayer:
    def __init__(self, core: Core, *, t1: float = 0.5, t2: float = 4.0, t4: float = 5.0) -> None:
        self.outbox: list[tuple[Flow, bytes]] = []
        """What is to be sent, in order; whoever drives the layer empties it after every call."""

    def send_request(self, request: Request, flow: Flow, user: ClientUser, now: float) -> ClientTransaction:
        """Begin a client transaction (INVITE or other, never ACK). The topmost Via is the caller's, with a branch of
        its own (`new_branch()`)."""
        raise NotImplementedError

    def send_stateless(self, message: Request | Response, flow: Flow) -> None:
        """An ACK of a 2xx."""

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Answer; a 2xx of an INVITE is repeated by its user (13.3.1.4), not here (RFC 6026 keeps it in Accepted)."""

    def matching_invite(self, cancel: Request) -> ServerTransaction | None:
        raise NotImplementedError

    def receive(self, message: Request | Response, flow: Flow, now: float) -> None: ...

    def transport_failed(self, flow: Flow, now: float) -> None:
        """The connection or the send failed: its transactions end."""

    def next_timer(self) -> float | None:
        """When `handle_timers` must be called at the latest."""
        raise NotImplementedError

    def handle_timers(self, now: float) -> None: ...


def new_branch() -> str:
    """`z9hG4bK` and 128 random bits."""
    raise NotImplementedError
