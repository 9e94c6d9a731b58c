"""Coupons and payment in the same step: the holder pays what is left, the merchant's subsidy account bears the rest,
and the coupon is redeemed in the very transaction of the payment, or is free again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teahouse.coupons.campaigns.model import Worth
from teahouse.coupons.counter.model import CancelRedemption, Redemption
from teahouse.merchants.accounts.model import JudgeMerchant
from teahouse.merchants.orders.model import CloseOrder, CreateOrder, Order, PayMerchant, PayOrder, RefundOrder
from teahouse.wallet.payments.model import DeclineCharge, PayCharge
from tests.coupons.at_counter import Bakery, open_bakery, refused
from tests.merchants.house import MarketHouse, open_market
from tests.wallet.house import EUR, Payer, eur, new_key

on_both_stores = pytest.mark.parametrize("market", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
async def market(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MarketHouse]:
    url = request.getfixturevalue("new_database")() if getattr(request, "param", "") == "postgresql" else ""
    async with open_market(tmp_path, store=url) as opened:
        yield opened


@pytest.fixture
async def bakery(market: MarketHouse) -> Bakery:
    return await open_bakery(market)


@pytest.fixture
async def ann(market: MarketHouse) -> Payer:
    return await market.person("ann", 5000)


async def collects(bakery: Bakery, holder: Payer, coupon: str, basket: int = 1000) -> tuple[Redemption, Order]:
    done = await bakery.redeems(await bakery.proof(holder, coupon), basket, collect=True, counter=bakery.front)
    assert done.order is not None
    return done, done.order


@on_both_stores
async def test_the_holder_is_asked_for_the_rest_and_pays(bakery: Bakery, ann: Payer) -> None:
    campaign = await bakery.offers()
    coupon = await bakery.claims(ann, campaign)
    done, order = await collects(bakery, ann, coupon)
    assert (done.state, order.state, order.amount, order.discount) == ("waiting", "created", 1000, 300)
    assert (await bakery.coupon(ann, coupon)).state == "reserved"
    assert await bakery.redeemed(campaign) == (0, 0)
    [charge] = [event["charge"] for event in ann.told("charge.changed")]
    assert (charge["amount"], charge["state"]) == (700, "waiting")

    await bakery.agrees(ann, order)
    paid = await bakery.redemption(done)
    assert paid.order is not None
    assert (paid.state, paid.order.state, paid.order.paid) == ("redeemed", "paid", 700)
    assert (await bakery.coupon(ann, coupon)).discount == 300
    assert await bakery.redeemed(campaign) == (1, 300)
    assert await ann.has() == 4300
    # The discount is the merchant's own: what it may take out is what the payer paid.
    assert await bakery.sums() == {"merchant": 1000, "subsidy": -300, "takings": 700}
    await bakery.is_sound()


@on_both_stores
async def test_whoever_declines_has_the_coupon_again_and_its_code_is_used(
    market: MarketHouse, bakery: Bakery, ann: Payer
) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    proof = await bakery.proof(ann, coupon)
    done = await bakery.redeems(proof, collect=True)
    assert done.order is not None
    await ann.does(DeclineCharge(charge=done.order.charge))
    assert (await bakery.redemption(done)).state == "closed"
    assert (await bakery.coupon(ann, coupon)).state == "held"
    # To ask again is to scan again.
    assert await refused(bakery.redeems(proof)) == "code_used"
    market.passes(15_000)
    assert (await bakery.redeems(await bakery.proof(ann, coupon))).state == "redeemed"
    assert await bakery.sums() == {"merchant": 0, "subsidy": 0, "takings": 0}


async def test_a_question_that_nobody_answers_ends_and_so_does_an_order_that_is_closed(
    market: MarketHouse, bakery: Bakery, ann: Payer
) -> None:
    campaign = await bakery.offers()
    unanswered, unasked = [await bakery.claims(ann, campaign) for _ in range(2)]
    first, order = await collects(bakery, ann, unanswered)
    market.passes(order.expires_at - bakery.now)
    await market.wallet.due.sweep()
    assert (await bakery.redemption(first)).state == "closed"
    assert (await bakery.coupon(ann, unanswered)).state == "held"
    second, order = await collects(bakery, ann, unasked)
    await bakery.owner.does(CloseOrder(order=order.id))
    assert (await bakery.redemption(second)).state == "closed"
    assert await refused(bakery.agrees(ann, order)) == "charge_over"
    assert (await bakery.coupon(ann, unasked)).state == "held"


async def test_while_it_waits_nobody_else_uses_it(bakery: Bakery, market: MarketHouse, ann: Payer) -> None:
    ben = await market.person("ben")
    await ann.meets(ben)
    coupon = await bakery.claims(ann, await bakery.offers())
    proof = await bakery.proof(ann, coupon)
    done, order = await collects(bakery, ann, coupon)
    assert await refused(bakery.redeems(proof)) == "coupon_waits"
    assert await refused(bakery.gives(ann, coupon, ben)) == "coupon_waits"
    assert await refused(bakery.owner.does(CancelRedemption(redemption=done.id))) == "redemption_has_order"
    await bakery.agrees(ann, order)


async def test_with_nothing_left_to_pay_it_is_redeemed_at_once(bakery: Bakery, ann: Payer) -> None:
    coupon = await bakery.claims(ann, await bakery.offers(Worth("cash", EUR, amount=2000)))
    done, order = await collects(bakery, ann, coupon)
    assert (done.state, done.discount, order.state, order.paid) == ("redeemed", 1000, "paid", 0)
    assert done.by.id == bakery.owner.id
    assert await ann.has() == 5000
    assert await bakery.sums() == {"merchant": 1000, "subsidy": -1000, "takings": 0}


async def test_who_cannot_pay_keeps_the_coupon_waiting(market: MarketHouse, bakery: Bakery) -> None:
    poor = await market.person("poor", 100)
    coupon = await bakery.claims(poor, await bakery.offers())
    done, order = await collects(bakery, poor, coupon)
    assert await refused(bakery.agrees(poor, order)) == "insufficient_funds"
    assert (await bakery.redemption(done)).state == "waiting"
    assert (await bakery.coupon(poor, coupon)).state == "reserved"
    await market.fund(poor.id, 600)
    await bakery.agrees(poor, order)
    assert (await bakery.redemption(done)).state == "redeemed"


async def test_a_suspended_merchant_takes_no_coupons_also_of_who_was_asked(
    market: MarketHouse, bakery: Bakery, ann: Payer
) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    code = await bakery.code(ann, coupon)
    done, order = await collects(bakery, ann, coupon)
    await market.house.execute(market.operator, JudgeMerchant(merchant=bakery.id, state="suspended"))
    assert await refused(bakery.reads(code)) == "merchant_closed"
    approval = await ann.approves(700)
    assert await refused(ann.does(PayCharge(charge=order.charge, approval=approval))) == "merchant_closed"
    assert (await bakery.redemption(done)).state == "waiting"
    assert await ann.has() == 5000


@on_both_stores
async def test_who_pays_an_order_or_a_counter_uses_a_coupon_of_their_own(
    market: MarketHouse, bakery: Bakery, ann: Payer
) -> None:
    ben = await market.person("ben", 5000)
    campaign = await bakery.offers(counters=(bakery.front,))
    first, second = [await bakery.claims(ann, campaign) for _ in range(2)]
    asked = CreateOrder(merchant=bakery.id, number="A1", amount=eur(1000), counter=bakery.front)
    order: Order = (await bakery.owner.does(asked)).order
    pay = {"order": order.id, "coupon": first}
    assert (
        await refused(ben.does(PayOrder(key=new_key(), approval=await ben.approves(1000), **pay))) == "no_such_coupon"
    )
    paid: Order = (await ann.does(PayOrder(key=new_key(), approval=await ann.approves(700), **pay))).order
    assert (paid.state, paid.discount, paid.paid) == ("paid", 300, 700)

    shop = await market.merchants.accounts.shop(bakery.owner.guest.signed, bakery.id)
    front, back = (each.url.rpartition("/")[2] for each in shop.counters)
    at_back = PayMerchant(key=new_key(), counter=back, amount=eur(800), approval=await ann.approves(800), coupon=second)
    assert await refused(ann.does(at_back)) == "not_at_this_counter"
    at_front = PayMerchant(
        key=new_key(), counter=front, amount=eur(800), approval=await ann.approves(500), coupon=second
    )
    code = await bakery.code(ann, second)
    assert (await ann.does(at_front)).order.paid == 500
    # A code that was shown before is used with it.
    assert await refused(bakery.reads(code)) == "code_used"

    page = await market.coupons.counter.page(bakery.owner.guest.signed, bakery.id, before="", limit=10)
    seen = [(each.coupon, each.discount, each.by.id, each.counter, each.state) for each in page.redemptions]
    assert seen == [(coupon, 300, ann.id, bakery.front, "redeemed") for coupon in (second, first)]
    assert await bakery.redeemed(campaign) == (2, 600)
    assert (await bakery.sums())["subsidy"] == -600
    await bakery.is_sound()


@on_both_stores
async def test_a_refund_in_part_leaves_it_used_a_whole_one_gives_it_back(bakery: Bakery, ann: Payer) -> None:
    campaign = await bakery.offers()
    coupon = await bakery.claims(ann, campaign)
    done, order = await collects(bakery, ann, coupon)
    await bakery.agrees(ann, order)
    await bakery.owner.does(RefundOrder(order=order.id, number="R1", amount=200))
    assert (await bakery.redemption(done)).state == "redeemed"
    await bakery.owner.does(RefundOrder(order=order.id, number="R2", amount=500))
    undone = await bakery.redemption(done)
    assert undone.order is not None
    assert (undone.state, undone.order.state) == ("cancelled", "refunded")
    assert (await bakery.coupon(ann, coupon)).state == "held"
    assert await bakery.redeemed(campaign) == (0, 0)
    assert await ann.has() == 5000
    assert await bakery.sums() == {"merchant": 0, "subsidy": 0, "takings": 0}
    await bakery.is_sound()


async def test_a_repeat_of_asking_asks_once(bakery: Bakery, ann: Payer) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    asked = bakery.asks(await bakery.proof(ann, coupon), collect=True)
    first = await bakery.owner.does(asked)
    assert await bakery.owner.does(asked) == first
    assert len([event for event in ann.told("charge.changed") if event["charge"]["state"] == "waiting"]) == 1
    await bakery.agrees(ann, first.redemption.order)
    assert await bakery.owner.does(asked) == first
    assert await ann.has() == 4300
