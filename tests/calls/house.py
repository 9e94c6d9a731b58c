"""A house with a wallet and calls on a real store, and people who call each other; no doors, no trunk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from teahouse.calls.service import CallService
from tests.chat.house import TeaHouse, open_teahouse, reopen_teahouse
from tests.wallet.house import WalletHouse


class CallHouse(WalletHouse):
    """As `WalletHouse`, with `calls` as the app builds it."""

    def __init__(self, tea: TeaHouse) -> None:
        super().__init__(tea)
        self.calls = CallService(tea.house, tea.opened.people, tea.chat, self.wallet)


@asynccontextmanager
async def _with_calls(tea: TeaHouse) -> AsyncIterator[CallHouse]:
    house = CallHouse(tea)
    house.wallet.register()
    house.calls.register()
    async with house.wallet.running(), house.calls.running():
        yield house


@asynccontextmanager
async def open_calls(folder: Path, **settings: Any) -> AsyncIterator[CallHouse]:
    """A new house that takes everybody in, with a wallet in EUR and calls."""
    async with open_teahouse(folder, **settings) as tea, _with_calls(tea) as house:
        yield house


@asynccontextmanager
async def reopen_calls(folder: Path, **settings: Any) -> AsyncIterator[CallHouse]:
    """The house as it was left."""
    async with reopen_teahouse(folder, **settings) as tea, _with_calls(tea) as house:
        yield house
