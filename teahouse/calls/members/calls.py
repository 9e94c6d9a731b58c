"""Member calls as they go on. The one door of this room."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa

from teahouse.calls.members.model import OpenCalls
from teahouse.calls.model import CallRecord
from teahouse.chat.cards import Cards
from teahouse.commands import Signed
from teahouse.house import House
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx


class MemberCalls:
    def __init__(self, house: House, people: PeopleService, cards: Cards) -> None:
        self._house = house
        self._people = people
        self._cards = cards

    def register(self) -> None:
        """Hang the commands into the house."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """End calls that nobody answers, and legs that are gone, from now on."""
        yield

    async def open(self, signed: Signed) -> OpenCalls:
        raise NotImplementedError

    def is_busy(self, connection: sa.Connection, person: str) -> bool:
        """Whether the person is in a call that is not held."""
        raise NotImplementedError

    # --- the history ---

    def records(
        self, connection: sa.Connection, person: str, before: tuple[int, str], limit: int, *, missed: bool
    ) -> Sequence[CallRecord]:
        raise NotImplementedError

    def record(self, connection: sa.Connection, person: str, call: str) -> CallRecord | None:
        raise NotImplementedError

    def rate(self, tx: Tx, person: str, call: str, stars: int, troubles: Sequence[str]) -> bool:
        raise NotImplementedError

    def forget(self, tx: Tx, person: str, calls: Sequence[str]) -> None:
        raise NotImplementedError
