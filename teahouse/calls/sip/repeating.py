"""The 2xx of an INVITE, sent until its ACK comes (RFC 3261 13.3.1.4), and reliable provisional ones (RFC 3262 3)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sipmessage import Response

from teahouse.calls.sip.transactions import ServerTransaction

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent


class Repeating:
    """Begins at once, at T1; doubles, for a 2xx up to T2; after 64*T1 `given_up` is called."""

    def __init__(
        self,
        agent: "Agent",
        transaction: ServerTransaction,
        response: Response,
        given_up: Callable[[], None],
    ) -> None:
        self._agent = agent
        self._transaction = transaction
        self._response = response
        self._given_up = given_up
        timers = agent.layer.timers
        self._interval = timers.t1
        self._longest = timers.t2 if response.code >= 200 else 64 * timers.t1
        self._until = agent.now + 64 * timers.t1
        agent.respond(transaction, response)
        self._timer = agent.after(self._interval, self._again)

    @property
    def cseq(self) -> int:
        return self._transaction.request.cseq.sequence

    def stop(self) -> None:
        """ACK or PRACK came, or nothing matters any longer."""
        self._timer.stop()

    def _again(self) -> None:
        if self._agent.now >= self._until:
            self._given_up()
            return
        self._agent.respond(self._transaction, self._response)
        self._interval = min(2 * self._interval, self._longest)
        wait = min(self._interval, max(0.0, self._until - self._agent.now))
        self._timer = self._agent.after(wait, self._again)
