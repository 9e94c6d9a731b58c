"""Chats as they should be, in plain Python: what the machine holds the house against. No store, no sync, no events.

It says what each person may read, what is unread, and whether a wish is granted or with which code it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

OK = "ok"
RECALLED = "(recalled)"


@dataclass
class PlainMessage:
    seq: int
    sender: str
    """Empty for notices."""
    text: str
    mentions: frozenset[str] = frozenset()
    edited: bool = False
    forwarded: bool = False
    reactions: dict[str, set[str]] = field(default_factory=dict)

    @property
    def is_words(self) -> bool:
        return bool(self.sender) and self.text != RECALLED

    def seen(self) -> Seen:
        reactions = frozenset((emoji, frozenset(people)) for emoji, people in self.reactions.items() if people)
        return self.sender, self.text, self.edited, reactions


Seen = tuple[str, str, bool, frozenset[tuple[str, frozenset[str]]]]
"""A message as a person sees it: sender, text, edited, reactions."""


@dataclass
class PlainMember:
    role: str = "member"
    first: int = 1
    last: int | None = None
    """The last seq they may read, once they left."""
    read: int = 0
    cleared: int = 0
    deleted: set[int] = field(default_factory=set)

    @property
    def here(self) -> bool:
        return self.last is None


@dataclass
class PlainChat:
    id: str
    kind: str
    name: str
    members: dict[str, PlainMember]
    """Those who left too."""
    messages: list[PlainMessage] = field(default_factory=list)
    announcement_only: bool = False

    @property
    def top(self) -> int:
        return len(self.messages)

    def here(self) -> list[str]:
        return [person for person, member in self.members.items() if member.here]

    def readable(self, person: str) -> Iterator[PlainMessage]:
        member = self.members[person]
        last = self.top if member.last is None else member.last
        for message in self.messages[max(member.first, member.cleared + 1) - 1 : last]:
            if message.seq not in member.deleted:
                yield message

    def unread(self, person: str) -> int:
        read = self.members[person].read
        return sum(each.seq > read and each.is_words and each.sender != person for each in self.readable(person))

    def mentioned(self, person: str) -> int:
        read = self.members[person].read
        calls = [
            each.seq
            for each in self.readable(person)
            if each.seq > read and each.is_words and each.sender != person and person in each.mentions
        ]
        return min(calls, default=0)

    def notice(self, what: str) -> None:
        self.messages.append(PlainMessage(self.top + 1, "", f"({what})"))


class PlainHouse:
    def __init__(self) -> None:
        self.chats: dict[str, PlainChat] = {}
        self.contacts: set[frozenset[str]] = set()
        self.blocks: set[tuple[str, str]] = set()

    def near(self, one: str, other: str) -> bool:
        """Contacts, and nobody blocked the other."""
        blocked = (one, other) in self.blocks or (other, one) in self.blocks
        return frozenset((one, other)) in self.contacts and not blocked

    def direct(self, one: str, other: str) -> PlainChat | None:
        return next(
            (each for each in self.chats.values() if each.kind == "direct" and set(each.members) == {one, other}), None
        )

    def member(self, person: str, chat: str) -> PlainMember | None:
        member = self.chats[chat].members.get(person)
        return member if member is not None and member.here else None

    def may_send(self, person: str, chat: str) -> str:
        member, there = self.member(person, chat), self.chats[chat]
        if member is None:
            return "not_found"
        if there.kind == "direct" and not self.near(*there.members):
            return "apart"
        if (there.announcement_only or there.kind == "channel") and member.role == "member":
            return "announcement_only"
        return OK

    def may_touch(self, person: str, chat: str, seq: int) -> str:
        """Whether a message is there for somebody who is in the chat."""
        member, there = self.member(person, chat), self.chats[chat]
        if member is None:
            return "not_found"
        return OK if member.first <= seq <= there.top else "no_such_message"

    def may_edit(self, person: str, chat: str, seq: int) -> str:
        for refusal in (self.may_send(person, chat), self.may_touch(person, chat, seq)):
            if refusal != OK:
                return refusal
        message = self.chats[chat].messages[seq - 1]
        if message.sender != person:
            return "not_yours"
        if message.text == RECALLED:
            return "recalled"
        return "not_a_text" if message.forwarded else OK

    def may_recall(self, person: str, chat: str, seq: int) -> str:
        if (refusal := self.may_touch(person, chat, seq)) != OK:
            return refusal
        there = self.chats[chat]
        message = there.messages[seq - 1]
        if message.text == RECALLED:
            return OK
        if not message.sender:
            return "not_a_text"
        lead = there.kind != "direct" and there.members[person].role != "member"
        return OK if lead or message.sender == person else "not_yours"

    def may_react(self, person: str, chat: str, seq: int) -> str:
        if (refusal := self.may_touch(person, chat, seq)) != OK:
            return refusal
        there = self.chats[chat]
        if there.kind == "direct" and not self.near(*there.members):
            return "apart"
        message = there.messages[seq - 1]
        if message.text == RECALLED:
            return "recalled"
        return OK if message.sender else "not_a_text"

    def may_add(self, person: str, chat: str, other: str) -> str:
        member, there = self.member(person, chat), self.chats[chat]
        if member is None:
            return "not_found"
        if there.kind == "channel" and member.role == "member":
            return "leads_only"
        if self.member(other, chat) is None and not self.near(person, other):
            return "not_contacts"
        return OK

    def may_remove(self, person: str, chat: str, other: str) -> str:
        member, target = self.member(person, chat), self.member(other, chat)
        if member is None or target is None:
            return "not_found"
        if member.role == "member":
            return "leads_only"
        rank = {"owner": 2, "admin": 1, "member": 0}
        if person == other:
            return "refused"
        return OK if rank[member.role] > rank[target.role] else "owner_only"

    def may_leave(self, person: str, chat: str) -> str:
        member = self.member(person, chat)
        if member is None:
            return "not_found"
        alone = self.chats[chat].here() == [person]
        return "hand_over_first" if member.role == "owner" and not alone else OK

    def may_set_role(self, person: str, chat: str, other: str) -> str:
        member, target = self.member(person, chat), self.member(other, chat)
        if member is None or target is None:
            return "not_found"
        if member.role == "member":
            return "leads_only"
        if member.role != "owner":
            return "owner_only"
        return "refused" if person == other else OK
