"""What is unread: counted from the store, so that it is the same on every device."""

from typing import Any

import sqlalchemy as sa

from teahouse.chat import store
from teahouse.chat.reach import not_deleted

UNREAD_MAX = 1000
UNCOUNTED_KINDS = ("system", "recalled")


def counted(person: Any) -> tuple[Any, ...]:
    """The messages that count for a person, as SQL over the message table: what others wrote, neither recalled nor
    deleted by the person for themselves."""
    m = store.messages.c
    return m.sender != person, m.kind.not_in(UNCOUNTED_KINDS), not_deleted(person)


def unread_of(connection: sa.Connection, chat: str, person: str, after: int) -> tuple[int, int]:
    """Return how many messages of others come after a seq (counted to `UNREAD_MAX`), and the seq of the first of them
    that mentions the person (0: none)."""
    m, n = store.messages.c, store.mentions.c
    unread = (
        sa.select(sa.literal(1)).where(m.chat == chat, m.seq > after, *counted(person)).limit(UNREAD_MAX).subquery()
    )
    count = connection.execute(sa.select(sa.func.count()).select_from(unread)).scalar_one()
    if not count:
        return 0, 0
    first = connection.execute(
        sa.select(sa.func.min(n.seq))
        .select_from(store.mentions.join(store.messages, sa.and_(m.chat == n.chat, m.seq == n.seq)))
        .where(n.chat == chat, n.person.in_((person, store.EVERYONE)), n.seq > after, *counted(person))
    ).scalar_one()
    return count, first or 0
