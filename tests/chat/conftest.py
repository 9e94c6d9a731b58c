"""Each story of chats is told twice: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chat.house import TeaHouse, open_teahouse


@pytest.fixture(params=["sqlite", "postgresql"])
async def tea(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TeaHouse]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    async with open_teahouse(tmp_path, store=url) as opened:
        yield opened
