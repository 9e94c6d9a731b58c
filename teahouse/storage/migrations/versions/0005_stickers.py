"""Stickers: packs, what people have at hand, and imports.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Id = sa.String(16)
Sha256 = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "sticker_pack",
        sa.Column("id", Id, primary_key=True),
        sa.Column("owner", Id, nullable=False),
        sa.Column("nonce", sa.String(36)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("digest", Sha256),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("sticker_pack_owner", "sticker_pack", ["owner"])
    op.create_index("sticker_pack_nonce", "sticker_pack", ["owner", "nonce"], unique=True)
    op.create_table(
        "sticker",
        sa.Column("id", Id, primary_key=True),
        sa.Column("pack", Id, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("emoji", sa.String(160), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("found_by", sa.LargeBinary, nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("animated", sa.Boolean, nullable=False),
        sa.Column("still", sa.Integer, nullable=False),
        sa.Column("file", Sha256, nullable=False),
        sa.Column("file_size", sa.Integer, nullable=False),
        sa.Column("small", Sha256),
        sa.Column("small_size", sa.Integer),
        sa.Column("image", Sha256),
        sa.Column("image_size", sa.Integer),
        sa.Column("sent", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("sticker_pack_position", "sticker", ["pack", "position"])
    op.create_table(
        "sticker_panel",
        sa.Column("person", Id, primary_key=True),
        sa.Column("pack", Id, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("sticker_panel_pack", "sticker_panel", ["pack"])
    for kept in ("favourite", "recent"):
        op.create_table(
            f"sticker_{kept}",
            sa.Column("person", Id, primary_key=True),
            sa.Column("sticker", Id, primary_key=True),
            sa.Column("at", sa.BigInteger, nullable=False),
        )
        op.create_index(f"sticker_{kept}_sticker", f"sticker_{kept}", ["sticker"])
    op.create_table(
        "sticker_import",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person", Id, nullable=False),
        sa.Column("processing", sa.Boolean, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
