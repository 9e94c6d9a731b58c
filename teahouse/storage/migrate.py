"""Bring the store's tables to what this version needs (Alembic; the steps are in `migrations/versions`)."""

from pathlib import Path

import sqlalchemy as sa

FOLDER = Path(__file__).parent / "migrations"
HEAD = "0008"
"""The newest step. Alembic itself is imported only when a step is missing, to keep the start fast."""


def version(engine: sa.Engine) -> str:
    """Return the step that the store is at; empty for a new one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or ""


def prepare(engine: sa.Engine) -> None:
    """Take the steps that are missing, each in a transaction."""
    if version(engine) == HEAD:
        return
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
