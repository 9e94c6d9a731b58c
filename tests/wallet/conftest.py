"""Each story of the wallet is told twice: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.postgres import new_database, postgres_url, store_url
from tests.wallet.house import WalletHouse, open_wallet_house

__all__ = ["new_database", "postgres_url", "store_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
async def purse(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WalletHouse]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    async with open_wallet_house(tmp_path, store=url) as opened:
        yield opened
