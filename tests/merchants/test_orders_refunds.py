"""Refunds: whole and in parts, once each, from the takings, with the fee and the discount; and races for an order."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.chat.content import Notice
from teahouse.errors import Refusal
from teahouse.merchants.accounts.model import TakeOut
from teahouse.merchants.accounts.rules import NotEnoughTakings
from teahouse.merchants.orders import rules
from teahouse.merchants.orders.model import CloseOrder, PayOrder, RefundOrder
from teahouse.people.model import Block
from teahouse.wallet.guard.model import ChangeLimits, SpendingLimits
from teahouse.wallet.ledger.rules import KeyReused
from tests.merchants.house import open_market
from tests.merchants.selling import Selling, answers, coupon, open_shop, pays
from tests.wallet.house import EUR, Payer, eur, new_key


@pytest.fixture(params=["sqlite", "postgresql"])
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Selling]:
    """A shop, once on each kind of store."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    async with open_market(tmp_path, store=url) as market:
        yield await open_shop(market)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Selling]:
    async with open_market(tmp_path) as market:
        yield await open_shop(market)


async def notices(shop: Selling, payer: Payer) -> list[Notice]:
    """What the shop wrote to a payer."""
    chats = [each.id for each in (await payer.chats()).values() if shop.id in {one.person for one in each.members}]
    pages = [await payer.page(chat) for chat in chats]
    return [each.content for page in pages for each in page if isinstance(each.content, Notice)]


