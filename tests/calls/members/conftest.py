"""Each story of calls is told twice: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.calls.members.calling import Calling, open_calling


@pytest.fixture
async def calling(tmp_path: Path, store_url: str) -> AsyncIterator[Calling]:
    async with open_calling(tmp_path, store=store_url) as opened:
        yield opened
