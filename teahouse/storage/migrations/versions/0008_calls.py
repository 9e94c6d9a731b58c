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
    op.add_column("contact", sa.Column("phone", sa.String(40), nullable=False, server_default=""))
    _member_calls()
    _rates()
    _meter()
    _policy()
    _trunks()
    _phone_calls()


def _member_calls() -> None:
    op.create_table(
        "call",
        sa.Column("id", Id, primary_key=True),
        sa.Column("chat", Id, nullable=False),
        sa.Column("direct", sa.Boolean, nullable=False),
        sa.Column("started_by", Id, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("video", sa.Boolean, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("talked_ms", sa.BigInteger, nullable=False),
        sa.Column("counted_at", sa.BigInteger, nullable=False),
    )
    goes_on = sa.text("ended_at = 0")
    op.create_index("call_open", "call", ["chat"], unique=True, sqlite_where=goes_on, postgresql_where=goes_on)
    op.create_index("call_started", "call", ["started_by", "at"])
    op.create_table(
        "call_leg",
        sa.Column("call", Id, primary_key=True),
        sa.Column("person", Id, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("leg", Id, nullable=False),
        sa.Column("device", Id, nullable=False),
        sa.Column("nonce", sa.String(64)),
        sa.Column("rung_at", sa.BigInteger, nullable=False),
        sa.Column("rings", sa.Integer, nullable=False),
        sa.Column("joined_at", sa.BigInteger, nullable=False),
        sa.Column("left_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("talked_ms", sa.BigInteger, nullable=False),
        sa.Column("muted", sa.Boolean, nullable=False),
        sa.Column("camera", sa.Boolean, nullable=False),
        sa.Column("screen", sa.Boolean, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("stars", sa.SmallInteger, nullable=False),
        sa.Column("troubles", sa.String(80), nullable=False),
        sa.Column("forgotten", sa.Boolean, nullable=False),
    )
    op.create_index("call_leg_history", "call_leg", ["person", "at", "call"])
    op.create_index("call_leg_now", "call_leg", ["person", "state"])
    op.create_index("call_leg_nonce", "call_leg", ["person", "nonce"], unique=True)


def _rates() -> None:
    op.create_table(
        "rate_deck",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("trunk", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("by", sa.String(16), nullable=False),
    )
    op.create_index("rate_deck_id", "rate_deck", ["id"], unique=True)
    op.create_index("rate_deck_trunk", "rate_deck", ["trunk"])
    op.create_table(
        "rate_line",
        sa.Column("deck", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("prefix", sa.String(15), primary_key=True),
        sa.Column("effective_from", sa.BigInteger, primary_key=True),
        sa.Column("effective_to", sa.BigInteger, nullable=False),
        sa.Column("trunk", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("folded", sa.String(360), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("per_minute_e4", sa.BigInteger, nullable=False),
        sa.Column("connection_e4", sa.BigInteger, nullable=False),
        sa.Column("first_s", sa.Integer, nullable=False),
        sa.Column("next_s", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("rate_line_prefix", "rate_line", ["trunk", "prefix"])


def _meter() -> None:
    is_open, has_cost = sa.text("settled_at = 0"), sa.text("cost > 0")
    op.create_table(
        "phone_meter",
        sa.Column("call", sa.String(16), primary_key=True),
        sa.Column("person", sa.String(16), nullable=False),
        sa.Column("number", sa.String(17), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("rate", sa.Text, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("hold", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=False),
        sa.Column("known_s", sa.Integer, nullable=False),
        sa.Column("settled_at", sa.BigInteger, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("trunk", sa.String(16), nullable=False),
        sa.Column("carrier_rate", sa.Text, nullable=False),
        sa.Column("carrier_cost", sa.BigInteger, nullable=False),
    )
    open_first = ["settled_at", "person"]
    op.create_index("phone_meter_open", "phone_meter", open_first, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("phone_meter_person", "phone_meter", ["person", "began_at"])
    op.create_index(
        "phone_meter_spent",
        "phone_meter",
        ["currency", "began_at", "cost"],
        sqlite_where=has_cost,
        postgresql_where=has_cost,
    )


def _policy() -> None:
    op.create_table(
        "phone_policy",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("policy", sa.Text, nullable=False),
    )


def _trunks() -> None:
    op.create_table(
        "trunk",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("format", sa.String(12), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("setup", sa.LargeBinary, nullable=False),
        sa.Column("password", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "phone_number",
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("person", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("phone_number_person", "phone_number", ["person", "at"])


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
        sa.Column("trace", sa.LargeBinary, nullable=False),
    )
    op.create_index("phone_call_person", "phone_call", ["person", "at", "id"])
    still_open = sa.text("ended_at = 0")
    op.create_index("phone_call_open", "phone_call", ["person"], sqlite_where=still_open, postgresql_where=still_open)