async def test_a_refund_in_parts_gives_back_fee_and_discount(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    await shop.tariff(share=333, fixed=7)
    order = await shop.creates("1", 1_000, description="Cake")
    await pays(ann, order, coupon=coupon(1))
    fee = (await shop.now(order)).fee
    assert fee == 37

    first = await shop.refunds(order, "r1", 300, reason="One was\nstale")
    assert (first.refund.amount, first.refund.number, first.refund.reason) == (300, "r1", "One was stale")
    assert (first.order.state, first.order.refunded, first.order.fee) == ("paid", 300, 25)
    assert (await shop.sums())["subsidy"] == -100, "the discount stays as long as a part of the sale does"

    whole = await shop.refunds(order, "r2")
    assert (whole.refund.amount, whole.order.state, whole.order.fee) == (600, "refunded", 0)
    assert [each.number for each in whole.order.refunds] == ["r1", "r2"]
    assert await shop.sums() == {"merchant": 0, "subsidy": 0, "fees": 0, "takings": 0}
    assert (await ann.has(), shop.discounts.state[coupon(1)]) == (10_000, "free")
    assert [(each.state, each.refunded) for each in shop.heard] == [("paid", 0), ("paid", 300), ("refunded", 900)]

    said = await notices(shop, ann)
    assert [(each.what, each.title, each.amount, each.currency, each.ref, each.why) for each in said] == [
        ("order_refunded", "Cake", 300, EUR, order.id, "One was stale"),
        ("order_refunded", "Cake", 600, EUR, order.id, ""),
    ]
    assert ann.told("order.changed")[-1]["order"]["state"] == "refunded"
    assert ann.told("wallet.changed")[-1]["balance"]["available"] == 10_000
    await shop.is_sound()


async def test_a_refund_happens_once_for_a_number(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    order, other = await shop.creates("1", 500), await shop.creates("2", 500)
    for each in (order, other):
        await pays(ann, each)
    refund = RefundOrder(order=order.id, number="r1", amount=200)
    answers_ = await asyncio.gather(*(shop.owner.does(refund) for _ in range(8)))
    assert len({each.refund.id for each in answers_}) == 1
    assert await ann.has() == 9_200
    for changed in ({"amount": 201}, {"reason": "late"}, {"order": other.id}):
        with pytest.raises(KeyReused):
            await shop.owner.does(RefundOrder(**{"order": order.id, "number": "r1", "amount": 200, **changed}))
    await shop.refunds(order, "r2")
    again = await shop.owner.does(refund)
    assert (again.refund, again.order.state) == (answers_[0].refund, "refunded")
    assert (await ann.has(), len(await notices(shop, ann))) == (9_500, 2)


async def test_more_than_was_paid_does_not_go_back(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    order, rich = await shop.creates("1", 500), await shop.creates("2", 5_000)
    with pytest.raises(rules.NotPaid) as refused:
        await shop.refunds(order, "r0", 1)
    assert refused.value.fields == {"state": "created"}
    await pays(ann, order)
    await pays(ann, rich)
    with pytest.raises(rules.RefundTooMuch):
        await shop.refunds(order, "r1", 501)
    outcomes = await asyncio.gather(
        *(shop.refunds(order, f"race{number}", 200) for number in range(5)), return_exceptions=True
    )
    refused_ = [each for each in outcomes if isinstance(each, rules.RefundTooMuch)]
    assert len(refused_) == 3, "two of 200 are within 500"
    assert all(each.fields == {"left": 100} for each in refused_)
    assert (await shop.now(order)).refunded == 400
    await shop.refunds(order, "rest")
    with pytest.raises(rules.RefundTooMuch):
        await shop.refunds(order, "once more")
    assert await ann.has() == 5_000


async def test_a_refund_comes_from_the_takings(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    await shop.tariff(share=1_000)
    order = await shop.creates("1", 1_000)
    await pays(ann, order)
    await shop.owner.does(TakeOut(key=new_key(), merchant=shop.id, amount=eur(500)))
    assert (await shop.sums())["takings"] == 400
    with pytest.raises(NotEnoughTakings) as refused:
        await shop.refunds(order, "r1", 500)
    assert refused.value.fields == {"available": 450}, "what of the fee comes back counts"
    assert (await shop.now(order)).refunded == 0
    await shop.refunds(order, "r1", 440)
    bob = await shop.market.person("bob", 10_000)
    await pays(bob, await shop.creates("2", 1_000))
    await shop.refunds(order, "r2")
    assert await ann.has() == 10_000
    await shop.is_sound()


async def test_a_discount_that_was_settled_goes_back_all_the_same(both: Selling) -> None:
    """The owner took the takings out, and with that the merchant bore its discount. A whole refund returns both."""
    shop, ann = both, await both.market.person("ann", 10_000)
    order, other = await shop.creates("1", 1_000), await shop.creates("2", 1_000)
    await pays(ann, order, coupon=coupon(1))
    await pays(ann, other, coupon=coupon(2))
    assert (await shop.sums())["takings"] == 900
    await shop.owner.does(TakeOut(key=new_key(), merchant=shop.id, amount=eur(1)))
    assert await shop.sums() == {"merchant": 899, "subsidy": 0, "fees": 0, "takings": 899}
    with pytest.raises(NotEnoughTakings):
        await shop.refunds(order, "r1")
    await pays(ann, await shop.creates("3", 1))
    await shop.refunds(order, "r1")
    # The till is empty, and the discount that goes back is not missing in it.
    assert await shop.sums() == {"merchant": 0, "subsidy": 0, "fees": 0, "takings": 0}
    await pays(ann, await shop.creates("4", 700))
    assert (await shop.sums())["takings"] == 700
    await shop.is_sound()


async def test_an_order_that_a_coupon_paid_is_refunded_too(shop: Selling) -> None:
    ann = await shop.market.person("ann")
    order = await shop.creates("1", 700)
    await pays(ann, order, coupon=coupon(2), approval="")
    done = await shop.refunds(order, "r1")
    assert (done.order.state, done.refund.amount, shop.discounts.state[coupon(2)]) == ("refunded", 0, "free")
    assert await shop.sums() == {"merchant": 0, "subsidy": 0, "fees": 0, "takings": 0}
    with pytest.raises(rules.RefundTooMuch):
        await shop.refunds(order, "r2")
    assert await notices(shop, ann) == [], "there is no money to tell of"


async def test_a_full_wallet_does_not_keep_its_owner_from_their_money(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    order = await shop.creates("1", 1_000)
    await pays(ann, order)
    most = {"payment_max": 10**6, "day_max": 1_500, "balance_max": 9_500}
    limits = tuple(SpendingLimits(level=level, currency=EUR, **most) for level in range(3))
    await shop.market.wallet.guard.change_limits(shop.market.operator, ChangeLimits(limits=limits))
    await shop.refunds(order, "r1")
    assert await ann.has() == 10_000
    # What came back counts no more to the day's sum.
    await pays(ann, await shop.creates("2", 1_500))


async def test_who_blocked_the_shop_gets_the_money_and_no_word(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    order = await shop.creates("1", 1_000)
    await pays(ann, order)
    await ann.does(Block(person=shop.id))
    await shop.refunds(order, "r1")
    assert (await ann.has(), await notices(shop, ann)) == (10_000, [])


# --- races ----------------------------------------------------------------------------------------


async def outcomes_of(*attempts: Any) -> Counter[str]:
    found = await asyncio.gather(*attempts, return_exceptions=True)
    return Counter(each.code if isinstance(each, Refusal) else "done" for each in found)


async def test_of_two_who_pay_one_order_one_does(both: Selling) -> None:
    shop, people = both, await both.market.people("ann", "bob", "cat", "dan")
    order = await shop.creates("1", 400)
    yes = [await each.approves(400) for each in people]
    raced = [pays(each, order, approval=said) for each, said in zip(people, yes, strict=True)]
    assert await outcomes_of(*raced) == {"done": 1, "order_over": 3}
    assert sorted([await each.has() for each in people]) == [9_600, 10_000, 10_000, 10_000]
    assert (await shop.sums())["takings"] == 400
    assert len(shop.heard) == 1


async def test_paying_and_closing_race(shop: Selling) -> None:
    ann = await shop.market.person("ann", 100_000)
    for number in range(6):
        order = await shop.creates(str(number), 100)
        pay = PayOrder(key=new_key(), order=order.id, approval=await ann.approves(100))
        both = [ann.does(pay), shop.owner.does(CloseOrder(order=order.id))]
        before = await ann.has()
        assert await outcomes_of(*(both if number % 2 else both[::-1])) == {"done": 1, "order_over": 1}
        seen = await shop.now(order)
        assert await ann.has() == before - (100 if seen.state == "paid" else 0)


async def test_paying_and_time_race(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    plain, asked = await shop.creates("1", 100, expires_in=300_000), (await shop.charges(ann, 200)).order
    yes = [await ann.approves(100), await ann.approves(200)]
    shop.market.passes(300_000)
    raced = [pays(ann, plain, approval=yes[0]), answers(ann, asked, yes[1]), shop.market.wallet.due.sweep()]
    assert await outcomes_of(*raced) == {"order_over": 1, "charge_over": 1, "done": 1}
    assert [(await shop.now(each)).state for each in (plain, asked)] == ["closed", "closed"]
    assert await ann.has() == 10_000


async def test_a_yes_and_a_close_race(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    order = await shop.charges_holder(ann, 400, coupon(1))
    yes = await ann.approves(400)
    found = await outcomes_of(answers(ann, order, yes), shop.owner.does(CloseOrder(order=order.id)))
    seen = await shop.now(order)
    assert found["done"] == 1
    used = shop.discounts.state[coupon(1)]
    assert (seen.state, used) in (("paid", f"used by {order.id}"), ("closed", "free"))
    assert await ann.has() == 10_000 - seen.paid
