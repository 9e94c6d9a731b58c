"""What is due is ended by one worker: whatever fails, the rest goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from teahouse.storage.transaction import Tx
from teahouse.wallet import due
from tests.wallet.house import open_wallet_house


async def test_a_sweep_that_fails_does_not_keep_the_others_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "EVERY_S", 0.01)
    swept = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fails(tx: Tx, limit: int) -> int:
        raise ZeroDivisionError

    def works(tx: Tx, limit: int) -> int:
        loop.call_soon_threadsafe(swept.set)
        return 0

    async with open_wallet_house(tmp_path) as purse:
        purse.wallet.purse.sweeps.insert(0, fails)
        purse.wallet.purse.sweeps.append(works)
        await asyncio.wait_for(swept.wait(), 20)


async def test_a_sweep_that_always_finds_something_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "STEPS_MAX", 7)
    async with open_wallet_house(tmp_path) as purse:

        def never_done(tx: Tx, limit: int) -> int:
            return limit

        before = await purse.wallet.due.sweep()
        purse.wallet.purse.sweeps.append(never_done)
        assert await purse.wallet.due.sweep() - before == 7 * due.AT_ONCE
