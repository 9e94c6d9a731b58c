"""Whatever people do with their money, in whatever order, across crashes: everybody has what a plain model says, and
the ledger is sound.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from teahouse.commands import Command
from teahouse.errors import Refusal
from teahouse.money import Money
from teahouse.wallet.check import faults_of
from teahouse.wallet.guard.model import ChangeLimits, SpendingLimits
from teahouse.wallet.ledger.audit import Audit
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.packets.model import OpenPacket, SendPacket
from teahouse.wallet.payments.model import AcceptTransfer, Pay, ReturnTransfer, SendTransfer
from tests.harness.machine import HouseMachine
from tests.wallet.house import EUR, Payer, WalletHouse, new_key, open_wallet_house, reopen_wallet_house

EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "8"))
STEPS = 25
HANDLES = ("ann", "bob", "cat", "dan")
FUNDS = 5_000
DAY = 86_400_000
AMOUNTS = st.one_of(st.integers(1, 900), st.sampled_from([1, 4_999, 5_000, 20_000]))


@dataclass
class PlainTransfer:
    payer: str
    payee: str
    amount: int
    ends: int
    state: str = "waiting"


@dataclass
class PlainPacket:
    sender: str
    amount: int
    count: int
    ends: int
    shares: dict[str, int] = field(default_factory=dict)
    state: str = "open"

    @property
    def left(self) -> int:
        return 0 if self.state == "returned" else self.amount - sum(self.shares.values())


class WalletMachine(HouseMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        """Milliseconds that passed beyond the clock's own."""
        self.balance: dict[str, int] = {}
        self.transfers: dict[str, PlainTransfer] = {}
        self.packets: dict[str, PlainPacket] = {}
        self.done: list[tuple[str, Command, Any]] = []
        """Money commands that were answered: who, what, and the answer."""

    def ends_well(self) -> None:
        self._is_sound()

    @initialize()
    def open(self) -> None:
        async def begin() -> None:
            self.house: WalletHouse = await self.stack.enter_async_context(open_wallet_house(self.folder))
            people = await self.house.friends(*HANDLES, funds=FUNDS)
            self.people: dict[str, Payer] = {each.id: each for each in people}
            most = {"payment_max": 10**6, "day_max": 10**9, "balance_max": 10**9}
            limits = tuple(SpendingLimits(level=level, currency=EUR, **most) for level in range(3))
            await self.house.wallet.guard.change_limits(self.house.operator, ChangeLimits(limits=limits))
            self.group = await people[0].opens("group", *people[1:])
            self.balance = dict.fromkeys(self.people, FUNDS)

        self.run(begin())

    # --- what people have ---

    def held(self, person: str) -> int:
        return sum(each.amount for each in self.transfers.values() if each.payer == person and each.state == "waiting")

    def available(self, person: str) -> int:
        return self.balance[person] - self.held(person)

    # --- what they do ---

    def does(self, person: str, command: Command, expected: str = "") -> Any:
        """Do it, and hold the outcome against what should come of it. Returns the answer, or None."""
        try:
            answer, outcome = self.run(self.people[person].does(command)), ""
        except Refusal as refusal:
            answer, outcome = None, refusal.code
        assert outcome == expected, command
        if answer is not None and hasattr(command, "key"):
            self.done.append((person, command, answer))
        return answer

    def pair(self, data: st.DataObject) -> tuple[str, str]:
        one, other = data.draw(st.permutations(list(self.people)), label="people")[:2]
        return one, other

    def approved(self, person: str, amount: int) -> str:
        return self.run(self.people[person].approves(amount))

    @rule(data=st.data(), amount=AMOUNTS)
    def pay(self, data: st.DataObject, amount: int) -> None:
        payer, payee = self.pair(data)
        enough = amount <= self.available(payer)
        command = Pay(key=new_key(), to=payee, amount=Money(amount, EUR), approval=self.approved(payer, amount))
        if self.does(payer, command, "" if enough else "insufficient_funds"):
            self.balance[payer] -= amount
            self.balance[payee] += amount

    @rule(data=st.data(), amount=AMOUNTS)
    def send(self, data: st.DataObject, amount: int) -> None:
        payer, payee = self.pair(data)
        enough = amount <= self.available(payer)
        approval, money = self.approved(payer, amount), Money(amount, EUR)
        command = SendTransfer(key=new_key(), chat=self.group, to=payee, amount=money, approval=approval)
        sent = self.does(payer, command, "" if enough else "insufficient_funds")
        if sent:
            self.transfers[sent.payment] = PlainTransfer(payer, payee, amount, self.now + DAY)

    @rule(data=st.data(), accept=st.booleans())
    def settle(self, data: st.DataObject, accept: bool) -> None:
        if not self.transfers:
            return
        payment = data.draw(st.sampled_from(list(self.transfers)), label="payment")
        transfer = self.transfers[payment]
        wanted = "accepted" if accept else "returned"
        over = transfer.state not in ("waiting", wanted)
        command = AcceptTransfer(payment=payment) if accept else ReturnTransfer(payment=payment)
        done = self.does(transfer.payee, command, "transfer_over" if over else "")
        if done and transfer.state == "waiting":
            transfer.state = wanted
            if accept:
                self.balance[transfer.payer] -= transfer.amount
                self.balance[transfer.payee] += transfer.amount

    @rule(
        data=st.data(), amount=st.integers(4, 900), count=st.integers(1, 4), split=st.sampled_from(["equal", "lucky"])
    )
    def drop(self, data: st.DataObject, amount: int, count: int, split: Any) -> None:
        sender = data.draw(st.sampled_from(list(self.people)), label="sender")
        enough = amount <= self.available(sender)
        approval, money = self.approved(sender, amount), Money(amount, EUR)
        command = SendPacket(key=new_key(), chat=self.group, amount=money, approval=approval, count=count, split=split)
        sent = self.does(sender, command, "" if enough else "insufficient_funds")
        if sent:
            self.balance[sender] -= amount
            self.packets[sent.packet] = PlainPacket(sender, amount, count, self.now + DAY)

    @rule(data=st.data())
    def open_packet(self, data: st.DataObject) -> None:
        if not self.packets:
            return
        packet = data.draw(st.sampled_from(list(self.packets)), label="packet")
        person = data.draw(st.sampled_from(list(self.people)), label="person")
        plain = self.packets[packet]
        expected = ""
        if person not in plain.shares:
            if len(plain.shares) == plain.count:
                expected = "packet_empty"
            elif plain.state == "returned":
                expected = "packet_over"
        opened = self.does(person, OpenPacket(packet=packet), expected)
        if not opened:
            return
        if person in plain.shares:
            assert opened.amount == plain.shares[person], "opening again shows the same share"
            return
        assert opened.amount >= 1
        plain.shares[person] = opened.amount
        self.balance[person] += opened.amount
        assert plain.left >= plain.count - len(plain.shares), "enough for the others is left"
        if len(plain.shares) == plain.count:
            assert plain.left == 0

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A client that was cut off repeats a command: it gets the same answer, and nothing moves."""
        if self.done:
            person, command, answer = data.draw(st.sampled_from(self.done), label="done")
            assert self.run(self.people[person].does(command)) == answer

    @rule(data=st.data())
    def with_another_body(self, data: st.DataObject) -> None:
        if self.done:
            person, command, _ = data.draw(st.sampled_from(self.done), label="done")
            money: Money = command.amount  # type: ignore[attr-defined]
            other = msgspec.structs.replace(command, amount=Money(money.amount + 1, EUR))
            with pytest.raises(KeyReused):
                self.run(self.people[person].does(other))

    @rule(hours=st.sampled_from([1, 13, 24]))
    def time_passes(self, hours: int) -> None:
        """What is due goes back, as the house's worker sees to."""
        self.now += hours * DAY // 24
        self.house.passes(hours * DAY // 24)
        self.run(self.house.wallet.due.sweep())
        for transfer in self.transfers.values():
            if transfer.state == "waiting" and transfer.ends <= self.now:
                transfer.state = "expired"
        for packet in self.packets.values():
            if packet.ends <= self.now and packet.state == "open" and packet.left:
                self.balance[packet.sender] += packet.left
                packet.state = "returned"

    @rule()
    def the_house_dies_and_comes_back(self) -> None:
        async def again() -> None:
            await self.stack.aclose()
            self.house = await self.stack.enter_async_context(reopen_wallet_house(self.folder))
            self.house.tea.founder = self.founder
            self.house.passes(self.now)
            self.people = {person: await self.house.again(payer) for person, payer in self.people.items()}

        self.founder = self.house.operator
        self.run(again())

    # --- what must hold ---

    @invariant()
    def everybody_has_what_the_plain_model_says(self) -> None:
        for person in self.people if self.balance else ():
            found = self.run(self.house.sums(person))
            assert found == (self.balance[person], self.available(person)), self.people[person].guest.handle

    @invariant()
    def nothing_is_in_the_air(self) -> None:
        if self.balance:
            escrow = self.run(self.house.account_sum("escrow", owner="packets"))
            assert escrow == sum(packet.left for packet in self.packets.values())
            assert sum(self.balance.values()) + escrow == FUNDS * len(HANDLES)

    def _is_sound(self) -> None:
        if self.balance:
            verdict = self.run(self.house.house.store.read(lambda connection: Audit(connection, 2**50).run()))
            assert verdict.is_clean, verdict.faults
            assert self.run(self.house.house.store.read(faults_of, {})) == []


WalletMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestWalletMachine = WalletMachine.TestCase
