"""A PostgreSQL beside SQLite, for what must hold on both."""

from tests.harness.postgres import new_database, postgres_url

__all__ = ["new_database", "postgres_url"]
