"""A call that we make: INVITE from its first byte to its final answer (RFC 3261 13.2, 9.1; RFC 3262)."""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sipmessage import URI, Request, Response

from teahouse.calls.sip import session_timer
from teahouse.calls.sip.bodies import sdp_of
from teahouse.calls.sip.call import Call
from teahouse.calls.sip.causes import MAY_FAIL_OVER, cause_of, phrase_of, reason_field
from teahouse.calls.sip.dialog import Dialog
from teahouse.calls.sip.errand import CHALLENGES_MAX, TARGETS_MAX
from teahouse.calls.sip.identity import from_field, identity_fields, is_dialable
from teahouse.calls.sip.line import REST_S, TrunkLine, retry_after
from teahouse.calls.sip.message import tag_of
from teahouse.calls.sip.model import EndCause, Listener, Outgoing
from teahouse.calls.sip.transactions import ClientTransaction, Flow

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent

FORKS_MAX: Final = 8
"""Early dialogs of one call."""
REDIRECTS_MAX: Final = 3
RAISES_MAX: Final = 2
"""How often a 422 is followed."""


class OutgoingCall(Call):
    def __init__(self, agent: "Agent", line: TrunkLine, outgoing: Outgoing, listener: Listener) -> None:
        super().__init__(agent, line, agent.new_call_id(outgoing.call_id), secrets.token_hex(8), listener)
        self.asking.owns_call_id = True
        self.local_sdp = outgoing.offer
        self._outgoing = outgoing
        self._uri: URI = line.number(outgoing.to)
        self._sequence = 0
        self._targets: list[Flow] = []
        self._invite: ClientTransaction | None = None
        self._forks: dict[str, Dialog] = {}
        self._reliable: dict[str, int] = {}
        """The last RSeq of each fork."""
        self._gone: set[str] = set()
        """Forks that answered too late, and were told BYE."""
        self._is_heard = False
        """A provisional answer came to the INVITE that is under way."""
        self._was_trying = self._was_ringing = False
        self._early_sdp = b""
        self._challenges = self._redirects = self._raises = 0
        self._min_se = session_timer.MIN_SE
        self._stopping: EndCause | None = None
        """We cancel, or will once we may, and this will be the cause."""
        self._reason = ""
        self._is_cancelled = False
        self._ring_limit = agent.after(max(1, outgoing.ring_s_max), lambda: self._stop("no_answer", "not answered"))

    def start(self) -> None:
        if self.is_ended:
            return
        if not is_dialable(self._outgoing.to):
            self._finish("not_found", phrase="not a number")
        else:
            self.line.find(self._found)

    def hang_up(self, reason: str = "") -> None:
        if self.was_answered:
            self.hang_up_answered(reason)
        else:
            self._stop("local", reason)

    # --- the INVITE ---

    def _found(self, targets: Sequence[Flow]) -> None:
        if self.is_ended:
            return
        self._targets = list(targets[:TARGETS_MAX])
        if self._targets:
            self._sequence += 1
            self._send()
        else:
            self._finish("unavailable", phrase="the trunk's name leads nowhere")

    def _send(self) -> None:
        flow = self._targets[0]
        caller, line = self._outgoing.caller, self.line
        expires = line.trunk.session_expires_s
        request = self.agent.compose(
            "INVITE",
            self._uri,
            flow,
            from_=from_field(caller, line.domain, self.local_tag),
            to=f"<{line.number(self._outgoing.to)}>",
            call_id=self.call_id,
            cseq=self._sequence,
            headers=[
                ("Contact", line.contact(flow)),
                *identity_fields(caller, line.domain),
                *session_timer.asked(expires, self._min_se),
                *self.agent.abilities(),
            ],
            body=self._outgoing.offer,
        )
        line.sign(request)
        self._is_heard = False
        self._invite = self.agent.send(request, flow, self)

    def _send_again(self) -> None:
        """Another INVITE of the same call, after an answer that asked for one."""
        self._forks.clear()
        self._reliable.clear()
        self._sequence += 1
        self._send()

    # --- its answers ---

    def on_response(self, transaction: ClientTransaction, response: Response) -> None:
        if transaction.request.method != "INVITE":
            return  # CANCEL's own
        self.line.learn(response, transaction.flow)
        if 200 <= response.code < 300:
            self._on_success(transaction, response)
        elif transaction is not self._invite or self.is_ended:
            return
        elif response.code < 200:
            self._on_provisional(transaction, response)
        else:
            self._on_failure(transaction, response)

    def on_timeout(self, transaction: ClientTransaction) -> None:
        self._on_silence(transaction, "no answer from the trunk")

    def on_transport_error(self, transaction: ClientTransaction) -> None:
        self._on_silence(transaction, "the trunk cannot be reached")

    def _on_silence(self, transaction: ClientTransaction, phrase: str) -> None:
        if transaction is self._invite and not self.is_ended and not self.was_answered:
            self.line.rest(transaction.flow)
            self._next_target("unavailable", 0, phrase)

    def _next_target(self, cause: EndCause, code: int, phrase: str) -> None:
        self._targets.pop(0)
        if self._targets and self._stopping is None and not self._early_sdp and not self._was_ringing:
            self._send()  # the same CSeq: to the other server it is the first (RFC 3263 4.3)
        else:
            self._finish(cause, code, phrase)

    def _on_provisional(self, transaction: ClientTransaction, response: Response) -> None:
        self._is_heard = True
        if self._stopping is not None:
            self._cancel()
            return
        if not self._was_trying:
            self._was_trying = True
            self.tell(lambda listener: listener.trying())
        if response.code == 100:
            return
        dialog = self._fork(transaction, response)
        if "100rel" in response.require and not (dialog and self._take_reliable(dialog, transaction, response)):
            return
        sdp = sdp_of(response)
        if response.code == 180 or (response.code in (181, 182, 183) and not sdp):
            self._tell_ringing()
        if sdp and sdp != self._early_sdp:
            self._early_sdp = self.remote_sdp = sdp
            self.tell(lambda listener: listener.early_media(sdp))

    def _tell_ringing(self) -> None:
        if not self._was_ringing:
            self._was_ringing = True
            self.tell(lambda listener: listener.ringing())

    def _fork(self, transaction: ClientTransaction, response: Response) -> Dialog | None:
        """The early dialog that it belongs to; it leads from now on."""
        tag = tag_of(response.to_address)
        dialog = self._forks.get(tag)
        if dialog is None and len(self._forks) < FORKS_MAX:
            try:
                dialog = self._forks[tag] = Dialog.of_response(transaction.request, response, transaction.flow)
            except ValueError:
                return None
        elif dialog is not None:
            dialog.refresh(response)
        self.dialog = dialog or self.dialog
        return dialog

    def _take_reliable(self, dialog: Dialog, transaction: ClientTransaction, response: Response) -> bool:
        """PRACK, each once and in order (RFC 3262 4); False: it came before, or before its turn."""
        number = int(response.headers.get("RSeq") or 0)
        last = self._reliable.get(dialog.remote_tag)
        if not number or (last is not None and number != last + 1):
            return False
        self._reliable[dialog.remote_tag] = number
        rack = f"{number} {transaction.request.cseq}"
        self.ask(dialog, "PRACK", lambda _response, _transaction: None, fields=[("RAck", rack)])
        return True

    def _on_success(self, transaction: ClientTransaction, response: Response) -> None:
        tag = tag_of(response.to_address)
        if self.acknowledge_again(tag, transaction.request.cseq.sequence):
            return
        try:
            dialog = self._forks.get(tag) or Dialog.of_response(transaction.request, response, transaction.flow)
        except ValueError:
            self._on_unusable(transaction.request, response, transaction.flow)
            return
        dialog.confirm(response)
        dialog.local_seq = max(dialog.local_seq, transaction.request.cseq.sequence)
        self.acknowledge(dialog, transaction.request)
        self._forks[tag] = dialog
        answer = sdp_of(response) or self.remote_sdp
        if self.is_ended or self.was_answered or self._stopping is not None or not answer:
            self._leave(dialog, answer)
        else:
            self._on_answered(dialog, response, answer)

    def _on_answered(self, dialog: Dialog, response: Response, answer: bytes) -> None:
        self._ring_limit.stop()
        self.dialog = dialog
        self.was_answered = True
        self.remote_sdp = answer
        self.begin_session(session_timer.from_response(response))
        self.tell(lambda listener: listener.answered(answer))

    def _leave(self, dialog: Dialog, answer: bytes) -> None:
        """It answered, and must not go on: it came too late, from another fork, or says nothing of media."""
        if dialog.remote_tag not in self._gone and len(self._gone) < FORKS_MAX:
            self._gone.add(dialog.remote_tag)
            self.say_bye(dialog, self._reason)
        if self.was_answered:
            return
        if self._stopping is not None:
            self._finish(self._stopping, 200, "answered while it was cancelled")
        else:
            self._finish("malformed", 200, "an answer without a session description" if not answer else "")

    def _on_unusable(self, invite: Request, response: Response, flow: Flow) -> None:
        """A 2xx without tag or Contact: it makes no dialog; ACK and BYE go back the way it came (the best we can)."""
        dialog = Dialog(
            call_id=self.call_id,
            local=invite.headers["From"],
            local_tag=self.local_tag,
            remote=response.headers["To"],
            remote_tag=tag_of(response.to_address),
            target=response.contact[0].uri if response.contact else invite.uri,
            routes=tuple(reversed(response.record_route)),
            flow=flow,
            local_seq=invite.cseq.sequence,
        )
        self.acknowledge(dialog, invite)
        self._leave(dialog, b"")

    def on_stray_success(self, response: Response, flow: Flow) -> None:
        """A 2xx after its transaction ended: of a fork, of a server that we had given up, or again."""
        sequence = response.cseq.sequence
        if self.acknowledge_again(tag_of(response.to_address), sequence) or self._invite is None:
            return
        self._on_success(_Late(self._invite.request, flow, sequence), response)

    def _on_failure(self, transaction: ClientTransaction, response: Response) -> None:
        code = response.code
        challenged = self.line.answers(transaction.request, response)
        if self._stopping is not None:
            self._finish(self._stopping, code, self._reason)
        elif challenged and self._challenges < CHALLENGES_MAX:
            self._challenges += 1
            self._send_again()
        elif code == 422 and self._raises < RAISES_MAX and (raised := session_timer.raised(response, self._min_se)):
            self._raises += 1
            self._min_se = raised
            self._send_again()
        elif 300 <= code < 400 and (uri := self._redirection(response)) and self._redirects < REDIRECTS_MAX:
            self._redirects += 1
            self._uri = uri
            self._send_again()
        elif code == 503:
            self.line.rest(transaction.flow, retry_after(response) or REST_S)
            self._next_target(cause_of(response), code, phrase_of(response))
        else:
            self._finish(cause_of(response), code, phrase_of(response))

    def _redirection(self, response: Response) -> URI | None:
        """A Contact at the trunk's own host; a trunk cannot make us call anywhere else."""
        hosts = {self.line.trunk.host.lower(), self.line.domain.lower()}
        for contact in response.contact:
            uri = contact.uri
            if uri.scheme == "sip" and uri.host.strip("[]") in hosts and is_dialable(uri.user or ""):
                return uri
        return None

    # --- giving up ---

    def _stop(self, cause: EndCause, reason: str) -> None:
        """CANCEL once it may be sent (9.1: not before a provisional answer), and wait for the final answer."""
        if self.is_ended or self.was_answered or self._stopping is not None:
            return
        self._stopping, self._reason = cause, reason
        if self._invite is None:
            self._finish(cause, phrase=reason)
        elif self._is_heard:
            self._cancel()

    def _cancel(self) -> None:
        invite = self._invite
        if self._is_cancelled or invite is None:
            return
        self._is_cancelled = True
        cancel = Request("CANCEL", invite.request.uri)
        for name in ("Via", "Max-Forwards", "From", "To", "Call-ID", "Route"):
            cancel.headers.setlist(name, invite.request.headers.getlist(name))
        cancel.headers.set("CSeq", f"{invite.request.cseq.sequence} CANCEL")
        for name, value in reason_field(self._reason):
            cancel.headers.set(name, value)
        self.agent.send(cancel, invite.flow, _Deaf())
        self.agent.after(64 * self.agent.layer.timers.t1, self._on_cancel_unheard)

    def _on_cancel_unheard(self) -> None:
        """No final answer came within 64*T1 of the CANCEL (9.1)."""
        if not self.is_ended and self._invite is not None:
            self.agent.layer.abandon(self._invite)
            self._finish(self._stopping or "local", phrase=self._reason)

    def _finish(self, cause: EndCause, code: int = 0, phrase: str = "") -> None:
        cause = self._stopping or cause
        may_fail_over = cause in MAY_FAIL_OVER and not self._early_sdp and not self._was_ringing and code != 200
        self.end(cause, code, phrase, may_fail_over)

    def end(self, cause: EndCause, code: int = 0, phrase: str = "", may_fail_over: bool = False) -> None:
        self._ring_limit.stop()
        super().end(cause, code, phrase, may_fail_over)

    # --- forks ---

    @property
    def takes_early_offers(self) -> bool:
        return bool(self._early_sdp)

    def dialog_of(self, remote_tag: str) -> Dialog | None:
        return self._forks.get(remote_tag)

    def on_bye(self, request: Request) -> None:
        """Before the answer it is from a side whose 2xx never reached us, and that has given up."""
        if self.was_answered:
            super().on_bye(request)
        else:
            self._stop("remote", phrase_of(request))


class _Late:
    """The transaction of a 2xx, as far as its ACK needs it, after the transaction itself has gone."""

    state = "terminated"

    def __init__(self, invite: Request, flow: Flow, sequence: int) -> None:
        self.flow = flow
        self.request = Request("INVITE", invite.uri)
        for name in ("From", "To", "Call-ID", "Authorization", "Proxy-Authorization"):
            self.request.headers.setlist(name, invite.headers.getlist(name))
        self.request.headers.set("CSeq", f"{sequence} INVITE")


class _Deaf:
    """Nobody waits for the answer of a CANCEL: it is the INVITE's that matters."""

    def on_response(self, transaction: ClientTransaction, response: Response) -> None: ...

    def on_timeout(self, transaction: ClientTransaction) -> None: ...

    def on_transport_error(self, transaction: ClientTransaction) -> None: ...
