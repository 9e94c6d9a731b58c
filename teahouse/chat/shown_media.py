"""Who may see a media: whoever may read a message that shows it."""

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse.chat import store
from teahouse.chat.reach import first_read, last_read

_s, _n, _d = store.message_media.c, store.members.c, store.deletions.c
IN_AT_ONCE = 400


def can_see(connection: sa.Connection, person: str, media: str) -> bool:
    deleted = sa.exists().where(_d.person == person, _d.chat == _s.chat, _d.seq == _s.seq)
    query = (
        sa.select(sa.literal(1))
        .select_from(store.message_media.join(store.members, sa.and_(_n.chat == _s.chat, _n.person == person)))
        .where(_s.media == media, _s.seq >= first_read(), _s.seq <= last_read(), ~deleted)
        .limit(1)
    )
    return connection.execute(query).first() is not None


def in_use(connection: sa.Connection, media: Sequence[str]) -> set[str]:
    """Return which of these media some message shows."""
    found: set[str] = set()
    for at in range(0, len(media), IN_AT_ONCE):
        found.update(
            connection.execute(
                sa.select(_s.media).where(_s.media.in_(media[at : at + IN_AT_ONCE])).distinct()
            ).scalars()
        )
    return found
