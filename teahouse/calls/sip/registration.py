"""REGISTER (RFC 3261 10.2): we are here, renewed in time, and taken back at the end."""

import random
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sipmessage import Request, Response

from teahouse.calls.sip.causes import phrase_of
from teahouse.calls.sip.errand import Errand, unanswered
from teahouse.calls.sip.line import TrunkLine, retry_after
from teahouse.calls.sip.message import Parameters
from teahouse.calls.sip.model import TrunkState
from teahouse.calls.sip.numeric import plain
from teahouse.calls.sip.transactions import ClientTransaction, Flow

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent

EXPIRES_S: Final = 600
EXPIRES_S_MIN: Final = 10
EXPIRES_S_MAX: Final = 86_400
BACK_OFF_S: Final = 5.0
"""After the first failure; doubles."""
BACK_OFF_S_MAX: Final = 600.0
MOVES_MAX: Final = 2
"""How often in a row we register anew because the answer showed another address of ours."""


class Registration:
    """One trunk's. `on_change` is called after every outcome; `state` and `detail` say which."""

    def __init__(self, agent: "Agent", line: TrunkLine, on_change: Callable[[], None]) -> None:
        self.state: TrunkState | None = None
        """None: no outcome yet."""
        self.detail = ""
        self._agent = agent
        self._line = line
        self._on_change = on_change
        self._call_id = agent.new_call_id()
        self._tag = secrets.token_hex(8)
        self._sequence = secrets.randbelow(2**16)
        self._expires = EXPIRES_S
        self._failures = 0
        self._moves = 0
        self._is_registered = False
        self._is_stopped = False
        self._at: Flow | None = None
        self._timer = agent.after(0, lambda: None)

    def start(self) -> None:
        self._register()

    def stop(self) -> None:
        self._is_stopped = True
        self._timer.stop()

    def leave(self) -> None:
        """Unregister, if we are registered; nobody waits for the answer longer than the stack does."""
        self.stop()
        if self._is_registered and self._at is not None:
            self._is_registered = False
            self._send([self._at], 0, lambda _response, _transaction: None)

    def _register(self) -> None:
        if not self._is_stopped:
            self._line.find(lambda targets: self._send(targets, self._expires, self._on_done))

    def _send(
        self,
        targets: Sequence[Flow],
        expires: int,
        done: Callable[[Response | None, ClientTransaction | None], None],
    ) -> None:
        def make(flow: Flow) -> Request:
            self._sequence += 1
            record = self._line.address_of_record
            return self._agent.compose(
                "REGISTER",
                self._line.server,
                flow,
                from_=f"{record}{Parameters({'tag': self._tag})}",
                to=record,
                call_id=self._call_id,
                cseq=self._sequence,
                headers=[("Contact", self._line.contact(flow)), ("Expires", str(expires))],
            )

        Errand(self._agent, self._line, targets, make, done).start()

    def _on_done(self, response: Response | None, transaction: ClientTransaction | None) -> None:
        if self._is_stopped:
            return
        if response is None or transaction is None:
            self._fail("down", unanswered(transaction))
        elif response.code < 300:
            self._on_registered(response, transaction)
        elif response.code == 423 and self._raise_expires(response):
            self._register()
        elif response.code in (401, 403, 407):
            self._fail("refused", f"{response.code} {phrase_of(response)}")
        else:
            self._fail("down", f"{response.code} {phrase_of(response)}", retry_after(response))

    def _on_registered(self, response: Response, transaction: ClientTransaction) -> None:
        self._failures = 0
        self._is_registered = True
        self._at = transaction.flow
        moved = self._line.contact(transaction.flow) != transaction.request.headers["Contact"]
        if moved and self._moves < MOVES_MAX:
            self._moves += 1
            self._register()
            return
        self._moves = 0
        granted = max(self._granted(response, transaction.request), EXPIRES_S_MIN)
        self._again_after(granted * random.uniform(0.75, 0.9))
        self._say("up", "registered")

    def _granted(self, response: Response, request: Request) -> int:
        """Seconds: the `expires` of our own Contact, else Expires (10.3, step 8)."""
        ours = request.contact[0].uri
        for contact in response.contact:
            same = contact.uri.user == ours.user and plain(contact.uri.host) == plain(ours.host)
            value = contact.parameters.get("expires") or ""
            if same and contact.uri.port == ours.port and value.isdecimal() and len(value) < 10:
                return min(int(value), EXPIRES_S_MAX)
        return min(response.expires or self._expires, EXPIRES_S_MAX)

    def _raise_expires(self, response: Response) -> bool:
        least = response.min_expires or 0
        if not self._expires < least <= EXPIRES_S_MAX:
            return False
        self._expires = least
        return True

    def _fail(self, state: TrunkState, detail: str, at_least: float = 0) -> None:
        self._is_registered = False
        self._failures += 1
        back_off = min(BACK_OFF_S * 2 ** min(self._failures - 1, 16), BACK_OFF_S_MAX)
        self._again_after(max(back_off * random.uniform(0.5, 1.0), at_least))
        self._say(state, detail)

    def _again_after(self, seconds: float) -> None:
        self._timer.stop()
        self._timer = self._agent.after(seconds, self._register)

    def _say(self, state: TrunkState, detail: str) -> None:
        self.state, self.detail = state, detail
        self._on_change()
