"""The wallet's own tables that all its rooms share. Each room has a `store.py` of its own beside this."""

import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, Lookup, metadata

requests = sa.Table(
    "wallet_request",  # money commands that were done: the same key gets the same answer
    metadata,
    sa.Column("key", sa.String(36), primary_key=True),  # first, for clients make it time-ordered
    sa.Column("person", Id, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
append_requests = Append(requests)
request_of = Lookup(requests, ("digest", "answer"), ("key", "person"))
