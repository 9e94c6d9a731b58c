"""The calls that go on, in memory. Only the writer's thread touches them; they are read from the store when first
needed, and a rolled-back command puts back the values that it found."""

import heapq
from collections.abc import Callable, Sequence
from typing import Final

from teahouse.calls.members import rules, store
from teahouse.calls.members.state import CallState
from teahouse.storage.transaction import Tx

NEVER: Final = 2**63 - 1


class Book:
    """`wake` is called from the writer's thread when something is due earlier than whoever waits for it knows."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._calls: dict[str, CallState] = {}
        self._by_chat: dict[str, str] = {}
        self._by_person: dict[str, set[str]] = {}
        self._due: list[tuple[int, str]] = []
        """A heap. What it says may be early, for whoever is heard of is due later; then it is asked again."""
        self._planned: dict[str, int] = {}
        """The entry of each call in the heap that counts."""
        self._awaited = NEVER
        self._is_read = False

    def read(self, tx: Tx) -> None:
        """Read what goes on from the store, once."""
        if self._is_read:
            return
        tx.flush()
        for call in store.going_on(tx.connection):
            self._set(rules.spare(call, tx.now))
        self._is_read = True

    def get(self, call: str) -> CallState | None:
        return self._calls.get(call)

    def in_chat(self, chat: str) -> CallState | None:
        found = self._by_chat.get(chat)
        return self._calls[found] if found else None

    def of(self, person: str) -> list[CallState]:
        """Calls that ring a person or have them in."""
        return [self._calls[each] for each in self._by_person.get(person, ())]

    def all(self) -> list[CallState]:
        return list(self._calls.values())

    def __len__(self) -> int:
        return len(self._calls)

    def has_chat(self, chat: str) -> bool:
        """For any thread: it may be wrong for an instant."""
        return chat in self._by_chat

    def put(self, tx: Tx, call: CallState) -> None:
        """Keep a call as it is now; one that ended goes."""
        before = self._calls.get(call.id)
        tx.undo(lambda: self._put_back(call.id, before))
        self._put_back(call.id, None if call.ended_at else call)
        due = rules.due(call)
        if due and due < self._awaited:
            tx.after(lambda: self._look_sooner(due))

    def due(self, tx: Tx, limit: int) -> list[CallState]:
        """Return calls in which something has waited too long, the longest first: each has to be `put` then."""
        found: list[CallState] = []
        tx.undo(lambda: self._plan_again(found))
        while self._due and self._due[0][0] <= tx.now and len(found) < limit:
            at, identifier = heapq.heappop(self._due)
            if self._planned.get(identifier) != at:
                continue
            del self._planned[identifier]
            call = self._calls.get(identifier)
            if call is None:
                continue
            if rules.due(call) <= tx.now:
                found.append(call)
            else:
                self._plan(call)
        return found

    def next_due(self) -> int:
        """Return when to look again at the earliest; whoever asked is woken if it gets earlier. `NEVER`: nothing is
        due."""
        self._awaited = self._due[0][0] if self._due else NEVER
        return self._awaited

    # --- within ---

    def _look_sooner(self, due: int) -> None:
        if due < self._awaited:
            self._awaited = due
            self._wake()

    def _put_back(self, identifier: str, call: CallState | None) -> None:
        before = self._calls.pop(identifier, None)
        if before is not None:
            if self._by_chat.get(before.chat) == identifier:
                del self._by_chat[before.chat]
            for leg in before.legs:
                theirs = self._by_person.get(leg.person)
                if theirs is not None:
                    theirs.discard(identifier)
                    if not theirs:
                        del self._by_person[leg.person]
        if call is not None:
            self._set(call)
        else:
            self._planned.pop(identifier, None)

    def _set(self, call: CallState) -> None:
        self._calls[call.id] = call
        self._by_chat[call.chat] = call.id
        for leg in call.legs:
            if leg.is_active:
                self._by_person.setdefault(leg.person, set()).add(call.id)
        self._plan(call)

    def _plan_again(self, calls: Sequence[CallState]) -> None:
        for each in calls:
            call = self._calls.get(each.id)
            if call is not None:
                self._plan(call)

    def _plan(self, call: CallState) -> None:
        due = rules.due(call)
        planned = self._planned.get(call.id)
        if due and (planned is None or due < planned):
            self._planned[call.id] = due
            heapq.heappush(self._due, (due, call.id))
