"""Engines: SQLite by default, PostgreSQL when the store's URL says so."""

import sqlite3
from typing import Any

import sqlalchemy as sa

SQLITE_CACHE_KIB = 64 * 1024
BUSY_MS = 10_000


def make_engine(url: str, *, readers: int) -> sa.Engine:
    """Return an engine for the store.

    SQLite: WAL and `synchronous=FULL`, so that a commit is on the disk when it returns. PostgreSQL: psycopg 3 with its
    default `synchronous_commit=on`. `readers` bounds the pool (the writer has one connection more).
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sa.create_engine(
            parsed,
            pool_size=readers + 1,
            max_overflow=0,
            connect_args={"check_same_thread": False, "cached_statements": 512, "timeout": BUSY_MS / 1000},
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    # Positional parameters, so that `schema.bulk` can hand tuples to the driver.
    postgresql = parsed.set(drivername="postgresql+psycopg")
    return sa.create_engine(postgresql, pool_size=readers + 1, max_overflow=0, paramstyle="format")


def _begin_sqlite(connection: sa.Connection) -> None:
    """The writer takes the lock at once (a later upgrade could fail); readers get a snapshot."""
    writes = connection.get_execution_options().get("writes", False)
    # Straight to the driver: this runs for every commit, and SQLAlchemy's own way costs a tenth of a small one.
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"cache_size=-{SQLITE_CACHE_KIB}",
        "foreign_keys=OFF",
        "temp_store=MEMORY",
        "mmap_size=268435456",
        "wal_autocheckpoint=20000",
        f"busy_timeout={BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
