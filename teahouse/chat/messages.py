"""Messages that are there: edited, recalled, reacted to, deleted for oneself."""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.chat import rules, store
from teahouse.chat.changes import readers_of
from teahouse.chat.content import CAPTIONED, Content, NewCaption, NewText, Recalled, Text
from teahouse.chat.events import MessageChanged, MessagesDeleted, ReactionsChanged
from teahouse.chat.making import Making
from teahouse.chat.model import ClearChat, DeleteMessages, EditMessage, Message, React, RecallMessage, Receive
from teahouse.chat.own import tell_preferred
from teahouse.chat.reach import END, membership, message_at, reach_of
from teahouse.chat.receipts import Receipts
from teahouse.chat.rows import beside, deleted_by, message_fields, reactions_of, read_content
from teahouse.chat.search import Index
from teahouse.chat.send import encode
from teahouse.chat.state import Chats, ChatState, MemberState
from teahouse.chat.words_of import searched_of
from teahouse.commands import Actor, Done
from teahouse.storage.transaction import Tx

_DONE = Done()
_m, _r = store.messages.c, store.reactions.c


class Messages:
    def __init__(
        self, chats: Chats, receipts: Receipts, making: Making, index: Index, recall_limit_ms: Callable[[], int]
    ) -> None:
        self._chats = chats
        self._making = making
        self._receipts = receipts
        self._index = index
        self._recall_limit_ms = recall_limit_ms

    def edit(self, tx: Tx, actor: Actor, command: EditMessage) -> Done:
        state = self._chats.get(tx, command.chat)
        member = rules.member_of(state, actor.person)
        rules.may_send(state, member, tx.now)
        row = message_at(tx.connection, state.id, command.seq, member.history_from, END)
        before = read_content(row.content)
        rules.may_edit(member, row.sender, row.kind, row.forward is not None, row.at, tx.now)
        content = self._edited(tx, state, member, before, command.content)
        if content != before:
            self.rewrite(tx, state, row, content, edited_at=tx.now)
        return _DONE

    def _edited(
        self, tx: Tx, state: ChatState, member: MemberState, before: Content, new: NewText | NewCaption
    ) -> Content:
        """A text takes the place of a text, a caption that of a caption."""
        if isinstance(new, NewCaption):
            if not isinstance(before, CAPTIONED):
                raise rules.NotAText()
            return msgspec.structs.replace(before, caption=new.text)
        if not isinstance(before, Text):
            raise rules.NotAText()
        return self._making.make(tx, state, member, member.person, new)

    def recall(self, tx: Tx, actor: Actor, command: RecallMessage) -> Done:
        """What was said is gone from the store too; that something was said stays, as the trace."""
        state = self._chats.get(tx, command.chat)
        member = rules.member_of(state, actor.person)
        row = message_at(tx.connection, state.id, command.seq, member.history_from, END)
        if row.kind == "recalled":
            return _DONE
        rules.may_recall(state, member, row.sender, row.kind, row.at, tx.now, self._recall_limit_ms())
        tx.connection.execute(sa.delete(store.reactions).where(_r.chat == state.id, _r.seq == row.seq))
        for table in (store.message_media, store.poll_votes, store.closed_polls, store.played):
            tx.connection.execute(sa.delete(table).where(table.c.chat == state.id, table.c.seq == row.seq))
        self._making.unmake(tx, read_content(row.content))
        self.rewrite(tx, state, row, Recalled(by=actor.person), edited_at=0, reply=None, forward=None)
        return _DONE

    def react(self, tx: Tx, actor: Actor, command: React) -> Done:
        rules.must_be_emoji(command.emoji)
        state = self._chats.get(tx, command.chat)
        member = rules.member_of(state, actor.person)
        row = message_at(tx.connection, state.id, command.seq, member.history_from, END)
        rules.may_react(state, member, row.kind, tx.now)
        place = (state.id, row.seq)
        before = reactions_of(tx.connection, [place]).get(place, ())
        mine = any(each.emoji == command.emoji and actor.person in each.people for each in before)
        if mine == command.on:
            return _DONE
        if command.on:
            count = sum(len(each.people) for each in before)
            rules.has_room_for(command.emoji, [each.emoji for each in before], count)
            tx.connection.execute(
                sa.insert(store.reactions).values(
                    chat=state.id, seq=row.seq, emoji=command.emoji, person=actor.person, at=tx.now
                )
            )
        else:
            tx.connection.execute(
                sa.delete(store.reactions).where(
                    _r.chat == state.id, _r.seq == row.seq, _r.emoji == command.emoji, _r.person == actor.person
                )
            )
        event = ReactionsChanged(
            chat=state.id,
            seq=row.seq,
            reactions=reactions_of(tx.connection, [place]).get(place, ()),
            by=actor.person,
            emoji=command.emoji,
            on=command.on,
        )
        people, scopes = readers_of(state, row.seq)
        tx.tell(event, people, scopes=scopes, key=f"reactions:{row.seq}")
        return _DONE

    def delete(self, tx: Tx, actor: Actor, command: DeleteMessages) -> Done:
        """For oneself only: it works in chats that one left, too."""
        row = membership(tx.connection, command.chat, actor.person)
        first, last = reach_of(row)
        top = tx.connection.execute(sa.select(sa.func.max(_m.seq)).where(_m.chat == command.chat)).scalar_one() or 0
        places = {(command.chat, seq) for seq in command.seqs if first <= seq <= min(last, top)}
        new = sorted(seq for _, seq in places - deleted_by(tx.connection, actor.person, places))
        if not new:
            return _DONE
        tx.connection.execute(
            sa.insert(store.deletions), [{"person": actor.person, "chat": command.chat, "seq": seq} for seq in new]
        )
        event = MessagesDeleted(chat=command.chat, seqs=tuple(new))
        tx.tell(event, (actor.person,), scopes=(actor.person,))
        return _DONE

    def clear(self, tx: Tx, actor: Actor, command: ClearChat) -> Done:
        """Delete all for oneself by one mark; what is cleared is read."""
        row = membership(tx.connection, command.chat, actor.person)
        state = None if row.left_number else self._chats.get(tx, command.chat)
        last = state.last_seq if state else row.history_to
        if last <= row.cleared_to:
            return _DONE
        d, m = store.deletions.c, store.members.c
        tx.connection.execute(
            sa.update(store.members).where(m.chat == row.chat, m.person == row.person).values(cleared_to=last)
        )
        tx.connection.execute(
            sa.delete(store.deletions).where(d.person == row.person, d.chat == row.chat, d.seq <= last)
        )
        tell_preferred(tx, row.chat, row.person)
        if state:
            self._chats.changing(tx, state)
            self._receipts.receive(tx, actor, Receive(chat=row.chat, read=last))
        return _DONE

    def rewrite(self, tx: Tx, state: ChatState, row: Any, content: Content, **values: Any) -> None:
        """Put other content into a message: in the table, in the search index, and on everybody's devices."""
        n = store.mentions.c
        kind = content.__struct_config__.tag
        tx.connection.execute(
            sa.update(store.messages)
            .where(_m.number == row.number)
            .values(content=encode(content), kind=kind, **values)
        )
        tx.connection.execute(sa.delete(store.mentions).where(n.chat == state.id, n.seq == row.seq))
        named = rules.mentioned(content)
        if named:
            tx.connection.execute(
                sa.insert(store.mentions), [{"chat": state.id, "person": each, "seq": row.seq} for each in named]
            )
        before = read_content(row.content)
        self._index.rewritten(
            tx,
            row.number,
            state.id,
            searched_of(before),
            searched_of(content),
        )
        now = tx.connection.execute(sa.select(store.messages).where(_m.number == row.number)).one()
        people, scopes = readers_of(state, row.seq)
        event = MessageChanged(message=Message(**message_fields(now, beside(tx.connection, (now,), tx.now))))
        tx.tell(event, people, scopes=scopes, key=f"changed:{row.seq}")
