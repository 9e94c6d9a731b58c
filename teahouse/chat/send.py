"""Sending: the hottest path of the house. It decides in memory, gathers rows, and writes them once a group."""

from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType

from teahouse.chat import rules, store
from teahouse.chat.content import Content, Text
from teahouse.chat.events import MessageNew
from teahouse.chat.making import Making, media_in
from teahouse.chat.model import Forward, Reply, SendMessage, Sent
from teahouse.chat.rows import read_content
from teahouse.chat.source import Source
from teahouse.chat.state import Chats, ChatState
from teahouse.commands import Actor
from teahouse.errors import Refusal
from teahouse.storage.schema import Append
from teahouse.storage.transaction import Told, Tx

encode = msgspec.json.Encoder().encode

_append = Append(store.messages)
_append_mentions = Append(store.mentions)
_append_media = Append(store.message_media)


class NewMessages:
    """The group's new messages, until they are written together."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.mentions: list[tuple[str, str, int]] = []
        self.media: list[tuple[str, str, int]] = []

    def flush(self, tx: Tx) -> None:
        if self.rows:
            rows, self.rows = self.rows, []
            _append(tx.connection, rows)
        if self.mentions:
            named, self.mentions = self.mentions, []
            _append_mentions(tx.connection, named)
        if self.media:
            shown, self.media = self.media, []
            _append_media(tx.connection, shown)

    def forget(self) -> None:
        self.rows.clear()
        self.mentions.clear()
        self.media.clear()


class Sending:
    def __init__(self, chats: Chats, source: Source, making: Making) -> None:
        self._chats = chats
        self._source = source
        self._making = making

    def send(self, tx: Tx, actor: Actor, command: SendMessage) -> Sent:
        """Hot: refuses before it changes anything, and reads back nothing that it wrote.

        A nonce that was used before makes the group's append fail; the careful run then finds the first message here.
        """
        sender = actor.person
        if tx.careful and (first := self._sent_before(tx, sender, command.nonce)):
            return first
        try:
            return self._decide(tx, sender, command)
        except Refusal:
            # What was sent stays sent, even if the sender may not send any more.
            if first := self._sent_before(tx, sender, command.nonce):
                return first
            raise

    def _decide(self, tx: Tx, sender: str, command: SendMessage) -> Sent:
        state = self._chats.get(tx, command.chat)
        member = rules.member_of(state, sender)
        rules.may_send(state, member, tx.now)
        reply: Reply | None = None
        forward: Forward | None = None
        if command.reply is not UNSET:
            reply = self._source.reply(tx, state, member, command.reply)
        if command.forward is not UNSET:
            source, forward = self._source.forward(tx, sender, command.forward)
            content = self._making.again(tx, state, source)
        elif command.content is not UNSET:
            content = self._making.make(tx, state, member, sender, command.content)
        else:
            raise rules.NothingToSend()
        seq = self.append(tx, state, sender, command.nonce, content, reply, forward)
        return Sent(chat=command.chat, seq=seq, at=tx.now, content=_more_than_sent(content))

    def append(
        self,
        tx: Tx,
        state: ChatState,
        sender: str,
        nonce: str | None,
        content: Content,
        reply: Reply | None = None,
        forward: Forward | None = None,
    ) -> int:
        """Put a message at the chat's end and tell its members. Returns its seq."""
        self._chats.changing_hot(tx, state)
        state.last_seq = seq = state.last_seq + 1
        number = tx.number()
        event = MessageNew(
            cursor=str(number),
            chat=state.id,
            seq=seq,
            sender=sender,
            at=tx.now,
            content=content,
            nonce=nonce or "",
            reply=reply,
            forward=forward,
        )
        new: NewMessages = tx.gathered(NewMessages)
        new.rows.append(
            (
                number,
                state.id,
                seq,
                sender,
                nonce,
                tx.now,
                content.__struct_config__.tag,
                encode(content),
                encode(reply) if reply else None,
                encode(forward) if forward else None,
                0,
            )
        )
        for person in rules.mentioned(content):
            new.mentions.append((state.id, person, seq))
        if type(content) is not Text:
            new.media += [(media, state.id, seq) for media in dict.fromkeys(media_in(content))]
        tx.told.append(Told(number, state.audience, encode(event), tx.origin if nonce else None, event))
        return seq

    @staticmethod
    def _sent_before(tx: Tx, sender: str, nonce: str) -> Sent | None:
        tx.flush()
        m = store.messages.c
        row = tx.connection.execute(
            sa.select(m.chat, m.seq, m.at, m.content).where(m.sender == sender, m.nonce == nonce)
        ).one_or_none()
        if row is None:
            return None
        return Sent(chat=row.chat, seq=row.seq, at=row.at, content=_more_than_sent(read_content(row.content)))


def _more_than_sent(content: Content) -> Content | UnsetType:
    """The sender's own device made no more of a plain text than it sent."""
    return UNSET if type(content) is Text and content.preview is None else content
