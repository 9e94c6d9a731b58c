"""OPTIONS at a steady pace (RFC 3261 11): whether a trunk can be reached. It keeps a NAT's door open too."""

import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sipmessage import Request, Response

from teahouse.calls.sip.causes import phrase_of
from teahouse.calls.sip.errand import Errand, unanswered
from teahouse.calls.sip.line import TrunkLine
from teahouse.calls.sip.message import Parameters
from teahouse.calls.sip.transactions import ClientTransaction, Flow

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent


class KeepAlive:
    """One trunk's. `on_change` is called after every outcome."""

    def __init__(self, agent: "Agent", line: TrunkLine, on_change: Callable[[], None]) -> None:
        self.is_up: bool | None = None
        """None: no outcome yet."""
        self.detail = ""
        self._agent = agent
        self._line = line
        self._on_change = on_change
        self._call_id = agent.new_call_id()
        self._sequence = secrets.randbelow(2**16)
        self._is_stopped = False
        self._timer = agent.after(0, lambda: None)

    def start(self) -> None:
        self._ask()

    def stop(self) -> None:
        self._is_stopped = True
        self._timer.stop()

    def _ask(self) -> None:
        if not self._is_stopped:
            self._line.find(self._send)

    def _send(self, targets: Sequence[Flow]) -> None:
        Errand(self._agent, self._line, targets, self._make, self._on_done).start()

    def _make(self, flow: Flow) -> Request:
        self._sequence += 1
        line = self._line
        tag = Parameters({"tag": secrets.token_hex(8)})
        return self._agent.compose(
            "OPTIONS",
            line.server,
            flow,
            from_=f"{line.address_of_record}{tag}",
            to=f"<{line.server}>",
            call_id=self._call_id,
            cseq=self._sequence,
            headers=[("Contact", line.contact(flow)), ("Accept", "application/sdp")],
        )

    def _on_done(self, response: Response | None, transaction: ClientTransaction | None) -> None:
        """Any answer shows that somebody is there, but for those that stand for nobody (408, 503)."""
        if self._is_stopped:
            return
        self.is_up = response is not None and response.code not in (408, 503)
        self.detail = unanswered(transaction) if response is None else f"{response.code} {phrase_of(response)}"
        self._timer = self._agent.after(self._line.trunk.keep_alive_s, self._ask)
        self._on_change()
