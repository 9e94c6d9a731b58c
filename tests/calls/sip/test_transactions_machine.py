"""Two layers and a network that loses, doubles, delays and reorders: what each user hears is still exact."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sipmessage import Request, Response

from teahouse.calls.sip.message import parse, response_to
from teahouse.calls.sip.transactions import ClientTransaction, Flow, ServerTransaction, TransactionLayer, new_branch
from tests.calls.sip.side import a_request

CALLER = Flow("udp", "192.0.2.1", 5060)
CALLEE = Flow("udp", "192.0.2.2", 5060)
DELAY_MAX = 0.4
"""Seconds in the network; the RFC's timers do not bear that the last repetition (31.5 s) comes later than 32 s."""


class Heard:
    """What the user of one request heard."""

    def __init__(self) -> None:
        self.provisional: list[int] = []
        self.final: list[str] = []

    def on_response(self, transaction: ClientTransaction, response: Response) -> None:
        if response.code < 200:
            assert not self.final
            self.provisional.append(response.code)
        else:
            self.final.append(str(response.code))

    def on_timeout(self, transaction: ClientTransaction) -> None:
        self.final.append("timeout")

    def on_transport_error(self, transaction: ClientTransaction) -> None:
        self.final.append("transport error")


class Callee:
    """Counts what it is asked, by Call-ID."""

    def __init__(self) -> None:
        self.asked: dict[str, list[ServerTransaction]] = {}
        self.answered: dict[str, int] = {}
        self.unacked: list[str] = []

    def on_request(self, transaction: ServerTransaction, flow: Flow) -> None:
        self.asked.setdefault(transaction.request.call_id, []).append(transaction)

    def on_ack(self, ack: Request, flow: Flow) -> None:
        """An ACK of a refusal that was late: its transaction has ended."""

    def on_stray_response(self, response: Response, flow: Flow) -> None:
        """A response that was late: its transaction has ended."""

    def on_no_ack(self, transaction: ServerTransaction) -> None:
        self.unacked.append(transaction.request.call_id)

    def on_server_transport_error(self, transaction: ServerTransaction) -> None:
        raise AssertionError("no transport failed")


class TwoLayers(RuleBasedStateMachine):
    @initialize(reliable=st.booleans())
    def begin(self, reliable: bool) -> None:
        self.now = 0.0
        self.caller, self.callee = Callee(), Callee()
        self.ours, self.theirs = TransactionLayer(self.caller), TransactionLayer(self.callee)
        self.way: list[tuple[float, TransactionLayer, bytes, Flow]] = []
        transport = "tcp" if reliable else "udp"
        self.there, self.here = Flow(transport, CALLEE.host, 5060), Flow(transport, CALLER.host, 5060)
        self.calls: dict[str, tuple[ClientTransaction, Heard]] = {}

    @rule(method=st.sampled_from(["INVITE", "OPTIONS", "BYE"]))
    def ask(self, method: str) -> None:
        heard, call_id = Heard(), str(len(self.calls))
        via = f"SIP/2.0/{self.there.transport.upper()} {CALLER.host}:5060;branch={new_branch()}"
        asked = a_request(method, via=via, call_id=call_id)
        self.calls[call_id] = (self.ours.send_request(asked, self.there, heard, self.now), heard)
        self._gather()

    @precondition(lambda self: self.way)
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        at = 0 if self.there.is_reliable else data.draw(st.integers(0, len(self.way) - 1))
        self._arrives(self.way.pop(at))

    @precondition(lambda self: self.way and not self.there.is_reliable)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """Anything but a 2xx of an INVITE: its user repeats that until its ACK, and there is no such user here."""
        at = data.draw(st.integers(0, len(self.way) - 1))
        if not (self.way[at][2].startswith(b"SIP/2.0 2") and b"CSeq: 1 INVITE" in self.way[at][2]):
            self.way.pop(at)

    @precondition(lambda self: self.way and not self.there.is_reliable)
    @rule(data=st.data())
    def double(self, data: st.DataObject) -> None:
        self._arrives(data.draw(st.sampled_from(self.way)))

    @rule(data=st.data(), code=st.sampled_from([100, 180, 183, 200, 302, 486, 503, 603]))
    def answer(self, data: st.DataObject, code: int) -> None:
        waiting = [each[0] for call_id, each in self.callee.asked.items() if call_id not in self.callee.answered]
        if waiting:
            self._answer(data.draw(st.sampled_from(waiting)), code)

    @rule(by=st.sampled_from([0.1, 0.5, 1, 4, 10]))
    def pass_time(self, by: float) -> None:
        self._pass_to(self.now + by)

    @invariant()
    def a_request_is_told_once_and_ends_once(self) -> None:
        assert all(len(asked) == 1 for asked in self.callee.asked.values())
        for call_id, (call, heard) in self.calls.items():
            finals = set(heard.final)
            assert len(finals) <= 1
            is_answered_call = call.request.method == "INVITE" and finals == {"200"}
            assert len(heard.final) <= 1 or is_answered_call
            if finals - {"timeout"}:
                assert finals == {str(self.callee.answered[call_id])}

    def teardown(self) -> None:
        """Everybody answers, the network works again, and all ends within the life of a transaction."""
        self._deliver(len(self.way))
        for wait in (40, 80):  # What was lost so far comes within the first.
            for call_id, (asked, *_others) in list(self.callee.asked.items()):
                if call_id not in self.callee.answered:
                    self._answer(asked, 486)
            self._pass_to(self.now + wait)
        for call_id, (asked, *_others) in self.callee.asked.items():
            assert (call_id in self.callee.answered, asked.state) == (True, "terminated")
        for call_id, (call, heard) in self.calls.items():
            if not heard.final:
                # It rang, and each repetition of its refusal was lost: its user would have cancelled it.
                assert (call.state, call_id in self.callee.unacked) == ("proceeding", True)
                self.ours.abandon(call)
            assert call.state == "terminated"
        left = (len(self.ours), len(self.theirs), self.ours.next_timer(), self.theirs.next_timer(), len(self.way))
        assert left == (0, 0, None, None, 0)

    def _answer(self, asked: ServerTransaction, code: int) -> None:
        if code >= 200:
            self.callee.answered[asked.request.call_id] = code
        self.theirs.respond(asked, response_to(asked.request, code, to_tag="x"), self.now)
        self._gather()

    def _deliver(self, how_many: int) -> None:
        for _ in range(how_many):
            self._arrives(self.way.pop(0))

    def _arrives(self, what: tuple[float, TransactionLayer, bytes, Flow]) -> None:
        _, layer, data, flow = what
        layer.receive(parse(data), flow, self.now)
        self._gather()

    def _pass_to(self, until: float) -> None:
        """Timer by timer; nothing stays in the network for longer than `DELAY_MAX`."""
        while True:
            timers = [when for when in (self.ours.next_timer(), self.theirs.next_timer()) if when is not None]
            late = [sent + DELAY_MAX for sent, *_ in self.way]
            if (due := min(timers + late, default=until + 1)) > until:
                break
            self.now = max(self.now, due)
            self._deliver(sum(1 for when in late if when <= self.now))
            for layer in (self.ours, self.theirs):
                layer.handle_timers(self.now)
            self._gather()
        self.now = until

    def _gather(self) -> None:
        for layer, other, flow in ((self.ours, self.theirs, self.here), (self.theirs, self.ours, self.there)):
            self.way += [(self.now, other, data, flow) for _, data in layer.outbox]
            layer.outbox.clear()


TestTwoLayers = TwoLayers.TestCase
TestTwoLayers.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
