"""What a notification of a message says, for each person who is to be told."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from teahouse.chat import rules, store
from teahouse.chat.events import MessageNew
from teahouse.chat.unread import unread_of
from teahouse.chat.words_of import line_of
from teahouse.people.service import PeopleService

BADGE_CHATS_MAX = 200


class Notice(msgspec.Struct, frozen=True):
    """`badge` is how many messages are unread in all chats that are not muted."""

    title: str
    body: str
    chat: str
    seq: int
    tag: str
    badge: int


def notices(
    connection: sa.Connection, people: PeopleService, event: MessageNew, receivers: Sequence[str]
) -> dict[str, Notice]:
    """Return the notice for each of these people who wants one: muted chats are silent unless they are mentioned."""
    m = store.members.c
    chat = connection.execute(sa.select(store.chats).where(store.chats.c.id == event.chat)).one_or_none()
    sender = people.person(connection, event.sender)
    if chat is None or sender is None:
        return {}
    named = set(rules.mentioned(event.content))
    rows = connection.execute(
        sa.select(m.person, m.muted).where(m.chat == event.chat, m.person.in_(receivers), m.left_number == 0)
    )
    made = {}
    for person, muted in rows:
        if muted and person not in named and store.EVERYONE not in named:
            continue
        name = people.shown_name(connection, person, sender)
        text = rules.excerpt(line_of(event.content))
        made[person] = Notice(
            title=name if chat.kind == "direct" else chat.name,
            body=text if chat.kind == "direct" else f"{name}: {text}",
            chat=event.chat,
            seq=event.seq,
            tag=event.chat,
            badge=_badge(connection, person),
        )
    return made


def _badge(connection: sa.Connection, person: str) -> int:
    m = store.members.c
    rows = connection.execute(
        sa.select(m.chat, m.read_seq, m.cleared_to)
        .where(m.person == person, m.left_number == 0, ~m.muted)
        .limit(BADGE_CHATS_MAX)
    )
    return sum(unread_of(connection, chat, person, max(read, cleared))[0] for chat, read, cleared in rows)
