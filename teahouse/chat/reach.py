"""What of a chat a person may read: members from their joining on, those who left up to their leaving."""

from typing import Any

import sqlalchemy as sa

from teahouse.chat import rules, store
from teahouse.errors import NotFound

END = 2**53


def membership(connection: sa.Connection, chat: str, person: str) -> Any:
    """Return the member's row, of one who left too. Raises `NotFound` for those who were never in it."""
    m = store.members.c
    row = connection.execute(sa.select(store.members).where(m.chat == chat, m.person == person)).one_or_none()
    if row is None:
        raise NotFound(rules.NO_SUCH_CHAT)
    return row


def reach_of(membership: Any) -> tuple[int, int]:
    """Return the first and the last seq that a member's row lets its person read (none when the first is greater)."""
    first = max(membership.history_from, membership.cleared_to + 1)
    return first, membership.history_to if membership.left_number else END


def message_at(connection: sa.Connection, chat: str, seq: int, first: int, last: int) -> Any:
    """Return a message's row. Raises `NoSuchMessage` when it is not within what the person may read."""
    m = store.messages.c
    row = None
    if first <= seq <= last:
        row = connection.execute(sa.select(store.messages).where(m.chat == chat, m.seq == seq)).one_or_none()
    if row is None:
        raise rules.NoSuchMessage()
    return row


def first_read() -> Any:
    """The first seq that may be read, as SQL over the member table."""
    m = store.members.c
    return sa.case((m.cleared_to >= m.history_from, m.cleared_to + 1), else_=m.history_from)


def last_read() -> Any:
    """The last seq that may be read, as SQL over the member table."""
    m = store.members.c
    return sa.case((m.left_number == 0, sa.literal(END, sa.BigInteger)), else_=m.history_to)


def not_deleted(person: Any) -> Any:
    """The message was not deleted by a person for themselves, as SQL over the message table."""
    d, m = store.deletions.c, store.messages.c
    return ~sa.exists().where(d.person == person, d.chat == m.chat, d.seq == m.seq)
