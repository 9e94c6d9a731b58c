"""An XMPP client on a raw TCP socket, as cheap as the WebSocket one: it counts stanzas and parses no XML."""

from __future__ import annotations

import base64
import socket
from typing import Final

from bench.load import Encode, Flow, Marks
from bench.texts import TEXTS
from bench.wire import READ_BYTES, Closed

DOMAIN: Final = "localhost"
END: Final = b"</message>"
FAULTS: Final = (b"type='error'", b"<stream:error")
PAIR_MARKS: Final = Marks(delivery=END, faults=FAULTS)
"""ejabberd archives a message before it delivers it, and answers a sender nothing: the delivery is the proof."""
ROOM_MARKS: Final = Marks(delivery=END, ack=END, faults=FAULTS)
"""A room sends each message back to its sender too: that is the acknowledgement."""


class Connection:
    """One signed-in resource of one account, available (presence sent). XEP-0077 makes the account where need be."""

    __slots__ = ("_rest", "fd", "jid", "sock")

    def __init__(self, address: tuple[str, int], user: str, password: str, resource: str, *, register: bool) -> None:
        self.sock = socket.create_connection(address, timeout=30)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fd = self.sock.fileno()
        self._rest = b""
        self.jid = f"{user}@{DOMAIN}/{resource}"
        self._open_stream()
        if register:
            form = f"<username>{user}</username><password>{password}</password>"
            self.ask(f"<iq type='set' id='reg'><query xmlns='jabber:iq:register'>{form}</query></iq>", b"<iq ")
        proof = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.ask(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{proof}</auth>", b"<success")
        self._open_stream()
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>"
        self.ask(f"<iq type='set' id='bind'>{bind}</iq>", b"</iq>")
        self.ask("<presence/>", b"<presence ")
        self.sock.settimeout(None)

    def _open_stream(self) -> None:
        namespaces = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
        self.ask(
            f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' {namespaces}>", b"</stream:features>"
        )

    def ask(self, text: str, until: bytes, timeout_s: float = 30.0) -> bytes:
        """Send, and return all that came up to and with `until`."""
        self.sock.settimeout(timeout_s)
        self.sock.sendall(text.encode())
        seen = b""
        while until not in seen:
            data = self.sock.recv(READ_BYTES)
            if not data:
                raise Closed(f"closed after {text!r}: {seen!r}")
            seen += data
            if b"<failure" in seen or b"type='error'" in seen:
                raise AssertionError(f"refused {text!r}: {seen!r}")
        self.sock.settimeout(None)
        return seen

    def join(self, room: str, nick: str) -> None:
        """Join a room (XEP-0045) without its history; the presence of oneself (status 110) ends the join."""
        muc = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"
        self.ask(f"<presence to='{room}/{nick}'>{muc}</presence>", b"code='110'")

    def read(self) -> bytes:
        """Read once and return whole messages only (what comes between them goes with the next)."""
        data = self.sock.recv(READ_BYTES)
        if not data:
            raise Closed("the server closed the connection")
        if self._rest:
            data = self._rest + data
        cut = data.rfind(END)
        if cut < 0 and not any(fault in data for fault in FAULTS):
            self._rest = data
            return b""
        cut += len(END)
        self._rest = data[cut:]
        return data[:cut]

    def close(self) -> None:
        self.sock.close()


def encoder(to: str, kind: str) -> Encode:
    head = f"<message to='{to}' type='{kind}' id='m%012d'><body>".encode()
    tails = [text + b"</body></message>" for text in TEXTS]

    def encode(first: int, count: int) -> bytes:
        return b"".join([head % number + tails[number & 63] for number in range(first, first + count)])

    return encode


def pair_flow(sender: Connection, receiver: Connection) -> Flow:
    return Flow(sender, [receiver], encoder(receiver.jid, "chat"))


def room_flow(members: list[Connection], room: str) -> Flow:
    return Flow(members[0], members[1:], encoder(room, "groupchat"))
