"""What is said across the door of this room: trunks, calls that go out and come in, and how they end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Final, Literal, Protocol

Transport = Literal["udp", "tcp", "tls"]
SIP_PORTS: Final[dict[Transport, int]] = {"udp": 5060, "tcp": 5060, "tls": 5061}


@dataclass(frozen=True)
class Trunk:
    """A carrier's door, as the operator set it up."""

    id: str
    host: str
    """A name or an address. Without a port a name is resolved by RFC 3263 (SRV, then A and AAAA), and fails over."""
    port: int = 0
    """0: what DNS says, else the transport's own."""
    transport: Transport = "udp"
    user: str = ""
    """Digest user name, and the user of REGISTER's address of record; empty: the carrier knows us by address."""
    password: str = field(default="", repr=False)
    domain: str = ""
    """The domain of our address of record; empty: the host."""
    register: bool = False
    """Send REGISTER and renew it, so that inbound calls find us."""
    keep_alive_s: int = 30
    """OPTIONS at this pace tells whether it is reachable; 0: none."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Where its requests may come from, beside the addresses that its host resolves to."""
    session_expires_s: int = 1800
    """RFC 4028; 0: session timers are not offered."""
    verify_tls: bool = True


@dataclass(frozen=True)
class Caller:
    """Who calls, as the carrier is told."""

    number: str
    """E.164 with `+`; empty: anonymous."""
    name: str = ""
    private: bool = False
    """RFC 3323 / 3325: From is anonymous, the number goes in P-Asserted-Identity with `Privacy: id`."""


@dataclass(frozen=True)
class Outgoing:
    to: str
    """What is dialled, the user part of the request URI, as the trunk wants it (`+4930…`, `0049…`)."""
    caller: Caller
    offer: bytes
    """SDP of the INVITE."""
    ring_s_max: int = 90
    """Then it is cancelled, and ends as `no_answer`."""
    call_id: str = ""
    """The Call-ID's left part; empty: made here."""


EndCause = Literal[
    "local",  # we hung up or cancelled
    "remote",  # the other side sent BYE
    "busy",  # 486, 600
    "no_answer",  # 408, 480, our own ring timer
    "declined",  # 603, 403 with a decline
    "not_found",  # 404, 410, 484, 604: not in service
    "forbidden",  # 403: the carrier does not allow it
    "unacceptable",  # 415, 488, 606: no common codec
    "unavailable",  # 5xx, no route, timeouts of transactions, transport errors
    "unauthorised",  # 401/407 that our password does not satisfy
    "session_expired",  # RFC 4028
    "malformed",  # what came could not be read as the protocol says
]


@dataclass(frozen=True)
class Ended:
    cause: EndCause
    code: int = 0
    """The SIP status, 0 where there was none."""
    phrase: str = ""
    """For logs and the operator's eyes: the reason phrase or a `Reason` header."""
    was_answered: bool = False
    may_fail_over: bool = False
    """Never answered, nothing heard, and the fault is the trunk's: another trunk may be tried."""


Reply = Callable[[bytes | None], None]


class Listener(Protocol):
    """Whoever leads a call. Called in the loop; must not block. After `ended` nothing more is called."""

    def trying(self) -> None:
        """The INVITE arrived (any provisional response)."""

    def ringing(self) -> None:
        """180, or 181/182/183 without a session description."""

    def early_media(self, answer: bytes) -> None:
        """A provisional response carried SDP. Comes again where a fork sends another."""

    def answered(self, answer: bytes) -> None:
        """2xx; `answer` is the SDP in force now, which may equal the early one. For a call that came in: our 2xx was
        ACKed, and `answer` is the other side's SDP, of the INVITE or (where that had none) of the ACK."""

    def offered(self, offer: bytes, reply: Reply) -> None:
        """A re-INVITE or UPDATE with SDP (hold, other codec or address). `reply` takes the answer, now or soon, or None
        for 488; until then other offers are told to come later (491). Where the other side asked us to offer, it is its
        answer to our last SDP, and what is replied is not sent."""

    def ended(self, ended: Ended) -> None: ...


class Leg(Protocol):
    """A call that exists at the SIP side. Each method may be called in any state and at most acts once."""

    @property
    def call_id(self) -> str: ...

    @property
    def trunk(self) -> str: ...

    @property
    def trace(self) -> bytes:
        """What `Stack.end_lost` needs to end it after this process died; empty before it has a dialog."""

    def hang_up(self, reason: str = "") -> None:
        """CANCEL before the answer, BYE after it; `ended` comes with cause `local`. A 200 that crosses the CANCEL is
        ACKed and then BYEd. What was never answered ends when the INVITE has its final answer."""

    def reoffer(self, sdp: bytes, on_answer: Callable[[bytes | None], None]) -> None:
        """Once answered: a re-INVITE with this SDP (hold, another address). `on_answer` gets the other side's SDP, or
        None where it refused; where both sides ask at a time (491) it is sent again after a moment."""


class IncomingLeg(Leg, Protocol):
    """An INVITE that waits for an answer. 100 was sent; it is cancelled by the other side through `Listener.ended`."""

    @property
    def dialled(self) -> str:
        """User part of the request URI."""

    @property
    def caller(self) -> Caller:
        """From P-Asserted-Identity if the trunk sent one, else From."""

    @property
    def offer(self) -> bytes:
        """SDP of the INVITE; empty when it came without (then `answer` sends an offer, and ACK carries the answer)."""

    def listen(self, listener: Listener) -> None:
        """Say who leads it; until then events wait."""

    def ring(self) -> None:
        """180."""

    def answer(self, sdp: bytes) -> None:
        """200 with SDP, repeated until its ACK (RFC 3261 13.3.1.4)."""

    def refuse(self, code: int = 486, phrase: str = "") -> None: ...


TrunkState = Literal["off", "starting", "up", "down", "refused"]


@dataclass(frozen=True)
class TrunkStatus:
    """What REGISTER or OPTIONS last said of a trunk."""

    state: TrunkState
    detail: str = ""
    """Status code and phrase, or the error, for the operator."""
    since: float = 0.0
    """Unix seconds."""


OnIncoming = Callable[[IncomingLeg], None]
OnStatus = Callable[[str, TrunkStatus], None]
