"""A call that comes in: an INVITE that waits for an answer (RFC 3261 13.3; RFC 3262 3)."""

import secrets
from typing import TYPE_CHECKING, Final

from sipmessage import Request, Response

from teahouse.calls.sip import session_timer
from teahouse.calls.sip.bodies import sdp_of
from teahouse.calls.sip.call import Call
from teahouse.calls.sip.causes import phrase_of, printable
from teahouse.calls.sip.dialog import Dialog
from teahouse.calls.sip.identity import caller_of
from teahouse.calls.sip.line import TrunkLine
from teahouse.calls.sip.message import tag_of
from teahouse.calls.sip.model import Caller
from teahouse.calls.sip.repeating import Repeating
from teahouse.calls.sip.transactions import ServerTransaction

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent

RING_AGAIN_S: Final = 60
"""180 is said again, so that proxies on the way wait on (13.3.1.1)."""
RING_S_MAX: Final = 300
"""Then it is refused with 480, whoever forgot it."""


class IncomingCall(Call):
    def __init__(self, agent: "Agent", line: TrunkLine, transaction: ServerTransaction) -> None:
        """Raises `ValueError` for an INVITE without a Contact."""
        invite = transaction.request
        tag = secrets.token_hex(8)
        super().__init__(agent, line, invite.call_id, tag, None)
        self.dialog = Dialog.of_request(invite, tag, transaction.flow)
        self.remote_sdp = sdp_of(invite)
        self.transaction = transaction
        self._offer = self.remote_sdp
        self._is_final = False
        """The INVITE has its final answer."""
        self._reliable_180: Repeating | None = None
        self._wants_reliable = "100rel" in invite.require
        self._rseq = secrets.randbelow(2**31 - 1) + 1
        self._ring_again = agent.after(RING_S_MAX, self._forgotten)
        self._ring_limit = agent.after(RING_S_MAX, self._forgotten)

    @property
    def dialled(self) -> str:
        return self.transaction.request.uri.user or ""

    @property
    def caller(self) -> Caller:
        return caller_of(self.transaction.request)

    @property
    def offer(self) -> bytes:
        return self._offer

    # --- what we say ---

    def ring(self) -> None:
        if self._is_final or self.is_ended:
            return
        self._ring_again.stop()
        if not self._wants_reliable:
            self.agent.respond(self.transaction, self._response(180))
            self._ring_again = self.agent.after(RING_AGAIN_S, self.ring)
        elif self._reliable_180 is None:
            reliable = [("Require", "100rel"), ("RSeq", str(self._rseq))]
            response = self._response(180, headers=reliable)
            self._reliable_180 = Repeating(self.agent, self.transaction, response, self._no_prack)

    def answer(self, sdp: bytes) -> None:
        if self._is_final or self.is_ended:
            return
        self.local_sdp = sdp
        request = self.transaction.request
        timer, fields = session_timer.answer(request, self._session_wish())
        self._close()
        self._offer_waits_for_ack = not self._offer
        self.repeat(self.transaction, self._response(200, headers=fields, body=sdp))
        self.begin_session(timer)

    def refuse(self, code: int = 486, phrase: str = "") -> None:
        if self._is_final or self.is_ended:
            return
        self._refuse(code if 400 <= code < 700 else 486, phrase)
        self.end("local", phrase=phrase)

    def hang_up(self, reason: str = "") -> None:
        if self._is_final:
            self.hang_up_answered(reason)
        else:
            self.refuse(480, reason)

    def _session_wish(self) -> int:
        return self.line.trunk.session_expires_s if "timer" in self.transaction.request.supported else 0

    def _response(self, code: int, headers: list[tuple[str, str]] | None = None, body: bytes = b"") -> Response:
        contact = ("Contact", self.line.contact(self.transaction.flow))
        return self.agent.response(
            self.transaction.request,
            code,
            to_tag=self.local_tag,
            headers=[contact, *self.agent.abilities(), *(headers or [])],
            body=body,
        )

    def _refuse(self, code: int, phrase: str = "") -> None:
        self._close()
        response = self.agent.response(self.transaction.request, code, printable(phrase), to_tag=self.local_tag)
        self.agent.respond(self.transaction, response)

    def _close(self) -> None:
        """The final answer is given now."""
        self._is_final = True
        self._ring_again.stop()
        self._ring_limit.stop()
        if self._reliable_180 is not None:
            self._reliable_180.stop()

    def _forgotten(self) -> None:
        if not self._is_final and not self.is_ended:
            self._refuse(480)
            self.end("no_answer", 480)

    # --- what comes ---

    def on_cancel(self, cancel: Request) -> None:
        """Its race with our 200 is theirs to settle: once we answered it changes nothing (9.2)."""
        if not self._is_final:
            self._refuse(487)
            self.end("remote", 487, phrase_of(cancel))

    def on_acknowledged(self, ack: Request, answers_our_offer: bool) -> None:
        if self.was_answered:
            super().on_acknowledged(ack, answers_our_offer)
            return
        if answers_our_offer:
            self.remote_sdp = sdp_of(ack)
        if not self.remote_sdp:
            if self.dialog is not None:
                self.say_bye(self.dialog, "no session description")
            self.end("malformed", phrase="the ACK has no session description")
            return
        self.was_answered = True
        self.tell(lambda listener: listener.answered(self.remote_sdp))

    def on_prack(self, transaction: ServerTransaction) -> None:
        invite = self.transaction.request
        rack = (transaction.request.headers.get("RAck") or "").split()
        if self._reliable_180 is not None and rack == [str(self._rseq), str(invite.cseq.sequence), "INVITE"]:
            self._reliable_180.stop()
            self.agent.answer(transaction, 200)
        else:
            self.agent.refuse(transaction, 481)

    def _no_prack(self) -> None:
        if not self._is_final:
            self._refuse(504)
            self.end("unavailable", 504, "no PRACK")

    def on_bye(self, request: Request) -> None:
        """Also before the final answer, which the INVITE then gets (15.1.2)."""
        if not self._is_final:
            self._refuse(487)
        super().on_bye(request)

    def on_transport_gone(self) -> None:
        """The way back to the caller broke while it rang."""
        if not self._is_final:
            self._close()
            self.end("unavailable", phrase="the connection broke")

    def is_of(self, request: Request) -> bool:
        """Whether a request belongs to this dialog."""
        return tag_of(request.from_address) == (self.dialog.remote_tag if self.dialog else "")
