"""Each story of the wallet is told twice: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.wallet.card_house import CardHouse, card_settings
from tests.wallet.house import WalletHouse, open_wallet_house
from tests.wallet.stripe_stand_in import StandIn, stripe_stand_in


@pytest.fixture(params=["sqlite", "postgresql"])
async def purse(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WalletHouse]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    async with open_wallet_house(tmp_path, store=url) as opened:
        yield opened


@pytest.fixture
def stripe() -> Iterator[StandIn]:
    with stripe_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
async def cards(tmp_path: Path, store_url: str, stripe: StandIn) -> AsyncIterator[CardHouse]:
    """A house that takes cards."""
    async with open_wallet_house(tmp_path, store=store_url, **card_settings(stripe)) as purse:
        yield CardHouse(purse, stripe)
