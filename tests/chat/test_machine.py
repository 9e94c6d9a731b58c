"""Whatever people do, in whatever order, on however many devices: every device shows what a plain model says.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from teahouse.chat import model
from teahouse.chat.content import NewText
from teahouse.commands import Command
from teahouse.errors import Refusal
from teahouse.people.model import Block, RemoveContact, Unblock
from tests.chat.device import Device, seen, whole
from tests.chat.house import TeaHouse, open_teahouse, reopen_teahouse, shown
from tests.chat.plain import OK, RECALLED, PlainChat, PlainHouse, PlainMember, PlainMessage
from tests.harness.machine import HouseMachine

EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "20"))
STEPS = 15
HANDLES = ("ann", "bob", "cat", "dan")
DEVICES_EACH = 2
TEXTS = st.sampled_from(["tea", "more tea", "茶", "喝茶吧", "ещё чаю", "cake?", "*", "a b c"])
EMOJI = st.sampled_from(["🍵", "👍", "❤️"])


class ChatMachine(HouseMachine):
    def __init__(self) -> None:
        super().__init__()
        self.plain = PlainHouse()
        self.nonces = 0
        self.devices: dict[str, list[Device]] = {}
        self.sent: list[tuple[str, str, str, int]] = []
        """Who sent with which nonce into which chat, and the seq it got."""

    def ends_well(self) -> None:
        for person, devices in self.devices.items():
            self._list_is_true(person)
            for device in devices:
                if not device.connected:
                    self.run(self._sync(person, device, 5, 10_000))
                    self._compare(person, device)

    @initialize()
    def open(self) -> None:
        async def open_first() -> None:
            self.tea: TeaHouse = await self.stack.enter_async_context(open_teahouse(self.folder))
            people = [await self.tea.person(handle) for handle in HANDLES]
            self.guests = [person.guest for person in people]
            self.people = {person.id: person for person in people}
            self.devices |= {person.id: [Device() for _ in range(DEVICES_EACH)] for person in people}
            for person in people:
                for device in self.devices[person.id]:
                    await device.start(person)
                self.devices[person.id][0].connected = True
            # They know each other, but for the last two.
            for one, other in list(itertools.combinations(people, 2))[:-1]:
                self._met(one.id, other.id, await one.meets(other))
            ann, bob, *_ = people
            for kind in ("group", "channel"):
                chat = await ann.opens(kind, bob)
                members = {ann.id: PlainMember(role="owner"), bob.id: PlainMember()}
                self.plain.chats[chat] = PlainChat(chat, kind, "Tea", members)
                self.plain.chats[chat].notice("created")
                for text in ("first cup", "second cup"):
                    await ann.says(chat, text)
                    self.plain.chats[chat].messages.append(PlainMessage(self.plain.chats[chat].top + 1, ann.id, text))

        self.run(open_first())

    # --- doing and predicting ---

    def does(self, person: str, command: Command, expected: str) -> Any:
        """Do it, and hold the outcome against what the plain house says of it. Returns the result, or None."""
        outcome: str = OK
        try:
            result = self.run(self.people[person].does(command))
        except Refusal as refusal:
            outcome, result = refusal.code, None
        assert outcome == expected, f"{command}: {outcome}, and the plain house says {expected}"
        return result

    def someone(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(list(self.people)), label="person")

    def member(self, data: st.DataObject, chat: PlainChat) -> str:
        """Mostly somebody who is in the chat, sometimes one who is not."""
        return data.draw(st.sampled_from([*chat.here() * 3, *self.people]), label="person")

    def some_chat(self, data: st.DataObject) -> PlainChat:
        return self.plain.chats[data.draw(st.sampled_from(list(self.plain.chats)), label="chat")]

    def some_group(self, data: st.DataObject) -> PlainChat:
        groups = [each.id for each in self.plain.chats.values() if each.kind != "direct"]
        return self.plain.chats[data.draw(st.sampled_from(groups), label="group")]

    def some_seq(self, data: st.DataObject, chat: PlainChat) -> int:
        return data.draw(st.integers(1, chat.top + 1), label="seq")

    def new_nonce(self) -> str:
        self.nonces += 1
        return f"machine-{self.nonces}"

    def _met(self, one: str, other: str, chat: str) -> None:
        self.plain.contacts.add(frozenset((one, other)))
        there = self.plain.chats.setdefault(
            chat, PlainChat(chat, "direct", "", {one: PlainMember(), other: PlainMember()})
        )
        there.notice("contacts_now")

    ACTIONS = (
        *("send",) * 4, "send_again", "all_send_at_once", "forward", *("edit", "recall", "react") * 2, "delete_for_me",
        "clear", *("read",) * 2, "meet", "part", "block_or_unblock", "found", "update", *("add", "remove") * 2, "leave",
        "set_role", *("sync_a_little",) * 3, *("connect",) * 2, "disconnect", "replace_device", "search", "read_whole",
        "list_is_true", "restart_the_house",
    )  # fmt: skip

    @rule(data=st.data(), actions=st.lists(st.sampled_from(ACTIONS), min_size=4, max_size=16))
    def life_goes_on(self, data: st.DataObject, actions: list[str]) -> None:
        """One rule for all: hypothesis gives an example only some of the rules, and a life needs all."""
        for action in actions:
            getattr(self, action)(data)
            self.connected_devices_show_what_is_there()

    # --- people ---

    def meet(self, data: st.DataObject) -> None:
        one, other = self.someone(data), self.someone(data)
        blocked = {(one, other), (other, one)} & self.plain.blocks
        if one == other or blocked or frozenset((one, other)) in self.plain.contacts:
            return
        self._met(one, other, self.run(self.people[one].meets(self.people[other])))

    def part(self, data: st.DataObject) -> None:
        one, other = self.someone(data), self.someone(data)
        if frozenset((one, other)) in self.plain.contacts:
            self.does(one, RemoveContact(person=other), OK)
            self.plain.contacts.discard(frozenset((one, other)))

    def block_or_unblock(self, data: st.DataObject) -> None:
        one, other = self.someone(data), self.someone(data)
        if one == other:
            return
        if (one, other) in self.plain.blocks:
            self.does(one, Unblock(person=other), OK)
            self.plain.blocks.discard((one, other))
        elif frozenset((one, other)) in self.plain.contacts:
            self.does(one, Block(person=other), OK)
            self.plain.blocks.add((one, other))

    # --- messages ---

    def send(self, data: st.DataObject) -> None:
        text = data.draw(TEXTS, label="text")
        times = data.draw(st.integers(1, 3), label="times")
        chat = self.some_chat(data)
        person = self.member(data, chat)
        named = tuple(data.draw(st.lists(st.sampled_from(chat.here()), max_size=2, unique=True)) if chat.here() else ())
        for _ in range(times):
            nonce = self.new_nonce()
            command = model.SendMessage(chat=chat.id, nonce=nonce, content=NewText(text=text, mentions=named))
            sent = self.does(person, command, self.plain.may_send(person, chat.id))
            if sent is not None:
                chat.messages.append(PlainMessage(chat.top + 1, person, text, frozenset(named)))
                assert sent.seq == chat.top
                self.sent.append((person, nonce, chat.id, sent.seq))

    def send_again(self, data: st.DataObject) -> None:
        """A cut came before the answer: the same nonce, perhaps with something else in it."""
        if not self.sent:
            return
        person, nonce, chat, seq = data.draw(st.sampled_from(self.sent))
        command = model.SendMessage(chat=chat, nonce=nonce, content=NewText(text="again"))
        # What was sent stays sent, even if the sender may not send any more.
        assert self.does(person, command, OK).seq == seq

    def all_send_at_once(self, data: st.DataObject) -> None:
        """Many commands in one commit, some of them repeated, some of them refused."""
        count = data.draw(st.integers(2, 8), label="count")
        chat = self.some_chat(data)
        wishes = [(self.member(data, chat), data.draw(st.integers(0, 3))) for _ in range(count)]
        base = self.new_nonce()

        async def burst() -> list[model.Sent | BaseException]:
            return await asyncio.gather(
                *(
                    self.people[person].does(
                        model.SendMessage(chat=chat.id, nonce=f"{base}-{which}", content=NewText(text=f"burst {which}"))
                    )
                    for person, which in wishes
                ),
                return_exceptions=True,
            )

        new: dict[int, tuple[str, int]] = {}
        for (person, which), outcome in zip(wishes, self.run(burst()), strict=True):
            if isinstance(outcome, Refusal):
                assert outcome.code == self.plain.may_send(person, chat.id)
            else:
                assert isinstance(outcome, model.Sent)
                assert new.setdefault(outcome.seq, (person, which)) == (person, which)
        assert len(set(new.values())) == len(new)
        for seq in sorted(new):
            person, which = new[seq]
            assert seq == chat.top + 1
            chat.messages.append(PlainMessage(seq, person, f"burst {which}"))

    def forward(self, data: st.DataObject) -> None:
        source, target = self.some_chat(data), self.some_chat(data)
        person = self.member(data, source)
        if (readable := [each for each in self._readable(person, source) if each.is_words]) == []:
            return
        message = data.draw(st.sampled_from(readable), label="message")
        command = model.SendMessage(
            chat=target.id, nonce=self.new_nonce(), forward=model.ForwardFrom(chat=source.id, seq=message.seq)
        )
        if self.does(person, command, self.plain.may_send(person, target.id)) is not None:
            target.messages.append(PlainMessage(target.top + 1, person, message.text, forwarded=True))

    def edit(self, data: st.DataObject) -> None:
        text = data.draw(TEXTS, label="text")
        chat = self.some_chat(data)
        person = self.member(data, chat)
        seq = self.some_seq(data, chat)
        command = model.EditMessage(chat=chat.id, seq=seq, content=NewText(text=text))
        if self.does(person, command, self.plain.may_edit(person, chat.id, seq)) is not None:
            message = chat.messages[seq - 1]
            message.edited = message.edited or (message.text, message.mentions) != (text, frozenset())
            message.text, message.mentions = text, frozenset()

    def recall(self, data: st.DataObject) -> None:
        chat = self.some_chat(data)
        person = self.member(data, chat)
        seq = self.some_seq(data, chat)
        command = model.RecallMessage(chat=chat.id, seq=seq)
        if self.does(person, command, self.plain.may_recall(person, chat.id, seq)) is not None:
            message = chat.messages[seq - 1]
            message.text, message.edited, message.reactions = RECALLED, False, {}

    def react(self, data: st.DataObject) -> None:
        emoji = data.draw(EMOJI, label="emoji")
        on = data.draw(st.booleans(), label="on")
        chat = self.some_chat(data)
        person = self.member(data, chat)
        seq = self.some_seq(data, chat)
        command = model.React(chat=chat.id, seq=seq, emoji=emoji, on=on)
        if self.does(person, command, self.plain.may_react(person, chat.id, seq)) is not None:
            people = chat.messages[seq - 1].reactions.setdefault(emoji, set())
            (people.add if on else people.discard)(person)

    def delete_for_me(self, data: st.DataObject) -> None:
        chat = self.some_chat(data)
        person = self.member(data, chat)
        seqs = data.draw(st.lists(st.integers(1, chat.top + 1), min_size=1, max_size=3))
        member = chat.members.get(person)
        command = model.DeleteMessages(chat=chat.id, seqs=tuple(seqs))
        if self.does(person, command, OK if member else "not_found") is not None:
            assert member is not None
            member.deleted |= {message.seq for message in self._readable(person, chat)} & set(seqs)

    def clear(self, data: st.DataObject) -> None:
        chat = self.some_chat(data)
        person = self.member(data, chat)
        member = chat.members.get(person)
        if self.does(person, model.ClearChat(chat=chat.id), OK if member else "not_found") is not None:
            assert member is not None
            member.cleared = max(member.cleared, chat.top if member.last is None else member.last)
            if member.here:
                member.read = max(member.read, member.cleared)

    def read(self, data: st.DataObject) -> None:
        chat = self.some_chat(data)
        person = self.member(data, chat)
        upto = self.some_seq(data, chat)
        member = self.plain.member(person, chat.id)
        command = model.Receive(chat=chat.id, read=upto)
        if self.does(person, command, OK if member else "not_found") is not None:
            assert member is not None
            member.read = max(member.read, min(upto, chat.top))

    # --- groups ---

    def found(self, data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(["group", "group", "channel"]), label="kind")
        if len(self.plain.chats) >= 10:
            return
        person = self.someone(data)
        others = [other for other in self.people if self.plain.near(person, other)]
        asked = data.draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []
        command = model.CreateChat(kind=kind, nonce=self.new_nonce(), name="Tea", people=tuple(asked))
        made = self.does(person, command, OK)
        members = {person: PlainMember(role="owner"), **{other: PlainMember() for other in asked}}
        chat = self.plain.chats[made.chat] = PlainChat(made.chat, kind, "Tea", members)
        chat.notice("created")

    def update(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(["Tea", "Cake", "茶"]), label="name")
        closed = data.draw(st.booleans(), label="closed")
        chat = self.some_group(data)
        person = self.member(data, chat)
        member = self.plain.member(person, chat.id)
        expected = "not_found" if member is None else "leads_only" if member.role == "member" else OK
        command = model.UpdateChat(chat=chat.id, name=name, announcement_only=closed)
        if self.does(person, command, expected) is not None:
            if chat.name != name:
                chat.name = name
                chat.notice("renamed")
            if chat.announcement_only != closed:
                chat.announcement_only = closed
                chat.notice("announcement_only" if closed else "open_to_all")

    def add(self, data: st.DataObject) -> None:
        chat, other = self.some_group(data), self.someone(data)
        person = self.member(data, chat)
        command = model.AddMembers(chat=chat.id, people=(other,))
        new = self.plain.member(other, chat.id) is None
        if self.does(person, command, self.plain.may_add(person, chat.id, other)) is not None and new:
            before = chat.members.get(other, PlainMember())
            chat.members[other] = PlainMember(
                first=1 if chat.kind == "channel" else chat.top + 1,
                read=chat.top,
                cleared=before.cleared,
                deleted=before.deleted,
            )
            if chat.kind != "channel":
                chat.notice("added")

    def remove(self, data: st.DataObject) -> None:
        chat = self.some_group(data)
        person, other = self.member(data, chat), self.member(data, chat)
        command = model.RemoveMember(chat=chat.id, person=other)
        if self.does(person, command, self.plain.may_remove(person, chat.id, other)) is not None:
            self._gone(chat, other, "removed")

    def leave(self, data: st.DataObject) -> None:
        chat = self.some_group(data)
        person = self.member(data, chat)
        command = model.LeaveChat(chat=chat.id)
        if self.does(person, command, self.plain.may_leave(person, chat.id)) is not None:
            self._gone(chat, person, "left")

    def set_role(self, data: st.DataObject) -> None:
        role = data.draw(st.sampled_from(["owner", "admin", "member"]), label="role")
        chat = self.some_group(data)
        person, other = self.member(data, chat), self.member(data, chat)
        command = model.SetRole(chat=chat.id, person=other, role=role)
        if self.does(person, command, self.plain.may_set_role(person, chat.id, other)) is None:
            return
        if chat.members[other].role == role:
            return
        chat.members[other].role = role
        if role == "owner":
            chat.members[person].role = "admin"
        chat.notice("owner_changed" if role == "owner" else "role_changed")

    def _gone(self, chat: PlainChat, person: str, what: str) -> None:
        chat.members[person].last = chat.top
        chat.members[person].role = "member"
        if chat.here() and chat.kind != "channel":
            chat.notice(what)

    def _readable(self, person: str, chat: PlainChat) -> list[PlainMessage]:
        return list(chat.readable(person)) if person in chat.members else []

    # --- devices ---

    def sync_a_little(self, data: st.DataObject) -> None:
        """A device comes back, and is cut off before it has caught up; others go on meanwhile."""
        limit = data.draw(st.integers(1, 7), label="limit")
        pages = data.draw(st.integers(1, 3), label="pages")
        person = self.someone(data)
        device = data.draw(st.sampled_from(self.devices[person]))
        if not device.connected:
            self.run(self._sync(person, device, limit, pages))

    def connect(self, data: st.DataObject) -> None:
        limit = data.draw(st.integers(1, 50), label="limit")
        person = self.someone(data)
        device = data.draw(st.sampled_from(self.devices[person]))
        if not device.connected:
            self.run(self._sync(person, device, limit, 10_000))
            device.connected = True
            device.told_upto = len(self.people[person].told())

    def disconnect(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.devices[self.someone(data)])).connected = False

    def replace_device(self, data: st.DataObject) -> None:
        person = self.someone(data)
        new = Device()
        self.run(new.start(self.people[person]))
        self.devices[person][0] = new
        self._compare(person, new)

    def restart_the_house(self, data: st.DataObject) -> None:
        async def restart() -> None:
            await self.stack.aclose()
            self.tea = await self.stack.enter_async_context(reopen_teahouse(self.folder))
            self.people = {guest.id: await self.tea.again(guest) for guest in self.guests}

        self.run(restart())
        for devices in self.devices.values():
            for device in devices:
                device.connected = False

    async def _sync(self, person: str, device: Device, limit: int, pages: int) -> None:
        for _ in range(pages):
            events, cursor, more = await self.people[person].syncs(device.cursor, limit)
            for event in events:
                device.hear(event)
            device.cursor = cursor
            if not more:
                return

    # --- what must hold ---

    def search(self, data: st.DataObject) -> None:
        word = data.draw(
            st.sampled_from(["tea", "茶", "чай", "чаю", "burst 1", "b c", "喝茶", "nothing"]), label="word"
        )
        person = self.someone(data)
        chat = data.draw(st.none() | st.sampled_from(sorted(self.plain.chats)))
        page = self.run(self.tea.chat.search(person, word, chat=chat or "", limit=50))
        found = {(hit.message.chat, hit.message.seq) for hit in page.hits}
        expected = {
            (there.id, each.seq)
            for there in self.plain.chats.values()
            if chat in (None, there.id)
            for each in self._readable(person, there)
            if each.is_words and word in each.text
        }
        assert found == expected or (len(found) == 50 and found <= expected)

    def read_whole(self, data: st.DataObject) -> None:
        person = self.someone(data)
        chat = self.some_chat(data)
        if person not in chat.members:
            return
        messages = self.run(whole(self.people[person], chat.id))
        assert [(each.seq, seen(each)) for each in messages] == [
            (each.seq, each.seen()) for each in chat.readable(person)
        ]

    @invariant()
    def connected_devices_show_what_is_there(self) -> None:
        for person, devices in self.devices.items():
            told: list[dict[str, Any]] | None = None
            for device in devices:
                if device.connected:
                    told = self.people[person].told() if told is None else told
                    for event in told[device.told_upto :]:
                        device.hear(event)
                    device.told_upto = len(told)
                    self._compare(person, device)

    def list_is_true(self, data: st.DataObject) -> None:
        self._list_is_true(self.someone(data))

    def _list_is_true(self, person: str) -> None:
        listed = self.run(self.people[person].chats())
        for chat in self.plain.chats.values():
            member = chat.members.get(person)
            if member is None or (member.last is not None and member.cleared >= member.last):
                assert chat.id not in listed
                continue
            view = listed[chat.id]
            last = max(chat.readable(person), key=lambda each: each.seq, default=None)
            shown_last = (view.last_message.seq, shown(view.last_message.content)) if view.last_message else None
            assert shown_last == ((last.seq, last.text) if last else None)
            assert view.left == (not member.here)
            if member.here:
                assert (view.unread, view.mentioned) == (chat.unread(person), chat.mentioned(person))
                assert (view.last_seq, view.member_count) == (chat.top, len(chat.here()))

    def _compare(self, person: str, device: Device) -> None:
        self.run(device.fill(self.people[person]))
        for chat in self.plain.chats.values():
            member = chat.members.get(person)
            shelf = device.shelves.get(chat.id)
            if member is None or (shelf is None and not member.here):
                assert shelf is None
                continue
            assert shelf is not None
            assert shelf.left == (not member.here)
            expected = {message.seq: message.seen() for message in chat.readable(person)}
            if not member.here:
                # What is changed after one left is not told any more: the same messages, perhaps as they were.
                assert set(shelf.messages) == set(expected)
                continue
            assert shelf.messages == expected
            assert (shelf.name, shelf.read) == (chat.name, member.read)
            unread = sum(
                seq > shelf.read and sender not in ("", person) and text != RECALLED
                for seq, (sender, text, _, _) in shelf.messages.items()
            )
            assert unread == chat.unread(person)
            if chat.kind != "channel" or member.role != "member":
                here = {each: chat.members[each].role for each in chat.here()}
                assert {each: role for each, role in shelf.members.items() if each in here} == {
                    each: role for each, role in here.items() if each in shelf.members
                }
                assert chat.kind == "channel" or shelf.members == here


TestChats = ChatMachine.TestCase
TestChats.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
