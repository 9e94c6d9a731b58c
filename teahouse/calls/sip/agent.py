"""The user agent without I/O: routes what comes to the calls, and lends them all that they need to send."""

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from sipmessage import URI, Request, Response, Via

from teahouse.calls.sip import session_timer
from teahouse.calls.sip.bodies import SDP, is_sdp
from teahouse.calls.sip.call import EXTENSIONS, RETRY_AFTER_S, Call
from teahouse.calls.sip.causes import printable
from teahouse.calls.sip.dialog import Dialog
from teahouse.calls.sip.driver import Driver, Resolved
from teahouse.calls.sip.gate import Gate
from teahouse.calls.sip.identity import in_brackets
from teahouse.calls.sip.incoming import IncomingCall
from teahouse.calls.sip.line import TrunkLine
from teahouse.calls.sip.lost import LostCall
from teahouse.calls.sip.message import (
    BadMessage,
    Parameters,
    parse,
    request,
    response_to,
    tag_of,
)
from teahouse.calls.sip.model import Leg, Listener, OnIncoming, OnStatus, Outgoing, Trunk, TrunkStatus
from teahouse.calls.sip.outgoing import OutgoingCall
from teahouse.calls.sip.routing import candidates, where_of
from teahouse.calls.sip.trace import dialog_of
from teahouse.calls.sip.transactions import (
    ClientTransaction,
    ClientUser,
    Flow,
    ServerTransaction,
    TransactionLayer,
    new_branch,
)
from teahouse.calls.sip.transactions.schedule import Timer
from teahouse.calls.sip.watch import Watch

logger = logging.getLogger(__name__)

CALLS_MAX: Final = 20_000
"""Calls that are open or just ended; beyond it new ones are refused with 503."""
METHODS: Final = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "UPDATE", "PRACK")
CALL_ID_MAX: Final = 128
Told = TypeVar("Told")


@dataclass(frozen=True)
class AgentSettings:
    product: str = "Teahouse"
    t1_s: float = 0.5


