"""At the counter: a coupon is shown, read, quoted and redeemed, exactly once; and undone by a manager."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from teahouse.coupons.campaigns.model import Worth
from teahouse.coupons.counter import store
from teahouse.coupons.counter.model import CancelRedemption, CouponRedeemed, Redemption
from teahouse.ids import new_id
from teahouse.merchants.webhooks.model import SetWebhook
from teahouse.storage.transaction import Tx
from teahouse.storage.writer import Crashed
from tests.coupons.at_counter import DAY_MS, Bakery, open_bakery, refused
from tests.merchants.house import MarketHouse, open_market
from tests.wallet.house import EUR, Payer

on_both_stores = pytest.mark.parametrize("market", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
async def market(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MarketHouse]:
    url = request.getfixturevalue("new_database")() if getattr(request, "param", "") == "postgresql" else ""
    async with open_market(tmp_path, store=url, webhooks_private=True) as opened:
        yield opened


@pytest.fixture
async def bakery(market: MarketHouse) -> Bakery:
    return await open_bakery(market)


@pytest.fixture
async def ann(market: MarketHouse) -> Payer:
    return await market.person("ann", 5000)


@on_both_stores
async def test_a_coupon_is_shown_read_and_redeemed_for_cash(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    cashier = await bakery.hires(await market.person("cora"))
    campaign = await bakery.offers()
    coupon = await bakery.claims(ann, campaign)

    quote = await bakery.reads(await bakery.code(ann, coupon), 1000, by=cashier, counter=bakery.front)
    assert (quote.coupon, quote.campaign.id, quote.holder.id) == (coupon, campaign, ann.id)
    assert (quote.discount, quote.net, quote.why_not) == (300, 700, "")
    assert (await bakery.coupon(ann, coupon)).state == "held"

    done = await bakery.redeems(quote.proof, 1000, by=cashier, counter=bakery.front)
    assert (done.state, done.basket, done.discount, done.currency) == ("redeemed", 1000, 300, EUR)
    assert (done.holder.id, done.by.id, done.counter) == (ann.id, cashier.id, bakery.front)
    held = await bakery.coupon(ann, coupon)
    assert (held.state, held.discount, held.secret) == ("redeemed", 300, "")
    assert {"type": "coupons.changed", "coupon": coupon} in ann.told("coupons.changed")
    assert [event["campaign"] for event in cashier.told("campaign.changed")][-1:] == [campaign]
    assert await bakery.redeemed(campaign) == (1, 300)
    # No money moved in the house: the rest was paid in cash.
    assert await bakery.sums() == {"merchant": 0, "subsidy": 0, "takings": 0}


@on_both_stores
async def test_of_many_counters_at_once_one_redeems_it(bakery: Bakery, market: MarketHouse, ann: Payer) -> None:
    people = [await bakery.hires(await market.person(f"cashier{number}")) for number in range(4)]
    campaign = await bakery.offers()
    coupon = await bakery.claims(ann, campaign)
    code = await bakery.code(ann, coupon)
    proofs = [(await bakery.reads(code, by=each)).proof for each in people for _ in range(2)]
    asked = [
        people[number // 2].does(bakery.asks(proof, collect=number % 4 == 3)) for number, proof in enumerate(proofs)
    ]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    done = [each for each in outcomes if isinstance(each, CouponRedeemed)]
    assert len(done) == 1
    assert {each.code for each in outcomes if not isinstance(each, CouponRedeemed)} <= {"coupon_used", "coupon_waits"}  # type: ignore[union-attr]
    page = await market.coupons.counter.page(bakery.owner.guest.signed, bakery.id, before="", limit=10)
    assert [each.id for each in page.redemptions] == [done[0].redemption.id]


async def test_a_repeat_gets_the_first_answer_and_another_body_is_refused(bakery: Bakery, ann: Payer) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    asked = bakery.asks(await bakery.proof(ann, coupon))
    first = await bakery.owner.does(asked)
    assert await bakery.owner.does(asked) == first
    both = await asyncio.gather(bakery.owner.does(asked), bakery.owner.does(asked))
    assert both == [first, first]
    other = bakery.asks(asked.proof, 2000, key=asked.key)
    assert await refused(bakery.owner.does(other)) == "key_reused"


@on_both_stores
async def test_the_store_itself_keeps_no_two_of_one_coupon(bakery: Bakery, market: MarketHouse, ann: Payer) -> None:
    done = await bakery.redeems(await bakery.proof(ann, await bakery.claims(ann, await bakery.offers())))

    def keep_again(tx: Tx) -> None:
        row = store.redemption(tx.connection, done.id)
        assert row is not None
        store.add(tx, msgspec.structs.replace(row, id=new_id(), state="waiting"))
        tx.flush()

    with pytest.raises(Crashed):
        await market.house.store.write(keep_again)
    page = await market.coupons.counter.page(bakery.owner.guest.signed, bakery.id, before="", limit=10)
    assert [each.id for each in page.redemptions] == [done.id]


@on_both_stores
async def test_a_rush_is_redeemed_in_few_groups_and_each_once(bakery: Bakery, market: MarketHouse, ann: Payer) -> None:
    campaign = await bakery.offers(per_person=100)
    coupons = [await bakery.claims(ann, campaign) for _ in range(60)]
    proofs = [await bakery.proof(ann, coupon) for coupon in coupons]
    commits = market.house.commits
    twice = [bakery.asks(proof) for proof in proofs for _ in range(2)]
    outcomes = await asyncio.gather(*(bakery.owner.does(each) for each in twice), return_exceptions=True)
    assert sum(isinstance(each, CouponRedeemed) for each in outcomes) == 60
    assert market.house.commits - commits < 60
    assert await bakery.redeemed(campaign) == (60, 60 * 300)


async def test_buy_and_get_counts_what_is_said_at_the_counter(bakery: Bakery, ann: Payer) -> None:
    offer = Worth("buy_x_get_y", EUR, amount=200, item="Bun", buy=2, get=1)
    coupon = await bakery.claims(ann, await bakery.offers(offer))
    code = await bakery.code(ann, coupon)
    assert (await bakery.reads(code, 1400, quantity=2)).why_not == "nothing_off"
    quote = await bakery.reads(code, 1400, quantity=7)
    assert (quote.discount, quote.net) == (400, 1000)
    assert (await bakery.redeems(quote.proof, 1400, quantity=7)).discount == 400


async def test_a_code_may_be_read_before_the_basket_is_known(bakery: Bakery, ann: Payer) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    quote = await bakery.reads(await bakery.code(ann, coupon), None)
    assert (quote.discount, quote.net, quote.why_not) == (0, 0, "")
    assert await refused(bakery.redeems(quote.proof, 499)) == "below_min_spend"
    assert (await bakery.redeems(quote.proof, 500)).discount == 300


# --- undone ---------------------------------------------------------------------------------------


@on_both_stores
async def test_a_manager_cancels_and_the_holder_has_it_again(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    cashier = await bakery.hires(await market.person("cora"))
    manager = await bakery.hires(await market.person("max"), "manager")
    campaign = await bakery.offers()
    coupon = await bakery.claims(ann, campaign)
    code = await bakery.code(ann, coupon)
    done = await bakery.redeems((await bakery.reads(code)).proof)
    cancel = CancelRedemption(redemption=done.id, reason="wrong basket")
    assert await refused(cashier.does(cancel)) == "not_your_role"
    assert await refused(ann.does(cancel)) == "no_such_redemption"
    undone: CouponRedeemed = await manager.does(cancel)
    assert undone.redemption.state == "cancelled"
    assert await manager.does(cancel) == undone
    assert (await bakery.coupon(ann, coupon)).state == "held"
    assert await bakery.redeemed(campaign) == (0, 0)
    # The code that was used stays used; the next one is good.
    assert await refused(bakery.reads(code)) == "code_used"
    market.passes(15_000)
    again = await bakery.redeems(await bakery.proof(ann, coupon))
    assert again.id != done.id
    assert (await bakery.redemption(done)).state == "cancelled"
    assert await bakery.redeemed(campaign) == (1, 300)


async def test_what_is_cancelled_after_its_end_or_against_the_terms_stays_used(
    market: MarketHouse, bakery: Bakery, ann: Payer
) -> None:
    strict = await bakery.claims(ann, await bakery.offers(refund_back=False))
    short = await bakery.claims(ann, await bakery.offers(valid_to=bakery.now + 60_000))
    done = [await bakery.redeems(await bakery.proof(ann, coupon)) for coupon in (strict, short)]
    market.passes(60_000)
    for each, state in zip(done, ("redeemed", "expired"), strict=True):
        undone: CouponRedeemed = await bakery.owner.does(CancelRedemption(redemption=each.id))
        assert undone.redemption.state == "cancelled"
        assert (await bakery.coupon(ann, each.coupon)).state == state


# --- who reads what -------------------------------------------------------------------------------


@on_both_stores
async def test_staff_read_all_of_them_newest_first_and_the_holder_their_own(
    market: MarketHouse, bakery: Bakery, ann: Payer
) -> None:
    ben = await market.person("ben")
    campaign = await bakery.offers()
    made: list[Redemption] = []
    for holder in (ann, ben, ann):
        coupon = await bakery.claims(holder, campaign)
        made.append(await bakery.redeems(await bakery.proof(holder, coupon)))
    counter, owner = market.coupons.counter, bakery.owner.guest.signed
    first = await counter.page(owner, bakery.id, before="", limit=2)
    assert ([each.id for each in first.redemptions], first.more) == ([made[2].id, made[1].id], True)
    rest = await counter.page(owner, bakery.id, before=made[1].id, limit=2)
    assert ([each.id for each in rest.redemptions], rest.more) == ([made[0].id], False)
    assert (await bakery.redemption(made[0], ann)).discount == 300
    assert await refused(bakery.redemption(made[0], ben)) == "no_such_redemption"
    assert await refused(counter.page(ann.guest.signed, bakery.id, before="", limit=2)) == "no_such_merchant"


async def test_the_merchants_program_is_told(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    webhooks, owner = market.merchants.webhooks, bakery.owner.guest.signed
    await webhooks.set(owner, bakery.id, SetWebhook(url="http://127.0.0.1:9/hook"))
    coupon = await bakery.claims(ann, await bakery.offers())
    done = await bakery.redeems(await bakery.proof(ann, coupon))
    await bakery.owner.does(CancelRedemption(redemption=done.id))
    told = [each.event for each in await webhooks.deliveries(owner, bakery.id)]
    assert sorted(told) == ["coupon.cancelled", "coupon.redeemed"]


async def test_a_coupon_that_was_scanned_in_time_still_ends(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    market.passes(10 * DAY_MS - 60_000)
    code = await bakery.code(ann, coupon)
    proof = (await bakery.reads(code)).proof
    market.passes(60_000)
    assert (await bakery.reads(code)).why_not == "coupon_expired"
    assert await refused(bakery.redeems(proof)) == "coupon_expired"
