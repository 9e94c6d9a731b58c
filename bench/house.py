"""A real `teahouse serve` on one core, with 200 people: 100 pairs with a direct chat each, and one group of all."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import process
from bench.load import Encode, Flow, Marks
from bench.texts import TEXTS
from bench.wire import Connection, frame
from teahouse import ids
from teahouse.clock import now_ms
from teahouse.people import store
from teahouse.storage.engine import make_engine
from tests.harness.server import Server

PAIRS: Final = 100
GROUP_MEMBERS: Final = 200
PASSWORD: Final = "a benchmark's password"
LIVE: Final = "/api/v1/live"
MARKS: Final = Marks(
    delivery=b'"type":"message.new"', ack=b'"type":"ack"', faults=(b'"type":"error"', b'"type":"overflow"')
)
# Only the limits of people who write by hand are raised: all checks of them still run for every command.
SETTINGS: Final = {"RATE_PERSON": "1000000", "RATE_ADDRESS": "1000000", "RATE_SIGN_IN": "1000000"}


@dataclass(frozen=True)
class Guest:
    person: str
    token: str


class House:
    """Use as a context. The people come in by the public API, so nothing here knows the store."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder / "house", settings=SETTINGS)
        self.guests: list[Guest] = []
        self.chats: list[str] = []
        """The direct chat of guests 2i and 2i + 1."""
        self.group = ""

    def __enter__(self) -> House:
        self.server.start()
        try:
            with ThreadPoolExecutor(8) as pool:
                self._open_door()
                self.guests += pool.map(self._sign_up, range(1, PAIRS * 2))
                self.chats = list(pool.map(self._befriend, self.guests[::2], self.guests[1::2]))
                self.group = self._make_group(pool)
            self.pin()
        except BaseException:
            self.server.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.server.kill()

    def pin(self) -> None:
        process.pin(self.server.pid, process.SERVER_CORE)

    def restart(self) -> None:
        self.server.stop()
        self.server.start()
        self.pin()

    @property
    def pids(self) -> list[int]:
        return process.children(self.server.pid)

    def ask(self, method: str, path: str, token: str = "", body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request to the HTTP API; a refusal is an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        connection.request(method, "/api/v1" + path, json.dumps(body or {}), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {text[:500]!r}")
        found: dict[str, Any] = json.loads(text) if text else {}
        return found

    def _open_door(self) -> None:
        """The first guest comes by the first link, is the operator, and lets everybody in."""
        self.guests = [self._sign_up(0, invitation=self.server.first_link.rpartition("/")[2])]
        self.ask("PATCH", "/house", self.guests[0].token, {"registration": "open"})

    def _sign_up(self, number: int, **more: str) -> Guest:
        body = {"handle": f"guest{number}", "name": f"Guest {number}", "password": PASSWORD, **more}
        answer = self.ask("POST", "/people", body=body)
        return Guest(answer["person"]["id"], answer["token"])

    def _befriend(self, one: Guest, other: Guest) -> str:
        request = self.ask("POST", "/contacts/requests", one.token, {"person": other.person})["request"]
        return str(self.ask("POST", f"/contacts/requests/{request}/accept", other.token)["chat"])

    def _make_group(self, pool: ThreadPoolExecutor) -> str:
        owner = self.guests[0].token
        chat = str(self.ask("POST", "/chats", owner, {"kind": "group", "nonce": "group", "name": "All"})["chat"])
        link = self.ask("POST", f"/chats/{chat}/links", owner, {"uses": GROUP_MEMBERS, "hours": 24})["link"]
        secret = link["url"].rpartition("/")[2]
        members = self.guests[1:GROUP_MEMBERS]
        for _ in pool.map(lambda guest: self.ask("POST", "/joins", guest.token, {"link": secret}), members):
            pass
        return chat

    def connect(self, guest: Guest) -> Connection:
        """A live connection that asked for the present cursor, as every client does first."""
        connection = Connection(("127.0.0.1", self.server.port), LIVE, guest.token)
        connection.send(b'{"id":"0","type":"sync","cursor":""}')
        connection.read_until(b'"type":"synced"')
        return connection

    def connect_all(self, guests: Sequence[Guest]) -> list[Connection]:
        return [self.connect(guest) for guest in guests]


def add_guests(data: Path, count: int) -> list[Guest]:
    """Put people with one device each into a stopped house, row by row: 2,000 sign-ups would take minutes of argon2."""
    guests, now = [], now_ms()
    engine = make_engine(f"sqlite:///{(data / 'teahouse.db').absolute()}", readers=1)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for number in range(count):
            guest = Guest(ids.new_id(), ids.new_token())
            guests.append(guest)
            store.add_person(
                connection,
                {"id": guest.person, "handle": f"idle{number}", "name": f"Idle {number}", "created_at": now},
            )
            store.add_device(
                connection,
                {
                    "id": ids.new_id(),
                    "person": guest.person,
                    "token_hash": ids.hash_token(guest.token),
                    "name": "",
                    "address": "127.0.0.1",
                    "created_at": now,
                    "seen_at": now,
                },
            )
    engine.dispose()
    return guests


def encoder(chat: str) -> Encode:
    """Commands `message.send` for one chat: one, or an array of those whose turn came together. The nonces grow."""
    stamp = f"{time.time_ns() // 1_000_000:x}"
    head = f'{{"id":"%d","type":"message.send","chat":"{chat}","nonce":"{stamp}-%012d",'.encode()
    tails = [b'"content":{"kind":"text","text":"' + text + b'"}}' for text in TEXTS]

    def encode(first: int, count: int) -> bytes:
        if count == 1:
            return frame(head % (first, first) + tails[first & 63])
        commands = [head % (number, number) + tails[number & 63] for number in range(first, first + count)]
        return frame(b"[" + b",".join(commands) + b"]")

    return encode


def receipt_for(chat: str) -> Any:
    """A receipt for the newest message of what was read, as a client sends one for each frame that it gets."""
    head = f'{{"id":"r","type":"receipt","chat":"{chat}","delivered":'.encode()

    def receipt(data: bytes) -> bytes:
        at = data.rindex(b'"seq":', 0, data.rindex(b'"nonce":')) + 6
        end = at
        while data[end : end + 1].isdigit():
            end += 1
        return frame(head + data[at:end] + b"}")

    return receipt


def pair_flows(house: House, connections: Sequence[Connection], pairs: int, *, receipts: bool = False) -> list[Flow]:
    """`connections` are those of all guests, in order."""
    return [
        Flow(
            connections[2 * number],
            [connections[2 * number + 1]],
            encoder(house.chats[number]),
            receipt_for(house.chats[number]) if receipts else None,
        )
        for number in range(pairs)
    ]


def group_flow(house: House, connections: Sequence[Connection]) -> Flow:
    return Flow(connections[0], connections[1:GROUP_MEMBERS], encoder(house.group))
