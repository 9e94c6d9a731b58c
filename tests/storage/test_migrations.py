"""The store's history: its steps lead to exactly the tables that the code declares, on both kinds of store."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import teahouse.app  # noqa: F401 - declares every table
from teahouse.storage import migrate
from teahouse.storage.engine import make_engine
from teahouse.storage.schema import metadata
from tests.harness.postgres import Schemas

OUR_OWN = ("message_word",)
"""The search index makes its tables itself and can be thrown away at any time."""


def is_ours(_item: object, name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
    return name is None or not name.startswith(OUR_OWN)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> sa.Engine:
    if request.param == "sqlite":
        return make_engine(f"sqlite:///{tmp_path / 'house.db'}", readers=1)
    new_database: Schemas = request.getfixturevalue("new_database")
    return make_engine(new_database(bare=True), readers=1)


def test_the_steps_lead_to_what_the_code_declares(engine: sa.Engine) -> None:
    assert migrate.version(engine) == ""
    migrate.prepare(engine)
    assert migrate.version(engine) == migrate.HEAD
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_store_that_is_up_to_date_is_left_alone(engine: sa.Engine) -> None:
    migrate.prepare(engine)
    migrate.prepare(engine)
    assert migrate.version(engine) == migrate.HEAD


def test_the_named_head_is_the_newest_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD
