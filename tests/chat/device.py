"""A device as a client keeps one: what it has of each chat, put together from events alone.

It reads the house whole only when it is new. From then on it is told live while it is connected, and syncs by its
cursor when it comes back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from teahouse.chat import model
from tests.chat.house import Chatter, shown
from tests.chat.plain import Seen


@dataclass
class Shelf:
    """What a device has of one chat."""

    name: str = ""
    left: bool = False
    first: int = 1
    """What came before it is not for this person: nothing of it may ever be told."""
    read: int = 0
    unread: int = 0
    """As the house last said; the device counts for itself, too."""
    members: dict[str, str] = field(default_factory=dict)
    messages: dict[int, Seen] = field(default_factory=dict)
    draft: str = ""
    cleared: int = 0


class Device:
    def __init__(self) -> None:
        self.cursor = ""
        self.connected = False
        self.told_upto = 0
        self.shelves: dict[str, Shelf] = {}
        self.unread_pages: set[str] = set()
        """Chats that opened with a history, which is read in pages."""

    async def start(self, person: Chatter) -> None:
        """As a new device: where is the house now, then all that is there."""
        _, self.cursor, _ = await person.syncs("")
        for chat in (await person.chats()).values():
            shelf = self.shelves[chat.id] = Shelf(
                name=chat.name,
                left=chat.left,
                first=chat.history_from,
                read=chat.read_seq,
                unread=chat.unread,
                members={member.person: member.role for member in chat.members},
                draft=chat.draft.text if chat.draft else "",
                cleared=chat.cleared_to,
            )
            for message in await whole(person, chat.id):
                shelf.messages[message.seq] = seen(message)

    def hear(self, event: dict[str, Any]) -> None:
        if "cursor" in event:
            self.cursor = str(max(int(self.cursor), int(event["cursor"])))
        kind = event["type"].replace(".", "_")
        handler = getattr(self, f"_{kind}", None)
        if handler is not None:
            handler(event)

    def _chat_opened(self, event: dict[str, Any]) -> None:
        chat = event["chat"]
        shelf = self.shelves.setdefault(chat["id"], Shelf())
        shelf.name, shelf.left = chat.get("name", ""), False
        shelf.read, shelf.unread = chat.get("read_seq", 0), chat.get("unread", 0)
        shelf.members = {member["person"]: member.get("role", "member") for member in chat["members"]}
        shelf.first = chat.get("history_from", 1)
        shelf.messages = {seq: message for seq, message in shelf.messages.items() if seq >= shelf.first}
        if chat["last_seq"] >= shelf.first:
            self.unread_pages.add(chat["id"])

    async def fill(self, person: Chatter) -> None:
        """Read the history of chats that opened meanwhile."""
        while self.unread_pages:
            chat = self.unread_pages.pop()
            for message in await whole(person, chat):
                self.shelves[chat].messages[message.seq] = seen(message)

    def _message_new(self, event: dict[str, Any]) -> None:
        self._messages(event)[event["seq"]] = seen_in(event)

    def _message_changed(self, event: dict[str, Any]) -> None:
        message = event["message"]
        messages = self._messages(message)
        if message["seq"] in messages:
            messages[message["seq"]] = seen_in(message)

    def _message_reactions(self, event: dict[str, Any]) -> None:
        messages = self._messages(event)
        if event["seq"] in messages:
            sender, text, edited, _ = messages[event["seq"]]
            messages[event["seq"]] = (sender, text, edited, reactions_in(event))

    def _messages(self, event: dict[str, Any]) -> dict[int, Seen]:
        shelf = self.shelves[event["chat"]]
        assert event["seq"] >= shelf.first, f"told of a message from before one's time: {event}"
        return shelf.messages

    def _message_deleted(self, event: dict[str, Any]) -> None:
        for seq in event["seqs"]:
            self.shelves[event["chat"]].messages.pop(seq, None)

    def _chat_preferred(self, event: dict[str, Any]) -> None:
        shelf = self.shelves[event["chat"]]
        shelf.cleared = event.get("cleared_to", 0)
        shelf.messages = {seq: message for seq, message in shelf.messages.items() if seq > shelf.cleared}

    def _chat_read(self, event: dict[str, Any]) -> None:
        shelf = self.shelves[event["chat"]]
        shelf.read, shelf.unread = event["read_seq"], event["unread"]

    def _chat_updated(self, event: dict[str, Any]) -> None:
        self.shelves[event["chat"]].name = event["name"]

    def _members_changed(self, event: dict[str, Any]) -> None:
        shelf = self.shelves[event["chat"]]
        for person in event.get("removed", ()):
            shelf.members.pop(person, None)
        for member in event.get("members", ()):
            shelf.members[member["person"]] = member.get("role", "member")

    def _chat_left(self, event: dict[str, Any]) -> None:
        if event["chat"] in self.shelves:
            self.shelves[event["chat"]].left = True

    def _draft_changed(self, event: dict[str, Any]) -> None:
        draft = event.get("draft")
        self.shelves[event["chat"]].draft = draft["text"] if draft else ""


async def whole(person: Chatter, chat: str) -> list[model.Message]:
    """All messages that a person may read, page by page, first forwards and then backwards: both must be equal."""
    forwards: list[model.Message] = []
    while page := await person.page(chat, after=forwards[-1].seq if forwards else 0, limit=4):
        forwards += page
    backwards: list[model.Message] = []
    while page := await person.page(chat, limit=5, **({"before": backwards[0].seq} if backwards else {})):
        backwards[:0] = page
    assert forwards == backwards
    return forwards


def seen(message: model.Message) -> Seen:
    reactions = frozenset((each.emoji, frozenset(each.people)) for each in message.reactions)
    return message.sender, shown(message.content), bool(message.edited_at), reactions


def seen_in(event: dict[str, Any]) -> Seen:
    content = event["content"]
    text = content["text"] if content["kind"] == "text" else f"({content.get('what', 'recalled')})"
    return event["sender"], text, bool(event.get("edited_at")), reactions_in(event)


def reactions_in(event: dict[str, Any]) -> frozenset[tuple[str, frozenset[str]]]:
    return frozenset((each["emoji"], frozenset(each["people"])) for each in event.get("reactions", ()))
