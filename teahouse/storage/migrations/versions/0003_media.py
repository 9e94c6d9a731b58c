"""Media: uploads, what is made of them, and which blobs are used by what.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Id = sa.String(16)
Sha256 = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", Id, primary_key=True),
        sa.Column("owner", Id, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("type", sa.String(127), nullable=False),
        sa.Column("sha256", Sha256),
        sa.Column("touched_at", sa.BigInteger, nullable=False),
    )
    op.create_index("upload_owner", "upload", ["owner"])
    op.create_index("upload_touched", "upload", ["touched_at"])
    op.create_table(
        "media",
        sa.Column("id", Id, primary_key=True),
        sa.Column("owner", Id, nullable=False),
        sa.Column("nonce", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("keep_metadata", sa.Boolean, nullable=False),
        sa.Column("sources", sa.LargeBinary, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("card", sa.LargeBinary),
        sa.Column("check_at", sa.BigInteger, nullable=False),
    )
    op.create_index("media_nonce", "media", ["owner", "nonce"], unique=True)
    op.create_index("media_check", "media", ["check_at"])
    op.create_index("media_state", "media", ["state"])
    op.create_table(
        "media_file",
        sa.Column("media", Id, primary_key=True),
        sa.Column("variant", sa.String(16), primary_key=True),
        sa.Column("sha256", Sha256, nullable=False),
        sa.Column("type", sa.String(127), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "blob",
        sa.Column("sha256", Sha256, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("loose_at", sa.BigInteger),
    )
    op.create_index("blob_loose", "blob", ["loose_at"])
    op.create_table(
        "blob_use",
        sa.Column("used_by", sa.String(80), primary_key=True),
        sa.Column("sha256", Sha256, primary_key=True),
        sa.Column("owner", Id, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_index("blob_use_sha256", "blob_use", ["sha256"])
    op.create_index("blob_use_owner", "blob_use", ["owner"])
