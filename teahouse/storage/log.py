"""The event log: what was told, so that it can be told again.

A scope is a chat or a person. Messages are not copied here (the message table is their log, in the same numbering), nor
receipts (the member's row keeps the newest). An event with a key replaces the older one of its key in its scope: a
draft saved a hundred times is one row. So the log grows with what people do, not with how long they type.
"""

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from teahouse.storage.schema import Append, Number, metadata

event_log = sa.Table(
    "event",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    sa.Column("scope", sa.String(32), nullable=False),
    sa.Column("key", sa.String(80)),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("event_scope", "scope", "number"),
    sa.Index("event_key", "scope", "key", unique=True),
)

add = Append(event_log, key="scope, key", renew=("number", "body"))

SCOPES_AT_ONCE = 500


def since(
    connection: sa.Connection, scopes: Collection[str], after: int, upto: int, limit: int
) -> Iterator[tuple[int, str, bytes]]:
    """Yield `(number, scope, body)` of events after one number up to another in these scopes, at most `limit` a batch
    of scopes, each batch in order."""
    ordered = list(scopes)
    for at in range(0, len(ordered), SCOPES_AT_ONCE):
        rows = connection.execute(
            sa.select(event_log.c.number, event_log.c.scope, event_log.c.body)
            .where(event_log.c.scope.in_(ordered[at : at + SCOPES_AT_ONCE]))
            .where(event_log.c.number > after, event_log.c.number <= upto)
            .order_by(event_log.c.number)
            .limit(limit)
        )
        for number, scope, body in rows:
            yield number, scope, bytes(body)
