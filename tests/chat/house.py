"""A house with people and chats on a real store, and people who do things in it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from teahouse.chat import model
from teahouse.chat.content import Content, NewContent, NewText, System, Text
from teahouse.chat.service import ChatService
from teahouse.commands import Command, Signed
from teahouse.operator.model import ChangeHouse
from teahouse.people.model import Person, RequestContact, SignedIn
from tests.harness.house import Guest, OpenHouse, open_house

_nonces = itertools.count()


def new_nonce() -> str:
    return f"n{next(_nonces)}"


class Chatter:
    """A person in a test: what they do, and what they read."""

    def __init__(self, tea: TeaHouse, guest: Guest) -> None:
        self._tea = tea
        self.guest = guest
        self.id = guest.id

    async def does(self, command: Command) -> Any:
        return await self.guest.does(command)

    async def meets(self, other: Chatter) -> str:
        """Become contacts; return the direct chat."""
        await self.does(RequestContact(person=other.id))
        asked = await other.does(RequestContact(person=self.id))
        return str(asked.chat)

    async def opens(self, kind: model.ChatKind, *others: Chatter, name: str = "Tea") -> str:
        command = model.CreateChat(kind=kind, nonce=new_nonce(), name=name, people=tuple(each.id for each in others))
        made: model.ChatCreated = await self.does(command)
        return made.chat

    async def says(self, chat: str, text: str, **fields: Any) -> int:
        """Send a text; return its seq."""
        mentions = {name: fields.pop(name) for name in ("mentions", "mention_all") if name in fields}
        command = model.SendMessage(
            chat=chat, nonce=fields.pop("nonce", new_nonce()), content=NewText(text=text, **mentions), **fields
        )
        sent: model.Sent = await self.does(command)
        return sent.seq

    async def sends(self, chat: str, content: NewContent, **fields: Any) -> model.Sent:
        sent: model.Sent = await self.does(
            model.SendMessage(chat=chat, nonce=fields.pop("nonce", new_nonce()), content=content, **fields)
        )
        return sent

    async def shows(self, chat: str, content: Content) -> int:
        """Put a content in a chat as if its media had been made; return its seq."""
        tea = self._tea.chat
        return await self._tea.house.store.write(
            lambda tx: tea.sending.append(tx, tea._chats.get(tx, chat), self.id, None, content)
        )

    async def forwards(self, source: str, seq: int, to: str) -> int:
        command = model.SendMessage(chat=to, nonce=new_nonce(), forward=model.ForwardFrom(chat=source, seq=seq))
        sent: model.Sent = await self.does(command)
        return sent.seq

    async def receives(self, chat: str, *, read: int | None = None, delivered: int | None = None) -> None:
        await self.does(
            model.Receive(
                chat=chat,
                read=UNSET if read is None else read,
                delivered=UNSET if delivered is None else delivered,
            )
        )

    async def chats(self) -> dict[str, model.Chat]:
        return {chat.id: chat for chat in (await self._tea.chat.chats(self.id)).chats}

    async def chat(self, chat: str) -> model.Chat:
        return await self._tea.chat.chat(self.id, chat)

    async def page(self, chat: str, **where: int) -> tuple[model.Message, ...]:
        return (await self._tea.chat.messages(self.id, chat, **where)).messages

    async def texts(self, chat: str, **where: int) -> list[str]:
        """What they can read of a chat: texts, and other contents by what they are."""
        return [shown(message.content) for message in await self.page(chat, **where)]

    async def finds(self, text: str, **where: Any) -> list[str]:
        page = await self._tea.chat.search(self.id, text, **where)
        return [shown(hit.message.content) for hit in page.hits]

    def told(self, kind: str = "") -> list[dict[str, Any]]:
        return self.guest.told(kind)

    async def syncs(self, cursor: str, limit: int = 500) -> tuple[list[dict[str, Any]], str, bool]:
        events, seen, more, _ = await self._tea.opened.house.sync(
            self.guest.signed, int(cursor) if cursor else None, limit
        )
        return [msgspec.json.decode(event) for event in events], str(seen), more


class TeaHouse:
    founder: Signed
    """The operator."""

    def __init__(self, opened: OpenHouse, chat: ChatService) -> None:
        self.opened = opened
        self.chat = chat
        self.house = opened.house

    async def person(self, handle: str) -> Chatter:
        return Chatter(self, await self.opened.sign_up(handle))

    async def again(self, guest: Guest) -> Chatter:
        """The same person on the same device, after the house was closed and opened."""
        face = Person(id=guest.id, handle=guest.handle, name="")
        signed = await self.house.authenticate(guest.token)
        return Chatter(self, Guest(self.opened, SignedIn(face, guest.token, guest.device), signed))

    async def people(self, *handles: str) -> list[Chatter]:
        return [await self.person(handle) for handle in handles]

    async def friends(self, *handles: str) -> list[Chatter]:
        """People of whom each is a contact of each."""
        people = await self.people(*handles)
        for one, other in itertools.combinations(people, 2):
            await one.meets(other)
        return people

    async def rows(self, query: sa.Select[Any]) -> list[Any]:
        return await self.house.store.read(lambda connection: list(connection.execute(query).all()))


@asynccontextmanager
async def open_teahouse(folder: Path, **settings: Any) -> AsyncIterator[TeaHouse]:
    """A new house that takes everybody in."""
    async with reopen_teahouse(folder, **settings) as tea:
        founder = await tea.opened.found()
        await tea.opened.operator.change(founder.signed, ChangeHouse(registration="open"))
        tea.founder = founder.signed
        yield tea


@asynccontextmanager
async def reopen_teahouse(folder: Path, **settings: Any) -> AsyncIterator[TeaHouse]:
    """The house as it was left."""
    async with open_house(folder, **settings) as opened:
        chat = ChatService(opened.house, opened.people, opened.operator, opened.media, opened.stickers, opened.previews)
        chat.register()
        async with chat.running():
            yield TeaHouse(opened, chat)


def shown(content: Content) -> str:
    if isinstance(content, Text):
        return content.text
    return f"({content.what})" if isinstance(content, System) else "(recalled)"
