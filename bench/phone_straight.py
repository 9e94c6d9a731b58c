"""A call without a user agent: what a trunk itself takes, told by one socket that sends prepared bytes."""

from __future__ import annotations

import re
import secrets
import socket
import time
from typing import Final

from tests.calls.sip.phone import OFFER
from tests.calls.sip.sipp import HOST

ANSWER_S: Final = 10.0
DATAGRAM_BYTES: Final = 65_536
REQUEST: Final = (
    "{method} sip:+4930123456@{host}:{port} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP {host}:{own};branch=z9hG4bK{branch}\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:+4930999888@{host}:{own}>;tag={call}\r\n"
    "To: {to}\r\n"
    "Call-ID: {call}\r\n"
    "CSeq: {sequence} {method}\r\n"
    "Contact: <sip:{host}:{own}>\r\n"
    "{body}"
)
TO: Final = re.compile(rb"\r\nTo: ([^\r]+)")


def straight(port: int, count: int) -> list[float]:
    """Call SIPp at this port so many times, one after the other; from each INVITE's sending to its 200, in ms."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((HOST, 0))
        wire.connect((HOST, port))
        wire.settimeout(ANSWER_S)
        return [_call(wire, port) for _ in range(count)]


def _call(wire: socket.socket, port: int) -> float:
    call = secrets.token_hex(8)
    offer = f"Content-Type: application/sdp\r\nContent-Length: {len(OFFER)}\r\n\r\n{OFFER.decode()}"
    fields = {"host": HOST, "port": port, "own": wire.getsockname()[1], "call": call}

    def request(method: str, sequence: int, to: str, body: str = "Content-Length: 0\r\n\r\n") -> bytes:
        branch = secrets.token_hex(8)
        text = REQUEST.format(method=method, sequence=sequence, to=to, body=body, branch=branch, **fields)
        return text.encode()

    invite = request("INVITE", 1, f"<sip:+4930123456@{HOST}>", offer)
    started = time.perf_counter()
    wire.send(invite)
    answer = _final(wire, call)
    took = (time.perf_counter() - started) * 1000
    found = TO.search(answer)
    assert found, answer
    to = found[1].decode()
    wire.send(request("ACK", 1, to))
    wire.send(request("BYE", 2, to))
    _final(wire, call)
    return took


def _final(wire: socket.socket, call: str) -> bytes:
    while True:
        answer = wire.recv(DATAGRAM_BYTES)
        if call.encode() in answer and not answer.startswith(b"SIP/2.0 1"):
            assert answer.startswith(b"SIP/2.0 200"), answer
            return answer
