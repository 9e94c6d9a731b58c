"""Takes people out of calls when they may not be in them any more: their device was signed out, they are no members of
the chat any more, or one blocked the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Concatenate, Final, ParamSpec

import structlog

from teahouse.calls.members.book import Book
from teahouse.calls.members.state import CallState
from teahouse.chat.events import ChatLeft
from teahouse.house import House
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Told, Tx

P = ParamSpec("P")
logger = structlog.get_logger()

WAITING_MAX: Final = 1000
"""Partings that may wait for the writer. One that is lost here comes by silence: its device may not report any more."""

Part = Callable[[Tx, CallState, str], None]
"""`(tx, call, person)`: take a person out of a call."""


class Partings:
    def __init__(self, house: House, people: PeopleService, book: Book, part: Part) -> None:
        self._house = house
        self._people = people
        self._book = book
        self._part = part
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_running = False

    def register(self) -> None:
        self._house.device_ended.append(lambda device, _reason: self._soon(self.device_ended, device))
        self._house.bus.subscribe(self._told)
        first = self._people.on_relation

        def then(tx: Tx, one: str, other: str) -> None:
            first(tx, one, other)
            self.relation_changed(tx, one, other)

        self._people.on_relation = then

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._is_running = True
        try:
            yield
        finally:
            self._is_running = False
            for task in (waiting := tuple(self._tasks)):
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    # --- in the writer's thread ---

    def device_ended(self, tx: Tx, device: str) -> None:
        self._book.read(tx)
        for call in self._book.all():
            for leg in call.joined:
                if leg.device == device:
                    self._part(tx, call, leg.person)

    def member_left(self, tx: Tx, person: str, chat: str) -> None:
        self._book.read(tx)
        call = self._book.in_chat(chat)
        if call is not None and call.of(person) is not None:
            self._part(tx, call, person)

    def relation_changed(self, tx: Tx, one: str, other: str) -> None:
        """The direct call of two people ends when they may not write to each other any more: as if one hung up."""
        self._book.read(tx)
        for call in self._book.of(one):
            if call.direct and call.of(other) is not None and self._are_apart(tx, one, other):
                self._part(tx, call, one)

    def _are_apart(self, tx: Tx, one: str, other: str) -> bool:
        connection, people = tx.connection, self._people
        return not people.are_contacts(connection, one, other) or bool(people.blocked_between(connection, one, other))

    # --- in the loop ---

    def _told(self, _number: int, told: Sequence[Told]) -> None:
        """Called after every commit: it costs a look at the kind of each event."""
        for each in told:
            if type(each.event) is ChatLeft and self._book.has_chat(each.event.chat):
                for person in each.people:
                    self._soon(self.member_left, person, each.event.chat)

    def _soon(self, function: Callable[Concatenate[Tx, P], None], *args: P.args, **kwargs: P.kwargs) -> None:
        if not self._is_running or len(self._tasks) >= WAITING_MAX:
            return

        async def run() -> None:
            try:
                await self._house.store.write(function, *args, **kwargs)
            except Exception:
                logger.exception("parting_failed", parting=function.__name__)

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
