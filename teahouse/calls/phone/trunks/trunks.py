"""Trunks and numbers. The one door of this room."""

from collections.abc import Callable

import sqlalchemy as sa

from teahouse.calls.phone.trunks.model import PhoneNumber, TrunkView
from teahouse.calls.sip.model import Trunk, TrunkStatus
from teahouse.commands import Signed
from teahouse.wallet.purse import Purse


class Trunks:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self.on_changed: Callable[[], None] = lambda: None
        """Called in the loop when trunks were added, changed or removed. Hung in by the room that leads calls."""
        self.status: Callable[[str], TrunkStatus]
        """Hung in by the room that leads calls."""
        self.calls: Callable[[str], int] = lambda trunk: 0
        """How many calls a trunk carries. Hung in likewise."""

    def register(self) -> None:
        """Hang the commands into the house."""

    def load(self, connection: sa.Connection) -> tuple[tuple[Trunk, int], ...]:
        """Those that are on, as the SIP stack takes them (passwords opened), with their `calls_max`, in the order they
        were added."""
        raise NotImplementedError

    def dialled(self, connection: sa.Connection, trunk: str, e164: str) -> str:
        """The number as the trunk wants it."""
        raise NotImplementedError

    def person_of(self, connection: sa.Connection, e164: str) -> str:
        """Who is rung for a number; empty: nobody."""
        raise NotImplementedError

    def number_of(self, connection: sa.Connection, person: str) -> str:
        """A person's own number, E.164; empty: none."""
        raise NotImplementedError

    async def views(self, signed: Signed) -> tuple[TrunkView, ...]:
        """Operators only."""
        raise NotImplementedError

    async def numbers(self, signed: Signed) -> tuple[PhoneNumber, ...]:
        """Operators only."""
        raise NotImplementedError
