"""What the user agent needs of the world around it: a clock, names turned into addresses, and someone who sends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from teahouse.calls.sip.model import Transport
from teahouse.calls.sip.transactions import Flow

Resolved = Callable[[Sequence[Flow]], None]
"""Called once, at once or later; none: the name leads nowhere."""


@dataclass(frozen=True)
class Where:
    """A server as a URI names it."""

    host: str
    port: int = 0
    """0: as DNS says."""
    transport: Transport = "udp"
    verify_tls: bool = True
    tls_name: str = ""
    """The name that its certificate must bear; empty: the host."""


class Driver(Protocol):
    def now(self) -> float:
        """Seconds, monotonic."""

    def unix_time(self) -> float: ...

    def resolve(self, where: Where, then: Resolved) -> None:
        """RFC 3263, in the order in which the targets are to be tried."""

    def address_for(self, flow: Flow) -> tuple[str, int]:
        """Host and port at which the other end of `flow` reaches us, as far as we can know."""

    @property
    def has_public_address(self) -> bool:
        """The operator said where we are: what others see of us does not change that."""

    def wake(self) -> None:
        """Something may be in the outbox, or a timer may be due earlier; called within the agent's own calls too."""
