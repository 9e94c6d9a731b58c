"""Messages that another room makes and keeps true (transfers, red packets): put into a chat, rewritten as their state
changes, opened by who may read them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.chat import rules, store
from teahouse.chat.content import Content
from teahouse.chat.groups import Groups
from teahouse.chat.messages import Messages
from teahouse.chat.played import mark_played
from teahouse.chat.reach import END, message_at
from teahouse.chat.receipts import Receipts
from teahouse.chat.send import Sending
from teahouse.chat.state import Chats, ChatState
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx

_m = store.messages.c


class Revisions:
    """The group's rewritten cards: however often one changes within a group, it is written and told once."""

    def __init__(self) -> None:
        self.contents: dict[tuple[str, int], tuple[Messages, ChatState, Content]] = {}

    def flush(self, tx: Tx) -> None:
        contents, self.contents = self.contents, {}
        for (chat, seq), (messages, state, content) in contents.items():
            row = tx.connection.execute(sa.select(store.messages).where(_m.chat == chat, _m.seq == seq)).one_or_none()
            if row is not None and row.kind != "recalled":
                messages.rewrite(tx, state, row, content)

    def forget(self) -> None:
        self.contents.clear()


class Cards:
    def __init__(
        self,
        chats: Chats,
        sending: Sending,
        receipts: Receipts,
        messages: Messages,
        groups: Groups,
        people: PeopleService,
    ) -> None:
        self._chats = chats
        self._receipts = receipts
        self._groups = groups
        self._people = people
        self._sending = sending
        self._messages = messages

    def say(self, tx: Tx, service: str, person: str, content: Content) -> tuple[str, int]:
        """Let a service account write to a person, in their direct chat, which is made if there is none. Nothing is
        said to who blocked it. Returns the chat and seq, or nothing."""
        if self._people.blocked_between(tx.connection, service, person):
            return "", 0
        state = self._chats.get(tx, self._groups.direct(tx, service, person))
        return state.id, self._sending.append(tx, state, service, None, content)

    def may_send(self, tx: Tx, person: str, chat: str) -> ChatState:
        """Return the chat. Raises the `Refusal` of who may not write there now."""
        state = self._chats.get(tx, chat)
        rules.may_send(state, rules.member_of(state, person), tx.now)
        return state

    def post(self, tx: Tx, person: str, chat: str, content: Content, *, seen_by: Sequence[str] = ()) -> int:
        """Put a card at the chat's end in a person's name and return its seq. To those who took part in what it tells
        of (`seen_by`) it is nothing new, unless other messages are. Raises as `may_send`."""
        state = self.may_send(tx, person, chat)
        know = [each for each in seen_by if self._receipts.has_read_all(tx, state, each)]
        seq = self._sending.append(tx, state, person, None, content)
        for each in know:
            self._receipts.read_to_end(tx, state, each)
        return seq

    def revise(self, tx: Tx, chat: str, seq: int, content: Content) -> None:
        """Show the card with another content, at the end of the group. One that was recalled stays so."""
        new: Revisions = tx.gathered(Revisions)
        new.contents[chat, seq] = (self._messages, self._chats.get(tx, chat), content)

    def may_open(self, tx: Tx, person: str, chat: str, seq: int) -> ChatState:
        """Raises `NotFound` unless the person is a member who may read this message. Reads memory only."""
        state = self._chats.get(tx, chat)
        if rules.member_of(state, person).history_from > seq:
            raise rules.NoSuchMessage()
        return state

    @staticmethod
    def share_a_chat(connection: sa.Connection, one: str, other: str) -> bool:
        """Whether two people are both in a chat now whose members know of each other."""
        ones, others, c = store.members.alias().c, store.members.alias().c, store.chats.c
        query = (
            sa.select(ones.chat)
            .join_from(ones.chat.table, others.chat.table, others.chat == ones.chat)
            .join(store.chats, c.id == ones.chat)
            .where(ones.person == one, ones.left_number == 0, others.person == other, others.left_number == 0)
            .where(c.kind != "channel")
            .limit(1)
        )
        return connection.execute(query).first() is not None

    def opened(self, tx: Tx, person: str, chat: str, seq: int) -> None:
        """Remember that a person opened this card: on all their devices, as with a voice message."""
        mark_played(tx, person, chat, seq)


def may_read(connection: sa.Connection, person: str, chat: str, seq: int) -> Any:
    """Return a message's row for a reader. Raises `NotFound` for who may not read it."""
    m = store.members.c
    member = connection.execute(sa.select(store.members).where(m.chat == chat, m.person == person)).one_or_none()
    if member is None:
        raise rules.NoSuchMessage()
    return message_at(connection, chat, seq, member.history_from, member.history_to if member.left_number else END)


def members_of(state: ChatState) -> Sequence[str]:
    return state.audience
