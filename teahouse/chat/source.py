"""Messages that a new one takes from: the one it replies to, the one it forwards."""

import msgspec

from teahouse.chat import rules
from teahouse.chat.content import Content, Recalled, System
from teahouse.chat.model import Forward, ForwardFrom, Reply
from teahouse.chat.reach import END, membership, message_at, reach_of
from teahouse.chat.rows import read_content
from teahouse.chat.state import ChatState, MemberState
from teahouse.chat.words_of import line_of
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx

_read_forward = msgspec.json.Decoder(Forward).decode


class Source:
    def __init__(self, people: PeopleService) -> None:
        self._people = people

    def reply(self, tx: Tx, state: ChatState, member: MemberState, seq: int) -> Reply:
        """Raises `NoSuchMessage` when the member may not read it, `Gone` or `NotAText` when it cannot be replied to."""
        tx.flush()
        row = message_at(tx.connection, state.id, seq, member.history_from, END)
        rules.must_be_told(row.kind)
        return Reply(seq=seq, sender=row.sender, excerpt=rules.excerpt(line_of(read_content(row.content))))

    def forward(self, tx: Tx, person: str, source: ForwardFrom) -> tuple[Content, Forward]:
        """Return the content of a message that the person may read, and whose it first was."""
        tx.flush()
        first, last = reach_of(membership(tx.connection, source.chat, person))
        row = message_at(tx.connection, source.chat, source.seq, first, last)
        rules.must_be_told(row.kind)
        rules.must_not_be_money(row.kind)
        content = read_content(row.content)
        if isinstance(content, Recalled | System):
            raise rules.NotAText()
        if row.forward:
            forward = _read_forward(row.forward)
        else:
            sender = self._people.person(tx.connection, row.sender)
            forward = Forward(sender=row.sender, name=sender.name if sender else "", at=row.at)
        return content, forward
