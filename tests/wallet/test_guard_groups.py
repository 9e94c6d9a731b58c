"""Groups of commands of every fate, against a plain model: what is refused, crashes or is decided twice leaves no trace
in what the guard remembers, nor in what it stored."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from teahouse import ids
from teahouse.commands import Actor, Command, Result
from teahouse.errors import Refusal
from teahouse.storage.transaction import Tx
from teahouse.storage.writer import Crashed
from teahouse.wallet.guard import rules
from teahouse.wallet.guard.model import ChangeLimits, SpendingLimits
from tests.wallet.guarding import Spend, Spent, in_one_group, teach
from tests.wallet.house import EUR, Payer, WalletHouse, eur, new_key

DAY_MAX = 3_000


class Fails(Command, frozen=True, tag="test.fails"):
    """Spends, then is refused (in a savepoint of its own), or crashes (hot: the whole group is decided again)."""

    amount: int
    approval: str


class Crashes(Fails, frozen=True, tag="test.crashes"):
    pass


class Cold(Fails, frozen=True, tag="test.cold"):
    """Spends, in a savepoint of its own."""


class Returns(Command, frozen=True, tag="test.returns"):
    """Something comes back."""

    amount: int


def teach_fates(purse: WalletHouse) -> None:
    guard = purse.wallet.guard

    def cold(tx: Tx, actor: Actor, command: Cold) -> Result:
        guard.spend(tx, actor, eur(command.amount), command.approval)
        return Spent(spent=command.amount)

    def fails(tx: Tx, actor: Actor, command: Fails) -> Result:
        guard.spend(tx, actor, eur(command.amount), command.approval)
        raise Refusal("too late")

    def crashes(tx: Tx, actor: Actor, command: Crashes) -> Result:
        guard.spend(tx, actor, eur(command.amount), command.approval)
        raise ValueError("a fault of ours")

    def returns(tx: Tx, actor: Actor, command: Returns) -> Result:
        guard.unspend(tx, actor.person, eur(command.amount), tx.now)
        return Spent(spent=-command.amount)

    purse.house.handle(Cold, cold)
    purse.house.handle(Fails, fails)
    purse.house.handle(Crashes, crashes, hot=True)
    purse.house.handle(Returns, returns, hot=True)


class Model:
    """What should be: approvals with what is left of them, sums of the day, and keys with their answers."""

    def __init__(self) -> None:
        self.approvals: dict[str, list[int]] = {}
        self.spent: dict[str, int] = {}
        self.answers: dict[str, Spent] = {}

    def decides(self, person: str, command: Any) -> Any:
        """Return the answer, or the kind of refusal."""
        if isinstance(command, Returns):
            self.spent[person] = max(0, self.spent[person] - command.amount)
            return Spent(spent=-command.amount)
        if isinstance(command, Spend) and command.key in self.answers:
            return self.answers[command.key]
        amount = command.amount.amount if isinstance(command, Spend) else command.amount
        left, uses = self.approvals[command.approval]
        fault: type[Refusal] | None = None
        if not uses or amount > left:
            fault = rules.ApprovalNeeded
        elif self.spent[person] + amount > DAY_MAX:
            fault = rules.LimitExceeded
        elif type(command) in (Crashes, Fails):
            fault = Crashed if isinstance(command, Crashes) else Refusal
        if fault:
            return fault
        self.approvals[command.approval] = [left - amount, uses - 1]
        self.spent[person] += amount
        if isinstance(command, Spend):
            self.answers[command.key] = Spent(spent=amount)
        return Spent(spent=amount)


class Run:
    def __init__(self, purse: WalletHouse, people: list[Payer], seed: int) -> None:
        self.purse = purse
        self.people = people
        self.random = Random(seed)
        self.model = Model()
        self.of: dict[str, list[str]] = {payer.id: [] for payer in people}
        self.sent: list[tuple[Payer, Spend]] = []
        for payer in people:
            self.model.spent[payer.id] = 0

    async def approves(self) -> None:
        for payer in self.people:
            amount, uses = self.random.choice([100, 500, 1_000]), self.random.choice([1, 1, 3, 10])
            token = await payer.approves(amount, uses=uses)
            self.model.approvals[token] = [amount, uses]
            self.of[payer.id].append(token)

    def command(self) -> tuple[Payer, Command]:
        fate = self.random.choices(["spend", "again", "cold", "fails", "crashes", "returns"], [12, 2, 3, 4, 2, 2])[0]
        payer, amount = self.random.choice(self.people), self.random.choice([1, 40, 100, 250])
        token = self.random.choice(self.of[payer.id][-2:])
        match fate:
            case "again" if self.sent:
                return self.random.choice(self.sent)
            case "cold":
                return payer, Cold(amount=amount, approval=token)
            case "fails":
                return payer, Fails(amount=amount, approval=token)
            case "crashes":
                return payer, Crashes(amount=amount, approval=token)
            case "returns":
                return payer, Returns(amount=amount)
        spend = Spend(key=new_key(), amount=eur(amount), approval=token)
        self.sent.append((payer, spend))
        return payer, spend

    async def group(self) -> None:
        asked = [self.command() for _ in range(self.random.randint(1, 15))]
        outcomes = await in_one_group(self.purse.house, *[(payer.guest.signed, command) for payer, command in asked])
        for (payer, command), outcome in zip(asked, outcomes, strict=True):
            expected = self.model.decides(payer.id, command)
            assert outcome == expected if isinstance(expected, Spent) else type(outcome) is expected, command

    async def check(self) -> None:
        guard = self.purse.wallet.guard
        for payer in self.people:
            stored = await self.purse.house.store.read(guard.spent_today, payer.id)
            assert sum(each.amount for each in stored) == self.model.spent[payer.id]
        kept = {key: [each.left, each.uses] for key, each in guard.approvals._kept.items()}
        assert kept == {ids.hash_token(token): left for token, left in self.model.approvals.items() if left[1]}


@pytest.mark.parametrize("seed", range(4))
async def test_groups_of_every_fate_come_out_as_the_model_says(purse: WalletHouse, seed: int) -> None:
    teach(purse.house, purse.wallet.guard)
    teach_fates(purse)
    people = await purse.people("ann", "bob")
    limits = tuple(SpendingLimits(level, EUR, 1_000, DAY_MAX, 10**6) for level in rules.LEVELS)
    await purse.wallet.guard.change_limits(purse.operator, ChangeLimits(limits=limits))
    run = Run(purse, people, seed)
    for _ in range(40):
        await run.approves()
        await run.group()
        await run.check()
