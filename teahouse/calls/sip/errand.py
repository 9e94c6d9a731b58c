"""A request of ours and what it takes to get its final answer: challenges answered, the next server tried."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sipmessage import Request, Response

from teahouse.calls.sip.line import TrunkLine, retry_after
from teahouse.calls.sip.transactions import ClientTransaction, Flow

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent

CHALLENGES_MAX: Final = 3
"""How often one request answers 401 and 407: a proxy's, a server's, and one stale nonce."""
TARGETS_MAX: Final = 4
"""How many servers one request is sent to."""

Make = Callable[[Flow], Request]
"""Build the request, with a branch of its own and the next CSeq."""
Done = Callable[[Response | None, ClientTransaction | None], None]
"""The final answer; None: nobody answered. For an INVITE it is called for each 2xx, again and again."""


def unanswered(transaction: ClientTransaction | None) -> str:
    """For the operator: why there is no final answer."""
    return "no answer" if transaction is not None else "its name leads nowhere"


class Errand:
    """BYE, UPDATE, re-INVITE, PRACK, OPTIONS, REGISTER: everything but a first INVITE."""

    def __init__(self, agent: "Agent", line: TrunkLine, targets: Sequence[Flow], make: Make, done: Done) -> None:
        self._agent = agent
        self._line = line
        self._targets = list(targets[:TARGETS_MAX])
        self._make = make
        self._done = done
        self._challenges = 0
        self._is_done = False

    def start(self) -> None:
        if self._targets:
            self._send()
        else:
            self._finish(None, None)

    def on_response(self, transaction: ClientTransaction, response: Response) -> None:
        if response.code < 200:
            return
        self._line.learn(response, transaction.flow)
        if self._is_done:
            if response.code < 300:
                self._done(response, transaction)
        elif self._may_answer(transaction.request, response):
            self._challenges += 1
            self._send()
        elif response.code == 503:
            self._line.rest(transaction.flow, retry_after(response) or 1)
            self._next(response, transaction)
        else:
            self._finish(response, transaction)

    def on_timeout(self, transaction: ClientTransaction) -> None:
        self._line.rest(transaction.flow)
        self._next(None, transaction)

    def on_transport_error(self, transaction: ClientTransaction) -> None:
        self._line.rest(transaction.flow)
        self._next(None, transaction)

    def _may_answer(self, request: Request, response: Response) -> bool:
        return self._line.answers(request, response) and self._challenges < CHALLENGES_MAX

    def _send(self) -> None:
        flow = self._targets[0]
        request = self._make(flow)
        self._line.sign(request)
        self._agent.send(request, flow, self)

    def _next(self, response: Response | None, transaction: ClientTransaction) -> None:
        if self._is_done:
            return
        self._targets.pop(0)
        if self._targets:
            self._send()
        else:
            self._finish(response, transaction)

    def _finish(self, response: Response | None, transaction: ClientTransaction | None) -> None:
        self._is_done = True
        self._done(response, transaction)