class Agent:
    """`receive`, `transport_failed` and `handle_timers` drive it; `layer.outbox` is what it has to say."""

    def __init__(self, settings: AgentSettings, driver: Driver, on_incoming: OnIncoming, on_status: OnStatus) -> None:
        t1 = settings.t1_s
        self.layer = TransactionLayer(self, t1=t1, t2=8 * t1, t4=10 * t1)
        self.gate = Gate(driver)
        self._settings = settings
        self._driver = driver
        self._on_incoming = on_incoming
        self._on_status = on_status
        self._lines: dict[str, TrunkLine] = {}
        self._watches: dict[str, Watch] = {}
        self._calls: dict[tuple[str, str], Call] = {}
        """By Call-ID and our tag."""
        self._incoming: dict[ServerTransaction, IncomingCall] = {}
        self._last_words: list[ClientTransaction] | None = None
        """What was asked since we began to leave."""

    def __len__(self) -> int:
        """Calls that are open, or still answer what is under way."""
        return len(self._calls)

    @property
    def open_calls(self) -> list[Call]:
        return [call for call in self._calls.values() if not call.is_ended]

    # --- from above ---

    def set_trunks(self, trunks: Sequence[Trunk]) -> None:
        wanted = {trunk.id: trunk for trunk in trunks}
        for id_, line in list(self._lines.items()):
            if wanted.get(id_) != line.trunk:
                del self._lines[id_]
                self._watches.pop(id_).stop(leaves=id_ not in wanted)
                self.gate.close(line)
        for id_, trunk in wanted.items():
            if id_ not in self._lines:
                line = self._lines[id_] = TrunkLine(trunk, self._driver, self._tell_status)
                self.gate.open(line)
                self._watches[id_] = Watch(self, line)
                self._watches[id_].start()
        self._driver.wake()

    def status(self, trunk: str) -> TrunkStatus:
        line = self._lines.get(trunk)
        return line.status if line is not None else TrunkStatus("off")

    def dial(self, trunk: str, outgoing: Outgoing, listener: Listener) -> Leg:
        line = self._lines.get(trunk)
        known = line is not None
        call = OutgoingCall(
            self, line or TrunkLine(Trunk(trunk, ""), self._driver, self._tell_status), outgoing, listener
        )
        if not known or len(self._calls) >= CALLS_MAX:
            phrase = "too many calls" if known else "no such trunk"
            self.after(0, lambda: call.end("unavailable", phrase=phrase, may_fail_over=True))
        else:
            self._keep(call)
            self.after(0, call.start)
        self._driver.wake()
        return call

    def end_lost(self, trunk: str, trace: bytes) -> bool:
        """Say BYE for a call that an earlier process had. False: the trunk or the trace says nothing to us."""
        line = self._lines.get(trunk)
        try:
            dialog = dialog_of(trace)
        except ValueError:
            return False
        if line is None or len(self._calls) >= CALLS_MAX:
            return False
        call = LostCall(self, line, dialog)
        self._keep(call)
        self.after(0, call.hang_up)
        return True

    def leave(self) -> None:
        """Hang up what is open, and unregister; see `is_quiet`."""
        self._last_words = []
        for call in self.open_calls:
            call.hang_up("shutting down")
        for watch in self._watches.values():
            watch.stop(leaves=True)
        self._driver.wake()

    @property
    def is_quiet(self) -> bool:
        """After `leave`: nobody has to be waited for any longer."""
        if self._last_words is None or any(not call.is_ended or call.owes_bye for call in self._calls.values()):
            return False
        return not any(each.state in ("calling", "trying", "proceeding") for each in self._last_words)

    # --- from below ---

    def receive(self, data: bytes, flow: Flow) -> None:
        """A datagram, or one message of a stream. Whoever may not speak to us is not answered."""
        is_trunk = self.gate.is_trunk(flow.host)
        if not is_trunk and not self.gate.is_peer(flow.host):
            self.gate.drop(flow.host)
            return
        try:
            message = parse(data)
        except BadMessage as bad:
            self.gate.malformed += 1
            if is_trunk:
                self.layer.refuse(bad, flow)
        else:
            if is_trunk or isinstance(message, Response) or self._is_within(message, flow):
                self.layer.receive(message, flow, self.now)
            else:
                self.gate.drop(flow.host)
        self._driver.wake()

    def _is_within(self, message: Request, flow: Flow) -> bool:
        """Whether it belongs to a call in which we speak to this address."""
        _, dialog = self._call_of(message)
        return dialog is not None and flow.host in dialog.hosts

    def transport_failed(self, flow: Flow) -> None:
        self.layer.transport_failed(flow, self.now)
        self._driver.wake()

    def handle_timers(self) -> None:
        self.layer.handle_timers(self.now)

    # --- for the calls ---

    @property
    def now(self) -> float:
        return self._driver.now()

    def after(self, seconds: float, then: Callable[[], None]) -> Timer:
        timer = self.layer.schedule.start(self.now + seconds, lambda _now: then())
        self._driver.wake()
        return timer

    def new_call_id(self, left: str = "") -> str:
        """A Call-ID of ours; of what is asked for, only what a word may have."""
        kept = "".join(each for each in left if each.isascii() and (each.isalnum() or each in "-_."))[:CALL_ID_MAX]
        return kept or secrets.token_hex(16)

    def abilities(self) -> list[tuple[str, str]]:
        return [("Allow", ", ".join(METHODS)), ("Supported", ", ".join(sorted(EXTENSIONS)))]

    def compose(
        self,
        method: str,
        uri: URI,
        flow: Flow,
        *,
        from_: str,
        to: str,
        call_id: str,
        cseq: int,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Request:
        host, port = self._driver.address_for(flow)
        parameters = Parameters({"branch": new_branch(), "rport": None})
        via = Via(flow.transport.upper(), in_brackets(host), port, parameters)
        fields = [*headers, ("User-Agent", self._settings.product)]
        return request(method, uri, via=via, from_=from_, to=to, call_id=call_id, cseq=cseq, headers=fields, body=body)

    def send(self, message: Request, flow: Flow, user: ClientUser) -> ClientTransaction:
        self.gate.spoke_to(flow.host)
        transaction = self.layer.send_request(message, flow, user, self.now)
        if self._last_words is not None:
            self._last_words.append(transaction)
        self._driver.wake()
        return transaction

    def send_bytes(self, data: bytes, flow: Flow) -> None:
        """An ACK of a 2xx."""
        self.gate.spoke_to(flow.host)
        self.layer.send(flow, data)
        self._driver.wake()

    def response(
        self,
        to: Request,
        code: int,
        phrase: str = "",
        *,
        to_tag: str = "",
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Response:
        fields = [*headers, ("Server", self._settings.product)]
        return response_to(to, code, phrase, to_tag=to_tag, headers=fields, body=body)

    def respond(self, transaction: ServerTransaction, response: Response) -> None:
        self.layer.respond(transaction, response, self.now)
        self._driver.wake()

    def answer(self, transaction: ServerTransaction, code: int, *, headers: Iterable[tuple[str, str]] = ()) -> None:
        self.refuse(transaction, code, headers=headers)

    def refuse(
        self, transaction: ServerTransaction, code: int, phrase: str = "", *, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        tag = secrets.token_hex(8)
        self.respond(transaction, self.response(transaction.request, code, phrase, to_tag=tag, headers=headers))

    def route(self, dialog: Dialog, line: TrunkLine, then: Resolved) -> None:
        """Where the next request of a dialog goes (RFC 3261 8.1.2, RFC 3263)."""
        where, reused = where_of(dialog, line.trunk)
        self._driver.resolve(where, lambda found: then(candidates(dialog, reused, found)))

    def guarded(self, told: Callable[[Told], object], who: Told) -> bool:
        """Tell someone above; what they raise is theirs, and is logged. False: they failed."""
        try:
            told(who)
        except Exception:
            logger.exception("a listener failed")
            return False
        return True

    def linger(self, call: Call) -> None:
        """Keep an ended call as long as messages of it may be under way."""
        call.line.open_calls -= 1
        key = (call.call_id, call.local_tag)
        self.after(64 * self.layer.timers.t1 + 1, lambda: self._forget(key))

    def _keep(self, call: Call) -> None:
        call.line.open_calls += 1
        self._calls[call.call_id, call.local_tag] = call

    def _forget(self, key: tuple[str, str]) -> None:
        call = self._calls.pop(key, None)
        if isinstance(call, IncomingCall):
            self._incoming.pop(call.transaction, None)

    def _tell_status(self, trunk: str, status: TrunkStatus) -> None:
        self.guarded(lambda on_status: on_status(trunk, status), self._on_status)

    # --- Core: what the transactions say ---

    def on_request(self, transaction: ServerTransaction, flow: Flow) -> None:
        message = transaction.request
        if message.method == "CANCEL":
            self._on_cancel(transaction)
        elif tag_of(message.to_address):
            self._on_request_within(transaction)
        elif message.method not in METHODS:
            self.refuse(transaction, 405, headers=self.abilities())
        elif message.uri.scheme not in ("sip", "sips", "tel"):
            self.refuse(transaction, 416)
        elif unknown := [tag for tag in message.require if tag not in EXTENSIONS]:
            self.refuse(transaction, 420, headers=[("Unsupported", ", ".join(unknown))])
        elif message.method == "OPTIONS":
            self.answer(transaction, 200, headers=[*self.abilities(), ("Accept", SDP)])
        elif message.method == "INVITE":
            self._on_invite(transaction, flow)
        else:
            self.refuse(transaction, 481)

    def _on_invite(self, transaction: ServerTransaction, flow: Flow) -> None:
        invite = transaction.request
        line = self.gate.line_of(flow.host, invite.uri.user or "")
        if line is None or len(self._calls) >= CALLS_MAX:
            self.refuse(transaction, 503, headers=[("Retry-After", str(RETRY_AFTER_S))])
        elif invite.body and not is_sdp(invite):
            self.refuse(transaction, 415, headers=[("Accept", SDP), ("Accept-Encoding", "identity")])
        elif session_timer.is_too_small(invite):
            self.refuse(transaction, 422, headers=[("Min-SE", str(session_timer.MIN_SE))])
        else:
            try:
                call = IncomingCall(self, line, transaction)
            except ValueError as error:
                self.refuse(transaction, 400, printable(str(error)))
                return
            self._keep(call)
            self._incoming[transaction] = call
            self.respond(transaction, response_to(invite, 100))
            if not self.guarded(lambda on_incoming: on_incoming(call), self._on_incoming):
                call.refuse(500)

    def _on_cancel(self, transaction: ServerTransaction) -> None:
        invite = self.layer.matching_invite(transaction.request)
        if invite is None:
            self.refuse(transaction, 481)
            return
        self.answer(transaction, 200)
        if call := self._incoming.get(invite):
            call.on_cancel(transaction.request)

    def _on_request_within(self, transaction: ServerTransaction) -> None:
        call, dialog = self._call_of(transaction.request)
        if call is None or dialog is None:
            self.refuse(transaction, 481)
        else:
            call.on_request(transaction, dialog)

    def _call_of(self, message: Request) -> tuple[Call | None, Dialog | None]:
        call = self._calls.get((message.call_id, tag_of(message.to_address)))
        return call, None if call is None else call.dialog_of(tag_of(message.from_address))

    def on_ack(self, ack: Request, flow: Flow) -> None:
        call, dialog = self._call_of(ack)
        if call is not None and dialog is not None:
            call.on_ack(ack)

    def on_stray_response(self, response: Response, flow: Flow) -> None:
        if response.cseq.method == "INVITE" and 200 <= response.code < 300:
            call = self._calls.get((response.call_id, tag_of(response.from_address)))
            if call is not None:
                call.on_stray_success(response, flow)

    def on_no_ack(self, transaction: ServerTransaction) -> None:
        """Our refusal was never ACKed: the call has ended all the same."""

    def on_server_transport_error(self, transaction: ServerTransaction) -> None:
        if call := self._incoming.get(transaction):
            call.on_transport_gone()
