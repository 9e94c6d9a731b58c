"""A dialog (RFC 3261 section 12): who talks to whom, in which order, and by which way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sipmessage import URI, Address, Request, Response

from teahouse.calls.sip.message import tag_of
from teahouse.calls.sip.transactions import Flow

HOSTS_MAX: Final = 8


@dataclass
class Dialog:
    """What both directions need to go on talking. `local` and `remote` are From and To as they were written."""

    call_id: str
    local: str
    local_tag: str
    remote: str
    remote_tag: str
    target: URI
    """The other side's Contact: the Request-URI of what we send."""
    routes: Sequence[Address]
    flow: Flow
    """The way by which it came to be."""
    local_seq: int = 0
    remote_seq: int | None = None
    allows: frozenset[str] = field(default=frozenset())
    """Methods that the other side said it takes."""
    hosts: set[str] = field(default_factory=set)
    """Addresses that we sent requests of this dialog to."""

    @classmethod
    def of_response(cls, request: Request, response: Response, flow: Flow) -> "Dialog":
        """Of the side that called (12.1.2). Raises `ValueError` for a response that names no tag or no Contact."""
        tag = tag_of(response.to_address)
        if not tag or not response.contact:
            raise ValueError("a response that makes a dialog has a tag and a Contact")
        return cls(
            call_id=request.call_id,
            local=request.headers["From"],
            local_tag=tag_of(request.from_address),
            remote=response.headers["To"],
            remote_tag=tag,
            target=response.contact[0].uri,
            routes=tuple(reversed(response.record_route)),
            flow=flow,
            local_seq=request.cseq.sequence,
            allows=methods_of(response),
        )

    @classmethod
    def of_request(cls, request: Request, local_tag: str, flow: Flow) -> "Dialog":
        """Of the side that is called (12.1.1). Raises `ValueError` for a request that names no Contact."""
        if not request.contact:
            raise ValueError("a request that makes a dialog has a Contact")
        return cls(
            call_id=request.call_id,
            local=f"{request.headers['To']};tag={local_tag}",
            local_tag=local_tag,
            remote=request.headers["From"],
            remote_tag=tag_of(request.from_address),
            target=request.contact[0].uri,
            routes=tuple(request.record_route),
            flow=flow,
            remote_seq=request.cseq.sequence,
            allows=methods_of(request),
        )

    def spoke_to(self, host: str) -> None:
        """We send a request there; of many, only the last count."""
        if len(self.hosts) >= HOSTS_MAX:
            self.hosts.clear()
        self.hosts.add(host)

    def takes(self, request: Request) -> bool:
        """Whether its number is in order (12.2.2); if so it is the newest from now on. If not, the answer is 500."""
        sequence = request.cseq.sequence
        if self.remote_seq is not None and sequence < self.remote_seq:
            return False
        self.remote_seq = sequence
        return True

    def refresh(self, message: Request | Response) -> None:
        """Target refresh (12.2.1.2): INVITE and UPDATE, and their 2xx, may move the other side."""
        if message.contact:
            self.target = message.contact[0].uri
        self.allows = methods_of(message) or self.allows

    def confirm(self, response: Response) -> None:
        """A 2xx: the route set is taken anew (13.2.2.4)."""
        self.routes = tuple(reversed(response.record_route))
        self.remote = response.headers["To"]
        self.refresh(response)

    @property
    def next_hop(self) -> URI:
        """Where requests are sent, whatever their Request-URI (8.1.2)."""
        return self.routes[0].uri if self.routes else self.target

    def line_and_routes(self) -> tuple[URI, list[tuple[str, str]]]:
        """Request-URI and Route fields (12.2.1.1); a first route without `lr` is a strict router's."""
        if not self.routes or "lr" in self.routes[0].uri.parameters:
            return self.target, [("Route", str(route)) for route in self.routes]
        rest = [("Route", str(route)) for route in self.routes[1:]]
        return self.routes[0].uri, [*rest, ("Route", f"<{self.target}>")]


def methods_of(message: Request | Response) -> frozenset[str]:
    """Allow, as a set."""
    return frozenset(
        method for value in message.headers.getlist("Allow") for part in value.split(",") if (method := part.strip())
    )
