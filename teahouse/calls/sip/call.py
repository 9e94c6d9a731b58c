"""A call once it has a dialog, whichever side began it: offers, signs of life, and its end."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sipmessage import Request, Response

from teahouse.calls.sip import session_timer
from teahouse.calls.sip.asking_again import AskingAgain
from teahouse.calls.sip.bodies import SDP, is_sdp
from teahouse.calls.sip.causes import phrase_of, reason_field
from teahouse.calls.sip.dialog import Dialog
from teahouse.calls.sip.errand import Done, Errand
from teahouse.calls.sip.line import TrunkLine
from teahouse.calls.sip.model import EndCause, Ended, Listener
from teahouse.calls.sip.repeating import Repeating
from teahouse.calls.sip.trace import trace_of
from teahouse.calls.sip.transactions import Flow, ServerTransaction

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent

ACKS_MAX: Final = 16
"""ACKs that are kept to be sent again."""
EVENTS_MAX: Final = 16
"""Events that wait for a listener."""
EXTENSIONS: Final = frozenset({"100rel", "timer"})
RETRY_AFTER_S: Final = 5


class Call(ABC):
    """What both sides share. `Outgoing` and `Incoming` calls add how a call begins."""

    def __init__(
        self, agent: "Agent", line: TrunkLine, call_id: str, local_tag: str, listener: Listener | None
    ) -> None:
        self.agent = agent
        self.line = line
        self.local_tag = local_tag
        self.dialog: Dialog | None = None
        """The one that leads; of several forks the last that was heard of, then the one that answered."""
        self.local_sdp = b""
        self.remote_sdp = b""
        self.was_answered = False
        self.is_ended = False
        self._call_id = call_id
        self._listener = listener
        self._waiting_events: list[Callable[[Listener], object]] = []
        self._acks: dict[tuple[str, int], tuple[bytes, Flow] | None] = {}
        self._repeating: Repeating | None = None
        self._considered: ServerTransaction | None = None
        """A request with an offer that the listener has not replied to yet."""
        self._offer_waits_for_ack = False
        self._bye_after_ack = False
        self.asking = AskingAgain(self)

    @property
    def call_id(self) -> str:
        return self._call_id

    @property
    def trunk(self) -> str:
        return self.line.trunk.id

    @property
    def trace(self) -> bytes:
        return trace_of(self.dialog)

    @property
    def waits_for_ack(self) -> bool:
        return self._repeating is not None

    @property
    def takes_early_offers(self) -> bool:
        """Whether an UPDATE may bring an offer before the answer: only once ours has its (early) answer (RFC 3311)."""
        return False

    @property
    def owes_bye(self) -> bool:
        """It has ended, and the other side will hear so once it has ACKed our 2xx."""
        return self._bye_after_ack

    # --- what is told ---

    def tell(self, event: Callable[[Listener], object]) -> None:
        """Call the listener; one that fails is logged, and the call goes on."""
        if self._listener is not None:
            self.agent.guarded(event, self._listener)
        elif len(self._waiting_events) < EVENTS_MAX:
            self._waiting_events.append(event)

    def listen(self, listener: Listener) -> None:
        self._listener = listener
        waiting, self._waiting_events = self._waiting_events, []
        for event in waiting:
            self.tell(event)

    def end(self, cause: EndCause, code: int = 0, phrase: str = "", may_fail_over: bool = False) -> None:
        """Tell it once, and keep only what answers the messages that are still under way."""
        if self.is_ended:
            return
        self.is_ended = True
        self.asking.stop()
        if self._considered is not None:
            considered, self._considered = self._considered, None
            self.agent.refuse(considered, 481)
        ended = Ended(cause, code, phrase, self.was_answered, may_fail_over and not self.was_answered)
        self.tell(lambda listener: listener.ended(ended))
        self.agent.linger(self)

    # --- what we send ---

    @abstractmethod
    def hang_up(self, reason: str = "") -> None: ...

    def say_bye(self, dialog: Dialog, reason: str = "", fields: Sequence[tuple[str, str]] = ()) -> None:
        """BYE, whose answer nobody waits for."""
        self.ask(dialog, "BYE", lambda _response, _transaction: None, fields=fields or reason_field(reason))

    def hang_up_answered(self, reason: str = "") -> None:
        """BYE; if our 2xx has no ACK yet, BYE waits for it (RFC 3261 15)."""
        if self.dialog is None or self.is_ended:
            return
        if self._repeating is not None:
            self._bye_after_ack = True
        else:
            self.say_bye(self.dialog, reason)
        self.end("local", phrase=reason)

    def ask(
        self,
        dialog: Dialog,
        method: str,
        done: Done,
        *,
        fields: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> None:
        """A request within a dialog."""

        def make(flow: Flow) -> Request:
            dialog.local_seq += 1
            return self._compose(dialog, method, dialog.local_seq, flow, fields, body)

        self.agent.route(dialog, self.line, lambda flows: Errand(self.agent, self.line, flows, make, done).start())

    def acknowledge(self, dialog: Dialog, invite: Request, body: bytes = b"") -> None:
        """ACK of a 2xx (13.2.2.4), or the same again when the 2xx came again."""
        key = (dialog.remote_tag, invite.cseq.sequence)
        if key in self._acks:
            self.acknowledge_again(*key)
            return
        if len(self._acks) >= ACKS_MAX:
            del self._acks[next(iter(self._acks))]
        self._acks[key] = None

        def send(flows: Sequence[Flow]) -> None:
            if flows:
                ack = self._compose(dialog, "ACK", invite.cseq.sequence, flows[0], (), body)
                for name in ("Authorization", "Proxy-Authorization"):
                    ack.headers.setlist(name, invite.headers.getlist(name))
                self._acks[key] = bytes(ack), flows[0]
                self.acknowledge_again(*key)

        self.agent.route(dialog, self.line, send)

    def acknowledge_again(self, remote_tag: str, sequence: int) -> bool:
        """False: there was no such ACK."""
        if (remote_tag, sequence) not in self._acks:
            return False
        kept = self._acks[remote_tag, sequence]
        if kept is not None:
            self.agent.send_bytes(*kept)
        return True

    def _compose(
        self, dialog: Dialog, method: str, sequence: int, flow: Flow, fields: Sequence[tuple[str, str]], body: bytes
    ) -> Request:
        dialog.spoke_to(flow.host)
        uri, routes = dialog.line_and_routes()
        contact = [("Contact", self.line.contact(flow))] if method in ("INVITE", "UPDATE") else []
        return self.agent.compose(
            method,
            uri,
            flow,
            from_=dialog.local,
            to=dialog.remote,
            call_id=self._call_id,
            cseq=sequence,
            headers=[*routes, *contact, *fields],
            body=body,
        )

    # --- offers and signs of life of ours ---

    def reoffer(self, sdp: bytes, on_answer: Callable[[bytes | None], None]) -> None:
        """A re-INVITE with this SDP. `on_answer` gets the other side's, or None where it refused or cannot now."""
        if self.dialog is None or not self.was_answered or self.is_ended:
            on_answer(None)
        else:
            self.asking.offer(sdp, on_answer)

    def begin_session(self, timer: session_timer.SessionTimer | None) -> None:
        self.asking.begin_session(timer)

    # --- what comes within the dialog ---

    def dialog_of(self, remote_tag: str) -> Dialog | None:
        """The dialog that a request belongs to."""
        return self.dialog if self.dialog is not None and self.dialog.remote_tag == remote_tag else None

    def on_request(self, transaction: ServerTransaction, dialog: Dialog) -> None:
        request = transaction.request
        if not dialog.takes(request):
            self.agent.refuse(transaction, 500, headers=[("Retry-After", str(RETRY_AFTER_S))])
        elif unknown := [tag for tag in request.require if tag not in EXTENSIONS]:
            self.agent.refuse(transaction, 420, headers=[("Unsupported", ", ".join(unknown))])
        elif request.method == "BYE":
            self.agent.answer(transaction, 200)
            if dialog is self.dialog:
                self.on_bye(request)
        elif self.is_ended:
            self.agent.refuse(transaction, 481)
        elif request.method in ("INVITE", "UPDATE"):
            self._on_offer(transaction, dialog)
        elif request.method == "PRACK":
            self.on_prack(transaction)
        elif request.method == "INFO" and request.headers.get("Info-Package"):
            self.agent.refuse(transaction, 469, "Bad Info Package", headers=[("Recv-Info", "")])
        elif request.method in ("INFO", "OPTIONS"):
            self.agent.answer(transaction, 200, headers=self.agent.abilities())
        else:
            self.agent.refuse(transaction, 405, headers=self.agent.abilities())

    def on_bye(self, request: Request) -> None:
        self._stop_repeating()
        self._bye_after_ack = False
        self.end("remote", phrase=phrase_of(request))

    def on_prack(self, transaction: ServerTransaction) -> None:
        self.agent.refuse(transaction, 481)

    def on_ack(self, ack: Request) -> None:
        if self._repeating is None or ack.cseq.sequence != self._repeating.cseq:
            return
        self._stop_repeating()
        waited, self._offer_waits_for_ack = self._offer_waits_for_ack, False
        if self._bye_after_ack:
            self._bye_after_ack = False
            if self.dialog is not None:
                self.say_bye(self.dialog)
        elif not self.is_ended:
            self.on_acknowledged(ack, waited)

    def on_acknowledged(self, ack: Request, answers_our_offer: bool) -> None:
        """The ACK of a re-INVITE's 2xx; where that had no offer, it brings the other side's answer to ours."""
        if answers_our_offer and ack.body and ack.body != self.remote_sdp:
            self.remote_sdp = ack.body
            self.tell(lambda listener: listener.offered(ack.body, lambda _answer: None))

    def on_transport_gone(self) -> None:  # noqa: B027 - most calls do nothing
        """A response of ours could not be sent; what waits for its effect has timers of its own."""

    def _on_offer(self, transaction: ServerTransaction, dialog: Dialog) -> None:
        """Re-INVITE and UPDATE (14.2, RFC 3311 5.2)."""
        request = transaction.request
        is_invite = request.method == "INVITE"
        offers = is_invite or bool(request.body)
        busy = self.asking.is_open or self._offer_waits_for_ack or self._considered is not None
        if offers and (busy or not (self.was_answered or (self.takes_early_offers and not is_invite))):
            self.agent.refuse(transaction, 491)
            return
        if request.body and not is_sdp(request):
            self.agent.refuse(transaction, 415, headers=[("Accept", SDP)])
            return
        if session_timer.is_too_small(request):
            self.agent.refuse(transaction, 422, headers=[("Min-SE", str(session_timer.MIN_SE))])
            return
        if request.body:
            self._consider(transaction, dialog)
        else:
            self._agree(transaction, dialog, self.local_sdp if is_invite else b"")

    def _consider(self, transaction: ServerTransaction, dialog: Dialog) -> None:
        """Ask the listener, who may take a while."""
        self._considered = transaction
        offer = transaction.request.body

        def reply(answer: bytes | None) -> None:
            if self._considered is not transaction:
                return  # it has replied already, or the call has ended
            self._considered = None
            if answer:
                self.local_sdp, self.remote_sdp = answer, offer
                self._agree(transaction, dialog, answer)
            else:
                self.agent.refuse(transaction, 488)

        def ask(listener: Listener) -> None:
            try:
                listener.offered(offer, reply)
            except Exception:
                reply(None)
                raise

        self.tell(ask)

    def _agree(self, transaction: ServerTransaction, dialog: Dialog, body: bytes) -> None:
        """Answer an offer, or a sign of life without one, with 200."""
        request = transaction.request
        is_invite = request.method == "INVITE"
        dialog.refresh(request)
        headers = [("Contact", self.line.contact(transaction.flow)), *self.agent.abilities()]
        if self.was_answered:
            ours = self.line.trunk.session_expires_s if "timer" in request.supported else 0
            timer, fields = session_timer.answer(request, ours)
            headers += fields
            self.begin_session(timer)
        response = self.agent.response(transaction.request, 200, headers=headers, body=body)
        if is_invite:
            self._offer_waits_for_ack = not request.body
            self.repeat(transaction, response)
        else:
            self.agent.respond(transaction, response)

    def repeat(self, transaction: ServerTransaction, response: Response) -> None:
        """Send a 2xx until its ACK. A new INVITE shows that the other side has the answer of the last."""
        self._stop_repeating()
        self._repeating = Repeating(self.agent, transaction, response, self._no_ack)

    def _no_ack(self) -> None:
        self._stop_repeating()
        self._bye_after_ack = False
        if self.dialog is not None:
            self.say_bye(self.dialog, "no ACK")
        self.end("unavailable", phrase="no ACK")

    def _stop_repeating(self) -> None:
        if self._repeating is not None:
            self._repeating.stop()
            self._repeating = None

    # --- answers that nobody waits for any longer ---

    def on_stray_success(self, response: Response, flow: Flow) -> None:  # noqa: B027 - most calls do nothing
        """A 2xx of an INVITE whose transaction is over."""

    def on_lost(self, response: Response | None, cause: EndCause) -> None:
        """The other side does not know the call, or does not answer any more."""
        if self.dialog is not None and not self.is_ended:
            self.say_bye(self.dialog, fields=[("Reason", 'Q.850;cause=102;text="recovery on timer expiry"')])
        code, phrase = (response.code, phrase_of(response)) if response is not None else (0, "no answer")
        self.end(cause, code, phrase)
