"""Link previews, and the operator's word on whether there are any.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "preview",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("url_hash", sa.String(64), nullable=False),
        sa.Column("card", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("type", sa.String(127), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("used", sa.Boolean, nullable=False),
    )
    op.create_index("preview_url", "preview", ["url_hash", "made_at"])
    op.create_index("preview_made", "preview", ["used", "made_at"])
    op.add_column("house_settings", sa.Column("link_previews", sa.Boolean, nullable=False, server_default=sa.true()))
