"""A trunk at work: its addresses, our place as it sees us, its challenges, and how it does."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Final

from sipmessage import URI, Request, Response

from teahouse.calls.sip.digest import Authoriser
from teahouse.calls.sip.driver import Driver, Resolved, Where
from teahouse.calls.sip.identity import sip_uri
from teahouse.calls.sip.model import OnStatus, Trunk, TrunkState, TrunkStatus
from teahouse.calls.sip.numeric import is_numeric
from teahouse.calls.sip.transactions import Flow

ADDRESSES_MAX: Final = 64
"""Addresses that one trunk is known by; the oldest go first."""
REST_S: Final = 30
"""How long a target that failed is tried last."""
REST_S_MAX: Final = 600
CONTACT_USER: Final = "teahouse"


class TrunkLine:
    def __init__(self, trunk: Trunk, driver: Driver, on_status: OnStatus) -> None:
        self.trunk = trunk
        self._authoriser = Authoriser(trunk.user, trunk.password)
        self.status = TrunkStatus("starting", since=driver.unix_time())
        self.open_calls = 0
        self._driver = driver
        self._on_status = on_status
        self._addresses: OrderedDict[str, None] = OrderedDict()
        self._resting: dict[Flow, float] = {}
        self._seen_as: tuple[str, int] | None = None

    @property
    def domain(self) -> str:
        return self.trunk.domain or self.trunk.host

    @property
    def server(self) -> URI:
        """The Request-URI of what is for the trunk itself."""
        return sip_uri("", self.domain, self.trunk.port if self.domain == self.trunk.host else 0)

    @property
    def address_of_record(self) -> str:
        return f"<{sip_uri(self.trunk.user, self.domain)}>"

    def number(self, dialled: str) -> URI:
        return sip_uri(dialled, self.trunk.host, self.trunk.port)

    def contact(self, flow: Flow) -> str:
        """Where the trunk reaches us, with what `received` and `rport` taught us (RFC 3581)."""
        host, port = self._driver.address_for(flow)
        if self._seen_as is not None and flow.transport == "udp":
            host, port = self._seen_as
        transport = "" if flow.transport == "udp" else flow.transport
        return f"<{sip_uri(self.trunk.user or CONTACT_USER, host, port, transport)}>"

    def learn(self, response: Response, flow: Flow) -> bool:
        """See where our request came from, by its Via as it came back. True: it is another place than we thought."""
        if self._driver.has_public_address:
            return False
        parameters = response.via[0].parameters
        host, port = self._driver.address_for(flow)
        seen = parameters.get("received") or host, parameters.get("rport") or str(port)
        if flow.transport != "udp" or not is_numeric(seen[0]) or not seen[1].isdecimal():
            return False
        before, now = self._seen_as or (host, port), (seen[0], int(seen[1]))
        self._seen_as = None if now == (host, port) else now
        return now != before

    def sign(self, request: Request) -> None:
        """Put our credentials in, if a challenge is known."""
        if self.trunk.user:
            self._authoriser.sign(request)

    def answers(self, request: Request, response: Response) -> bool:
        """Hear a final answer; True: it is a challenge that our password may satisfy, so send the request again."""
        return bool(self.trunk.user) and self._authoriser.heard(request, response)

    def admits(self, host: str) -> bool:
        """Whether its requests may come from this numeric address."""
        if host in self._addresses:
            return True
        if not self.trunk.networks:
            return False
        address = ip_address(host.partition("%")[0])
        return any(address in network for network in self.trunk.networks)

    def find(self, then: Resolved) -> None:
        """The trunk's targets, those that failed lately last."""
        trunk = self.trunk
        where = Where(trunk.host, trunk.port, trunk.transport, trunk.verify_tls)

        def found(flows: Sequence[Flow]) -> None:
            for flow in flows:
                self.knows(flow.host)
            now = self._driver.now()
            self._resting = {flow: until for flow, until in self._resting.items() if until > now}
            then(sorted(flows, key=lambda flow: flow in self._resting))

        self._driver.resolve(where, found)

    def knows(self, host: str) -> None:
        self._addresses[host] = None
        self._addresses.move_to_end(host)
        if len(self._addresses) > ADDRESSES_MAX:
            self._addresses.popitem(last=False)

    def rest(self, flow: Flow, seconds: float = REST_S) -> None:
        """This target failed, or asked for a pause (Retry-After): others go first."""
        if len(self._resting) < ADDRESSES_MAX:
            self._resting[flow] = self._driver.now() + min(seconds, REST_S_MAX)

    def tell(self, state: TrunkState, detail: str = "") -> None:
        """Its status, if it is another than before."""
        if (state, detail) == (self.status.state, self.status.detail):
            return
        since = self.status.since if state == self.status.state else self._driver.unix_time()
        self.status = replace(self.status, state=state, detail=detail, since=since)
        self._on_status(self.trunk.id, self.status)


def retry_after(response: Response) -> float:
    """Retry-After in seconds (20.33); 0 if there is none."""
    value = (response.headers.get("Retry-After") or "").lstrip()
    digits = value[: len(value) - len(value.lstrip("0123456789"))]
    return min(int(digits[:6]), REST_S_MAX) if digits else 0
