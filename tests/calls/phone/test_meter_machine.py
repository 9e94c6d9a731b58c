"""Whatever people do while they call, in whatever order, across crashes: everybody pays what a slow exact model says.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from teahouse.calls.phone.meter.meter import HOLD_LASTS_MS, NotMetered, Running
from teahouse.calls.phone.rates.model import Rate
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.audit import Audit
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.ledger.rules import InsufficientFunds
from tests.calls.phone.metering import (
    BERLIN,
    TRUNK,
    Metered,
    MeterHouse,
    faults,
    open_metered,
    reopen_metered,
    settled_after_restart,
)
from tests.calls.phone.slow_tariff import Tariff, costs, longest
from tests.harness.machine import HouseMachine
from tests.wallet.house import EUR, Payer, new_key

EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "8"))
STEPS = 25
HANDLES = ("ann", "bob", "cat")
FUNDS = 400
LONG = 4_000
"""Seconds that the slow model looks ahead; no call here is longer than half of it."""
TALK = 1_500

TARIFFS = st.builds(
    lambda price, connection, increments: Tariff(price, connection, *increments),
    st.one_of(st.integers(10_000, 600_000), st.integers(10_000, 600_000), st.sampled_from([0, 1, 50, 10**11])),
    st.sampled_from([0, 0, 0, 12_345, 200_000]),
    st.sampled_from([(1, 1), (6, 6), (60, 60), (30, 6), (180, 60), (1, 90)]),
)
TALKS = st.lists(st.integers(-5, 70), max_size=4)


@dataclass
class Call:
    """As the slow model sees it."""

    metered: Metered
    person: str
    tariff: Tariff
    carrier: Tariff | None
    held: int
    answered: bool = False
    known: int = 0
    used: int = 0
    """Seconds that were really talked; after a crash more than are known."""
    cost: int | None = None

    @property
    def is_open(self) -> bool:
        return self.cost is None


def as_rate(tariff: Tariff) -> Rate:
    fields = tariff.per_minute_e4, tariff.connection_e4, tariff.first_s, tariff.next_s
    return Rate("d" * 16, "49", "Germany", EUR, *fields)


class MeterMachine(HouseMachine):
    def __init__(self) -> None:
        super().__init__()
        self.passed = 0
        """Milliseconds that passed beyond the clock's own."""
        self.balance: dict[str, int] = {}
        self.calls: list[Call] = []
        self.income = 0
        self.carriers = 0

    def ends_well(self) -> None:
        if self.balance:
            self.run(self._ends_well())

    @initialize()
    def open(self) -> None:
        async def begin() -> None:
            self.house: MeterHouse = await self.stack.enter_async_context(open_metered(self.folder))
            people = await self.house.people(*HANDLES, funds=FUNDS)
            self.people: dict[str, Payer] = {each.id: each for each in people}
            self.balance = dict.fromkeys(self.people, FUNDS)

        self.run(begin())

    # --- the slow model ---

    def available(self, person: str) -> int:
        return self.balance[person] - sum(each.held for each in self.going() if each.person == person)

    def going(self, *, answered: bool | None = None) -> list[Call]:
        return [each for each in self.calls if each.is_open and answered in (None, each.answered)]

    def went_on(self, call: Call, seconds: int) -> None:
        """More is held when what is held lasts for less than a minute: a minute more, or the next interval."""
        call.known = call.used = max(call.known, seconds)
        covered = longest(call.tariff, call.held, LONG)
        if covered - call.known >= 60:
            return
        wanted = max(covered, call.known) + max(60, call.tariff.next_s)
        funds = call.held + self.available(call.person)
        call.held = max(call.held, costs(call.tariff, LONG)[min(wanted, longest(call.tariff, funds, LONG))])

    def is_as_expected(self, call: Call, running: Running) -> None:
        covered = longest(call.tariff, call.held, LONG)
        lasts = longest(call.tariff, call.held + self.available(call.person), LONG)
        used = min(costs(call.tariff, LONG)[call.known], call.held)
        assert (running.cost, min(running.covered_s, LONG), min(running.left_s, LONG)) == (used, covered, lasts)
        if call.answered and covered > call.known:
            assert call.known < running.next_s <= min(covered, call.known + 10)

    def over(self, call: Call, seconds: int, carrier: Tariff | None) -> None:
        cost = min(costs(call.tariff, LONG)[seconds], call.held)
        call.cost, call.held = cost, 0
        self.balance[call.person] -= cost
        self.income += cost
        self.carriers += costs(carrier, LONG)[seconds] if carrier and call.answered else 0
        billed_for = max(call.used, 1) if call.answered else 0
        assert cost <= costs(call.tariff, LONG)[billed_for], "never more than was used and the interval begun"

    # --- what happens ---

    @rule(data=st.data(), tariff=TARIFFS, carrier=st.none() | TARIFFS, steps=TALKS)
    def begin(self, data: st.DataObject, tariff: Tariff, carrier: Tariff | None, steps: list[int]) -> None:
        person = data.draw(st.sampled_from(list(self.people)), label="person")
        lasts = longest(tariff, self.available(person), LONG)
        metered = Metered(self.house)
        asked = metered.begins(self.people[person], as_rate(tariff), BERLIN)
        if not lasts:
            with pytest.raises(InsufficientFunds):
                self.run(asked)
            return
        running = self.run(asked)
        held = costs(tariff, LONG)[min(lasts, max(60, tariff.first_s))]
        call = Call(metered, person, tariff, carrier, held)
        self.calls.append(call)
        self.is_as_expected(call, running)
        if steps:
            self.is_answered(call)
            self.talks(call, steps)

    @precondition(lambda self: self.going())
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        self.is_answered(data.draw(st.sampled_from(self.going()), label="call"))

    def is_answered(self, call: Call) -> None:
        carrier = as_rate(call.carrier) if call.carrier else None
        running = self.run(call.metered.is_answered(carrier, TRUNK))
        call.answered, call.known = True, max(1, call.known)
        call.used = max(call.used, call.known)
        self.is_as_expected(call, running)

    @precondition(lambda self: self.going(answered=True))
    @rule(data=st.data(), steps=TALKS)
    def goes_on(self, data: st.DataObject, steps: list[int]) -> None:
        self.talks(data.draw(st.sampled_from(self.going(answered=True)), label="call"), steps)

    def talks(self, call: Call, steps: list[int]) -> None:
        for more in steps:
            seconds = min(TALK, call.known + more)
            running = self.run(call.metered.goes_on(seconds))
            self.went_on(call, seconds)
            self.is_as_expected(call, running)

    @precondition(lambda self: self.going(answered=True))
    @rule(more=st.integers(1, 70))
    def all_go_on_at_once(self, more: int) -> None:
        calls = self.going(answered=True)
        seconds = [min(TALK, call.known + more) for call in calls]

        async def at_once() -> None:
            await asyncio.gather(*[call.metered.goes_on(s) for call, s in zip(calls, seconds, strict=True)])

        self.run(at_once())
        for call, s in zip(calls, seconds, strict=True):
            self.went_on(call, s)

    @precondition(lambda self: self.going(answered=False))
    @rule(data=st.data(), seconds=st.integers(0, 100))
    def goes_on_ringing(self, data: st.DataObject, seconds: int) -> None:
        call = data.draw(st.sampled_from(self.going(answered=False)), label="call")
        self.is_as_expected(call, self.run(call.metered.goes_on(seconds)))

    @precondition(lambda self: self.going(answered=True))
    @rule(data=st.data(), more=st.integers(1, 200))
    def goes_on_and_is_rolled_back(self, data: st.DataObject, more: int) -> None:
        call = data.draw(st.sampled_from(self.going(answered=True)), label="call")

        def advance_and_fail(tx: Tx) -> None:
            self.house.meter.advance(tx, call.metered.id, call.known + more)
            raise NotMetered("The room that leads it could not go on.")

        with pytest.raises(NotMetered):
            self.run(self.house.house.store.write(advance_and_fail))

    @precondition(lambda self: self.going())
    @rule(data=st.data(), more=st.integers(0, 200))
    def ends(self, data: st.DataObject, more: int) -> None:
        call = data.draw(st.sampled_from(self.going()), label="call")
        seconds = call.known + more
        call.used = seconds if call.answered else 0
        paid = self.run(call.metered.ends(seconds, as_rate(call.carrier) if call.carrier else None))
        self.over(call, seconds if call.answered else 0, call.carrier)
        assert paid == call.cost

    @precondition(lambda self: any(not each.is_open for each in self.calls))
    @rule(data=st.data(), seconds=st.integers(0, 1_000))
    def ends_again(self, data: st.DataObject, seconds: int) -> None:
        call = data.draw(st.sampled_from([each for each in self.calls if not each.is_open]), label="call")
        assert self.run(call.metered.ends(seconds, as_rate(call.tariff))) == call.cost
        with pytest.raises(NotMetered):
            self.run(call.metered.goes_on(seconds))

    @rule(data=st.data(), amount=st.integers(-120, 60))
    def spends_elsewhere_or_is_given(self, data: st.DataObject, amount: int) -> None:
        person = data.draw(st.sampled_from(list(self.people)), label="person")
        if amount <= 0:
            self.run(self.house.fund(person, 1 - amount))
            self.balance[person] += 1 - amount
            return

        def spend(tx: Tx) -> None:
            purse = self.house.wallet.purse
            till = purse.house_account(tx, "suspense", EUR)
            account = purse.account(tx, person, EUR)
            new = New(new_key(), account.number, till.number, amount, purpose=Purpose.CORRECTION)
            self.house.wallet.ledger.post(tx, new)

        if amount > self.available(person):
            with pytest.raises(InsufficientFunds):
                self.run(self.house.house.store.write(spend))
            return
        self.run(self.house.house.store.write(spend))
        self.balance[person] -= amount

    @rule(data=st.data(), trouble=st.sampled_from(["dies", "dies", "dies and nobody settles", "is away for days"]))
    def the_house(self, data: st.DataObject, trouble: str) -> None:
        if trouble == "is away for days":
            self.days_pass()
        else:
            self.dies_and_comes_back(data, settles=trouble == "dies")

    def dies_and_comes_back(self, data: st.DataObject, settles: bool) -> None:
        """They talked on for a while that nobody knows of."""

        async def again() -> None:
            await self.stack.aclose()
            self.house = await self.stack.enter_async_context(reopen_metered(self.folder))
            self.house.passes(self.passed)
            self.people = {person: await self.house.again(payer) for person, payer in self.people.items()}

        self.run(again())
        for call in self.calls:
            call.metered.house = self.house
        if not settles:
            return
        for call in self.going(answered=True):
            call.used = call.known + data.draw(st.integers(0, 10), label="unknown")
        expected = {call.metered.id: call for call in self.going()}
        while settled := self.run(settled_after_restart(self.house, 2)):
            assert len(settled) <= 2
            for identifier, seconds, cost in settled:
                call = expected.pop(identifier)
                self.over(call, call.known, call.carrier)
                assert (seconds, cost) == (call.known, call.cost)
        assert not expected

    def days_pass(self) -> None:
        """Nobody led the calls meanwhile: their holds end by themselves, and what was used is paid."""
        self.passed += HOLD_LASTS_MS + 1
        self.house.passes(HOLD_LASTS_MS + 1)
        self.run(self.house.wallet.due.sweep())
        for call in self.going():
            if call.held:
                self.over(call, call.known, call.carrier)

    # --- what must hold ---

    @invariant()
    def everybody_has_what_the_slow_model_says(self) -> None:
        for person in self.people if self.balance else ():
            found = self.run(self.house.sums(person))
            assert found == (self.balance[person], self.available(person)), self.people[person].guest.handle
            assert min(found) >= 0

    @invariant()
    def the_house_earned_and_owes_what_the_slow_model_says(self) -> None:
        if self.balance:
            assert self.run(self.house.account_sum("phone_income")) == self.income
            assert self.run(self.house.account_sum("carrier", owner=TRUNK)) == self.carriers
            assert self.run(self.house.account_sum("phone_cost")) == -self.carriers

    async def _ends_well(self) -> None:
        assert await faults(self.house) == []
        await settled_after_restart(self.house)
        verdict = await self.house.house.store.read(lambda connection: Audit(connection, 2**50).run())
        assert (verdict.faults, verdict.open_holds) == ((), 0)
        assert not any(call.cost for call in self.calls if not call.answered)


MeterMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestMeterMachine = MeterMachine.TestCase
