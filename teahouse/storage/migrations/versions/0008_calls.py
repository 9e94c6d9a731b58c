"""Calls: between members, and to phones.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

Id = sa.String(16)


def upgrade() -> None:
    _member_calls()
    _rates()
    _meter()
    _policy()
    _trunks()
    _phone_calls()


def _member_calls() -> None:
    """Tables of the room of that name."""


def _rates() -> None:
    """Tables of the room of that name."""


def _meter() -> None:
    """Tables of the room of that name."""


def _policy() -> None:
    """Tables of the room of that name."""


def _trunks() -> None:
    """Tables of the room of that name."""


def _phone_calls() -> None:
    op.create_table(
        "phone_call",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person", Id, nullable=False),
        sa.Column("device", Id, nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("formatted", sa.String(40), nullable=False),
        sa.Column("country", sa.String(3), nullable=False),
        sa.Column("own", sa.String(20), nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("price", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("trunk", Id, nullable=False),
        sa.Column("dtmf", sa.Boolean, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("stars", sa.Integer, nullable=False),
        sa.Column("troubles", sa.String(80), nullable=False),
        sa.Column("forgotten", sa.Boolean, nullable=False),
    )
    op.create_index("phone_call_person", "phone_call", ["person", "at", "id"])
    still_open = sa.text("ended_at = 0")
    op.create_index(
        "phone_call_open", "phone_call", ["person"], sqlite_where=still_open, postgresql_where=still_open
    )
