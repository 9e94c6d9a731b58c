"""User agents on a network that is only in memory, with a clock that only goes on when nothing else is left to do."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from teahouse.calls.sip.agent import Agent, AgentSettings
from teahouse.calls.sip.driver import Resolved, Where
from teahouse.calls.sip.incoming import IncomingCall
from teahouse.calls.sip.message import Request, Response, parse
from teahouse.calls.sip.model import SIP_PORTS, Trunk
from teahouse.calls.sip.numeric import is_numeric
from teahouse.calls.sip.outgoing import OutgoingCall
from teahouse.calls.sip.transactions import Flow
from tests.calls.sip.phone import ANSWER, Bell, Ear, outgoing

Filter = Callable[[Request | Response], bool]


@dataclass
class Weather:
    """What the network does to packets."""

    loss: float = 0
    doubling: float = 0
    delay_s: float = 0
    """Each copy takes a time between nothing and this, so they overtake each other."""
    dice: random.Random = field(default_factory=random.Random)


class Network:
    def __init__(self, weather: Weather | None = None) -> None:
        self.now = 0.0
        self.weather = weather or Weather()
        self.agents: dict[str, VirtualAgent] = {}
        self.names: dict[str, list[str]] = {}
        self.sent: list[tuple[float, str, Request | Response]] = []
        """What was sent, when and by whom, before the weather."""
        self.loses: Filter = lambda _message: False
        """What is lost in any weather."""
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, when: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, act))

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        until = self.now + seconds
        while True:
            self._carry()
            due = [when for each in self.agents.values() if (when := each.agent.layer.next_timer()) is not None]
            if self._events:
                due.append(self._events[0][0])
            if not due or min(due) > until:
                self.now = until
                return
            self.now = max(self.now, min(due))
            if self._events and self._events[0][0] <= self.now:
                heapq.heappop(self._events)[2]()
            else:
                for each in self.agents.values():
                    each.agent.handle_timers()

    def methods(self, host: str) -> list[str]:
        """What this host said, in short."""
        return [
            message.method if isinstance(message, Request) else f"{message.code} {message.cseq.method}"
            for _, sender, message in self.sent
            if sender == host
        ]

    def _carry(self) -> None:
        for host, sender in self.agents.items():
            outbox = sender.agent.layer.outbox
            sending, outbox[:] = outbox[:], []
            for flow, data in sending:
                message = parse(data)
                self.sent.append((self.now, host, message))
                if not self.loses(message):
                    self._throw(Flow(flow.transport, host, 5060), flow, data)

    def _throw(self, source: Flow, target: Flow, data: bytes) -> None:
        weather = self.weather
        for _ in range(2 if weather.dice.random() < weather.doubling else 1):
            receiver = self.agents.get(target.host)
            if receiver is not None and weather.dice.random() >= weather.loss:
                late = weather.dice.random() * weather.delay_s
                self.at(self.now + late, lambda to=receiver: to.agent.receive(data, source))  # type: ignore[misc]


class VirtualAgent:
    """One, at this address."""

    def __init__(self, network: Network, host: str) -> None:
        self.bell = Bell()
        self.host = host
        self._network = network
        self.agent = Agent(AgentSettings(), self, self.bell.on_incoming, self.bell.on_status)
        network.agents[host] = self

    def trusts(self, host: str, **fields: object) -> None:
        """Its trunk `them` is this host or name."""
        known = {"id": "them", "host": host, "port": 5060, "keep_alive_s": 0, **fields}
        self.agent.set_trunks([Trunk(**known)])  # type: ignore[arg-type]

    def now(self) -> float:
        return self._network.now

    has_public_address = False

    def unix_time(self) -> float:
        return self._network.now

    def resolve(self, where: Where, then: Resolved) -> None:
        hosts = [where.host] if is_numeric(where.host) else self._network.names.get(where.host, [])
        port = where.port or SIP_PORTS[where.transport]
        then([Flow(where.transport, host, port) for host in hosts])

    def address_for(self, flow: Flow) -> tuple[str, int]:
        return self.host, 5060

    def wake(self) -> None: ...


def neighbours(weather: Weather | None = None, **fields: object) -> tuple[Network, VirtualAgent, VirtualAgent]:
    """Two, each the other's trunk."""
    network = Network(weather)
    ours, theirs = VirtualAgent(network, "10.0.0.1"), VirtualAgent(network, "10.0.0.2")
    ours.trusts(theirs.host, **fields)
    theirs.trusts(ours.host, **fields)
    return network, ours, theirs


def talking(network: Network, ours: VirtualAgent, theirs: VirtualAgent) -> tuple[OutgoingCall, IncomingCall, Ear, Ear]:
    """A call between them that was answered."""
    near, far = Ear(), Ear()
    call = ours.agent.dial("them", outgoing(), near)
    network.run(1)
    leg = theirs.bell.legs.get_nowait()
    leg.listen(far)
    leg.answer(ANSWER)
    network.run(1)
    assert (near.events[-1], far.events[-1]) == ("answered", "answered")
    assert isinstance(call, OutgoingCall)
    assert isinstance(leg, IncomingCall)
    return call, leg, near, far
