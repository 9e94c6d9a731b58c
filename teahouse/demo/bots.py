"""The sample people stay alive: now and then one types and says something, and they answer who writes to them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from teahouse.chat.content import NewText
from teahouse.chat.events import MessageNew
from teahouse.chat.model import Receive, SendMessage, Typing
from teahouse.commands import Signed
from teahouse.demo import cast
from teahouse.demo.fill import Filler
from teahouse.errors import Refusal
from teahouse.ids import new_id
from teahouse.storage.transaction import Told

CHATTER_S: Final = (25.0, 60.0)
THINKING_S: Final = (1.0, 3.0)
"""How long they type."""
ANSWERS_AT_ONCE: Final = 4


class Bots:
    """Speaks for everybody but the guest. `run()` until it is cancelled."""

    def __init__(self, filled: Filler, chance: random.Random) -> None:
        self._filled = filled
        self._chance = chance
        self._house = filled.built.house
        self._roles = {filled.people[role.handle].person: role for role in cast.CAST if role.handle != cast.GUEST}
        self._signed = {signed.person: signed for signed in filled.people.values()}
        self._rooms = {chat: key for key, chat in filled.chats.items()}
        self._written: asyncio.Queue[tuple[MessageNew, list[str]]] = asyncio.Queue(ANSWERS_AT_ONCE)

    async def run(self) -> None:
        self._house.bus.subscribe(self._heard)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._chat())
            for _ in range(ANSWERS_AT_ONCE):
                tasks.create_task(self._answer())

    def _heard(self, number: int, told: Sequence[Told]) -> None:
        for one in told:
            event = one.event
            if isinstance(event, MessageNew) and event.sender and event.sender not in self._roles:
                hearers = [person for person in one.people if person in self._roles]
                if hearers:
                    with suppress(asyncio.QueueFull):  # whoever writes that fast needs no answer to each line
                        self._written.put_nowait((event, hearers))

    async def _chat(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(*CHATTER_S))
            role = self._chance.choice(list(self._roles.values()))
            room = self._chance.choice(("house", "house", "market"))
            signed = self._filled.people[role.handle]
            await self._say(signed, self._filled.chats[room], self._chance.choice(cast.CHATTER[role.language]))

    async def _answer(self) -> None:
        while True:
            event, hearers = await self._written.get()
            person = self._chance.choice(hearers)
            await self._do(self._signed[person], Receive(chat=event.chat, delivered=event.seq, read=event.seq))
            await self._say(
                self._signed[person], event.chat, self._chance.choice(cast.REPLIES[self._roles[person].language])
            )

    async def _say(self, signed: Signed, chat: str, text: str) -> None:
        await self._do(signed, Typing(chat=chat))
        await asyncio.sleep(self._chance.uniform(*THINKING_S))
        await self._do(signed, SendMessage(chat=chat, nonce=new_id(), content=NewText(text=text)))

    async def _do(self, signed: Signed, command: Receive | SendMessage | Typing) -> None:
        with suppress(Refusal):  # removed, muted, blocked: as with anybody
            await self._house.execute(signed, command)
