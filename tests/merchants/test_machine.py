"""Whatever customers, staff and time do to orders, in whatever order, across crashes: every account has what a plain
model says, the discounts are the merchant's subsidy to the cent, each day's bill agrees, and the ledger is sound.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from teahouse.clock import DAY_MS, HOUR_MS, MINUTE_MS
from teahouse.commands import Command, Result
from teahouse.errors import Refusal
from teahouse.merchants.accounts.model import TakeOut
from teahouse.merchants.orders.model import (
    CloseOrder,
    CreateOrder,
    Order,
    OrderRefunded,
    PayMerchant,
    PayOrder,
    RefundOrder,
)
from teahouse.merchants.orders.store import lines_of_day
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import ChangeLimits, SpendingLimits
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.payments.model import DeclineCharge, PayCharge
from tests.harness.machine import HouseMachine
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.merchants.selling import Selling, coupon, open_shop
from tests.wallet.house import EUR, Payer, eur, new_key

EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "8"))
STEPS = 25
FUNDS = 20_000
SHARE, FIXED = 250, 3
CHARGE_MS = 5 * MINUTE_MS
AMOUNTS = st.one_of(st.integers(1, 900), st.sampled_from([1, 100, 1_000, 19_999, 40_000]))
COUPONS = st.sampled_from(["", "", *(coupon(number) for number in range(4))])


@dataclass
class Plain:
    """An order as the model has it."""

    amount: int
    ends: int
    state: str = "created"
    payer: str = ""
    coupon: str = ""
    discount: int = 0
    paid: int = 0
    fee: int = 0
    refunded: int = 0
    charge: str = ""
    asked: str = ""
    """How its charge stands, if its payer was asked."""

    @property
    def back(self) -> int:
        """What of the fee came back."""
        return round(Fraction(self.fee * self.refunded, self.paid)) if self.paid else 0


class OrdersMachine(HouseMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        """Milliseconds that passed beyond the clock's own."""
        self.wallets: dict[str, int] = {}
        self.orders: dict[str, Plain] = {}
        self.taken_out = 0
        self.settled = 0
        """What the merchant bore of its discounts so far."""
        self.count = 0
        self.done: list[tuple[str, Command, Any]] = []

    def ends_well(self) -> None:
        if self.wallets:
            self.run(self._is_sound())

    @initialize()
    def open(self) -> None:
        async def begin() -> None:
            self.house: MarketHouse = await self.stack.enter_async_context(open_market(self.folder))
            self.shop: Selling = await open_shop(self.house)
            await self.shop.tariff(SHARE, FIXED)
            people = [*await self.house.people("ann", "bob", funds=FUNDS), self.shop.owner]
            self.people: dict[str, Payer] = {each.id: each for each in people}
            self.customers = [each.id for each in people[:2]]
            most = {"payment_max": 10**6, "day_max": 10**9, "balance_max": 10**9}
            limits = tuple(SpendingLimits(level=level, currency=EUR, **most) for level in range(3))
            await self.house.wallet.guard.change_limits(self.house.operator, ChangeLimits(limits=limits))
            self.wallets = {each.id: await each.has() for each in people}

        self.run(begin())

    # --- what the shop has, by the orders ---

    def sold(self) -> list[Plain]:
        return [each for each in self.orders.values() if each.state in ("paid", "refunded")]

    @property
    def takings(self) -> int:
        return sum(each.paid - each.refunded - each.fee + each.back for each in self.sold()) - self.taken_out

    @property
    def borne(self) -> int:
        """The discounts of what was not wholly given back."""
        return sum(each.discount for each in self.sold() if each.state == "paid")

    @property
    def subsidy(self) -> int:
        return self.settled - self.borne

    # --- what people do ---

    def does(self, person: str, command: Command, expected: str = "") -> Any:
        """Do it, and hold the outcome against what should come of it. Returns the answer, or None."""
        try:
            answer, outcome = self.run(self.people[person].does(command)), ""
        except Refusal as refusal:
            answer, outcome = None, refusal.code
        assert outcome == expected, command
        if answer is not None and isinstance(command, PayOrder | PayMerchant | CreateOrder | RefundOrder | TakeOut):
            self.done.append((person, command, answer))
        return answer

    def approved(self, person: str, amount: int) -> str:
        return self.run(self.people[person].approves(amount))

    def customer(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(self.customers), label="customer")

    def some(self, data: st.DataObject, *states: str) -> str:
        """One of the orders, rather one that is so."""
        fitting = [order for order, plain in self.orders.items() if plain.state in states]
        any_order = st.sampled_from(list(self.orders))
        rather = st.sampled_from(fitting) if fitting else any_order
        return data.draw(st.one_of(rather, rather, rather, any_order), label="order")

    def number(self) -> str:
        self.count += 1
        return f"no-{self.count}"

    def off(self, used: str, amount: int) -> int:
        return min(self.shop.discounts.sums[used], amount) if used else 0

    def is_free(self, used: str) -> bool:
        return not used or self.shop.discounts.state[used] == "free"

    def buys(self, plain: Plain, payer: str, used: str) -> None:
        """The model's side of a payment."""
        plain.state, plain.payer, plain.coupon = "paid", payer, used
        plain.discount = self.off(used, plain.amount)
        plain.paid = plain.amount - plain.discount
        plain.fee = min(plain.paid, round(Fraction(plain.paid * SHARE, 10_000)) + FIXED)
        self.wallets[payer] -= plain.paid

    def why_not(self, payer: str, amount: int, used: str) -> str:
        if not self.is_free(used):
            return "coupon_taken"
        return "insufficient_funds" if amount - self.off(used, amount) > self.wallets[payer] else ""

    @rule(amount=AMOUNTS, minutes=st.sampled_from([1, 30, 24 * 60]))
    def create(self, amount: int, minutes: int) -> None:
        command = self.shop.order(self.number(), amount, expires_in=minutes * MINUTE_MS)
        order: Order = self.does(self.shop.owner.id, command).order
        self.orders[order.id] = Plain(amount, self.now + minutes * MINUTE_MS)

    @rule(data=st.data(), used=COUPONS)
    def pay(self, data: st.DataObject, used: str) -> None:
        if not self.orders:
            return
        order, payer = self.some(data, "created"), self.customer(data)
        plain = self.orders[order]
        expected = self.why_not(payer, plain.amount, used)
        if plain.state != "created":
            expected = "order_over"
        elif plain.charge:
            expected = "order_asked"
        fields = {"coupon": used} if used else {}
        command = PayOrder(key=new_key(), order=order, approval=self.approved(payer, plain.amount), **fields)
        if self.does(payer, command, expected):
            self.buys(plain, payer, used)

    @rule(data=st.data(), amount=AMOUNTS, used=COUPONS)
    def pay_at_the_counter(self, data: st.DataObject, amount: int, used: str) -> None:
        payer = self.customer(data)
        approval, fields = self.approved(payer, amount), {"coupon": used} if used else {}
        command = PayMerchant(
            key=new_key(), counter=self.shop.token, amount=eur(amount), approval=approval, note="tea", **fields
        )
        paid = self.does(payer, command, self.why_not(payer, amount, used))
        if paid:
            plain = self.orders[paid.order.id] = Plain(amount, self.now)
            self.buys(plain, payer, used)

    @rule(data=st.data(), amount=AMOUNTS, used=COUPONS)
    def charge(self, data: st.DataObject, amount: int, used: str) -> None:
        payer = self.customer(data)
        if not self.is_free(used):
            return
        if used:
            order = self.run(self.shop.charges_holder(self.people[payer], amount, used))
        else:
            order = self.run(self.shop.charges(self.people[payer], amount)).order
        plain = self.orders[order.id] = Plain(amount, self.now + CHARGE_MS, payer=payer, coupon=used)
        plain.discount, plain.charge = self.off(used, amount), order.charge
        if order.charge:
            plain.asked = "waiting"
        else:
            assert plain.discount == amount
            self.buys(plain, payer, used)

    @rule(data=st.data(), yes=st.sampled_from([True, True, False]))
    def answer(self, data: st.DataObject, yes: bool) -> None:
        asked = [order for order, plain in self.orders.items() if plain.asked]
        if not asked:
            return
        plain = self.orders[data.draw(st.sampled_from(asked), label="order")]
        if yes:
            expected = "" if plain.asked in ("waiting", "paid") else "charge_over"
            left = plain.amount - plain.discount
            if plain.asked == "waiting" and left > self.wallets[plain.payer]:
                expected = "insufficient_funds"
            command: Command = PayCharge(charge=plain.charge, approval=self.approved(plain.payer, plain.amount))
        else:
            expected = "" if plain.asked in ("waiting", "declined") else "charge_over"
            command = DeclineCharge(charge=plain.charge)
        if self.does(plain.payer, command, expected) and plain.asked == "waiting":
            plain.asked = "paid" if yes else "declined"
            if yes:
                self.buys(plain, plain.payer, plain.coupon)
            else:
                self.closes(plain)

    def closes(self, plain: Plain) -> None:
        plain.state, plain.discount = "closed", 0

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        if not self.orders:
            return
        order = self.some(data, "created")
        plain = self.orders[order]
        over = plain.state in ("paid", "refunded")
        if self.does(self.shop.owner.id, CloseOrder(order=order), "order_over" if over else ""):
            self.closes(plain)
            if plain.asked == "waiting":
                plain.asked = "declined"

    @rule(data=st.data(), share=st.sampled_from([None, None, None, 0.1, 0.5, 1.0, 1.2]))
    def refund(self, data: st.DataObject, share: float | None) -> None:
        if not self.orders:
            return
        order = self.some(data, "paid")
        plain = self.orders[order]
        left = plain.paid - plain.refunded
        amount = left if share is None else max(1, int(left * share))
        expected = ""
        if plain.state not in ("paid", "refunded"):
            expected = "not_paid"
        elif plain.state == "refunded" or amount > left:
            expected = "refund_too_much"
        else:
            after = replace(plain, refunded=plain.refunded + amount)
            if amount > self.takings + after.back - plain.back:
                expected = "not_enough_takings"
        fields = {} if share is None else {"amount": amount}
        command = RefundOrder(order=order, number=self.number(), **fields)
        done: OrderRefunded | None = self.does(self.shop.owner.id, command, expected)
        if done is not None:
            assert done.refund.amount == amount
            plain.refunded += amount
            self.wallets[plain.payer] += amount
            if plain.refunded == plain.paid:
                plain.state = "refunded"
                # A discount that was settled out of the takings goes there again.
                self.settled = min(self.settled, self.borne)

    @rule(part=st.sampled_from([0.05, 0.05, 0.3, 1.0, 1.1]))
    def take_out(self, part: float) -> None:
        amount, owner = max(1, int(self.takings * part)), self.shop.owner.id
        command = TakeOut(key=new_key(), merchant=self.shop.id, amount=eur(amount))
        if self.does(owner, command, "not_enough_takings" if amount > self.takings else ""):
            self.taken_out += amount
            self.wallets[owner] += amount
            self.settled = self.borne

    @rule(data=st.data(), amount=st.integers(200, 900), used=st.sampled_from([coupon(0), coupon(1)]))
    def a_discount_is_settled_and_a_sale_goes_back(self, data: st.DataObject, amount: int, used: str) -> None:
        """Three steps that seldom follow each other by chance."""
        self.pay_at_the_counter(data, amount, used)
        self.take_out(0.05)
        self.refund(data, None)

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A client that was cut off repeats a command: it gets the first answer, and nothing moves."""
        if not self.done:
            return
        person, command, answer = data.draw(st.sampled_from(self.done), label="done")
        found: Result = self.run(self.people[person].does(command))
        if isinstance(command, CreateOrder):
            assert found.order.id == answer.order.id  # type: ignore[attr-defined]
        elif isinstance(command, RefundOrder):
            assert found.refund == answer.refund  # type: ignore[attr-defined]
        else:
            assert found == answer

    @rule(data=st.data())
    def with_another_body(self, data: st.DataObject) -> None:
        if not self.done:
            return
        person, command, _ = data.draw(st.sampled_from(self.done), label="done")
        changed: dict[str, Any] = {"reason": "another"} if isinstance(command, RefundOrder) else {"amount": eur(7_777)}
        if isinstance(command, PayOrder):
            changed = {"coupon": coupon(5)}
        with pytest.raises(KeyReused):
            self.run(self.people[person].does(msgspec.structs.replace(command, **changed)))

    @rule(passes=st.sampled_from([MINUTE_MS, 5 * MINUTE_MS, HOUR_MS, DAY_MS]))
    def time_passes(self, passes: int) -> None:
        """What is due ends, as the house's worker sees to."""
        self.now += passes
        self.house.passes(passes)
        self.run(self.house.wallet.due.sweep())
        for plain in self.orders.values():
            if plain.state == "created" and plain.ends <= self.now:
                self.closes(plain)
                plain.asked = "expired" if plain.charge else ""

    @rule()
    def the_house_dies_and_comes_back(self) -> None:
        async def again() -> None:
            founder = self.house.operator
            await self.stack.aclose()
            self.house = await self.stack.enter_async_context(reopen_market(self.folder))
            self.house.tea.founder = founder
            self.house.passes(self.now)
            self.people = {person: await self.house.again(payer) for person, payer in self.people.items()}
            self.shop.market, self.shop.owner = self.house, self.people[self.shop.owner.id]
            self.shop.hang_in()

        self.run(again())

    # --- what must hold ---

    @invariant()
    def every_account_has_what_the_plain_model_says(self) -> None:
        if not self.wallets:
            return
        found = self.run(self.house.house.store.write(self._sums))
        fees = sum(each.fee - each.back for each in self.sold())
        expected = {
            **self.wallets,
            "merchant": self.takings - self.subsidy,
            "subsidy": self.subsidy,
            "fee_income": fees,
        }
        assert found == expected
        assert self.subsidy <= 0

    def _sums(self, tx: Tx) -> dict[str, int]:
        ledger, shop = self.house.wallet.ledger, self.shop.id
        accounts = {
            **{person: ledger.find(tx, person, "member", EUR) for person in self.wallets},
            "merchant": ledger.find(tx, shop, "merchant", EUR),
            "subsidy": ledger.find(tx, shop, "subsidy", EUR),
            "fee_income": ledger.find(tx, "", "fee_income", EUR),
        }
        return {name: each.credits - each.debits if each else 0 for name, each in accounts.items()}

    async def _is_sound(self) -> None:
        await self.shop.is_sound()
        store = self.house.house.store
        for order, plain in self.orders.items():
            seen = await self.house.merchants.orders.order(self.shop.owner.guest.signed, order)
            shown = (seen.state, seen.discount, seen.paid, seen.refunded, seen.fee)
            assert shown == (plain.state, plain.discount, plain.paid, plain.refunded, plain.fee - plain.back)
        assert await store.write(self._coupon_postings) == -self.borne
        lines = await store.read(lines_of_day, self.shop.id, 0, 2**60)
        assert sum(each.net for each in lines) == self.takings + self.taken_out

    def _coupon_postings(self, tx: Tx) -> int:
        """What all postings for coupons together did to the merchant's subsidy account."""
        ledger, total = self.house.wallet.ledger, 0
        account = ledger.find(tx, self.shop.id, "subsidy", EUR)
        number = account.last if account is not None else 0
        while number and account is not None:
            found = ledger.transfer(tx, number)
            credits = found.credit == account.number
            if found.purpose == Purpose.COUPON:
                total += found.amount if credits else -found.amount
            number = found.credit_before if credits else found.debit_before
        return total


OrdersMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestOrdersMachine = OrdersMachine.TestCase
