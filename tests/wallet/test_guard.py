"""The guard: who may pay how much."""

from __future__ import annotations

from typing import Any

import pytest

from teahouse.commands import Actor
from teahouse.errors import Refusal
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import rules
from teahouse.wallet.purse import Standing
from tests.wallet.house import Payer, WalletHouse, eur


async def spends(purse: WalletHouse, payer: Payer, money: Money, approval: str) -> None:
    await purse.house.store.write(lambda tx: purse.wallet.guard.spend(tx, payer.guest.signed, money, approval))


async def test_a_yes_is_good_for_one_payment(purse: WalletHouse) -> None:
    ann = await purse.person("ann", 10_000)
    approval = await ann.approves(500)
    await spends(purse, ann, eur(500), approval)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(500), approval)
