"""What we ask within a call that goes on: a new offer (RFC 3261 14.1), and a sign of life (RFC 4028)."""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sipmessage import Response

from teahouse.calls.sip import session_timer
from teahouse.calls.sip.bodies import sdp_of
from teahouse.calls.sip.session_timer import MIN_SE, SessionTimer
from teahouse.calls.sip.timers import T1
from teahouse.calls.sip.transactions import ClientTransaction

if TYPE_CHECKING:
    from teahouse.calls.sip.call import Call

TRIES_MAX: Final = 5
"""How often one offer is sent while the other side is offering too (491)."""
REFRESH_AGAIN_S: Final = 5.0
"""When a sign of life that was not taken is tried again."""
WAITING_MAX: Final = 8
"""Offers at a time that wait for each other."""
OnAnswer = Callable[[bytes | None], None]


class AskingAgain:
    owns_call_id = False
    """We made the Call-ID, so we wait longer after a glare (14.1)."""

    def __init__(self, call: "Call") -> None:
        self.is_open = False
        """An offer of ours waits for its answer."""
        self._call = call
        self._after = call.agent.after
        self._session: SessionTimer | None = None
        self._min_se = MIN_SE
        self._waiting: dict[int, OnAnswer] = {}
        """Offers that have no answer yet, under way or to be sent again."""
        self._offers = 0
        self._refresh = self._give_up = self._after(0, lambda: None)
        self._stop_timers()

    def stop(self) -> None:
        """The call has ended: nobody gets an answer any more."""
        self._stop_timers()
        for number in list(self._waiting):
            self._answer(number, None)

    def _stop_timers(self) -> None:
        self._refresh.stop()
        self._give_up.stop()

    # --- offers ---

    def offer(self, sdp: bytes, on_answer: OnAnswer) -> None:
        if len(self._waiting) >= WAITING_MAX:
            on_answer(None)
            return
        self._offers += 1
        self._waiting[self._offers] = on_answer
        self._try(self._offers, sdp, TRIES_MAX)

    def _answer(self, number: int, answer: bytes | None) -> None:
        on_answer = self._waiting.pop(number, None)
        if on_answer is not None:
            self._call.agent.guarded(lambda told: told(answer), on_answer)

    def _try(self, number: int, sdp: bytes, tries: int) -> None:
        call = self._call
        if number not in self._waiting:
            return
        if not tries:
            self._answer(number, None)
        elif self.is_open or call.waits_for_ack:
            self._later(lambda: self._try(number, sdp, tries - 1))
        else:
            self._invite(sdp, lambda response: self._on_response(number, sdp, tries, response))

    def _on_response(self, number: int, sdp: bytes, tries: int, response: Response | None) -> None:
        call = self._call
        if response is not None and response.code == 491:
            self._later(lambda: self._try(number, sdp, tries - 1))
        elif response is not None and response.code < 300:
            call.local_sdp = sdp
            self._answer(number, call.remote_sdp)
        else:
            self._answer(number, None)
            if response is None or response.code in (408, 481):
                call.on_lost(response, "unavailable")

    def _later(self, again: Callable[[], None]) -> None:
        wait = random.uniform(2.1, 4.0) if self.owns_call_id else random.uniform(0.0, 2.0)
        self._after(wait * self._call.agent.layer.timers.t1 / T1, again)

    def _invite(self, sdp: bytes, answered: Callable[[Response | None], None]) -> None:
        call = self._call
        dialog = call.dialog
        assert dialog is not None
        self.is_open = True
        answers = 0

        def done(response: Response | None, transaction: ClientTransaction | None) -> None:
            nonlocal answers
            answers += 1
            if response is not None and transaction is not None and response.code < 300:
                call.acknowledge(dialog, transaction.request)
                if answers == 1:
                    dialog.refresh(response)
                    call.remote_sdp = sdp_of(response) or call.remote_sdp
                    self.begin_session(session_timer.from_response(response))
            if answers == 1:
                self.is_open = False
                answered(response)

        call.ask(dialog, "INVITE", done, fields=self._fields(), body=sdp)

    # --- signs of life ---

    def begin_session(self, timer: SessionTimer | None) -> None:
        """From now on this; None: the call may last for ever."""
        self._stop_timers()
        self._session = timer
        if timer is None or self._call.is_ended:
            return
        self._give_up = self._after(timer.give_up_after, self._expire)
        if timer.we_refresh:
            self._refresh = self._after(timer.refresh_after, self._say_alive)

    def _fields(self) -> list[tuple[str, str]]:
        session = self._session
        timer = session_timer.asked(session.interval, self._min_se, session.we_refresh) if session else []
        return [*timer, *self._call.agent.abilities()]

    def _say_alive(self) -> None:
        call = self._call
        dialog = call.dialog
        if call.is_ended or dialog is None:
            return
        if self.is_open or call.waits_for_ack:
            self._refresh_later()
        elif "UPDATE" in dialog.allows:
            call.ask(dialog, "UPDATE", self._on_update, fields=self._fields())
        else:
            self._invite(call.local_sdp, self._on_refreshed)

    def _on_update(self, response: Response | None, transaction: ClientTransaction | None) -> None:
        dialog = self._call.dialog
        if response is not None and response.code < 300 and dialog is not None:
            dialog.refresh(response)
            self.begin_session(session_timer.from_response(response))
        elif response is not None and response.code in (405, 501) and dialog is not None:
            dialog.allows -= {"UPDATE"}
            self._say_alive()
        else:
            self._on_refreshed(response)

    def _on_refreshed(self, response: Response | None) -> None:
        if response is None or response.code in (408, 481):
            self._call.on_lost(response, "session_expired")
        elif response.code == 422 and (raised := session_timer.raised(response, self._min_se)) and self._session:
            self._min_se = raised
            self._session = SessionTimer(max(raised, self._session.interval), self._session.we_refresh)
            self._say_alive()
        elif response.code >= 300:
            self._refresh_later()

    def _refresh_later(self) -> None:
        self._refresh = self._after(REFRESH_AGAIN_S, self._say_alive)

    def _expire(self) -> None:
        call = self._call
        if call.dialog is not None and not call.is_ended:
            call.say_bye(call.dialog, fields=[("Reason", 'SIP;cause=408;text="session expired"')])
        call.end("session_expired")
