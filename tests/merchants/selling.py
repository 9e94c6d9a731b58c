"""What tests of selling share: a shop that sells, its customers, and coupons that take off a fixed sum."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.commands import Signed
from teahouse.errors import Conflict
from teahouse.merchants.accounts.model import (
    AddCounter,
    Counter,
    CounterAdded,
    JudgeMerchant,
    MakeApiKey,
    Role,
    SetStaff,
    Tariff,
)
from teahouse.merchants.orders.model import (
    ChargeOrder,
    CreateOrder,
    Order,
    OrderCharged,
    OrderMade,
    OrderPaid,
    OrderRefunded,
    PayMerchant,
    PayOrder,
    RefundOrder,
)
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.audit import Audit
from teahouse.wallet.payments.model import Paid, PayCharge
from tests.merchants.house import MarketHouse
from tests.wallet.house import Payer, eur, new_key

COUPON = "c0000000000000"


def coupon(number: int) -> str:
    return f"{COUPON}{number:02}"


class CouponTaken(Conflict):
    code = "coupon_taken"
    title = "This coupon is reserved or used"


class FixedDiscounts:
    """Coupons as orders know them: each takes a fixed sum off, and is good once."""

    def __init__(self, sums: dict[str, int]) -> None:
        self.sums = sums
        self.state = dict.fromkeys(sums, "free")
        self.redeemed_by: dict[str, str] = {}

    def quote(self, tx: Tx, holder: str, coupon: str, merchant: str, counter: str, basket: Money) -> int:
        if self.state[coupon] != "free":
            raise CouponTaken()
        return min(self.sums[coupon], basket.amount)

    def reserve(self, tx: Tx, coupon: str, order: str) -> None:
        self._turn(tx, coupon, f"for {order}", "free")

    def redeem(self, tx: Tx, coupon: str, order: sa.Row[Any], by: str) -> None:
        assert order.state == "paid"
        self._turn(tx, coupon, f"used by {order.id}", "free", f"for {order.id}")
        self.redeemed_by[coupon] = by

    def release(self, tx: Tx, coupon: str, order: str) -> None:
        self._turn(tx, coupon, "free", f"for {order}")

    def give_back(self, tx: Tx, coupon: str, order: str) -> None:
        self._turn(tx, coupon, "free", f"used by {order}")

    def _turn(self, tx: Tx, coupon: str, to: str, *was: str) -> None:
        before = self.state[coupon]
        assert before in was
        tx.undo(lambda: self.state.update({coupon: before}))
        self.state[coupon] = to


class Selling:
    """A bakery of a market that sells: owned by `owner`, with a counter."""

    def __init__(self, market: MarketHouse, owner: Payer, merchant: str, counter: Counter) -> None:
        self.market = market
        self.owner = owner
        self.id = merchant
        self.counter = counter
        self.discounts = FixedDiscounts({coupon(number): 10 ** (number + 1) for number in range(6)})
        """Coupon 0 takes off 10, coupon 1 takes off 100, and so on."""
        self.heard: list[Order] = []
        """What rooms that hang themselves in are told."""
        self.hang_in()

    def hang_in(self) -> None:
        orders = self.market.merchants.orders
        orders.discounts = self.discounts
        orders.on_changed.append(lambda _tx, order: self.heard.append(order))

    @property
    def token(self) -> str:
        return self.counter.url.rpartition("/")[2]

    async def hires(self, person: Payer, role: Role = "cashier") -> Payer:
        await self.owner.does(SetStaff(merchant=self.id, person=person.id, role=role))
        return person

    async def tariff(self, share: int, fixed: int = 0) -> None:
        await self.judges(tariff=Tariff(share, fixed))

    async def judges(self, **fields: Any) -> None:
        await self.market.house.execute(self.market.operator, JudgeMerchant(merchant=self.id, **fields))

    async def program(self) -> Signed:
        made = await self.market.merchants.accounts.make_key(self.owner.guest.signed, self.id, MakeApiKey(name="till"))
        return await self.market.house.authenticate(made.token)

    def order(self, number: str, amount: int, /, **fields: Any) -> CreateOrder:
        return CreateOrder(**{"merchant": self.id, "number": number, "amount": eur(amount), **fields})

    async def creates(self, number: str, amount: int, /, **fields: Any) -> Order:
        made: OrderMade = await self.owner.does(self.order(number, amount, **fields))
        return made.order

    async def charges(self, payer: Payer, amount: int, /, **fields: Any) -> OrderCharged:
        code = (await self.market.wallet.codes.pay_code(payer.guest.signed)).code
        command = ChargeOrder(**{"key": new_key(), "merchant": self.id, "code": code, "amount": eur(amount), **fields})
        charged: OrderCharged = await self.owner.does(command)
        return charged

    async def charges_holder(self, payer: Payer, amount: int, coupon: str) -> Order:
        """As the counter does that reads a coupon and collects the rest."""
        orders, signed, basket = self.market.merchants.orders, self.owner.guest.signed, eur(amount)

        def charge(tx: Tx) -> Order:
            off = self.discounts.quote(tx, payer.id, coupon, self.id, self.counter.id, basket)
            return orders.charge_holder(tx, signed, self.id, payer.id, basket, off, coupon, self.counter.id)

        return await self.market.house.store.write(charge)

    async def refunds(self, order: Order, number: str, amount: int | None = None, **fields: Any) -> OrderRefunded:
        asked = {} if amount is None else {"amount": amount}
        done: OrderRefunded = await self.owner.does(RefundOrder(order=order.id, number=number, **asked, **fields))
        return done

    async def sums(self) -> dict[str, int]:
        """What the accounts of the shop and the house's fees have."""
        market = self.market
        return {
            "merchant": await market.account_sum("merchant", owner=self.id),
            "subsidy": await market.account_sum("subsidy", owner=self.id),
            "fees": await market.account_sum("fee_income"),
            "takings": await market.takings(self.id),
        }

    async def now(self, order: Order) -> Order:
        return await self.market.merchants.orders.order(self.owner.guest.signed, order.id)

    async def is_sound(self) -> None:
        verdict = await self.market.house.store.read(lambda connection: Audit(connection, 2**50).run())
        assert verdict.is_clean, verdict.faults


async def pays(payer: Payer, order: Order, *, approval: str | None = None, **fields: Any) -> OrderPaid:
    yes = await payer.approves(order.amount) if approval is None else approval
    paid: OrderPaid = await payer.does(PayOrder(**{"key": new_key(), "order": order.id, "approval": yes, **fields}))
    return paid


async def pays_at(payer: Payer, shop: Selling, amount: int, **fields: Any) -> OrderPaid:
    command = PayMerchant(
        key=new_key(), counter=shop.token, amount=eur(amount), approval=await payer.approves(amount), **fields
    )
    paid: OrderPaid = await payer.does(command)
    return paid


async def answers(payer: Payer, order: Order, approval: str | None = None) -> Paid:
    """Say yes to what one was asked."""
    yes = await payer.approves(order.amount) if approval is None else approval
    paid: Paid = await payer.does(PayCharge(charge=order.charge, approval=yes))
    return paid


async def open_shop(market: MarketHouse, handle: str = "bakery", funds: int = 0) -> Selling:
    owner = await market.person(f"{handle}_owner", funds)
    shop = await market.shop(owner, handle, f"The {handle}")
    merchant = shop.merchant.person.id
    added: CounterAdded = await owner.does(AddCounter(merchant=merchant, name="Front"))
    return Selling(market, owner, merchant, added.counter)
