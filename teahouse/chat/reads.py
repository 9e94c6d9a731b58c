"""What a person reads of their chats: the list, one chat, pages of messages. Each on one snapshot in a reader's thread.

A list of 500 chats takes a handful of queries, not a handful each.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from teahouse.chat import rules, store
from teahouse.chat.content import ContactCard
from teahouse.chat.model import Chat, ChatList, Chosen, Draft, Member, Message, MessagePage, Reaction, Shelf
from teahouse.chat.played import played_in
from teahouse.chat.reach import END, first_read, last_read, membership, not_deleted, reach_of
from teahouse.chat.receipts import RECEIPTS_MEMBERS_MAX
from teahouse.chat.rows import Beside, Place, beside, message_fields, polls_of, reactions_of
from teahouse.chat.unread import UNREAD_MAX, counted
from teahouse.clock import now_ms
from teahouse.errors import NotFound
from teahouse.people.model import Person
from teahouse.people.service import PeopleService

LISTED_MEMBERS_MAX = 200
"""A larger group shows its owner, its admins and oneself in a list; it shows all when it is read alone."""
PAGE_MAX = 200
IN_AT_ONCE = 500
SHELVES: dict[Shelf, tuple[str, ...]] = {
    "pictures": ("picture", "album", "live_photo", "video"),
    "files": ("file",),
    "voices": ("voice", "video_note"),
}
PLAYED = ("voice", "video_note", "red_packet")
"""Kinds that one plays or opens: they show whether one has."""

_c, _n, _m = store.chats.c, store.members.c, store.messages.c


def chat_list(connection: sa.Connection, people: PeopleService, person: str) -> ChatList:
    """Return all chats of a person, the newest first; those they left too, until they clear them."""
    return _with_people(connection, people, person, views(connection, person))


def one_chat(connection: sa.Connection, people: PeopleService, person: str, chat: str) -> ChatList:
    """Return one chat, a group with all its members. Raises `NotFound` for who was never in it."""
    found = views(connection, person, chat, whole=True)
    if not found:
        raise NotFound(rules.NO_SUCH_CHAT)
    return _with_people(connection, people, person, found)


def lists_all(kind: str, member_count: int) -> bool:
    """Whether a list names all members of a chat."""
    return kind != "channel" and member_count <= LISTED_MEMBERS_MAX


def views(connection: sa.Connection, person: str, chat: str = "", *, whole: bool = False) -> list[Chat]:
    """Return chats as one member sees them: all of theirs, or one. `whole`: with all members, however large a group."""
    rows = _rows(connection, person, chat)
    last = _last_messages(connection, rows)
    played, chosen = _own_of_last(connection, person, last.values())
    listed = _members(connection, person, rows, whole=whole)
    drafts = _drafts(connection, person, chat)
    found = []
    for row in rows:
        here = not row.left_number
        found.append(
            Chat(
                id=row.id,
                kind=row.kind,
                last_seq=(row.last_seq or 0) if here else row.history_to,
                member_count=row.member_count if here else 0,
                members=tuple(listed.get(row.id, ())),
                name=row.name,
                picture=row.picture,
                topic=row.topic,
                announcement_only=row.announcement_only,
                join_approval=row.join_approval,
                history_from=row.history_from,
                read_seq=row.read_seq,
                unread=row.unread if here else 0,
                mentioned=(row.mentioned or 0) if here and row.unread else 0,
                pinned_at=row.pinned_at,
                muted=row.muted,
                archived=row.archived,
                cleared_to=row.cleared_to,
                draft=drafts.get(row.id),
                last_message=last.get(row.id),
                last_played=row.id in played,
                last_chosen=tuple(chosen.get(row.id, ())),
                left=not here,
            )
        )
    return found


def message_page(
    connection: sa.Connection,
    people: PeopleService,
    person: str,
    chat: str,
    *,
    before: int = 0,
    after: int | None = None,
    around: int = 0,
    limit: int = 50,
) -> MessagePage:
    """Return messages in seq order: the newest, or those before or around a seq (0: not asked) or after one."""
    first, last = reach_of(membership(connection, chat, person))
    limit = max(1, min(limit, PAGE_MAX))
    if around:
        older = _slice(connection, person, chat, first, min(last, around - 1), limit // 2, newest=True)
        rows = older + _slice(connection, person, chat, max(first, around), last, limit - len(older), newest=False)
    elif after is not None:
        rows = _slice(connection, person, chat, max(first, after + 1), last, limit, newest=False)
    else:
        rows = _slice(connection, person, chat, first, min(last, before - 1) if before else last, limit, newest=True)
    return _page_of(connection, people, person, chat, rows)


def shelf_page(
    connection: sa.Connection, people: PeopleService, person: str, chat: str, shelf: Shelf, before: int, limit: int
) -> MessagePage:
    """Return the newest messages (before a seq, unless it is 0) that show something of a kind, in seq order."""
    first, last = reach_of(membership(connection, chat, person))
    s = store.message_media.c
    # From the few messages that show media to their rows, not through the whole chat.
    showing = sa.select(s.seq).where(
        s.chat == chat, s.seq >= first, s.seq <= (min(last, before - 1) if before else last)
    )
    query = (
        sa.select(store.messages)
        .where(_m.chat == chat, _m.seq.in_(showing), _m.kind.in_(SHELVES[shelf]), not_deleted(person))
        .order_by(_m.seq.desc())
        .limit(limit)
    )
    return _page_of(connection, people, person, chat, connection.execute(query).all()[::-1])


def _page_of(
    connection: sa.Connection, people: PeopleService, person: str, chat: str, rows: Sequence[Any]
) -> MessagePage:
    kept = beside(connection, rows, now_ms())
    messages = tuple(Message(**message_fields(row, kept)) for row in rows)
    found = people.people_by_id(connection, people_in(messages))
    return MessagePage(
        messages=messages,
        people=tuple(found.values()),
        played=played_in(connection, person, chat, [row.seq for row in rows if row.kind in PLAYED]),
        chosen=_chosen(connection, person, chat, [row.seq for row in rows if row.kind == "poll"]),
    )


def _chosen(connection: sa.Connection, person: str, chat: str, seqs: Sequence[int]) -> tuple[Chosen, ...]:
    """Return what a person chose in some of a chat's polls."""
    if not seqs:
        return ()
    v = store.poll_votes.c
    query = sa.select(v.seq, v.option).where(v.person == person, v.chat == chat, v.seq.in_(seqs))
    found: dict[int, list[int]] = defaultdict(list)
    for seq, option in connection.execute(query.order_by(v.seq, v.option)):
        found[seq].append(option)
    return tuple(Chosen(seq, tuple(options)) for seq, options in found.items())


