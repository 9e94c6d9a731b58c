"""Chats: the one door of this room. It builds the parts, hangs them into the house, and answers other rooms."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec
import sqlalchemy as sa

from teahouse import clock
from teahouse.chat import events, links, model, reads, shown_media, store, sync
from teahouse.chat.cards import Cards
from teahouse.chat.groups import Groups
from teahouse.chat.links import Links
from teahouse.chat.making import Making, Media, Previews, Stickers
from teahouse.chat.members import Members
from teahouse.chat.messages import Messages
from teahouse.chat.notices import Notice, notices
from teahouse.chat.own import Own
from teahouse.chat.played import play
from teahouse.chat.polls import Polls
from teahouse.chat.receipts import Receipts
from teahouse.chat.search import Search
from teahouse.chat.send import Sending
from teahouse.chat.source import Source
from teahouse.chat.state import Chats
from teahouse.commands import Actor, Done
from teahouse.house import House
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx

__all__ = ["ChatService", "HouseRules", "Notice", "Operator"]


class HouseRules(Protocol):
    @property
    def recall_limit_ms(self) -> int: ...


class Operator(Protocol):
    """The room that keeps the house's settings."""

    @property
    def settings(self) -> HouseRules: ...


class MediaRoom(Media, Protocol):
    """The room that keeps media: it asks here who else may see one, and which are in use."""

    can_see: Callable[[sa.Connection, str, str], bool]
    """`(connection, person, media)`"""
    in_use: Callable[[sa.Connection, Sequence[str]], set[str]]
    """Which of these media some message shows."""


