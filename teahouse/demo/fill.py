"""Fill a house with the sample people and their history, by the commands that everybody uses."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from msgspec import UNSET

from teahouse import clock
from teahouse.app import Built
from teahouse.chat.content import NewText
from teahouse.chat.model import (
    CreateChat,
    EditMessage,
    JoinChat,
    MakeChatLink,
    React,
    RecallMessage,
    Receive,
    SendMessage,
    SetChatPreferences,
    SetDraft,
    SetRole,
    UpdateChat,
)
from teahouse.commands import Command, Signed
from teahouse.demo import cast, pictures
from teahouse.demo.market import SampleMarket
from teahouse.demo.money import PAST, PIN, SampleMoney, moment
from teahouse.demo.phones import SamplePhones
from teahouse.demo.script import ROOMS, Line, Room, write
from teahouse.demo.shows import Shows
from teahouse.people.model import NewInvitation, RequestContact, SignUp, UpdateContact, UpdateProfile

SLIP_AFTER: Final = ("house", 12)
"""The line after which somebody sends a message to the wrong chat, and recalls it."""
GOLDEN: Final = 0.618
"""Steps around the colour circle by which no two neighbours look alike."""
READING_MS: Final = 5 * clock.SECOND_MS
"""From a message to the reactions to it."""


class Filler:
    """One run over one empty house; `people` and `chats` are by handle and by room key."""

    def __init__(self, built: Built, seed: int) -> None:
        self.built = built
        self.people: dict[str, Signed] = {}
        self.chats: dict[str, str] = {}
        self.last_seq: dict[str, int] = {}
        self.market = SampleMarket(built, self.people, self.chats, self.do, PIN)
        self.phones = SamplePhones(built, self.people, self.do)
        self._seed = seed
        self._now = clock.now_ms()
        self._seqs: dict[tuple[str, int], int] = {}

    async def fill(self) -> None:
        writer = self.built.house.store.writer
        lines = write(clock.now_ms(), self._seed)
        # The house is ten days old when it opens: everything is committed at its own time.
        self._now = lines[0].at - clock.DAY_MS
        writer.clock = lambda: self._now
        try:
            await self._move_in()
            await self._meet()
            await self._open_rooms()
            money = SampleMoney(self.built, self.people, self.chats, self.do)
            await self._past(money)
            self._now = lines[0].at
            for line in lines:
                await self._say(line)
        finally:
            writer.clock = clock.now_ms
        shows = Shows(self.built, self.people, self.chats, self.do)
        await shows.run()
        await money.show()
        await self.market.open()
        self.last_seq |= shows.last_seq | money.last_seq
        await self._read()
        await self._guest_habits()
        await self._knock()

    async def do(self, handle: str, command: Command) -> Any:
        return await self.built.house.execute(self.people[handle], command)

    async def _move_in(self) -> None:
        """The guest comes first, by the operator's link; the others by an invitation of theirs."""
        link = await self.built.people.first_link()
        assert link, "the sample house has to be empty"
        await self._sign_up(cast.CAST[0], secret_of(link))
        invitation = await self._invitation(cast.GUEST, len(cast.CAST) - 1)
        await asyncio.gather(*(self._sign_up(role, invitation) for role in cast.CAST[1:]))

    async def _invitation(self, handle: str, uses: int) -> str:
        asked = NewInvitation(uses=uses, hours=24 * 30)
        made = await self.built.people.invitations.make(self.people[handle], asked)
        return secret_of(made.url)

    async def _sign_up(self, role: cast.Role, invitation: str) -> None:
        asked = SignUp(
            handle=role.handle, name=role.name, password=cast.PASSWORD, invitation=invitation, device="sample"
        )
        signed = await self.built.people.accounts.sign_up(asked, address=f"sample:{role.handle}")
        is_operator = role.handle == cast.GUEST
        self.people[role.handle] = Signed(signed.person.id, signed.device, is_operator)
        await self.do(role.handle, UpdateProfile(bio=role.bio))
        hue = (*cast.CAST, cast.STRANGER).index(role) * GOLDEN
        await self.built.people.set_picture(self.people[role.handle], pictures.portrait(role.handle, hue))

    async def _meet(self) -> None:
        handles = [role.handle for role in cast.CAST]
        for number, first in enumerate(handles):
            others = handles[number + 1 :]
            await asyncio.gather(*(self.do(first, RequestContact(handle=second)) for second in others))
            await asyncio.gather(*(self.do(second, RequestContact(handle=first)) for second in others))

    async def _open_rooms(self) -> None:
        for room in ROOMS:
            self._now += clock.SECOND_MS
            owner, *others = room.members
            create = CreateChat(
                kind=room.kind,
                nonce=f"sample-{room.key.replace(':', '-')}",
                name=room.name or UNSET,
                topic=room.topic,
                people=tuple(self.people[handle].person for handle in others),
            )
            created = await self.do(owner, create)
            self.chats[room.key] = created.chat
        await self.do("carla", SetRole(chat=self.chats["books"], person=self.people[cast.GUEST].person, role="admin"))
        await self.do("carla", UpdateChat(chat=self.chats["books"], join_approval=True))

    async def _past(self, money: SampleMoney) -> None:
        """Wallets are filled on the first day, and paid from since."""
        await money.fill_wallets()
        now = clock.now_ms()
        for paid in PAST:
            self._now = moment(paid, now)
            await money.pay(paid)

    async def _say(self, line: Line) -> None:
        self._now = max(self._now + 1, line.at)
        chat = self.chats[line.room]
        words: dict[str, Any] = {} if line.reply is None else {"reply": self._seqs[line.room, line.reply]}
        mentions = (self.people[cast.GUEST].person,) if f"@{cast.GUEST}" in line.text else ()
        nonce = f"{line.room.replace(':', '-')}-{line.number}"
        content = NewText(text=line.text, mentions=mentions)
        sent = await self.do(line.speaker, SendMessage(chat=chat, nonce=nonce, content=content, **words))
        self._seqs[line.room, line.number] = self.last_seq[line.room] = sent.seq
        self._now += READING_MS if line.reactions else 0
        react = (self.do(handle, React(chat=chat, seq=sent.seq, emoji=emoji)) for handle, emoji in line.reactions)
        await asyncio.gather(*react)
        if (line.room, line.number) == SLIP_AFTER:
            slip = await self.do(
                "ben", SendMessage(chat=chat, nonce="slip", content=NewText(text="Flour, yeast, socks"))
            )
            await self.do("ben", RecallMessage(chat=chat, seq=slip.seq))

    async def _read(self) -> None:
        """Everybody has read everything, but the guest not the last lines."""
        await asyncio.gather(*(self._read_by(handle, room) for room in ROOMS for handle in room.members))

    async def _read_by(self, handle: str, room: Room) -> None:
        last = self.last_seq[room.key]
        read = last - (room.guest_unread if handle == cast.GUEST else 0)
        await self.do(handle, Receive(chat=self.chats[room.key], delivered=last, read=max(1, read)))

    async def _guest_habits(self) -> None:
        me, chats = cast.GUEST, self.chats
        await self.do(me, SetChatPreferences(chat=chats["house"], pinned=True))
        await self.do(me, SetChatPreferences(chat=chats["market"], muted=True))
        await self.do(me, SetDraft(chat=chats["direct:david"], text="The goats have eaten the sign again, could you"))
        mei = self.people["linmei"].person
        await self.do(me, UpdateContact(person=mei, remark="Mei (tea)", labels=("Tea", "Old street")))
        number = max(at for at, (speaker, _) in enumerate(cast.HOUSE) if speaker == "ben")
        edited = NewText(text=cast.HOUSE[number][1] + " (and the butter)")
        await self.do("ben", EditMessage(chat=chats["house"], seq=self._seqs["house", number], content=edited))

    async def _knock(self) -> None:
        """A stranger, whom somebody else invited, waits at two doors: the guest's contacts, and the book club."""
        await self._sign_up(cast.STRANGER, await self._invitation("ben", 1))
        books = self.chats["books"]
        made = await self.do("carla", MakeChatLink(chat=books))
        await self.do(cast.STRANGER.handle, JoinChat(link=secret_of(made.link.url)))
        greeting = "Hello! Ben told me about the house. May I come for tea?"
        await self.do(cast.STRANGER.handle, RequestContact(handle=cast.GUEST, greeting=greeting))


def secret_of(link: str) -> str:
    return link.rsplit("/", 1)[1]
