"""What one has played of others' voice messages and video notes: a mark of one's own, on all of one's devices."""

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse.chat import rules, store
from teahouse.chat.events import MessagePlayed
from teahouse.chat.model import Play
from teahouse.chat.reach import membership, message_at, reach_of
from teahouse.commands import Actor, Done
from teahouse.storage.schema import Append
from teahouse.storage.transaction import Tx

_DONE = Done()
_p = store.played.c
_append = Append(store.played, ("person", "chat", "seq"))


def play(tx: Tx, actor: Actor, command: Play) -> Done:
    """In chats that one left, too. One's own are never unplayed."""
    first, last = reach_of(membership(tx.connection, command.chat, actor.person))
    row = message_at(tx.connection, command.chat, command.seq, first, last)
    rules.must_be_playable(row.kind)
    if row.sender == actor.person or played_in(tx.connection, actor.person, command.chat, (row.seq,)):
        return _DONE
    mark_played(tx, actor.person, command.chat, row.seq)
    return _DONE


class NewlyPlayed:
    """The group's new marks, until they are written together."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, int], None] = {}

    def flush(self, tx: Tx) -> None:
        rows, self.rows = self.rows, {}
        _append(tx.connection, list(rows))

    def forget(self) -> None:
        self.rows.clear()


def mark_played(tx: Tx, person: str, chat: str, seq: int) -> None:
    """Remember and tell that a person played (or opened) a message that they had not."""
    tx.gathered(NewlyPlayed).rows[person, chat, seq] = None
    tx.tell(MessagePlayed(chat=chat, seq=seq), (person,), scopes=(person,), key=f"played:{chat}:{seq}")


def played_in(connection: sa.Connection, person: str, chat: str, seqs: Sequence[int]) -> tuple[int, ...]:
    """Return which of a chat's messages a person has played."""
    if not seqs:
        return ()
    query = sa.select(_p.seq).where(_p.person == person, _p.chat == chat, _p.seq.in_(seqs)).order_by(_p.seq)
    return tuple(connection.execute(query).scalars())
