"""The tables of chats. Their queries are in the files that need them; nobody outside this room knows a row's shape."""

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, Number, metadata

Json = sa.LargeBinary
"""Encoded JSON, as it is told."""

chats = sa.Table(
    "chat",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("picture", sa.String(80), nullable=False, server_default=""),
    sa.Column("topic", sa.Text, nullable=False, server_default=""),
    sa.Column("announcement_only", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("join_approval", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", Id, nullable=False),
    sa.Column("nonce", sa.String(36)),
    sa.Column("pair", sa.String(33)),  # direct chats: both ids, the smaller first, so that there is one a pair
    sa.Column("member_count", sa.Integer, nullable=False, server_default="0"),  # so that a list need not count
    sa.Index("chat_nonce", "created_by", "nonce", unique=True),
    sa.Index("chat_pair", "pair", unique=True),
)

members = sa.Table(
    "member",
    metadata,
    sa.Column("chat", Id, primary_key=True),
    sa.Column("person", Id, primary_key=True),
    sa.Column("role", sa.String(8), nullable=False, server_default="member"),
    sa.Column("joined_at", Instant, nullable=False),
    sa.Column("joined_number", Number, nullable=False),  # events of the chat before it are not theirs
    sa.Column("left_number", Number, nullable=False, server_default="0"),  # 0: a member now
    sa.Column("history_from", Number, nullable=False, server_default="1"),
    sa.Column("history_to", Number, nullable=False, server_default="0"),  # the last seq they may read once they left
    sa.Column("muted_until", Instant, nullable=False, server_default="0"),
    sa.Column("delivered_seq", Number, nullable=False, server_default="0"),
    sa.Column("read_seq", Number, nullable=False, server_default="0"),
    sa.Column("receipt_number", Number, nullable=False, server_default="0"),  # when the two above last changed
    sa.Column("cleared_to", Number, nullable=False, server_default="0"),
    sa.Column("pinned_at", Instant, nullable=False, server_default="0"),
    sa.Column("muted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("archived", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("member_person", "person"),
    sa.Index(
        "member_lead", "chat", sqlite_where=sa.text("role <> 'member'"), postgresql_where=sa.text("role <> 'member'")
    ),
)

messages = sa.Table(
    "message",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    sa.Column("chat", Id, nullable=False),
    sa.Column("seq", Number, nullable=False),
    sa.Column("sender", Id, nullable=False),  # empty for system messages
    sa.Column("nonce", sa.String(36)),  # null for system messages
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("reply", Json),
    sa.Column("forward", Json),
    sa.Column("edited_at", Instant, nullable=False, server_default="0"),
    sa.Index("message_seq", "chat", "seq", unique=True),
    sa.Index("message_nonce", "nonce", "sender", unique=True),  # nonce first: clients make it time-ordered
)

reactions = sa.Table(
    "reaction",
    metadata,
    sa.Column("chat", Id, primary_key=True),
    sa.Column("seq", Number, primary_key=True),
    sa.Column("emoji", sa.String(16), primary_key=True),
    sa.Column("person", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

deletions = sa.Table(
    "deletion",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("chat", Id, primary_key=True),
    sa.Column("seq", Number, primary_key=True),
)

mentions = sa.Table(
    "mention",
    metadata,
    sa.Column("chat", Id, primary_key=True),
    sa.Column("person", sa.String(16), primary_key=True),  # EVERYONE for @all
    sa.Column("seq", Number, primary_key=True),
)
EVERYONE = "*"

message_media = sa.Table(
    "message_media",
    metadata,
    sa.Column("media", Id, primary_key=True),  # media first: it is asked who may see one
    sa.Column("chat", Id, primary_key=True),
    sa.Column("seq", Number, primary_key=True),
    sa.Index("message_media_seq", "chat", "seq"),
)

poll_votes = sa.Table(
    "poll_vote",
    metadata,
    sa.Column("chat", Id, primary_key=True),
    sa.Column("seq", Number, primary_key=True),
    sa.Column("person", Id, primary_key=True),
    sa.Column("option", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

closed_polls = sa.Table(
    "poll_closed",
    metadata,
    sa.Column("chat", Id, primary_key=True),
    sa.Column("seq", Number, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

played = sa.Table(
    "played",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("chat", Id, primary_key=True),
    sa.Column("seq", Number, primary_key=True),
)

drafts = sa.Table(
    "draft",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("chat", Id, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reply", Number, nullable=False, server_default="0"),
    sa.Column("at", Instant, nullable=False),
)

links = sa.Table(
    "chat_link",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("chat", Id, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),  # its SHA-256
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("used", sa.Integer, nullable=False, server_default="0"),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("created_by", Id, nullable=False),
    sa.Index("chat_link_secret", "secret", unique=True),
    sa.Index("chat_link_chat", "chat"),
)

join_requests = sa.Table(
    "join_request",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("chat", Id, nullable=False),
    sa.Column("person", Id, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("join_request_person", "chat", "person", unique=True),
)
