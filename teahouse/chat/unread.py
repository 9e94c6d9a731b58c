"""What is unread: counted from the store, so that it is the same on every device."""

import sqlalchemy as sa

from teahouse.chat import store

UNREAD_MAX = 1000
UNCOUNTED_KINDS = ("system", "recalled")


def unread_of(connection: sa.Connection, chat: str, person: str, after: int) -> tuple[int, int]:
    """Return how many messages of others come after a seq (counted to `UNREAD_MAX`), and the seq of the first of them
    that mentions the person (0: none)."""
    m, n = store.messages.c, store.mentions.c
    unread = (
        sa.select(sa.literal(1))
        .where(m.chat == chat, m.seq > after, m.sender != person, m.kind.not_in(UNCOUNTED_KINDS))
        .limit(UNREAD_MAX)
        .subquery()
    )
    count = connection.execute(sa.select(sa.func.count()).select_from(unread)).scalar_one()
    if not count:
        return 0, 0
    first = connection.execute(
        sa.select(sa.func.min(n.seq))
        .select_from(store.mentions.join(store.messages, sa.and_(m.chat == n.chat, m.seq == n.seq)))
        .where(n.chat == chat, n.person.in_((person, store.EVERYONE)), n.seq > after, m.sender != person)
    ).scalar_one()
    return count, first or 0
