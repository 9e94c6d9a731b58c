"""Bills are paid while their biller fails in every way, time passes and the house dies: every payment is posted or
returned in the end, the money adds up at each step, and nothing is paid twice.

`TEAHOUSE_MACHINE_EXAMPLES=500` looks much longer.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from teahouse.bills.connectors.model import Said
from teahouse.bills.errands import Errands
from teahouse.bills.payments.model import BillPaid, BillPayment, PayBill
from teahouse.clock import DAY_MS, MINUTE_MS
from teahouse.wallet.guard.model import ChangeLimits, SpendingLimits
from teahouse.wallet.ledger.rules import InsufficientFunds
from tests.bills.billing import METER, Billing, ScriptedBiller
from tests.harness.machine import HouseMachine
from tests.merchants.house import open_market, reopen_market
from tests.wallet.house import EUR, Payer, eur, new_key

EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "5"))
STEPS = 20
FUNDS = 20_000
DOORS = ("pay", "status", "reverse")
FAILURES = st.lists(st.sampled_from(["away", "lost", ""]), max_size=4)
IN_THE_END_MS = 8 * DAY_MS


class BillMachine(HouseMachine):
    def __init__(self) -> None:
        super().__init__()
        self.biller = ScriptedBiller()
        self.passed_ms = 0
        self.asked: list[tuple[PayBill, BillPaid]] = []
        self.bill_number = 0
        self.is_open = False
        # Workers have their turns when a rule says so, so that what is found can be found again.
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(Errands, "_run", _waits)

    @initialize(keeps=st.booleans())
    def open(self, keeps: bool) -> None:
        async def begin() -> None:
            self.billing = Billing(await self.stack.enter_async_context(open_market(self.folder)))
            self.billing.uses(self.biller)
            self.billing.biller = await self.billing.adds(deadline_s=3600, accepts="any")
            self.ann: Payer = await self.billing.market.person("ann", FUNDS)
            most = {"payment_max": 10**6, "day_max": 10**9, "balance_max": 10**9}
            limits = tuple(SpendingLimits(level=level, currency=EUR, **most) for level in range(3))
            market = self.billing.market
            await market.wallet.guard.change_limits(market.operator, ChangeLimits(limits=limits))

        self.biller.keeps = keeps
        self.run(begin())
        self.is_open = True

    def ends_well(self) -> None:
        if self.is_open:
            self._everything_ends()

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.patch.undo()

    # --- what people do ---

    @rule(amount=st.integers(1, 9_000), late=st.booleans())
    def pay(self, amount: int, late: bool) -> None:
        """Pay a new bill; the worker has its turn at once, or only when time passes."""

        async def story() -> None:
            self.bill_number += 1
            self.biller.ref, self.biller.amount = f"bill-{self.bill_number}", 5_000
            self.billing.bills.payments.fetching.limit.burst = 10**6
            bill = await self.billing.fetches(self.ann)
            enough = amount <= await self.ann.has()
            approval = await self.ann.approves(amount)
            command = PayBill(
                key=new_key(),
                biller=self.billing.biller,
                customer=METER,
                ref=bill.ref,
                amount=eur(amount),
                approval=approval,
            )
            if not enough:
                with pytest.raises(InsufficientFunds):
                    await self.ann.does(command)
                return
            paid: BillPaid = await self.ann.does(command)
            self.asked.append((command, paid))
            if not late:
                await self.billing.works()

        self.run(story())

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A client that was cut off sends it again: the same payment, and nothing moves."""
        if self.asked:
            command, paid = data.draw(st.sampled_from(self.asked), label="payment")
            assert self.run(self.ann.does(command)) == paid

    # --- how the biller fails ---

    @rule(door=st.sampled_from(DOORS), failures=FAILURES)
    def fails(self, door: str, failures: list[str]) -> None:
        self.biller.fails[door] = failures

    @rule()
    def goes_away(self) -> None:
        self.biller.fails = {door: ["away"] * 500 for door in DOORS}

    @rule()
    def loses_every_answer(self) -> None:
        self.biller.fails = {door: ["lost"] * 500 for door in DOORS}

    @rule()
    def comes_back(self) -> None:
        self.biller.fails = {}

    @rule(decides=st.booleans(), refuses=st.sampled_from(["", "closed"]))
    def decides(self, decides: bool, refuses: str) -> None:
        self.biller.decides, self.biller.refuses = decides, refuses

    # --- what else happens ---

    @rule(minutes=st.sampled_from([1, 10, 59, 61, 60 * 24, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        self._passes(minutes * MINUTE_MS)

    @rule(minutes=st.sampled_from([0, 1, 61, 60 * 24 * 9]), in_the_middle=st.booleans())
    def the_house_dies_and_comes_back(self, minutes: int, in_the_middle: bool) -> None:
        """What the worker was about to ask, or had asked without hearing the answer, it asks again. Holds may have run
        out meanwhile."""

        async def again() -> None:
            if in_the_middle:
                self.biller.is_slow = asyncio.Event()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.02):
                        await self.billing.works()
                self.biller.is_slow = None
            founder, biller = self.billing.market.operator, self.billing.biller
            await self.stack.aclose()
            market = await self.stack.enter_async_context(reopen_market(self.folder))
            self.billing = Billing(market)
            self.billing.uses(self.biller)
            self.billing.biller = biller
            market.tea.founder = founder
            self.passed_ms += minutes * MINUTE_MS
            market.passes(self.passed_ms)
            self.ann = Payer(market, (await market.again(self.ann)).guest)
            if minutes > 1:
                await market.wallet.due.sweep()
            await self.billing.works()

        self.run(again())

    @rule(answer=st.sampled_from(["paid", "refused", "reversed", "unknown", "pending"]), data=st.data())
    def an_answer_comes_twice(self, answer: Any, data: st.DataObject) -> None:
        """An old answer to a question that was asked while the payment was held: it changes nothing that is over."""
        if not self.asked:
            return
        _, paid = data.draw(st.sampled_from(self.asked), label="payment")
        before = self._payment(paid.payment.id)
        if before.state == "held":
            return
        payments = self.billing.bills.payments
        self.run(payments._purse.house.store.write(payments._booking.heard, before.id, "held", "status", Said(answer)))
        assert self._payment(before.id) == before

    def _passes(self, milliseconds: int) -> None:
        self.passed_ms += milliseconds
        self.run(self.billing.passes(milliseconds))

    # --- what must hold ---

    @invariant()
    def the_money_adds_up(self) -> None:
        if not self.is_open:
            return
        payments = self._payments()
        held = sum(each.amount for each in payments if each.state == "held")
        paid = sum(each.amount for each in payments if each.state == "paid")
        assert self.run(self.ann.balance()) == FUNDS - paid
        assert self.run(self.ann.has()) == FUNDS - paid - held
        assert self.run(self.billing.biller_has()) == paid
        assert len(payments) == len(self.asked)
        for each in payments:
            if each.state == "paid":
                assert self.biller.states[each.id] == "paid", "nobody pays what the biller did not get"
        assert self.run(self.billing.faults()) == []

    def _everything_ends(self) -> None:
        """Whatever happened: when the biller answers again, all is over within days, and both have the same books."""
        self.biller.fails, self.biller.decides, self.biller.refuses = {}, True, ""
        for _ in range(10):
            self._passes(IN_THE_END_MS // 8)
        payments = self._payments()
        assert {each.state for each in payments} <= {"paid", "returned"}
        for each in payments:
            kept = each.state == "returned" and self.biller.states.get(each.id) == "paid"
            assert not kept or self.biller.keeps or self._gave_up(each)
            assert kept or (each.state == "paid") == (self.biller.states.get(each.id) == "paid")
        if any(each.state == "returned" and self.biller.states.get(each.id) == "paid" for each in payments):
            assert self.run(self.billing.trouble()).partition(":")[0] in ("kept_after_return", "unknown_after_return")
        self.the_money_adds_up()

    def _gave_up(self, payment: BillPayment) -> bool:
        """The biller did not answer for so long that the operator was told to see to it."""
        return self.run(self.billing.trouble()).startswith("unknown_after_return")

    def _payment(self, payment: str) -> BillPayment:
        return self.run(self.billing.payment(self.ann, payment))

    def _payments(self) -> tuple[BillPayment, ...]:
        page = self.run(self.billing.bills.payments.page(self.ann.guest.signed, before="", limit=100))
        return page.payments


async def _waits(errands: Errands) -> None:
    await asyncio.Event().wait()


BillMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestBillMachine = BillMachine.TestCase
