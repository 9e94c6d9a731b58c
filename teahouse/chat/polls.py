"""Polls: choosing, and closing. However many people vote at once, a poll's votes are written and told once a group."""

import sqlalchemy as sa

from teahouse.chat import rules, store
from teahouse.chat.changes import readers_of
from teahouse.chat.content import Poll
from teahouse.chat.events import PollChanged, PollChosen
from teahouse.chat.model import ClosePoll, Vote
from teahouse.chat.reach import END, message_at
from teahouse.chat.rows import Place, is_closed, read_content, votes_of
from teahouse.chat.state import Chats, ChatState, MemberState
from teahouse.commands import Actor, Done
from teahouse.storage.schema import Append
from teahouse.storage.transaction import Tx

_append = Append(store.poll_votes)
_DONE = Done()
_v = store.poll_votes.c


class NewVotes:
    """The group's votes, until they are written and told together."""

    def __init__(self) -> None:
        self.polls: dict[Place, tuple[ChatState, Poll]] = {}
        """Those that are open, as this group found them."""
        self.chosen: dict[Place, dict[str, tuple[int, ...]]] = {}

    def flush(self, tx: Tx) -> None:
        chosen, polls = self.chosen, self.polls
        self.chosen, self.polls = {}, {}
        rows: list[tuple[object, ...]] = []
        for (chat, seq), by in chosen.items():
            tx.connection.execute(
                sa.delete(store.poll_votes).where(_v.chat == chat, _v.seq == seq, _v.person.in_(tuple(by)))
            )
            rows += [(chat, seq, person, option, tx.now) for person, options in by.items() for option in options]
        _append(tx.connection, rows)
        for place in chosen:
            tell_poll(tx, *polls[place], place[1])

    def forget(self) -> None:
        self.polls.clear()
        self.chosen.clear()


class Polls:
    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    def vote(self, tx: Tx, actor: Actor, command: Vote) -> Done:
        """Hot: a poll in a large group is answered by many at once, and each answer is told to all of them."""
        state = self._chats.get(tx, command.chat)
        member = rules.member_of(state, actor.person)
        new: NewVotes = tx.gathered(NewVotes)
        place = (state.id, command.seq)
        poll = self._open_poll(tx, state, member, new, place)
        rules.may_vote(state, poll, command.options)
        options = tuple(sorted(command.options))
        if options == self._chosen(tx, new, place, actor.person):
            return _DONE
        new.chosen.setdefault(place, {})[actor.person] = options
        tx.tell(
            PollChosen(chat=state.id, seq=command.seq, options=options),
            (actor.person,),
            scopes=(actor.person,),
            key=f"chosen:{state.id}:{command.seq}",
        )
        return _DONE

    def close(self, tx: Tx, actor: Actor, command: ClosePoll) -> Done:
        state = self._chats.get(tx, command.chat)
        member = rules.member_of(state, actor.person)
        row = message_at(tx.connection, state.id, command.seq, member.history_from, END)
        rules.must_be_poll(row.kind)
        rules.may_close(state, member, row.sender)
        poll = read_content(row.content)
        assert isinstance(poll, Poll)
        if is_closed(tx.connection, (state.id, row.seq), poll, tx.now):
            return _DONE
        tx.connection.execute(sa.insert(store.closed_polls).values(chat=state.id, seq=row.seq, at=tx.now))
        tell_poll(tx, state, poll, row.seq)
        return _DONE

    @staticmethod
    def _open_poll(tx: Tx, state: ChatState, member: MemberState, new: NewVotes, place: Place) -> Poll:
        known = new.polls.get(place)
        if known is not None and member.history_from <= place[1]:
            return known[1]
        try:
            row = message_at(tx.connection, *place, member.history_from, END)
        except rules.NoSuchMessage:
            tx.flush()  # it may have been sent in this very group
            row = message_at(tx.connection, *place, member.history_from, END)
        rules.must_be_poll(row.kind)
        poll = read_content(row.content)
        assert isinstance(poll, Poll)
        if is_closed(tx.connection, place, poll, tx.now):
            raise rules.PollClosed()
        new.polls[place] = (state, poll)
        return poll

    @staticmethod
    def _chosen(tx: Tx, new: NewVotes, place: Place, person: str) -> tuple[int, ...]:
        found = new.chosen.get(place, {}).get(person)
        if found is not None:
            return found
        query = sa.select(_v.option).where(_v.chat == place[0], _v.seq == place[1], _v.person == person)
        return tuple(tx.connection.execute(query.order_by(_v.option)).scalars())


def tell_poll(tx: Tx, state: ChatState, poll: Poll, seq: int) -> None:
    """Tell those who may read a poll how it stands."""
    place = (state.id, seq)
    event = PollChanged(chat=state.id, seq=seq, poll=votes_of(tx.connection, {place: poll}, tx.now)[place])
    people, scopes = readers_of(state, seq)
    tx.tell(event, people, scopes=scopes, key=f"poll:{seq}")
