"""Receipts: how far each member has received and read. They only go up; a group writes the newest of each once."""

from typing import Any

from msgspec import UNSET

from teahouse.chat import rules, store
from teahouse.chat.events import ChatRead, ReceiptChanged
from teahouse.chat.model import Receive
from teahouse.chat.state import Chats, ChatState, MemberState
from teahouse.chat.unread import unread_of
from teahouse.commands import Actor, Done
from teahouse.storage.schema import Append
from teahouse.storage.transaction import Tx

RECEIPTS_MEMBERS_MAX = 100
"""In larger groups and in channels nobody is told who read what."""

_keep = Append(
    store.members,
    ("chat", "person", "delivered_seq", "read_seq", "receipt_number", "joined_at", "joined_number"),
    key="chat, person",
    renew=("delivered_seq", "read_seq", "receipt_number"),
)
"""The rows are there already: this form updates many in one statement."""
_DONE = Done()


class NewReceipts:
    """The group's changed receipts, until they are written and told together."""

    def __init__(self) -> None:
        self.changed: dict[tuple[str, str], tuple[ChatState, MemberState, bool]] = {}

    def flush(self, tx: Tx) -> None:
        if not self.changed:
            return
        changed, self.changed = self.changed, {}
        rows: list[tuple[Any, ...]] = []
        read: list[tuple[ChatState, MemberState, int]] = []
        for state, member, was_read in changed.values():
            number = tx.number()
            rows.append((state.id, member.person, member.delivered_seq, member.read_seq, number, 0, 0))
            if told_in(state):
                others = [person for person in state.audience if person != member.person]
                event = ReceiptChanged(
                    cursor=str(number),
                    chat=state.id,
                    person=member.person,
                    delivered=member.delivered_seq,
                    read=member.read_seq,
                )
                tx.tell(event, others, number=number)
            if was_read:
                read.append((state, member, number))
        _keep(tx.connection, rows)
        for state, member, number in read:
            unread, mentioned = (0, 0)
            if member.read_seq < state.last_seq:
                tx.flush()
                unread, mentioned = unread_of(tx.connection, state.id, member.person, member.read_seq)
            event_read = ChatRead(
                cursor=str(number), chat=state.id, read_seq=member.read_seq, unread=unread, mentioned=mentioned
            )
            tx.tell(event_read, (member.person,), number=number)

    def forget(self) -> None:
        self.changed.clear()


def told_in(state: ChatState) -> bool:
    return state.kind == "direct" or (state.kind == "group" and len(state.audience) <= RECEIPTS_MEMBERS_MAX)


class Receipts:
    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    def receive(self, tx: Tx, actor: Actor, command: Receive) -> Done:
        """Hot. A seq beyond the chat's end counts as its end; one that is not news changes nothing."""
        state = self._chats.get(tx, command.chat)
        return self._receive(tx, state, rules.member_of(state, actor.person), command)

    def has_read_all(self, tx: Tx, state: ChatState, person: str) -> bool:
        """Whether nothing in the chat is unread to a member."""
        member = rules.member_of(state, person)
        if member.read_seq == state.last_seq:
            return True
        tx.flush()
        return unread_of(tx.connection, state.id, person, member.read_seq)[0] == 0

    def read_to_end(self, tx: Tx, state: ChatState, person: str) -> None:
        self._receive(tx, state, rules.member_of(state, person), Receive(chat=state.id, read=state.last_seq))

    def _receive(self, tx: Tx, state: ChatState, member: MemberState, command: Receive) -> Done:
        read = min(command.read, state.last_seq) if command.read is not UNSET else 0
        delivered = min(command.delivered, state.last_seq) if command.delivered is not UNSET else 0
        delivered = max(delivered, read)
        if delivered <= member.delivered_seq and read <= member.read_seq:
            return _DONE
        self._chats.changing_hot(tx, state)
        new: NewReceipts = tx.gathered(NewReceipts)
        key = (state.id, member.person)
        was_read = read > member.read_seq or (key in new.changed and new.changed[key][2])
        member.delivered_seq = max(delivered, member.delivered_seq)
        member.read_seq = max(read, member.read_seq)
        new.changed[key] = (state, member, was_read)
        return _DONE
