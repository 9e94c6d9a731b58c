"""What a command's handler sees of the transaction that its group is committed in."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from teahouse.events import Event
from teahouse.storage import log

encode = msgspec.json.Encoder().encode


class Told(msgspec.Struct, gc=False):
    """One event and who is told of it, once it is durable."""

    number: int
    """Place in the order of commits; 0 for events that are not kept."""
    people: Collection[str]
    body: bytes
    """The encoded event: one JSON object, encoded once for all its receivers."""
    origin: Any = None
    """The connection whose command it was, which is not told (it has the answer)."""
    event: Any = None
    """The event itself, for listeners that need to look inside (push)."""


class Flushed(Protocol):
    """A feature's rows that are gathered during a group and written at once."""

    def flush(self, tx: "Tx") -> None: ...

    def forget(self) -> None: ...


class Tx:
    """The transaction of one group of commands. Handlers run one after another in the writer's thread.

    A handler decides first and changes after: it raises a `Refusal` before its first change where it can. What it
    changed in the store before a refusal is rolled back; what it changed in memory it must be able to undo (`undo`).
    """

    def __init__(self, connection: sa.Connection, now: int, number: int) -> None:
        self.connection = connection
        self.now = now
        """Unix time in milliseconds, the same for the whole group."""
        self.careful = False
        """True when an optimistic run of this group failed: look before each append."""
        self.alone = False
        """True while a command runs in a savepoint of its own, so that its failure undoes it alone; hot commands of a
        first run have none."""
        self.origin: Any = None
        self.last_number = number
        self.told: list[Told] = []
        self.ended: list[tuple[str, str]] = []
        self._undos: list[Callable[[], object]] = []
        self._after: list[Callable[[], object]] = []
        self._log: dict[tuple[str, str | int], tuple[int, str, str | None, bytes]] = {}
        self._gathered: dict[type, Flushed] = {}

    def number(self) -> int:
        """Return the next number in the order of commits."""
        self.last_number += 1
        return self.last_number

    def tell(
        self,
        event: Event,
        people: Collection[str],
        *,
        scopes: Sequence[str] = (),
        key: str = "",
        number: int = 0,
    ) -> None:
        """Tell people of an event once the group is durable.

        With `scopes` (ids of chats or people) it is kept in the event log of each, so that devices that are away get it
        by `sync`; a `key` makes it replace the older event of that key. Without scopes it is told and forgotten, unless
        it carries a `number` under which its own table keeps it.
        """
        numbers = [self.number() for _ in scopes]
        if numbers:
            # The last: who has seen the event has seen all its copies.
            number = numbers[-1]
            event = msgspec.structs.replace(event, cursor=str(number))
        body = encode(event)
        for each, scope in zip(numbers, scopes, strict=True):
            self._log[scope, key or each] = (each, scope, key or None, body)
        self.told.append(Told(number, people, body, None, event))

    def end_device(self, device: str, reason: str) -> None:
        """Close the live connections of a device that was signed out, once that is durable."""
        self.ended.append((device, reason))

    def undo(self, action: Callable[[], object]) -> None:
        """Run this if the command is rolled back: drop from memory what may be wrong then. It must bear repeating."""
        self._undos.append(action)

    def after(self, action: Callable[[], object]) -> None:
        """Run this in the writer's thread once the group is durable: fast, and without errors."""
        self._after.append(action)

    def gathered(self, kind: type[Any]) -> Any:
        """Return this group's one object of a kind (`Flushed`) that gathers rows."""
        found = self._gathered.get(kind)
        if found is None:
            found = self._gathered[kind] = kind()
        return found

    def flush(self) -> None:
        """Write what was gathered: before a handler that reads it back, and at the end of the group."""
        for each in self._gathered.values():
            each.flush(self)
        if self._log:
            rows = list(self._log.values())
            self._log.clear()
            log.add(self.connection, rows)

    # --- for the writer ---

    def mark(self) -> tuple[int, int, int, int]:
        return len(self.told), len(self.ended), len(self._undos), len(self._after)

    def roll_back_to(self, mark: tuple[int, int, int, int]) -> None:
        """Forget what was told, ended and planned since the mark, and undo what was changed in memory."""
        told, ended, undos, after = mark
        del self.told[told:], self.ended[ended:], self._after[after:]
        for action in reversed(self._undos[undos:]):
            action()
        del self._undos[undos:]
        self._log.clear()
        for each in self._gathered.values():
            each.forget()

    def durable(self) -> None:
        for action in self._after:
            action()
