"""One list of all calls: each room says what it has of a person (`Source`). The one door of this room."""

from collections.abc import Sequence
from typing import Protocol

import sqlalchemy as sa

from teahouse.calls.model import CallPage, CallRecord
from teahouse.commands import Signed
from teahouse.house import House
from teahouse.storage.transaction import Tx


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

    async def page(self, signed: Signed, *, before: str, limit: int, missed: bool) -> CallPage:
        """`before` is the id of the last call that was seen; empty: from the newest."""
        raise NotImplementedError

    async def record(self, signed: Signed, call: str) -> CallRecord:
        """Raises `NoSuchCall`."""
        raise NotImplementedError