def people_in(messages: Iterable[Message]) -> set[str]:
    """Return everybody whose name is needed to show these messages."""
    found: set[str] = set()
    for message in messages:
        found.add(message.sender)
        if message.reply:
            found.add(message.reply.sender)
        if message.forward:
            found.add(message.forward.sender)
        if message.poll:
            for answer in message.poll.answers:
                found.update(answer.people)
        found.update(getattr(message.content, "people", ()))
        found.update(getattr(message.content, "mentions", ()))
        if isinstance(message.content, ContactCard):
            found.add(message.content.person.id)
        if by := getattr(message.content, "by", ""):
            found.add(by)
    return found - {""}


def people_of(connection: sa.Connection, people: PeopleService, chats: Iterable[Chat]) -> tuple[Person, ...]:
    """Return the people who are listed in chats, and those whom their last messages name."""
    wanted: set[str] = set()
    for chat in chats:
        wanted.update(member.person for member in chat.members)
        if chat.last_message:
            wanted |= people_in((chat.last_message,))
    return tuple(people.people_by_id(connection, wanted).values())


def _with_people(connection: sa.Connection, people: PeopleService, person: str, chats: list[Chat]) -> ChatList:
    chats.sort(key=lambda chat: chat.last_message.at if chat.last_message else 0, reverse=True)
    return ChatList(chats=tuple(chats), people=people_of(connection, people, chats))


@cache
def _query() -> sa.Select[Any]:
    """The chats of the person `me`, each with its last seq, the last one they see, and what is unread.

    What is unread is counted as in `unread.unread_of`, for all chats at once.
    """
    me: sa.BindParameter[str] = sa.bindparam("me", type_=store.members.c.person.type)
    shown = (
        sa.select(_m.seq)
        .where(_m.chat == _n.chat, _m.seq >= first_read(), _m.seq <= last_read(), not_deleted(me))
        .order_by(_m.seq.desc())
        .limit(1)
    )
    last = sa.select(_m.seq).where(_m.chat == _n.chat).order_by(_m.seq.desc()).limit(1)
    unread = (
        sa.select(sa.literal(1).label("one"))
        .where(_m.chat == _n.chat, _m.seq > _n.read_seq, *counted(me))
        .limit(UNREAD_MAX)
        .correlate(store.members)
        .subquery()
    )
    n = store.mentions.c
    mentioned = (
        sa.select(sa.func.min(n.seq))
        .select_from(store.mentions.join(store.messages, sa.and_(_m.chat == n.chat, _m.seq == n.seq)))
        .where(n.chat == _n.chat, n.person.in_((me, store.EVERYONE)), n.seq > _n.read_seq, *counted(me))
    )

    def beside(query: sa.Select[Any], name: str) -> Any:
        return query.correlate(store.members).scalar_subquery().label(name)

    return (
        sa.select(
            store.chats,
            _n.left_number,
            _n.history_from,
            _n.history_to,
            _n.read_seq,
            _n.cleared_to,
            _n.pinned_at,
            _n.muted,
            _n.archived,
            beside(shown, "shown_seq"),
            beside(last, "last_seq"),
            beside(sa.select(sa.func.count()).select_from(unread), "unread"),
            beside(mentioned, "mentioned"),
        )
        .join(store.chats, _c.id == _n.chat)
        .where(_n.person == me, sa.or_(_n.left_number == 0, _n.cleared_to < _n.history_to))
    )


