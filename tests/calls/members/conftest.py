"""Each story of calls is told twice: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.calls.members.calling import Calling, open_calling
from tests.harness.postgres import new_database, postgres_url, store_url

__all__ = ["new_database", "postgres_url", "store_url"]


@pytest.fixture
async def calling(tmp_path: Path, store_url: str) -> AsyncIterator[Calling]:
    async with open_calling(tmp_path, store=store_url) as opened:
        yield opened