class ChatService:
    def __init__(
        self,
        house: House,
        people: PeopleService,
        operator: Operator,
        media: MediaRoom,
        stickers: Stickers,
        previews: Previews,
    ) -> None:
        self._house = house
        self._people = people
        self._chats = Chats(self._apart)
        making = Making(people, media, stickers, previews)
        self.sending = Sending(self._chats, Source(people), making)
        self.receipts = Receipts(self._chats)
        self.finding = Search(house.store, people)
        self._members = Members(self._chats, self.sending, people)
        self._groups = Groups(self._chats, self._members)
        self._links = Links(self._chats, self._members, people, house.settings.public_url)
        self._messages = Messages(
            self._chats, self.receipts, making, self.finding.index, lambda: operator.settings.recall_limit_ms
        )
        self.cards = Cards(self._chats, self.sending, self.receipts, self._messages, self._groups, people)
        self._own = Own(self._chats)
        self._polls = Polls(self._chats)
        self._media = media

    def register(self) -> None:
        house = self._house
        house.handle(model.SendMessage, self.sending.send, hot=True)
        house.handle(model.Receive, self.receipts.receive, hot=True)
        house.handle(model.Typing, self._own.typing, hot=True)
        house.handle(model.Vote, self._polls.vote, hot=True)
        house.handle(model.EditMessage, self._messages.edit)
        house.handle(model.RecallMessage, self._messages.recall)
        house.handle(model.DeleteMessages, self._messages.delete)
        house.handle(model.ClearChat, self._messages.clear)
        house.handle(model.React, self._messages.react)
        house.handle(model.ClosePoll, self._polls.close)
        house.handle(model.Play, play)
        house.handle(model.SetDraft, self._own.set_draft)
        house.handle(model.SetChatPreferences, self._own.prefer)
        house.handle(model.CreateChat, self._groups.create)
        house.handle(model.UpdateChat, self._groups.update)
        house.handle(model.AddMembers, self._members.add)
        house.handle(model.RemoveMember, self._members.remove)
        house.handle(model.LeaveChat, self._members.leave)
        house.handle(model.SetRole, self._members.set_role)
        house.handle(model.MuteMember, self._members.mute)
        house.handle(model.MakeChatLink, self._links.make)
        house.handle(model.RevokeChatLink, self._links.revoke)
        house.handle(model.JoinChat, self._links.join)
        house.handle(model.AnswerJoinRequest, self._links.answer)
        house.sync_page = sync.page
        house.bus.subscribe(self.finding.noticed)
        self._people.on_contact = self.open_direct
        self._people.on_relation = self.relation_changed
        self._people.audience_of = self.audience_of
        self._media.can_see = shown_media.can_see
        self._media.in_use = shown_media.in_use

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the search index; enter it once the house has started."""
        async with self.finding.running():
            yield

    # --- reads ---

    async def chats(self, person: str) -> model.ChatList:
        return await self._house.store.read(reads.chat_list, self._people, person)

    async def chat(self, person: str, chat: str) -> model.Chat:
        found = await self._house.store.read(reads.one_chat, self._people, person, chat)
        whole: model.Chat = msgspec.structs.replace(found.chats[0], people=found.people)
        return whole

    async def messages(
        self, person: str, chat: str, *, before: int = 0, after: int | None = None, around: int = 0, limit: int = 50
    ) -> model.MessagePage:
        return await self._house.store.read(
            reads.message_page, self._people, person, chat, before=before, after=after, around=around, limit=limit
        )

    async def shown(self, person: str, chat: str, shelf: model.Shelf, *, before: int, limit: int) -> model.MessagePage:
        """Return the newest messages that show something of a kind (before a seq, unless it is 0)."""
        return await self._house.store.read(reads.shelf_page, self._people, person, chat, shelf, before, limit)

    async def links(self, person: str, chat: str) -> tuple[model.ChatLink, ...]:
        return await self._house.store.read(links.links_of, person, chat)

    async def joins(self, person: str, chat: str) -> tuple[model.JoinRequest, ...]:
        return await self._house.store.read(links.requests_of, self._people, person, chat)

    async def link_card(self, person: str, secret: str) -> model.ChatCard:
        return await self._house.store.read(links.card_of, person, secret, clock.now_ms())

    async def search(
        self, person: str, text: str, *, chat: str = "", after: str = "", limit: int = 20
    ) -> model.SearchPage:
        return await self.finding.search(person, text, chat=chat, after=after, limit=limit)

    async def set_picture(self, actor: Actor, chat: str, data: bytes) -> Done:
        """Give a group or channel a picture; refused before the image is looked at when one may not."""
        await self._house.store.read(links.must_lead, actor.person, chat)
        name = await self._people.store_picture(data)
        before = await self._house.store.write(self._groups.set_picture, actor, chat, name)
        if before:
            self._people.drop_picture(before)
        return Done()

    def notices(
        self, connection: sa.Connection, event: events.MessageNew, receivers: Sequence[str]
    ) -> dict[str, Notice]:
        """Return what a notification says of a new message, for each of these people who wants one."""
        return notices(connection, self._people, event, receivers)

    # --- what other rooms are told and ask, within their own transaction ---

    def open_direct(self, tx: Tx, one: str, other: str) -> str:
        """Two people became contacts: return the id of their direct chat."""
        return self._groups.open_direct(tx, one, other)

    def relation_changed(self, tx: Tx, one: str, other: str) -> None:
        """What may pass between two people has changed."""
        self._groups.relation_changed(tx, one, other)

    def audience_of(self, connection: sa.Connection, person: str) -> tuple[set[str], list[str]]:
        """Return who sees a person (in chats that are no channels, and their contacts), and the scopes that keep an
        event for all of them."""
        m, c = store.members.c, store.chats.c
        chats = list(
            connection.execute(
                sa.select(m.chat)
                .join(store.chats, c.id == m.chat)
                .where(m.person == person, m.left_number == 0, c.kind != "channel")
            ).scalars()
        )
        people = {person}
        for at in range(0, len(chats), reads.IN_AT_ONCE):
            people.update(
                connection.execute(
                    sa.select(m.person)
                    .where(m.chat.in_(chats[at : at + reads.IN_AT_ONCE]), m.left_number == 0)
                    .distinct()
                ).scalars()
            )
        # Contacts have a direct chat with each other, so they are among them already.
        return people, [person, *chats]

    def _apart(self, connection: sa.Connection, one: str, other: str) -> bool:
        return not self._people.are_contacts(connection, one, other) or bool(
            self._people.blocked_between(connection, one, other)
        )
