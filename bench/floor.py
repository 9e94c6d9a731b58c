"""What the machine itself allows, without Teahouse: the ratios to these say what the server's own work costs.

- `python -m bench.floor PORT`: a server that reads the same frames and answers with frames of their size, but
  parses, checks and stores nothing. Token `3:0` makes a connection the sender of chat 3, any other `3:…` a receiver.
- `python -m bench.floor rows DATABASE FOLDER GROUP`: the messages of a used house written again by `sqlite3` alone,
  into the same table with the same indexes, GROUP of them a transaction, durable (`synchronous=FULL`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import select
import shutil
import socket
import sqlite3
import sys
import time
from pathlib import Path
from typing import Final

GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ACK: Final = b'{"type":"ack","id":"123456","chat":"0123456789abcdef","seq":123456,"at":1790000000000}'
NEW_HEAD: Final = b'{"sender":"0123456789abcdef","at":1790000000000,"seq":123456,"is":'
SEND: Final = b'"message.send"'


class Peer:
    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.rest = b""
        self.open = False
        self.chat = ""
        self.sender = False
        self.out: list[bytes] = []

    def shake_hands(self) -> bytes:
        head, _, rest = self.rest.partition(b"\r\n\r\n")
        found = re.search(rb"Sec-WebSocket-Key: (\S+).*Bearer ([^:]+):(\d+)", head, re.S)
        assert found, head
        accept = base64.b64encode(hashlib.sha1(found[1] + GUID).digest())
        self.sock.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.open, self.chat, self.sender = True, found[2].decode(), found[3] == b"0"
        return rest

    def payloads(self) -> list[bytes]:
        data, at, found = self.rest, 0, []
        while len(data) - at >= 14:
            size, head = data[at + 1] & 127, 6
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 8
            elif size == 127:
                size, head = int.from_bytes(data[at + 2 : at + 10], "big"), 14
            if at + head + size > len(data):
                break
            found.append(data[at + head : at + head + size])
            at += head + size
        self.rest = data[at:]
        return found


def server_frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def serve(port: int) -> None:
    """Echo until killed: one write per connection and turn of the loop, as the real server's commits do."""
    door = socket.create_server(("127.0.0.1", port), backlog=1024)
    poll = select.epoll()
    poll.register(door.fileno(), select.EPOLLIN)
    peers: dict[int, Peer] = {}
    receivers: dict[str, list[Peer]] = {}
    while True:
        touched: set[Peer] = set()
        for fd, _ in poll.poll():
            if fd == door.fileno():
                sock, _ = door.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peers[sock.fileno()] = Peer(sock)
                poll.register(sock.fileno(), select.EPOLLIN)
                continue
            peer = peers[fd]
            data = peer.sock.recv(262144)
            if not data:
                poll.unregister(fd)
                peer.sock.close()
                del peers[fd]
                if peer in receivers.get(peer.chat, ()):
                    receivers[peer.chat].remove(peer)
                continue
            peer.rest += data
            if not peer.open and b"\r\n\r\n" in peer.rest:
                peer.rest = peer.shake_hands()
                receivers.setdefault(peer.chat, [])
                if not peer.sender:
                    receivers[peer.chat].append(peer)
            if not peer.open:
                continue
            for payload in peer.payloads():
                commands = payload.count(SEND)
                peer.out.extend([ACK] * commands)
                touched.add(peer)
                told = NEW_HEAD + payload.replace(SEND, b'"message.new"')
                for receiver in receivers[peer.chat]:
                    receiver.out.append(told + b"}")
                    touched.add(receiver)
        for peer in touched:
            peer.sock.sendall(server_frame(b"[" + b",".join(peer.out) + b"]"))
            peer.out.clear()


def write_rows(used: Path, folder: Path, group: int, most: int = 200_000) -> dict[str, float]:
    """Write a used house's messages into a fresh copy of its tables; return rows and seconds."""
    fresh = folder / "floor.db"
    source = sqlite3.connect(used)
    target = sqlite3.connect(fresh, isolation_level=None)
    for (statement,) in source.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'message' AND sql IS NOT NULL AND type IN ('table', 'index')"
    ):
        target.execute(statement)
    rows = source.execute("SELECT * FROM message ORDER BY rowid LIMIT ?", (most,)).fetchall()
    source.close()
    insert = f"INSERT INTO message VALUES ({','.join('?' * len(rows[0]))})"
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = FULL")
    started = time.perf_counter()
    for at in range(0, len(rows), group):
        target.execute("BEGIN IMMEDIATE")
        target.executemany(insert, rows[at : at + group])
        target.execute("COMMIT")
    wall_s = time.perf_counter() - started
    target.close()
    return {"rows": len(rows), "rows_per_s": round(len(rows) / wall_s), "group": group}


if __name__ == "__main__":
    if sys.argv[1] == "rows":
        Path(sys.argv[3]).mkdir(parents=True)
        print(json.dumps(write_rows(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))))
        shutil.rmtree(sys.argv[3])
    else:
        serve(int(sys.argv[1]))
