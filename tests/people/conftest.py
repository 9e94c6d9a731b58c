"""Every story of people is told twice: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.harness.house import OpenHouse, open_house


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenHouse]:
    store = request.getfixturevalue("new_database")() if request.param == "postgresql" else ""
    async with open_house(tmp_path, store=store) as opened:
        yield opened
