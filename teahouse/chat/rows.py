"""Messages as they are told, made from their rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.chat import store
from teahouse.chat.content import Content, Poll
from teahouse.chat.events import MessageNew
from teahouse.chat.model import Forward, PollAnswer, PollVotes, Reaction, Reply

Place = tuple[str, int]
"""A chat and a seq in it."""

read_content = msgspec.json.Decoder(Content).decode
_read_reply = msgspec.json.Decoder(Reply).decode
_read_forward = msgspec.json.Decoder(Forward).decode

KEYS_AT_ONCE = 400
VOTERS_MAX = 50
"""People who are named beside each answer of a poll."""


class Beside(msgspec.Struct, frozen=True):
    """What is told of messages and kept in tables of its own."""

    reactions: Mapping[Place, tuple[Reaction, ...]] = {}
    polls: Mapping[Place, PollVotes] = {}


def beside(connection: sa.Connection, rows: Iterable[Any], now: int) -> Beside:
    """Return what is kept beside these messages, as it stands at `now` (Unix ms)."""
    rows = list(rows)
    reactions = reactions_of(connection, [(row.chat, row.seq) for row in rows])
    return Beside(reactions, polls_of(connection, rows, now))


def message_fields(row: Any, beside: Beside) -> dict[str, Any]:
    """Return the fields that `Message` and `MessageNew` share."""
    place = (row.chat, row.seq)
    return {
        "chat": row.chat,
        "seq": row.seq,
        "sender": row.sender,
        "at": row.at,
        "content": read_content(row.content),
        "nonce": row.nonce or "",
        "reply": _read_reply(row.reply) if row.reply else None,
        "forward": _read_forward(row.forward) if row.forward else None,
        "edited_at": row.edited_at,
        "reactions": beside.reactions.get(place, ()),
        "poll": beside.polls.get(place),
    }


def message_new(row: Any, beside: Beside) -> MessageNew:
    return MessageNew(cursor=str(row.number), **message_fields(row, beside))


def reactions_of(connection: sa.Connection, places: Iterable[Place]) -> dict[Place, tuple[Reaction, ...]]:
    """Return the reactions of these messages, in the order in which each emoji first came."""
    r = store.reactions.c
    found: dict[Place, dict[str, list[str]]] = defaultdict(dict)
    for chat, seqs in by_chat(places).items():
        for at in range(0, len(seqs), KEYS_AT_ONCE):
            rows = connection.execute(
                sa.select(r.seq, r.emoji, r.person)
                .where(r.chat == chat, r.seq.in_(seqs[at : at + KEYS_AT_ONCE]))
                .order_by(r.at, r.person)
            )
            for seq, emoji, person in rows:
                found[chat, seq].setdefault(emoji, []).append(person)
    return {
        place: tuple(Reaction(emoji=emoji, people=tuple(people)) for emoji, people in emojis.items())
        for place, emojis in found.items()
    }


def polls_of(connection: sa.Connection, rows: Iterable[Any], now: int) -> dict[Place, PollVotes]:
    """Return how the polls among these messages stand: those that somebody voted in, or that are closed."""
    polls = {(row.chat, row.seq): read_content(row.content) for row in rows if row.kind == "poll"}
    asked = {place: poll for place, poll in polls.items() if isinstance(poll, Poll)}
    return {place: votes for place, votes in votes_of(connection, asked, now).items() if votes.voters or votes.closed}


def votes_of(connection: sa.Connection, polls: Mapping[Place, Poll], now: int) -> dict[Place, PollVotes]:
    """Return how each of these polls stands at `now` (Unix ms). Who chose what in an anonymous one is not read."""
    v, k = store.poll_votes.c, store.closed_polls.c
    places = list(polls)
    counts: dict[tuple[Place, int], int] = {}
    voters: dict[Place, int] = {}
    people: dict[tuple[Place, int], list[str]] = defaultdict(list)
    closed = {place for place, poll in polls.items() if 0 < poll.closes_at <= now}
    for at in range(0, len(places), KEYS_AT_ONCE):
        some = places[at : at + KEYS_AT_ONCE]
        here = sa.tuple_(v.chat, v.seq).in_(some)
        for chat, seq, option, count in connection.execute(
            sa.select(v.chat, v.seq, v.option, sa.func.count()).where(here).group_by(v.chat, v.seq, v.option)
        ):
            counts[(chat, seq), option] = count
        for chat, seq, count in connection.execute(
            sa.select(v.chat, v.seq, sa.func.count(v.person.distinct())).where(here).group_by(v.chat, v.seq)
        ):
            voters[chat, seq] = count
        for chat, seq in connection.execute(sa.select(k.chat, k.seq).where(sa.tuple_(k.chat, k.seq).in_(some))):
            closed.add((chat, seq))
        for chat, seq, option, person in _first_voters(connection, [at for at in some if not polls[at].anonymous]):
            people[(chat, seq), option].append(person)
    return {
        place: PollVotes(
            answers=tuple(
                PollAnswer(votes=counts.get((place, option), 0), people=tuple(people.get((place, option), ())))
                for option in range(len(poll.options))
            ),
            voters=voters.get(place, 0),
            closed=place in closed,
        )
        for place, poll in polls.items()
    }


def _first_voters(connection: sa.Connection, places: Sequence[Place]) -> Sequence[Any]:
    """Return `(chat, seq, option, person)` of the first `VOTERS_MAX` of each answer, in the order of their votes."""
    if not places:
        return ()
    v = store.poll_votes.c
    nth = sa.func.row_number().over(partition_by=(v.chat, v.seq, v.option), order_by=(v.at, v.person)).label("nth")
    ranked = sa.select(v.chat, v.seq, v.option, v.person, nth).where(sa.tuple_(v.chat, v.seq).in_(places)).subquery()
    r = ranked.c
    query = sa.select(r.chat, r.seq, r.option, r.person).where(r.nth <= VOTERS_MAX).order_by(r.nth)
    return connection.execute(query).all()


def is_closed(connection: sa.Connection, place: Place, poll: Poll, now: int) -> bool:
    """Whether a poll is over: by its own end, or because somebody closed it."""
    if 0 < poll.closes_at <= now:
        return True
    k = store.closed_polls.c
    query = sa.select(sa.literal(1)).where(k.chat == place[0], k.seq == place[1])
    return connection.execute(query).first() is not None


def deleted_by(connection: sa.Connection, person: str, places: Iterable[Place]) -> set[Place]:
    """Return which of these messages the person deleted for themselves."""
    d = store.deletions.c
    found: set[Place] = set()
    for chat, seqs in by_chat(places).items():
        for at in range(0, len(seqs), KEYS_AT_ONCE):
            rows = connection.execute(
                sa.select(d.seq).where(d.person == person, d.chat == chat, d.seq.in_(seqs[at : at + KEYS_AT_ONCE]))
            )
            found.update((chat, seq) for (seq,) in rows)
    return found


def by_chat(places: Iterable[Place]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = defaultdict(list)
    for chat, seq in places:
        grouped[chat].append(seq)
    return grouped
