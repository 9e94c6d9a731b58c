"""The hub: who is connected now, and what they are told after each commit."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from teahouse.events import SignedOut
from teahouse.house import House
from teahouse.live import frames
from teahouse.live.model import Sync
from teahouse.storage.transaction import Told

if TYPE_CHECKING:
    from teahouse.live.connection import LiveConnection

PING_EVERY_S = 25.0
"""A connection that was silent for two rounds is closed; proxies cut at 60 s or later."""

encode = msgspec.json.Encoder().encode


class Hub:
    def __init__(self, house: House) -> None:
        self.house = house
        self.reader = frames.CommandReader([*house.commands, Sync])
        self.by_person: dict[str, tuple[LiveConnection, ...]] = {}
        self.count = 0
        self._dirty: set[LiveConnection] = set()
        self._pinging: asyncio.TimerHandle | None = None
        house.bus.subscribe(self.tell)
        house.device_ended.append(self.end_device)
        house.connections = lambda: self.count

    def start(self) -> None:
        self._ping_all()

    def stop(self) -> None:
        if self._pinging:
            self._pinging.cancel()

    # --- who is here ---

    def enter(self, connection: "LiveConnection") -> None:
        self.count += 1
        self.by_person[connection.person] = (*self.by_person.get(connection.person, ()), connection)

    def leave(self, connection: "LiveConnection") -> None:
        self.count -= 1
        self._dirty.discard(connection)
        left = tuple(each for each in self.by_person[connection.person] if each is not connection)
        if left:
            self.by_person[connection.person] = left
        else:
            del self.by_person[connection.person]

    def is_connected(self, person: str, device: str) -> bool:
        return any(each.device == device for each in self.by_person.get(person, ()))

    def end_device(self, device: str, reason: str) -> None:
        """Tell a device's connections that it was signed out, and close them."""
        event = encode(msgspec.convert({"type": "session.ended", "reason": reason}, SignedOut))
        for connections in list(self.by_person.values()):
            for connection in connections:
                if connection.device == device:
                    connection.end(event)

    # --- telling ---

    def touched(self, connection: "LiveConnection") -> None:
        """Something waits to be written to this connection: write it at the end of this commit."""
        self._dirty.add(connection)

    def tell(self, number: int, told: Sequence[Told]) -> None:
        """Give every connection its events of one commit, each connection one frame.

        Consecutive events for the same people are joined once for all of them, and connections that are told the same
        share one frame.
        """
        by_person = self.by_person
        dirty = self._dirty
        at, end = 0, len(told)
        while at < end:
            first = told[at]
            people, origin = first.people, first.origin
            at += 1
            chunk = first.body
            if at < end and told[at].people is people and told[at].origin is origin:
                bodies = [chunk]
                while at < end and told[at].people is people and told[at].origin is origin:
                    bodies.append(told[at].body)
                    at += 1
                chunk = b",".join(bodies)
            for person in people:
                for connection in by_person.get(person, ()):
                    if connection is not origin and connection.take(number, chunk):
                        dirty.add(connection)
        self.flush()

    def flush(self) -> None:
        shared: dict[tuple[int, ...], bytes] = {}
        for connection in self._dirty:
            waiting = connection.waiting
            key = tuple(map(id, waiting))
            frame = shared.get(key)
            if frame is None:
                frame = shared[key] = frames.text_frame(waiting)
            connection.write(frame)
        # Only now may the chunks go: their identities were the keys.
        for connection in self._dirty:
            connection.waiting.clear()
        self._dirty.clear()

    def _ping_all(self) -> None:
        for connections in list(self.by_person.values()):
            for connection in connections:
                connection.ping_or_drop()
        self._pinging = asyncio.get_running_loop().call_later(PING_EVERY_S, self._ping_all)