@cache
def _query_one() -> sa.Select[Any]:
    return _query().where(_n.chat == sa.bindparam("chat"))


def _rows(connection: sa.Connection, person: str, chat: str) -> Sequence[Any]:
    if chat:
        return connection.execute(_query_one(), {"me": person, "chat": chat}).all()
    return connection.execute(_query(), {"me": person}).all()


def _last_messages(connection: sa.Connection, rows: Sequence[Any]) -> dict[str, Message]:
    places = [(row.id, row.shown_seq) for row in rows if row.shown_seq]
    found: dict[str, Message] = {}
    for some in _some(places):
        here = sa.tuple_(_m.chat, _m.seq).in_(some)
        shown = connection.execute(sa.select(store.messages).where(here)).all()
        kept = Beside(_reactions_at(connection, some), polls_of(connection, shown, now_ms()))
        for row in shown:
            found[row.chat] = Message(**message_fields(row, kept))
    return found


def _own_of_last(
    connection: sa.Connection, person: str, messages: Iterable[Message]
) -> tuple[set[str], dict[str, list[int]]]:
    """Return the chats whose last message a person has played, and what they chose in those that end with a poll."""
    places: dict[str, list[Place]] = defaultdict(list)
    for message in messages:
        places[message.content.__struct_config__.tag].append((message.chat, message.seq))  # type: ignore[index]
    p, v = store.played.c, store.poll_votes.c
    played: set[str] = set()
    for some in _some([place for kind in PLAYED for place in places[kind]]):
        query = sa.select(p.chat).where(p.person == person, sa.tuple_(p.chat, p.seq).in_(some))
        played.update(connection.execute(query).scalars())
    chosen: dict[str, list[int]] = defaultdict(list)
    for some in _some(places["poll"]):
        asked = sa.select(v.chat, v.option).where(v.person == person, sa.tuple_(v.chat, v.seq).in_(some))
        for chat, option in connection.execute(asked.order_by(v.chat, v.option)):
            chosen[chat].append(option)
    return played, chosen


def _reactions_at(connection: sa.Connection, places: Sequence[Place]) -> dict[Place, tuple[Reaction, ...]]:
    """Return the reactions of one message in each of many chats."""
    r = store.reactions.c
    with_any = connection.execute(sa.select(r.chat, r.seq).where(sa.tuple_(r.chat, r.seq).in_(places)).distinct()).all()
    return reactions_of(connection, [(chat, seq) for chat, seq in with_any])


def _members(connection: sa.Connection, person: str, rows: Sequence[Any], *, whole: bool) -> dict[str, list[Member]]:
    here = {row.id: row for row in rows if not row.left_number}
    small = [row.id for row in here.values() if lists_all(row.kind, 0 if whole else row.member_count)]
    large = [chat for chat in here if chat not in set(small)]
    found: dict[str, list[Member]] = defaultdict(list)
    told = {row.id for row in here.values() if row.kind != "channel" and row.member_count <= RECEIPTS_MEMBERS_MAX}
    lead = _n.role != sa.literal_column("'member'")  # as in the index `member_lead`
    wanted = [(some, sa.true()) for some in _some(small)] + [(some, lead) for some in _some(large)]
    if large:
        wanted += [(some, sa.and_(_n.person == person, ~lead)) for some in _some(large)]
    for some, which in wanted:
        query = sa.select(
            _n.chat, _n.person, _n.role, _n.joined_at, _n.muted_until, _n.read_seq, _n.delivered_seq
        ).where(_n.chat.in_(some), _n.left_number == 0, which)
        for chat, each, role, joined_at, muted_until, read_seq, delivered_seq in connection.execute(query).all():
            # Who read what is shown where receipts are told, and to everybody of themselves.
            if chat in told or each == person:
                member = Member(each, role, joined_at, muted_until, read_seq, delivered_seq)
            else:
                member = Member(each, role, joined_at, muted_until)
            found[chat].append(member)
    return found


def _drafts(connection: sa.Connection, person: str, chat: str) -> dict[str, Draft]:
    d = store.drafts.c
    query = sa.select(d.chat, d.text, d.at, d.reply).where(d.person == person)
    rows = connection.execute(query.where(d.chat == chat) if chat else query)
    return {row.chat: Draft(text=row.text, at=row.at, reply=row.reply) for row in rows}


def _slice(
    connection: sa.Connection, person: str, chat: str, first: int, last: int, limit: int, *, newest: bool
) -> list[Any]:
    query = sa.select(store.messages).where(
        _m.chat == chat, _m.seq >= first, _m.seq <= min(last, END), not_deleted(person)
    )
    rows = connection.execute(query.order_by(_m.seq.desc() if newest else _m.seq).limit(limit)).all()
    return list(reversed(rows)) if newest else list(rows)


def _some(items: Sequence[Any]) -> list[Sequence[Any]]:
    return [items[at : at + IN_AT_ONCE] for at in range(0, len(items), IN_AT_ONCE)]
