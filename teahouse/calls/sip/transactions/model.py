"""What is said between transactions and those who use them (RFC 3261 section 17)."""

import secrets
from dataclasses import dataclass
from typing import Final, Protocol

from sipmessage import Request, Response

Key = tuple[object, ...]
"""What the messages of one transaction have in common."""

MAGIC_COOKIE: Final = "z9hG4bK"
"""A branch that begins so, and goes on, is unique (8.1.1.7)."""


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
        """Every provisional response, and the final one. Of an INVITE every 2xx, those that come again too, until
        Timer M: each wants its ACK (13.2.2.4)."""

    def on_timeout(self, transaction: "ClientTransaction") -> None:
        """Timer B or F: treated as 408."""

    def on_transport_error(self, transaction: "ClientTransaction") -> None:
        """Treated as 503: the next server may be tried."""


class ClientTransaction(Protocol):
    @property
    def request(self) -> Request: ...

    @property
    def flow(self) -> Flow: ...

    @property
    def state(self) -> str:
        """As the RFC names it, in small letters."""


class ServerTransaction(Protocol):
    @property
    def request(self) -> Request: ...

    @property
    def flow(self) -> Flow:
        """Where its responses go (18.2.2, RFC 3581)."""

    @property
    def state(self) -> str:
        """As the RFC names it, in small letters."""


class Core(Protocol):
    """The transaction user of requests that come in, and of what matches no transaction."""

    def on_request(self, transaction: ServerTransaction, flow: Flow) -> None:
        """A new request, not a retransmission. CANCEL comes with its own transaction; `layer.matching_invite(cancel)`
        finds what it cancels."""

    def on_ack(self, ack: Request, flow: Flow) -> None:
        """An ACK of a 2xx (ACKs of other answers are the transaction's own), or one that is so late that what it
        acknowledges is over: it means nothing then."""

    def on_stray_response(self, response: Response, flow: Flow) -> None:
        """A response that matches no transaction: a 2xx again after its transaction ended must be ACKed again."""

    def on_no_ack(self, transaction: ServerTransaction) -> None:
        """Timer H ended: a non-2xx final answer of an INVITE was never ACKed."""

    def on_server_transport_error(self, transaction: ServerTransaction) -> None:
        """Its way back is gone before it was over: unanswered, or refused and not ACKed. (That of an answered INVITE
        ends silently: its user waits for the ACK.)"""


def new_branch() -> str:
    """`z9hG4bK` and 128 random bits."""
    return MAGIC_COOKIE + secrets.token_hex(16)
