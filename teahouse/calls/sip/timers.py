"""The timers of transactions, named as in RFC 3261 (table 4) and RFC 6026. All are seconds."""

from dataclasses import dataclass
from typing import Final

T1: Final = 0.5
"""Round-trip time estimate (17.1.1.1)."""
T2: Final = 4.0
"""The longest pace at which a non-INVITE request or an INVITE's answer is sent again (17.1.2.2)."""
T4: Final = 5.0
"""How long a message may stay in the network (17.1.2.2)."""
TRYING_AFTER: Final = 0.2
"""When an INVITE gets its 100 if its user has said nothing (17.2.1)."""


@dataclass(frozen=True)
class Timers:
    """What each timer starts at. Where `is_reliable` matters, it is whether the transport resends by itself."""

    t1: float = T1
    t2: float = T2
    t4: float = T4

    @property
    def _give_up(self) -> float:
        return 64 * self.t1

    @property
    def a(self) -> float:
        """INVITE is sent again (17.1.1.2); doubles each time. Unreliable transports only."""
        return self.t1

    @property
    def b(self) -> float:
        """INVITE had no response (17.1.1.2)."""
        return self._give_up

    def d(self, is_reliable: bool) -> float:
        """Answers of an INVITE that come again are ACKed so long (17.1.1.2: at least 32 s, as H with the usual T1)."""
        return 0 if is_reliable else self._give_up

    @property
    def e(self) -> float:
        """A request is sent again (17.1.2.2); doubles up to T2. Unreliable transports only."""
        return self.t1

    @property
    def f(self) -> float:
        """A request had no final response (17.1.2.2)."""
        return self._give_up

    @property
    def g(self) -> float:
        """A non-2xx answer of an INVITE is sent again (17.2.1); doubles up to T2. Unreliable transports only."""
        return self.t1

    @property
    def h(self) -> float:
        """ACK did not come (17.2.1)."""
        return self._give_up

    def i(self, is_reliable: bool) -> float:
        """ACKs that come again are taken so long (17.2.1)."""
        return 0 if is_reliable else self.t4

    def j(self, is_reliable: bool) -> float:
        """Requests that come again are answered so long (17.2.2)."""
        return 0 if is_reliable else self._give_up

    def k(self, is_reliable: bool) -> float:
        """Answers that come again are taken so long (17.1.2.2)."""
        return 0 if is_reliable else self.t4

    @property
    def l(self) -> float:  # noqa: E743 - the RFC's name
        """INVITEs that come again after a 2xx are taken so long (RFC 6026 8.7)."""
        return self._give_up

    @property
    def m(self) -> float:
        """2xx of an INVITE that come again, or from another fork, reach the user so long (RFC 6026 8.4)."""
        return self._give_up

    def doubled(self, interval: float) -> float:
        """The next pace of E or G."""
        return min(2 * interval, self.t2)
