"""Server transactions: INVITE (RFC 3261 17.2.1 with RFC 6026) and every other request (17.2.2)."""

from abc import abstractmethod

from sipmessage import Request, Response

from teahouse.calls.sip.message import response_to, serialise
from teahouse.calls.sip.timers import TRYING_AFTER
from teahouse.calls.sip.transactions.base import Layer, Transaction
from teahouse.calls.sip.transactions.model import Flow, Key


class Server(Transaction):
    """A request that came. `flow` is where its responses go."""

    merge_key: Key | None = None
    """What a copy of the request that took another way has in common with it (8.2.2.2)."""

    def __init__(self, layer: Layer, key: Key, request: Request, flow: Flow) -> None:
        super().__init__(layer, key, request, flow, "")
        self._last = b""
        self._interval = layer.timers.g

    @abstractmethod
    def begin(self, now: float) -> None: ...

    @abstractmethod
    def receive(self, request: Request, flow: Flow, now: float) -> None:
        """The request again, or an INVITE's ACK."""

    @abstractmethod
    def respond(self, response: Response, now: float) -> None: ...

    def fail(self) -> None:
        is_open = self.is_open
        self.terminate()
        if is_open:
            self.layer.core.on_server_transport_error(self)

    @property
    def is_open(self) -> bool:
        """Something is still owed to the other side."""
        return self.state in ("trying", "proceeding")

    def _send(self, response: Response) -> None:
        self._last = serialise(response)
        self._repeat()

    def _repeat(self) -> None:
        if self._last:
            self.layer.send(self.flow, self._last)


class InviteServer(Server):
    """proceeding, completed, confirmed, accepted, terminated."""

    def begin(self, now: float) -> None:
        self.state = "proceeding"
        self.start("100", TRYING_AFTER, self._say_trying, now)

    @property
    def is_open(self) -> bool:
        return self.state in ("proceeding", "completed")

    def _say_trying(self, now: float) -> None:
        self._send(response_to(self.request, 100))

    def respond(self, response: Response, now: float) -> None:
        self.stop("100")
        if self.state == "accepted" and 200 <= response.code < 300:
            self._send(response)
        elif self.state == "proceeding":
            self._send(response)
            if 200 <= response.code < 300:
                self.state = "accepted"
                self.start("L", self.layer.timers.l, lambda _: self.terminate(), now)
            elif response.code >= 300:
                self._refuse(now)

    def _refuse(self, now: float) -> None:
        self.state = "completed"
        if not self.flow.is_reliable:
            self._interval = self.layer.timers.g
            self.start("G", self._interval, self._timer_g, now)
        self.start("H", self.layer.timers.h, self._timer_h, now)

    def _timer_g(self, now: float) -> None:
        self._repeat()
        self._interval = self.layer.timers.doubled(self._interval)
        self.start("G", self._interval, self._timer_g, now)

    def _timer_h(self, now: float) -> None:
        self.terminate()
        self.layer.core.on_no_ack(self)

    def receive(self, request: Request, flow: Flow, now: float) -> None:
        if request.method != "ACK":
            if self.state in ("proceeding", "completed"):
                self._repeat()
        elif self.state == "completed":
            self.state = "confirmed"
            self.stop("G", "H")
            self.end_after("I", self.layer.timers.i(self.flow.is_reliable), now)
        elif self.state == "accepted":
            self.layer.core.on_ack(request, flow)


class NonInviteServer(Server):
    """trying, proceeding, completed, terminated."""

    def begin(self, now: float) -> None:
        self.state = "trying"

    def respond(self, response: Response, now: float) -> None:
        if self.state not in ("trying", "proceeding"):
            return
        self._send(response)
        if response.code < 200:
            self.state = "proceeding"
        else:
            self.state = "completed"
            self.end_after("J", self.layer.timers.j(self.flow.is_reliable), now)

    def receive(self, request: Request, flow: Flow, now: float) -> None:
        self._repeat()
