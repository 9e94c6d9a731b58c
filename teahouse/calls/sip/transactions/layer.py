"""The layer: finds the transaction of what comes, makes new ones, and drives their timers."""

from typing import Final

from sipmessage import Request, Response

from teahouse.calls.sip.message import BadMessage, response_to, serialise
from teahouse.calls.sip.timers import T1, T2, T4, Timers
from teahouse.calls.sip.transactions.base import Transaction
from teahouse.calls.sip.transactions.client import Client, InviteClient, NonInviteClient
from teahouse.calls.sip.transactions.matching import client_key, mark_source, merge_key, server_key
from teahouse.calls.sip.transactions.model import (
    ClientTransaction,
    ClientUser,
    Core,
    Flow,
    Key,
    ServerTransaction,
    new_branch,
)
from teahouse.calls.sip.transactions.schedule import Schedule
from teahouse.calls.sip.transactions.server import InviteServer, NonInviteServer, Server

OPEN_MAX: Final = 65_536
"""Transactions of each side that are open at a time; most only wait out their last timer."""
RETRY_AFTER: Final = 5
"""Seconds that the 503 of a full layer asks for."""


class TransactionLayer:
    def __init__(self, core: Core, *, t1: float = T1, t2: float = T2, t4: float = T4, open_max: int = OPEN_MAX) -> None:
        self.core = core
        self.timers = Timers(t1, t2, t4)
        self.schedule = Schedule()
        self.outbox: list[tuple[Flow, bytes]] = []
        """What is to be sent, in order; whoever drives the layer empties it after every call."""
        self._open_max = open_max
        self._clients: dict[Key, Client] = {}
        self._servers: dict[Key, Server] = {}
        self._merging: dict[Key, Server] = {}
        self._by_flow: dict[Flow, dict[Transaction, None]] = {}

    def __len__(self) -> int:
        """How many transactions are open."""
        return len(self._clients) + len(self._servers)

    def send_request(self, request: Request, flow: Flow, user: ClientUser, now: float) -> ClientTransaction:
        """Begin a client transaction (INVITE or other, never ACK). The topmost Via is the caller's, with a branch of
        its own (`new_branch()`). Raises `ValueError` for an ACK, a branch in use, and what `serialise` refuses.

        Beyond `open_max` nothing is sent, and the user hears of a transport error when timers are next handled.
        """
        if request.method == "ACK":
            raise ValueError("an ACK has no transaction")
        key = client_key(request)
        if key in self._clients:
            raise ValueError("the branch is in use")
        kind = InviteClient if request.method == "INVITE" else NonInviteClient
        transaction = kind(self, key, request, flow, user)
        if len(self._clients) >= self._open_max:
            transaction.refuse(now)
            return transaction
        self._clients[key] = transaction
        self._by_flow.setdefault(flow, {})[transaction] = None
        transaction.begin(now)
        return transaction

    def send_stateless(self, message: Request | Response, flow: Flow) -> None:
        """An ACK of a 2xx."""
        self.send(flow, serialise(message))

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Answer; a 2xx of an INVITE is repeated by its user (13.3.1.4), not here (RFC 6026 keeps it in Accepted).
        What the state does not allow any longer is not sent."""
        assert isinstance(transaction, Server)
        transaction.respond(response, now)

    def abandon(self, transaction: ClientTransaction) -> None:
        """End it without a word: an INVITE that was cancelled and has no final response 64*T1 later (9.1)."""
        assert isinstance(transaction, Client)
        transaction.terminate()

    def matching_invite(self, cancel: Request) -> ServerTransaction | None:
        """The INVITE that a CANCEL means (9.2), in whatever state."""
        return self._servers.get(server_key(cancel, "INVITE"))

    def receive(self, message: Request | Response, flow: Flow, now: float) -> None:
        """Take a message that `parse` gave. Where a request came from is written into its top Via."""
        if isinstance(message, Response):
            self._receive_response(message, flow, now)
        else:
            self._receive_request(message, flow, now)

    def refuse(self, bad: BadMessage, flow: Flow) -> None:
        """Answer a request that could not be read, as far as that can be done (8.2, 21.4.1); keeps nothing of it."""
        partial = bad.partial
        if partial is not None and partial.method != "ACK" and bad.code:
            back = mark_source(partial, flow)
            self.send(back, serialise(response_to(partial, bad.code, to_tag=new_branch()[-16:])))

    def transport_failed(self, flow: Flow, now: float) -> None:
        """The connection or the send failed: its transactions end."""
        for transaction in list(self._by_flow.get(flow, ())):
            transaction.fail()

    def next_timer(self) -> float | None:
        """When `handle_timers` must be called at the latest."""
        return self.schedule.next()

    def handle_timers(self, now: float) -> None:
        self.schedule.run(now)

    def send(self, flow: Flow, data: bytes) -> None:
        """For transactions: put bytes into the outbox."""
        self.outbox.append((flow, data))

    def forget(self, transaction: Transaction) -> None:
        """For transactions: this one has ended."""
        if self._clients.get(transaction.key) is transaction:
            del self._clients[transaction.key]
        elif self._servers.get(transaction.key) is transaction:
            merge = self._servers.pop(transaction.key).merge_key
            if merge is not None:
                del self._merging[merge]
        of_flow = self._by_flow.get(transaction.flow, {})
        of_flow.pop(transaction, None)
        if not of_flow:
            self._by_flow.pop(transaction.flow, None)

    def _receive_response(self, response: Response, flow: Flow, now: float) -> None:
        if len(response.via) != 1:
            return  # 8.1.3.3: it is another's, and came to us astray.
        transaction = self._clients.get(client_key(response))
        if transaction is None:
            self.core.on_stray_response(response, flow)
        else:
            transaction.receive(response, now)

    def _receive_request(self, request: Request, flow: Flow, now: float) -> None:
        key = server_key(request)
        back = mark_source(request, flow)
        if known := self._servers.get(key):
            known.receive(request, flow, now)
        elif request.method == "ACK":
            self.core.on_ack(request, flow)
        elif len(self._servers) >= self._open_max:
            busy = response_to(request, 503, to_tag=new_branch()[-16:], headers={"Retry-After": str(RETRY_AFTER)})
            self.send(back, serialise(busy))
        else:
            self._begin(key, request, flow, back, now)

    def _begin(self, key: Key, request: Request, flow: Flow, back: Flow, now: float) -> None:
        kind = InviteServer if request.method == "INVITE" else NonInviteServer
        transaction = kind(self, key, request, back)
        self._servers[key] = transaction
        self._by_flow.setdefault(back, {})[transaction] = None
        transaction.begin(now)
        merge = merge_key(request)
        if merge is not None and merge in self._merging:
            transaction.respond(response_to(request, 482, to_tag=new_branch()[-16:]), now)
            return
        if merge is not None:
            transaction.merge_key = merge
            self._merging[merge] = transaction
        self.core.on_request(transaction, flow)
