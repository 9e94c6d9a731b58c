"""People who call each other, on devices of theirs, in a house without doors."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from teahouse.calls.history.history import CallHistory
from teahouse.calls.members import model
from teahouse.calls.model import CallRecord
from teahouse.chat.content import CallCard
from teahouse.people.model import SignIn
from tests.calls.house import CallHouse
from tests.chat.house import Chatter, open_teahouse, reopen_teahouse
from tests.harness.house import PASSWORD, Guest

SECOND = 1000
MINUTE = 60 * SECOND
PATIENCE_S = 20
_nonces = itertools.count()


def new_nonce() -> str:
    return f"call-{next(_nonces):04}"


class Phone(Chatter):
    """A person on one device."""

    def __init__(self, calling: Calling, guest: Guest) -> None:
        super().__init__(calling.house.tea, guest)
        self.calling = calling

    async def another(self) -> Phone:
        """The same person on one more device."""
        opened = self.calling.house.tea.opened
        asked = SignIn(handle=self.guest.handle, password=PASSWORD, device="another")
        signed_in = await opened.people.accounts.sign_in(asked, f"address of {self.guest.handle}")
        return Phone(self.calling, await opened.guest(signed_in))

    async def calls(self, chat: str, *people: Phone, **fields: Any) -> model.CallStarted:
        fields.setdefault("nonce", new_nonce())
        started: model.CallStarted = await self.does(
            model.StartCall(chat=chat, people=tuple(each.id for each in people), **fields)
        )
        return started

    async def joins(self, call: str, *, take_over: bool = False) -> str:
        """Answer; return the leg."""
        joined: model.CallStarted = await self.does(model.JoinCall(call=call, take_over=take_over))
        assert joined.leg
        return joined.leg

    async def declines(self, call: str, *, busy: bool = False) -> None:
        await self.does(model.DeclineCall(call=call, busy=busy))

    async def leaves(self, call: str) -> None:
        await self.does(model.LeaveCall(call=call))

    async def keeps(self, call: str) -> None:
        await self.does(model.KeepCall(call=call))

    async def invites(self, call: str, *people: Phone) -> None:
        await self.does(model.InviteToCall(call=call, people=tuple(each.id for each in people)))

    async def signals(self, call: str, to: str, sdp: str) -> dict[str, Any]:
        """Send a description to a leg; return it as JSON."""
        description = model.Description("offer", sdp)
        await self.does(model.SignalCall(call=call, to=to, description=description))
        return as_json(description)  # type: ignore[no-any-return]

    def shown(self, call: str) -> model.Call:
        """The call as the person was last told of it."""
        told = [each["call"] for each in self.told("call.changed") if each["call"]["id"] == call]
        return msgspec.convert(told[-1], model.Call)

    def states(self, call: str) -> dict[str, str]:
        """Handles and what their legs were last told to be."""
        names = {person: handle for handle, person in self.calling.handles.items()}
        return {names[leg.person]: leg.state for leg in self.shown(call).legs}

    async def open_calls(self) -> list[model.Call]:
        return list((await self.calling.house.calls.members.open(self.guest.signed)).calls)

    async def history(self, *, before: str = "", limit: int = 50, missed: bool = False) -> list[CallRecord]:
        page = await self.calling.history.page(self.guest.signed, before=before, limit=limit, missed=missed)
        return list(page.calls)

    async def record(self, call: str) -> CallRecord:
        return await self.calling.history.record(self.guest.signed, call)

    async def cards(self, chat: str) -> list[CallCard]:
        return [each.content for each in await self.page(chat) if isinstance(each.content, CallCard)]

    async def unread(self, chat: str) -> int:
        return (await self.chat(chat)).unread


class Calling:
    """A house whose people call each other."""

    def __init__(self, house: CallHouse) -> None:
        self.house = house
        self.history = CallHistory(house.house, (house.calls.members,))
        self.handles: dict[str, str] = {}
        self._committed = asyncio.Event()
        house.house.bus.subscribe(lambda _number, _told: self._committed.set())

    async def friends(self, *handles: str) -> list[Phone]:
        """People of whom each is a contact of each."""
        people = [await self.person(handle) for handle in handles]
        for one, other in itertools.combinations(people, 2):
            await one.meets(other)
        return people

    async def person(self, handle: str) -> Phone:
        phone = Phone(self, await self.house.tea.opened.sign_up(handle))
        self.handles[handle] = phone.id
        return phone

    async def again(self, phone: Phone) -> Phone:
        """The same device, after the house was closed and opened."""
        self.handles[phone.guest.handle] = phone.id
        return Phone(self, (await self.house.tea.again(phone.guest)).guest)

    async def signs_out(self, phone: Phone, other: Phone) -> None:
        """Sign one device of a person's out from another."""
        await self.house.house.store.write(
            self.house.tea.opened.people.sessions.revoke, phone.guest.signed, other.guest.device
        )

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait, commit by commit, until something that nobody asked for has happened."""
        async with asyncio.timeout(PATIENCE_S):
            while not happened():
                self._committed.clear()
                await self._committed.wait()

    async def pass_(self, milliseconds: int) -> None:
        """Let time pass, and what is due then happen."""
        self.house.passes(milliseconds)
        await self.house.calls.members.sweep()


@asynccontextmanager
async def open_calling(
    folder: Path, *, at_ms: int = 0, clock: Callable[[], int] | None = None, new: bool = True, **settings: Any
) -> AsyncIterator[Calling]:
    """A house that takes everybody in, or (not `new`) the house as it was left. Its clock is `at_ms` ahead, or the
    `clock` that is given."""
    opening = open_teahouse if new else reopen_teahouse
    async with opening(folder, **settings) as tea:
        house = CallHouse(tea)
        house.passes(at_ms)
        if clock is not None:
            house.house.store.writer.clock = clock
        house.wallet.register()
        house.calls.members.register()
        calling = Calling(house)
        calling.history.register()
        async with house.calls.members.running():
            yield calling


def as_json(value: Any) -> Any:
    return msgspec.to_builtins(value)
