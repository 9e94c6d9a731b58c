"""What the counter does not take: codes that are forged, old, used or of somebody who has the coupon no more; proofs of
others; and coupons that are not for here, now, or this basket."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from teahouse.coupons.campaigns.model import Hours, Worth
from teahouse.coupons.counter import codes, counter
from teahouse.coupons.counter.model import CancelRedemption, ReadCoupon
from teahouse.merchants.accounts.model import RemoveStaff
from teahouse.money import Money
from tests.coupons.at_counter import DAY_MS, Bakery, open_bakery, refused
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.wallet.house import EUR, Payer


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path) as opened:
        yield opened


@pytest.fixture
async def bakery(market: MarketHouse) -> Bakery:
    return await open_bakery(market)


@pytest.fixture
async def ann(market: MarketHouse) -> Payer:
    return await market.person("ann", 5000)


# --- codes ----------------------------------------------------------------------------------------


async def test_a_forged_code_is_wrong_in_whatever_way(bakery: Bakery, ann: Payer) -> None:
    campaign = await bakery.offers()
    mine, other = [await bakery.claims(ann, campaign) for _ in range(2)]
    good = codes.read(await bakery.code(ann, mine))
    assert good is not None
    step = good.step
    forged = [
        codes.made(b"\0" * 32, mine, step),
        codes.made(base64.b32decode((await bakery.coupon(ann, other)).secret + "===="), mine, step),
        f"TC1.{mine}.{codes.base36(step + 1)}.{good.tag}",
        f"TC1.{other}.{codes.base36(step)}.{good.tag}",
        codes.made(b"\0" * 32, "0" * 16, step),
        "TC1",
        "https://tea.example/c/" + campaign,
    ]
    for code in forged:
        assert await refused(bakery.reads(code)) == "wrong_code"
    assert (await bakery.reads(await bakery.code(ann, mine))).discount == 300


async def test_who_guesses_is_slowed_down_alone(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    cashier = await bakery.hires(await market.person("cora"))
    coupon = await bakery.claims(ann, await bakery.offers())
    right = await bakery.code(ann, coupon)
    for _ in range(3 * counter.WRONG_AT_ONCE):
        await bakery.reads(right, by=cashier)
    for number in range(counter.WRONG_AT_ONCE):
        guess = f"{right[:-1]}{'A' if right[-1] != 'A' else 'B'}"
        assert await refused(bakery.reads(guess, by=cashier)) == "wrong_code", number
    assert await refused(bakery.reads(right, by=cashier)) == "rate_limited"
    assert (await bakery.reads(right)).coupon == coupon


async def test_a_screenshot_is_worth_nothing_after_a_minute(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    code = await bakery.code(ann, coupon)
    market.passes(60_000)
    assert (await bakery.reads(code)).coupon == coupon
    market.passes(15_000)
    assert await refused(bakery.reads(code)) == "code_expired"
    assert await refused(bakery.reads(await bakery.code(ann, coupon, 4))) == "code_expired"
    # A phone's clock may be fast by half a minute.
    assert (await bakery.reads(await bakery.code(ann, coupon, 2))).coupon == coupon


async def test_a_code_is_used_with_the_redemption_it_was_scanned_for(
    market: MarketHouse, bakery: Bakery, ann: Payer
) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    older, code = await bakery.code(ann, coupon, -1), await bakery.code(ann, coupon)
    proofs = [(await bakery.reads(each)).proof for each in (older, code, code)]
    done = await bakery.redeems(proofs[1])
    assert await refused(bakery.reads(code)) == "code_used"
    assert await refused(bakery.redeems(proofs[2])) == "coupon_used"
    # Also when the coupon is there again: neither the same scan, nor an older one.
    await bakery.owner.does(CancelRedemption(redemption=done.id))
    for stale in (older, code):
        assert await refused(bakery.reads(stale)) == "code_used"
    for proof in proofs:
        assert await refused(bakery.redeems(proof)) == "code_used"


async def test_whoever_gave_it_away_shows_a_code_in_vain(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    ben = await market.person("ben")
    await ann.meets(ben)
    coupon = await bakery.claims(ann, await bakery.offers())
    hers = await bakery.code(ann, coupon)
    proof = (await bakery.reads(hers)).proof
    await bakery.gives(ann, coupon, ben)
    assert await refused(bakery.reads(hers)) == "wrong_code"
    assert await refused(bakery.redeems(proof)) == "wrong_proof"
    assert (await bakery.coupon(ann, coupon)).secret == ""
    done = await bakery.redeems(await bakery.proof(ben, coupon))
    assert done.holder.id == ben.id


# --- proofs ---------------------------------------------------------------------------------------


async def test_a_proof_is_good_for_who_scanned_for_two_minutes(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    cashier = await bakery.hires(await market.person("cora"))
    coupon = await bakery.claims(ann, await bakery.offers())
    proof = await bakery.proof(ann, coupon, by=cashier)
    assert await refused(bakery.redeems(proof)) == "wrong_proof"
    for altered in (proof[:-1] + ("A" if proof[-1] != "A" else "B"), proof.replace(".0.", ".1."), "", "x" * 200):
        assert await refused(bakery.redeems(altered, by=cashier)) == "wrong_proof"
    market.passes(119_000)
    assert (await bakery.coupon(ann, coupon)).state == "held"
    late = await bakery.proof(ann, coupon, by=cashier)
    market.passes(1_000)
    assert await refused(bakery.redeems(proof, by=cashier)) == "wrong_proof"
    assert (await bakery.redeems(late, by=cashier)).state == "redeemed"


async def test_who_was_let_go_redeems_no_more(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    cashier = await bakery.hires(await market.person("cora"))
    proof = await bakery.proof(ann, await bakery.claims(ann, await bakery.offers()), by=cashier)
    await bakery.owner.does(RemoveStaff(merchant=bakery.id, person=cashier.id))
    assert await refused(bakery.redeems(proof, by=cashier)) == "no_such_merchant"


# --- another merchant -----------------------------------------------------------------------------


async def test_another_merchant_learns_nothing_of_it(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    florist = await open_bakery(market, "florist")
    coupon = await bakery.claims(ann, await bakery.offers())
    code = await bakery.code(ann, coupon)
    assert await refused(florist.reads(code)) == "other_merchant"
    assert await refused(florist.redeems(await bakery.proof(ann, coupon))) == "wrong_proof"
    assert await refused(bakery.reads(code, by=florist.owner)) == "no_such_merchant"
    assert await refused(bakery.reads(code, by=ann)) == "no_such_merchant"
    assert await refused(bakery.reads(code, counter=florist.front)) == "no_such_counter"
    proof = await bakery.proof(ann, coupon)
    assert await refused(bakery.redeems(proof, by=florist.owner)) == "no_such_merchant"
    assert await refused(bakery.redeems(proof, counter=florist.front)) == "no_such_counter"
    done = await bakery.redeems(proof)
    assert await refused(florist.redemption(done)) == "no_such_redemption"
    assert await refused(florist.owner.does(CancelRedemption(redemption=done.id))) == "no_such_redemption"


# --- not here, not now, not for this --------------------------------------------------------------


async def test_it_is_used_at_its_counters_only(bakery: Bakery, ann: Payer) -> None:
    coupon = await bakery.claims(ann, await bakery.offers(counters=(bakery.back,)))
    for at, why in (({"counter": bakery.front}, "not_at_this_counter"), ({}, "not_at_this_counter")):
        quote = await bakery.reads(await bakery.code(ann, coupon), **at)
        assert (quote.why_not, quote.discount, quote.net) == (why, 0, 1000)
        assert await refused(bakery.redeems(quote.proof, **at)) == why
    assert (await bakery.redeems(quote.proof, counter=bakery.back)).counter == bakery.back


async def test_it_is_used_in_its_hours_of_its_time_zone(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    def at_utc(hour: int) -> None:
        now = datetime.fromtimestamp(bakery.now / 1000, UTC)
        wanted = now.replace(hour=hour, minute=30, second=0, microsecond=0)
        market.passes(int((wanted - now).total_seconds() * 1000) % DAY_MS)

    # From three to four in the morning in Shanghai: seven to eight in the evening before, UTC.
    hours = (Hours(days=(0, 1, 2, 3, 4, 5, 6), start=180, end=240),)
    coupon = await bakery.claims(ann, await bakery.offers(hours=hours, timezone="Asia/Shanghai"))
    at_utc(18)
    quote = await bakery.reads(await bakery.code(ann, coupon))
    assert quote.why_not == "not_at_this_hour"
    assert await refused(bakery.redeems(quote.proof)) == "not_at_this_hour"
    at_utc(19)
    assert (await bakery.redeems(await bakery.proof(ann, coupon))).state == "redeemed"


async def test_it_is_used_in_its_time(market: MarketHouse, bakery: Bakery, ann: Payer) -> None:
    later = bakery.now + 2 * DAY_MS
    coupon = await bakery.claims(ann, await bakery.offers(valid_from=later))
    assert (await bakery.reads(await bakery.code(ann, coupon))).why_not == "coupon_too_early"
    market.passes(2 * DAY_MS)
    proof = await bakery.proof(ann, coupon)
    market.passes(8 * DAY_MS)
    assert await refused(bakery.redeems(proof)) == "wrong_proof"


async def test_an_ended_campaign_takes_nothing_off_a_paused_one_does(bakery: Bakery, ann: Payer) -> None:
    campaign = await bakery.offers()
    coupon = await bakery.claims(ann, campaign)
    code = await bakery.code(ann, coupon)
    proof = (await bakery.reads(code)).proof
    await bakery.ends(campaign)
    assert (await bakery.reads(code)).why_not == "campaign_over"
    assert await refused(bakery.redeems(proof)) == "campaign_over"


@pytest.mark.parametrize(
    ("worth", "basket", "why_not"),
    [
        (Worth("amount_off", EUR, amount=300, min_spend=1001), 1000, "below_min_spend"),
        (Worth("percent_off", EUR, percent=1), 99, "nothing_off"),
    ],
)
async def test_a_basket_it_is_not_for(bakery: Bakery, ann: Payer, worth: Worth, basket: int, why_not: str) -> None:
    coupon = await bakery.claims(ann, await bakery.offers(worth))
    quote = await bakery.reads(await bakery.code(ann, coupon), basket)
    assert (quote.why_not, quote.net) == (why_not, basket)
    assert await refused(bakery.redeems(quote.proof, basket)) == why_not
    assert (await bakery.coupon(ann, coupon)).state == "held"


async def test_a_basket_in_another_currency(bakery: Bakery, ann: Payer) -> None:
    coupon = await bakery.claims(ann, await bakery.offers())
    proof = await bakery.proof(ann, coupon)
    assert await refused(bakery.redeems(proof, Money(1000, "CNY"))) == "coupon_currency"


# --- a crash --------------------------------------------------------------------------------------


async def test_what_was_redeemed_stays_so_when_the_house_opens_again(tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        bakery, ann = await open_bakery(market), await market.person("ann", 5000)
        used, held = [await bakery.claims(ann, await bakery.offers()) for _ in range(2)]
        code = await bakery.code(ann, used)
        asked = bakery.asks((await bakery.reads(code)).proof)
        kept = await bakery.proof(ann, held)
        first = await bakery.owner.does(asked)
    async with reopen_market(tmp_path) as again:
        bakery = Bakery(again, await again.again(bakery.owner), bakery.id, (bakery.front, bakery.back))
        asked_of = ReadCoupon(code=code)
        assert await refused(again.coupons.counter.read(bakery.owner.guest.signed, bakery.id, asked_of)) == "code_used"
        assert await bakery.owner.does(asked) == first
        assert (await bakery.redeems(kept)).coupon == held
