"""One side of a conversation without a network: a layer, a user who writes down what it hears, a clock by hand."""

from sipmessage import Request, Response

from teahouse.calls.sip.message import parse, request
from teahouse.calls.sip.transactions import ClientTransaction, Flow, ServerTransaction, TransactionLayer, new_branch

US = Flow("udp", "192.0.2.1", 5060)
CARRIER = Flow("udp", "192.0.2.2", 5060)


class Side:
    """`heard` is everything the layer said, in order; `sent` what it sent, with the time."""

    def __init__(self, open_max: int = 1000) -> None:
        self.now = 0.0
        self.layer = TransactionLayer(self, open_max=open_max)
        self.heard: list[str] = []
        self.sent: list[tuple[float, Flow, Request | Response]] = []
        self.asked: list[ServerTransaction] = []

    def ask(self, method: str = "OPTIONS", flow: Flow = CARRIER, **other: object) -> ClientTransaction:
        transaction = self.layer.send_request(a_request(method, **other), flow, self, self.now)
        self.collect()
        return transaction

    def take(self, message: Request | Response | bytes, flow: Flow = CARRIER) -> None:
        self.layer.receive(parse(bytes(message)), flow, self.now)
        self.collect()

    def answer(self, response: Response) -> None:
        """Answer the request that came last."""
        self.layer.respond(self.asked[-1], response, self.now)
        self.collect()

    def pass_to(self, until: float) -> None:
        """Let time pass, firing each timer at its instant."""
        while (when := self.layer.next_timer()) is not None and when <= until:
            self.now = max(self.now, when)
            self.layer.handle_timers(self.now)
            self.collect()
        self.now = until

    def collect(self) -> None:
        self.sent += [(self.now, flow, parse(data)) for flow, data in self.layer.outbox]
        self.layer.outbox.clear()

    def sent_at(self, what: str) -> list[float]:
        """When a method, or a status, was sent."""
        return [round(when, 3) for when, _, message in self.sent if name_of(message) == what]

    @property
    def last(self) -> Request | Response:
        return self.sent[-1][2]

    def on_response(self, transaction: ClientTransaction, response: Response) -> None:
        self.heard.append(str(response.code))

    def on_timeout(self, transaction: ClientTransaction) -> None:
        self.heard.append("timeout")

    def on_transport_error(self, transaction: ClientTransaction) -> None:
        self.heard.append("transport error")

    def on_request(self, transaction: ServerTransaction, flow: Flow) -> None:
        self.heard.append(transaction.request.method)
        self.asked.append(transaction)

    def on_ack(self, ack: Request, flow: Flow) -> None:
        self.heard.append("ACK")

    def on_stray_response(self, response: Response, flow: Flow) -> None:
        self.heard.append(f"stray {response.code}")

    def on_no_ack(self, transaction: ServerTransaction) -> None:
        self.heard.append("no ACK")

    def on_server_transport_error(self, transaction: ServerTransaction) -> None:
        self.heard.append("server transport error")


def a_request(method: str = "OPTIONS", **other: object) -> Request:
    values: dict[str, object] = {
        "via": f"SIP/2.0/UDP 192.0.2.2:5060;branch={new_branch()}",
        "from_": "<sip:a@example.com>;tag=1",
        "to": "<sip:b@example.com>",
        "call_id": "call",
        "cseq": 1,
    }
    return request(method, "sip:b@example.com", **(values | other))  # type: ignore[arg-type]


def name_of(message: Request | Response) -> str:
    return message.method if isinstance(message, Request) else str(message.code)
