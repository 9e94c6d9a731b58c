"""A WebSocket client on a raw socket, as cheap as Python allows: it counts marks in bytes and parses no JSON."""

from __future__ import annotations

import base64
import os
import socket
import struct
from typing import Final

READ_BYTES: Final = 64 * 1024
CLOSE, PING, PONG = 8, 9, 10


class Closed(ConnectionError):
    """The server ended the connection."""


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """Return one final client frame. The masking key is zero: legal bytes, the server's work is the same, and the
    generator need not touch the payload (RFC 6455, 5.3 asks browsers for random keys; we guard no proxy here)."""
    size = len(payload)
    if size < 126:
        return struct.pack(">BBI", 0x80 | opcode, 0x80 | size, 0) + payload
    if size < 65536:
        return struct.pack(">BBHI", 0x80 | opcode, 0xFE, size, 0) + payload
    return struct.pack(">BBQI", 0x80 | opcode, 0xFF, size, 0) + payload


class Connection:
    """One signed-in WebSocket. `read()` is called when the socket is readable and returns whole frames only, so that
    a mark never lies across two reads; pings are answered here."""

    __slots__ = ("_rest", "fd", "sock")

    def __init__(self, address: tuple[str, int], path: str, token: str) -> None:
        self.sock = socket.create_connection(address, timeout=30)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fd = self.sock.fileno()
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        self._rest = self._after_handshake()
        self.sock.settimeout(None)

    def _after_handshake(self) -> bytes:
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = self.sock.recv(4096)
            if not more:
                raise Closed(f"no handshake: {answer[:500]!r}")
            answer += more
        head, rest = answer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise Closed(f"no handshake: {head[:300]!r} {rest[:500]!r}")
        return rest

    def send(self, payload: bytes) -> None:
        self.sock.sendall(frame(payload))

    def read(self) -> bytes:
        """Read once and return the frames that are whole now (headers and all), perhaps none."""
        data = self.sock.recv(READ_BYTES)
        if not data:
            raise Closed("the server closed the connection")
        if self._rest:
            data = self._rest + data
        at, end = 0, len(data)
        while end - at >= 2:
            size, head = data[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            elif size == 127:
                size, head = int.from_bytes(data[at + 2 : at + 10], "big"), 10
            if at + head + size > end:
                break
            if data[at] & 8:
                self._control(data[at] & 15, data[at + head : at + head + size])
            at += head + size
        self._rest = data[at:]
        return data[:at]

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.sock.sendall(frame(payload, PONG))
        elif opcode == CLOSE:
            raise Closed(f"the server closed the connection: {payload[2:]!r}")

    def read_until(self, mark: bytes, timeout_s: float = 30.0) -> bytes:
        """Return all that came up to and with the frame that holds `mark`."""
        self.sock.settimeout(timeout_s)
        seen = b""
        while mark not in seen:
            if b'"type":"error"' in seen:
                raise AssertionError(f"refused: {seen[-500:]!r}")
            seen += self.read()
        self.sock.settimeout(None)
        return seen

    def close(self) -> None:
        self.sock.close()
