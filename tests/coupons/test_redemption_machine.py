"""Whatever happens at two counters, in whatever order, across crashes: a coupon is redeemed once at a time, the money
is what a plain model says, and the discounts of what was paid are what the merchant's subsidy account bore.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from teahouse.commands import Command
from teahouse.coupons.campaigns.model import Worth
from teahouse.coupons.counter import store
from teahouse.coupons.counter.model import CancelRedemption, RedeemCoupon
from teahouse.coupons.counter.rules import CodeUsed
from teahouse.errors import Refusal
from teahouse.merchants.orders.model import PayMerchant, RefundOrder
from teahouse.merchants.orders.store import orders
from teahouse.wallet.payments.model import DeclineCharge, PayCharge
from tests.coupons.at_counter import Bakery, open_bakery
from tests.harness.machine import HouseMachine
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.wallet.house import EUR, Payer, eur, new_key

EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "4"))
STEPS = 25
FUNDS = 3_000
COUPONS = 4
HALF_OFF = Worth("percent_off", EUR, percent=50, amount=400, min_spend=100)
"""Half at most, so that there is always something to pay."""
STEP_MS = 15_000
BASKETS = st.sampled_from([99, 100, 701, 1000, 2500])


def half_off(basket: int) -> int:
    return min(basket * 50 // 100, 400)


@dataclass
class Plain:
    """A coupon as the story knows it."""

    holder: int
    state: str = "held"
    basket: int = 0
    redemption: str = ""
    order: str = ""
    charge: str = ""

    @property
    def discount(self) -> int:
        return half_off(self.basket)


class RedemptionMachine(HouseMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.coupons: dict[str, Plain] = {}
        self.proofs: list[tuple[str, str, int]] = []
        """Of scans: coupon, proof, and the staff person who scanned."""
        self.done: list[tuple[int, Command, Any]] = []
        self.paid: dict[str, tuple[int, int]] = {}
        """Orders that are paid and not refunded: what the payer paid, and the discount."""
        self.balance: dict[int, int] = {}

    def ends_well(self) -> None:
        self._is_sound()

    @initialize()
    def open(self) -> None:
        async def begin() -> None:
            self.market: MarketHouse = await self.stack.enter_async_context(open_market(self.folder))
            self.bakery = await open_bakery(self.market)
            self.staff = [self.bakery.owner, await self.bakery.hires(await self.market.person("cora"), "manager")]
            self.people: list[Payer] = await self.market.friends("ann", "bob", funds=FUNDS)
            self.group = await self.people[0].opens("group", self.people[1])
            self.campaign = await self.bakery.offers(HALF_OFF)
            shop = await self.market.merchants.accounts.shop(self.bakery.owner.guest.signed, self.bakery.id)
            self.token = shop.counters[0].url.rpartition("/")[2]
            for number in range(COUPONS):
                holder = number % 2
                self.coupons[await self.bakery.claims(self.people[holder], self.campaign)] = Plain(holder)
            self.balance = {0: FUNDS, 1: FUNDS}

        self.run(begin())

    def does(self, person: Payer, command: Command) -> tuple[Any, str]:
        try:
            return self.run(person.does(command)), ""
        except Refusal as refusal:
            return None, refusal.code

    def pick(self, data: st.DataObject, *states: str) -> tuple[str, Plain] | None:
        found = [(name, each) for name, each in self.coupons.items() if each.state in states]
        return data.draw(st.sampled_from(found), label="coupon") if found else None

    # --- at the counter ---

    @rule(data=st.data(), staff=st.integers(0, 1))
    def scan(self, data: st.DataObject, staff: int) -> None:
        coupon, plain = self.pick(data, "held", "waiting") or ("", None)
        if plain is None:
            return

        async def scanned() -> str:
            code = await self.bakery.code(self.people[plain.holder], coupon)
            return (await self.bakery.reads(code, None, by=self.staff[staff])).proof

        with suppress(CodeUsed):  # it was used within this quarter of a minute
            self.proofs.append((coupon, self.run(scanned()), staff))

    @precondition(lambda self: self.proofs)
    @rule(data=st.data(), basket=BASKETS, collect=st.booleans())
    def redeem(self, data: st.DataObject, basket: int, collect: bool) -> None:
        """With any scan that there ever was: the stale ones are refused."""
        coupon, proof, staff = data.draw(st.sampled_from(self.proofs), label="scan")
        plain = self.coupons[coupon]
        command = self.bakery.asks(proof, basket, collect=collect)
        answer, outcome = self.does(self.staff[staff], command)
        if answer is None:
            assert outcome in self.why_not(plain, basket), (outcome, plain)
            return
        assert plain.state == "held"
        assert basket >= HALF_OFF.min_spend
        made = answer.redemption
        plain.basket, plain.redemption = basket, made.id
        assert made.discount == plain.discount
        plain.state = "waiting" if collect else "cash"
        if collect:
            plain.order, plain.charge = made.order.id, made.order.charge
        self.done.append((staff, command, answer))

    def why_not(self, plain: Plain, basket: int) -> set[str]:
        stale = {"wrong_proof", "code_used"}
        if plain.state == "waiting":
            return {*stale, "coupon_waits"}
        if plain.state in ("cash", "paid"):
            return {*stale, "coupon_used"}
        return {*stale, "below_min_spend"} if basket < HALF_OFF.min_spend else stale

    @precondition(lambda self: self.proofs)
    @rule(data=st.data(), basket=st.sampled_from([100, 1000]))
    def race(self, data: st.DataObject, basket: int) -> None:
        """The same scan at once at both counters, in both ways."""
        coupon, proof, staff = self.proofs[-1]
        commands = [self.bakery.asks(proof, basket, collect=collect) for collect in (False, True, False)]

        async def at_once() -> list[Any]:
            doing = (self.staff[staff].does(each) for each in commands)
            return await asyncio.gather(*doing, return_exceptions=True)

        outcomes = self.run(at_once())
        won = [each for each in outcomes if not isinstance(each, BaseException)]
        assert all(isinstance(each, Refusal) for each in outcomes if each not in won)
        plain = self.coupons[coupon]
        assert len(won) <= (plain.state == "held")
        if won:
            made = won[0].redemption
            plain.basket, plain.redemption = basket, made.id
            plain.state = "waiting" if made.order else "cash"
            if made.order:
                plain.order, plain.charge = made.order.id, made.order.charge

    @rule(data=st.data(), basket=st.sampled_from([100, 1000]))
    def pay_by_oneself(self, data: st.DataObject, basket: int) -> None:
        coupon, plain = self.pick(data, "held") or ("", None)
        if plain is None:
            return
        payer, net = self.people[plain.holder], basket - half_off(basket)
        approval = self.run(payer.approves(net))
        command = PayMerchant(key=new_key(), counter=self.token, amount=eur(basket), approval=approval, coupon=coupon)
        answer, outcome = self.does(payer, command)
        if answer is None:
            assert outcome == "insufficient_funds"
            return
        plain.basket, plain.order, plain.state = basket, answer.order.id, "paid"
        self._moved(plain, net)

    # --- the holder ---

    @rule(data=st.data(), agrees=st.booleans())
    def answer(self, data: st.DataObject, agrees: bool) -> None:
        _, plain = self.pick(data, "waiting") or ("", None)
        if plain is None:
            return
        payer, net = self.people[plain.holder], plain.basket - plain.discount
        if not agrees:
            assert self.does(payer, DeclineCharge(charge=plain.charge))[1] == ""
            plain.state = "held"
            return
        outcome = self.does(payer, PayCharge(charge=plain.charge, approval=self.run(payer.approves(net))))[1]
        if self.balance[plain.holder] < net:
            assert outcome == "insufficient_funds"
            return
        assert outcome == ""
        plain.state = "paid"
        self._moved(plain, net)

    @rule(data=st.data())
    def give(self, data: st.DataObject) -> None:
        coupon, plain = self.pick(data, "held") or ("", None)
        if plain is None:
            return
        giver, other = self.people[plain.holder], self.people[1 - plain.holder]
        self.run(self.bakery.gives(giver, coupon, other))
        plain.holder = 1 - plain.holder

    def _moved(self, plain: Plain, net: int) -> None:
        self.balance[plain.holder] -= net
        self.paid[plain.order] = net, plain.discount

    # --- undone ---

    @rule(data=st.data(), manager=st.integers(0, 1))
    def undo(self, data: st.DataObject, manager: int) -> None:
        _, plain = self.pick(data, "cash", "paid") or ("", None)
        if plain is None:
            return
        if plain.state == "cash":
            assert self.does(self.staff[manager], CancelRedemption(redemption=plain.redemption))[1] == ""
        else:
            net, _ = self.paid.pop(plain.order)
            refund = RefundOrder(order=plain.order, number=new_key()[:40])
            assert self.does(self.staff[manager], refund)[1] == ""
            self.balance[plain.holder] += net
        plain.state = "held"

    # --- time, cuts ---

    @rule(steps=st.sampled_from([1, 1, 5, 100]))
    def wait(self, steps: int) -> None:
        self.market.passes(steps * STEP_MS)
        self.now += steps * STEP_MS
        self.run(self.market.wallet.due.sweep())
        for plain in self.coupons.values():
            if plain.state == "waiting" and self._is_closed(plain.order):
                plain.state = "held"

    def _is_closed(self, order: str) -> bool:
        read = self.market.merchants.orders.order(self.bakery.owner.guest.signed, order)
        return self.run(read).state == "closed"

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        staff, command, answer = data.draw(st.sampled_from(self.done), label="command")
        assert isinstance(command, RedeemCoupon)
        assert self.does(self.staff[staff], command) == (answer, "")

    @rule()
    def crash(self) -> None:
        """What was answered is there when the house opens again."""

        async def again() -> None:
            await self.stack.aclose()
            self.market = await self.stack.enter_async_context(reopen_market(self.folder))
            self.market.passes(self.now)
            self.staff = [await self.market.again(each) for each in self.staff]
            self.people = [await self.market.again(each) for each in self.people]
            counters = (self.bakery.front, self.bakery.back)
            self.bakery = Bakery(self.market, self.staff[0], self.bakery.id, counters)

        self.run(again())

    # --- what must hold ---

    @invariant()
    def each_is_redeemed_once_at_a_time(self) -> None:
        if not self.coupons:
            return
        rows = self.run(self.market.rows(store.redemptions.select()))
        active = Counter(row.coupon for row in rows if row.state in ("waiting", "redeemed"))
        expected = {name: each.state for name, each in self.coupons.items()}
        assert dict(active) == {name: 1 for name, state in expected.items() if state != "held"}
        waiting = {row.coupon for row in rows if row.state == "waiting"}
        assert waiting == {name for name, state in expected.items() if state == "waiting"}

    @invariant()
    def packs_and_figures_agree(self) -> None:
        if not self.coupons:
            return
        names = {"held": "held", "waiting": "reserved", "cash": "redeemed", "paid": "redeemed"}
        for name, plain in self.coupons.items():
            coupon = self.run(self.bakery.coupon(self.people[plain.holder], name))
            assert coupon.state == names[plain.state]
        used = [each for each in self.coupons.values() if each.state in ("cash", "paid")]
        figures = self.run(self.bakery.redeemed(self.campaign))
        assert figures == (len(used), sum(each.discount for each in used))

    @invariant()
    def discounts_are_what_the_subsidy_account_bore(self) -> None:
        if not self.coupons:
            return
        sums = self.run(self.bakery.sums())
        net, off = (sum(each) for each in zip(*self.paid.values(), strict=True)) if self.paid else (0, 0)
        assert sums == {"merchant": net + off, "subsidy": -off, "takings": net}
        rows = self.run(self.market.rows(orders.select().where(orders.c.state == "paid")))
        assert sum(row.discount for row in rows) == off
        for number, person in enumerate(self.people):
            assert self.run(person.balance()) == self.balance[number]

    def _is_sound(self) -> None:
        if self.coupons:
            self.run(self.bakery.is_sound())


TestRedemptionMachine = RedemptionMachine.TestCase
TestRedemptionMachine.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
