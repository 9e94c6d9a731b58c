"""Client transactions: INVITE (RFC 3261 17.1.1 with RFC 6026) and every other request (17.1.2)."""

from abc import abstractmethod
from typing import Final

from sipmessage import Request, Response

from teahouse.calls.sip.message import request as build_request
from teahouse.calls.sip.message import serialise
from teahouse.calls.sip.transactions.base import Layer, Transaction
from teahouse.calls.sip.transactions.model import ClientUser, Flow, Key

REFUSED: Final = "refused"
"""State of a transaction that the layer had no room for: nothing was sent."""


class Client(Transaction):
    """A request and its user. `begin` sends it."""

    def __init__(self, layer: Layer, key: Key, request: Request, flow: Flow, user: ClientUser) -> None:
        super().__init__(layer, key, request, flow, "")
        self.user = user
        self.data = serialise(request)
        self._interval = layer.timers.t1

    @abstractmethod
    def begin(self, now: float) -> None: ...

    @abstractmethod
    def receive(self, response: Response, now: float) -> None: ...

    def refuse(self, now: float) -> None:
        """There is no room: the user hears it as a transport error, once the layer is driven on."""
        self.state = REFUSED
        self.start("refused", 0, lambda _: self.fail(), now)

    def fail(self) -> None:
        if self.state not in ("completed", "accepted", "terminated"):
            self.terminate()
            self.user.on_transport_error(self)
        else:
            self.terminate()

    def _send(self) -> None:
        self.layer.send(self.flow, self.data)

    def _time_out(self, now: float) -> None:
        self.terminate()
        self.user.on_timeout(self)


class InviteClient(Client):
    """calling, proceeding, completed, accepted, terminated."""

    ack: bytes = b""

    def begin(self, now: float) -> None:
        self.state = "calling"
        self._send()
        if not self.flow.is_reliable:
            self._interval = self.layer.timers.a
            self.start("A", self._interval, self._timer_a, now)
        self.start("B", self.layer.timers.b, self._time_out, now)

    def _timer_a(self, now: float) -> None:
        self._send()
        self._interval *= 2
        self.start("A", self._interval, self._timer_a, now)

    def receive(self, response: Response, now: float) -> None:
        if self.state in ("calling", "proceeding"):
            self._answered(response, now)
        elif self.state == "accepted" and 200 <= response.code < 300:
            self.user.on_response(self, response)
        elif self.state == "completed" and response.code >= 300:
            self.layer.send(self.flow, self.ack)

    def _answered(self, response: Response, now: float) -> None:
        self.stop("A", "B")
        if response.code < 200:
            self.state = "proceeding"
        elif response.code < 300:
            self.state = "accepted"
            self.start("M", self.layer.timers.m, lambda _: self.terminate(), now)
        else:
            self.state = "completed"
            self.ack = serialise(ack_of_refusal(self.request, response))
            self.layer.send(self.flow, self.ack)
            self.end_after("D", self.layer.timers.d(self.flow.is_reliable), now)
        self.user.on_response(self, response)


class NonInviteClient(Client):
    """trying, proceeding, completed, terminated."""

    def begin(self, now: float) -> None:
        self.state = "trying"
        self._send()
        if not self.flow.is_reliable:
            self._interval = self.layer.timers.e
            self.start("E", self._interval, self._timer_e, now)
        self.start("F", self.layer.timers.f, self._time_out, now)

    def _timer_e(self, now: float) -> None:
        self._send()
        timers = self.layer.timers
        self._interval = timers.doubled(self._interval) if self.state == "trying" else timers.t2
        self.start("E", self._interval, self._timer_e, now)

    def receive(self, response: Response, now: float) -> None:
        if self.state not in ("trying", "proceeding"):
            return
        if response.code < 200:
            self.state = "proceeding"
        else:
            self.state = "completed"
            self.stop("E", "F")
            self.end_after("K", self.layer.timers.k(self.flow.is_reliable), now)
        self.user.on_response(self, response)


def ack_of_refusal(invite: Request, response: Response) -> Request:
    """The ACK of a non-2xx (17.1.1.3): the INVITE's address, top Via and Route, the To of the response."""
    ack = build_request(
        "ACK",
        invite.uri,
        via=invite.via[0],
        from_=invite.headers["From"],
        to=response.headers["To"],
        call_id=invite.headers["Call-ID"],
        cseq=invite.cseq.sequence,
    )
    ack.headers.setlist("Route", invite.headers.getlist("Route"))
    return ack
