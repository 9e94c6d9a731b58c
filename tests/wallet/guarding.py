"""What the stories of the guard share: payments that are nothing but a yes and a sum, and a clock to be set."""

from __future__ import annotations

import asyncio
from typing import Any

from teahouse.commands import Actor, Command, Result
from teahouse.errors import Refusal
from teahouse.house import House
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.guard import WalletGuard
from teahouse.wallet.model import Key
from teahouse.wallet.once import once
from tests.wallet.house import Payer, WalletHouse


class Spend(Command, frozen=True, tag="test.spend"):
    """A payment without its ledger: hot, and done once a key."""

    key: Key
    amount: Money
    approval: str


class Spent(Result, frozen=True):
    spent: int


def teach(house: House, guard: WalletGuard) -> None:
    def spend(tx: Tx, actor: Actor, command: Spend) -> Spent:
        def decide() -> Spent:
            guard.spend(tx, actor, command.amount, command.approval)
            return Spent(spent=command.amount.amount)

        return once(tx, actor, command, Spent, decide)

    house.handle(Spend, spend, hot=True)


async def spends(purse: WalletHouse, payer: Payer, money: Money, approval: str) -> None:
    await purse.house.store.write(purse.wallet.guard.spend, payer.guest.signed, money, approval)


async def in_one_group(house: House, *asked: tuple[Actor, Command]) -> list[Any]:
    """Have the writer decide commands in one group; return what came of each, refusals too."""
    outcomes: list[Any] = []
    all_done = asyncio.Event()

    def done(job: Any) -> None:
        outcomes.append(job.outcome)
        if len(outcomes) == len(asked):
            all_done.set()

    house.submit([house.job(actor, command, done) for actor, command in asked])
    await all_done.wait()
    return outcomes


async def refusal_of(awaited: Any) -> Refusal | None:
    """What it was refused with; None if it was done."""
    try:
        await awaited
    except Refusal as refusal:
        return refusal
    return None


def set_clock(purse: WalletHouse, at: int) -> None:
    """Unix ms, for the writer; it stands still."""
    purse.house.store.writer.clock = lambda: at
