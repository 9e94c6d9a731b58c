"""Messages of every kind: which media they show, votes in polls, what was played.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Id = sa.String(16)
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "message_media",
        sa.Column("media", Id, primary_key=True),
        sa.Column("chat", Id, primary_key=True),
        sa.Column("seq", Number, primary_key=True),
    )
    op.create_index("message_media_seq", "message_media", ["chat", "seq"])
    op.create_table(
        "poll_vote",
        sa.Column("chat", Id, primary_key=True),
        sa.Column("seq", Number, primary_key=True),
        sa.Column("person", Id, primary_key=True),
        sa.Column("option", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "poll_closed",
        sa.Column("chat", Id, primary_key=True),
        sa.Column("seq", Number, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "played",
        sa.Column("person", Id, primary_key=True),
        sa.Column("chat", Id, primary_key=True),
        sa.Column("seq", Number, primary_key=True),
    )
