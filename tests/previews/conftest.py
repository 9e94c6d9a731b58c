"""Stories of previews that touch the store are told twice: on SQLite and on PostgreSQL."""

from tests.harness.postgres import new_database, postgres_url, store_url

__all__ = ["new_database", "postgres_url", "store_url"]
