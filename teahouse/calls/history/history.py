"""One list of all calls: each room says what it has of a person (`Source`). The one door of this room."""

from collections.abc import Sequence
from typing import Final, Protocol

import sqlalchemy as sa

from teahouse.calls.history.rules import NoSuchCall
from teahouse.calls.model import CallPage, CallRecord, ForgetCalls, RateCall
from teahouse.commands import Actor, Done, Signed
from teahouse.house import House
from teahouse.storage.transaction import Tx

NEWEST: Final = (2**63 - 1, "")
"""Above every call."""
_DONE: Final = Done()


class Source(Protocol):
    def records(
        self, connection: sa.Connection, person: str, before: tuple[int, str], limit: int, *, missed: bool
    ) -> Sequence[CallRecord]:
        """Newest first, those with (`at`, `id`) below `before`; without those that the person took out. `missed`: just
        those that came in and were not answered."""

    def record(self, connection: sa.Connection, person: str, call: str) -> CallRecord | None: ...

    def rate(self, tx: Tx, person: str, call: str, stars: int, troubles: Sequence[str]) -> bool:
        """Keep the rating of an ended call of this room; say whether it is one."""

    def forget(self, tx: Tx, person: str, calls: Sequence[str]) -> None:
        """Take these (of this room; none given: all) out of the person's history."""


class CallHistory:
    def __init__(self, house: House, sources: Sequence[Source]) -> None:
        self._house = house
        self._sources = sources

    def register(self) -> None:
        """Hang the commands into the house."""
        self._house.handle(RateCall, self.rate)
        self._house.handle(ForgetCalls, self.forget)

    async def page(self, signed: Signed, *, before: str, limit: int, missed: bool) -> CallPage:
        """`before` is the id of the last call that was seen; empty: from the newest. Raises `NoSuchCall` when that one
        is not in the history (any more)."""
        return await self._house.store.read(self._page, signed.person, before, limit, missed)

    async def record(self, signed: Signed, call: str) -> CallRecord:
        """Raises `NoSuchCall`."""
        return await self._house.store.read(self._record, signed.person, call)

    def rate(self, tx: Tx, actor: Actor, command: RateCall) -> Done:
        # A trouble named twice is named once.
        troubles = tuple(dict.fromkeys(command.troubles))
        if not any(source.rate(tx, actor.person, command.call, command.stars, troubles) for source in self._sources):
            raise NoSuchCall()
        return _DONE

    def forget(self, tx: Tx, actor: Actor, command: ForgetCalls) -> Done:
        for source in self._sources:
            source.forget(tx, actor.person, command.calls)
        return _DONE

    # --- in a reader's thread ---

    def _page(self, connection: sa.Connection, person: str, before: str, limit: int, missed: bool) -> CallPage:
        place = NEWEST
        if before:
            last = self._record(connection, person, before)
            place = last.at, last.id
        # Each source is asked for one more than is shown, so that what is left over says whether there is more.
        found = [
            record
            for source in self._sources
            for record in source.records(connection, person, place, limit + 1, missed=missed)
        ]
        found.sort(key=lambda record: (record.at, record.id), reverse=True)
        return CallPage(tuple(found[:limit]), len(found) > limit)

    def _record(self, connection: sa.Connection, person: str, call: str) -> CallRecord:
        for source in self._sources:
            record = source.record(connection, person, call)
            if record is not None:
                return record
        raise NoSuchCall()
