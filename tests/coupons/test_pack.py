"""Coupons in people's packs: given from hand to hand, shown to whom they belong, reminded of, and expired."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.chat.content import Notice
from teahouse.clock import DAY_MS, MINUTE_MS
from teahouse.coupons.campaigns import rules as campaign_rules
from teahouse.coupons.pack import rules
from teahouse.coupons.pack.model import Coupon, CouponGiven, GiveCoupon
from teahouse.errors import NotFound, Refusal
from teahouse.people.model import Block
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.rules import KeyReused
from tests.coupons.giving_away import ON_BOTH, all_at_once, claims, coupon_of, gives, open_bakery, pack
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.wallet.house import Payer, new_key


@pytest.fixture
async def market(tmp_path: Path, store_url: str) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path, store=store_url) as opened:
        yield opened


async def refused(error: type[Refusal], story: Any) -> Refusal:
    with pytest.raises(error) as found:
        await story
    return found.value


def chain(coupon: Coupon) -> list[tuple[str, str]]:
    return [(link.person.handle, link.how) for link in coupon.custody]


async def notices(person: Payer) -> list[tuple[str, str]]:
    """What merchants let somebody know: what, and of which coupon."""
    found = []
    for chat in await person.chats():
        contents = [message.content for message in await person.page(chat)]
        found += [(each.what, each.ref) for each in contents if isinstance(each, Notice)]
    return found


async def at_counter(market: MarketHouse, what: str, coupon: str, *more: Any) -> Any:
    """What the counter does with a coupon."""

    def do(tx: Tx) -> Any:
        return getattr(market.coupons.pack, what)(tx, market.coupons.pack.row(tx, coupon), *more)

    return await market.house.store.write(do)


@ON_BOTH
async def test_a_coupon_goes_from_hand_to_hand_and_each_sees_who_had_it_up_to_then(market: MarketHouse) -> None:
    ann, bob, cat, dan = await market.friends("ann", "bob", "cat", "dan")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away()
    group = await bob.opens("group", cat, dan)
    direct = await cat.opens("direct", dan)
    coupon = (await claims(bob, campaign)).coupon
    (held,) = (await pack(bob)).held
    assert (held.id, held.state, held.giver, held.custody) == (coupon, "held", "", ())

    given = await gives(bob, coupon, group, cat)
    (card,) = [each.content for each in await dan.page(group) if each.seq == given.seq]
    assert (card.to, card.coupon, card.state, card.title) == (cat.id, coupon, "given", "Two off")
    assert card.ends_at == held.expires_at
    for each in (bob, cat):
        assert {"type": "coupons.changed", "coupon": coupon} in each.told("coupons.changed")
    market.passes(MINUTE_MS)
    await gives(cat, coupon, direct)

    assert (await pack(bob)).held == () == (await pack(cat)).held
    (at_dan,) = (await pack(dan)).held
    assert (at_dan.giver, at_dan.state) == (cat.id, "held")
    assert [(each.state, each.giver, each.secret) for each in (await pack(bob)).past] == [("given", "", "")]
    assert [(each.state, each.giver) for each in (await pack(cat)).past] == [("given", bob.id)]

    whole = [("bob", "claimed"), ("cat", "given"), ("dan", "given")]
    assert chain(await coupon_of(dan, coupon)) == whole
    assert chain(await coupon_of(cat, coupon)) == whole
    assert chain(await coupon_of(bob, coupon)) == whole[:2]
    assert (await coupon_of(cat, coupon)).giver == bob.id
    await refused(rules.NoSuchCoupon, coupon_of(ann, coupon))
    await refused(rules.NoSuchCoupon, coupon_of(ann, "0" * 16))

    # What became of it after it left their hands, nobody who had it learns.
    await at_counter(market, "redeem", coupon, 200)
    assert [(await coupon_of(each, coupon)).state for each in (bob, cat, dan)] == ["given", "given", "redeemed"]
    assert [(await coupon_of(each, coupon)).discount for each in (bob, cat, dan)] == [0, 0, 200]


async def test_what_comes_back_is_held_again_and_not_gone(market: MarketHouse) -> None:
    ann, bob, cat = await market.friends("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    chat = await bob.opens("direct", cat)
    coupon = (await claims(bob, await bakery.gives_away())).coupon
    await gives(bob, coupon, chat)
    await gives(cat, coupon, chat)
    assert [each.id for each in (await pack(bob)).held] == [coupon]
    assert (await pack(bob)).past == ()
    assert [each.id for each in (await pack(cat)).past] == [coupon]
    assert chain(await coupon_of(bob, coupon)) == [("bob", "claimed"), ("cat", "given"), ("bob", "given")]
    assert chain(await coupon_of(cat, coupon)) == [("bob", "claimed"), ("cat", "given"), ("bob", "given")]


async def test_every_holder_has_another_secret_and_only_the_holder_sees_it(market: MarketHouse) -> None:
    ann, bob, cat = await market.friends("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    chat = await bob.opens("direct", cat)
    coupon = (await claims(bob, await bakery.gives_away())).coupon
    secrets = [(await coupon_of(bob, coupon)).secret]
    for giver, receiver in ((bob, cat), (cat, bob)):
        await gives(giver, coupon, chat)
        secrets.append((await coupon_of(receiver, coupon)).secret)
        assert (await coupon_of(giver, coupon)).secret == ""
    assert len(set(secrets)) == 3
    assert all(len(base64.b32decode(each + "====")) == 32 for each in secrets)
    row = await market.house.store.read(market.coupons.pack.read_row, coupon)
    assert base64.b32decode(secrets[-1] + "====") == market.coupons.pack.secret_of(row)


@ON_BOTH
async def test_two_gifts_of_one_coupon_at_once_are_one(market: MarketHouse) -> None:
    ann, bob, cat, dan = await market.friends("ann", "bob", "cat", "dan")
    bakery = await open_bakery(market, ann)
    group = await bob.opens("group", cat, dan)
    coupon = (await claims(bob, await bakery.gives_away())).coupon
    asked = [GiveCoupon(key=new_key(), coupon=coupon, chat=group, to=each.id) for each in (cat, dan, cat)]
    outcomes = await all_at_once(market.house, [(bob.guest.signed, each) for each in asked])
    assert isinstance(outcomes[0], CouponGiven)
    assert [type(each) for each in outcomes[1:]] == [rules.CouponGone, rules.CouponGone]
    assert [len((await pack(each)).held) for each in (bob, cat, dan)] == [0, 1, 0]
    # The first one's key still has its answer; another body is refused.
    assert await bob.does(asked[0]) == outcomes[0]
    await refused(KeyReused, gives(bob, coupon, group, dan, asked[0].key))


@ON_BOTH
async def test_what_waits_was_used_or_expired_is_not_given(market: MarketHouse) -> None:
    ann, bob, cat = await market.friends("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(per_person=5, refund_back=True)
    chat = await bob.opens("direct", cat)
    coupon = (await claims(bob, campaign)).coupon
    await at_counter(market, "reserve", coupon)
    await refused(rules.CouponWaits, gives(bob, coupon, chat))
    await refused(rules.CouponWaits, at_counter(market, "reserve", coupon))
    assert (await pack(bob)).held[0].state == "reserved"
    await at_counter(market, "release", coupon)
    await at_counter(market, "release", coupon)
    assert (await pack(bob)).held[0].state == "held"
    await at_counter(market, "redeem", coupon, 5)
    await refused(rules.CouponUsed, gives(bob, coupon, chat))
    await refused(rules.CouponUsed, at_counter(market, "redeem", coupon, 5))
    assert await at_counter(market, "give_back", coupon)
    assert not await at_counter(market, "give_back", coupon)
    await gives(bob, coupon, chat)
    await refused(rules.CouponGone, gives(bob, coupon, chat))
    await refused(rules.NoSuchCoupon, gives(ann, coupon, chat))

    late = (await claims(bob, campaign)).coupon
    market.passes(30 * DAY_MS)
    await refused(rules.CouponExpired, gives(bob, late, chat))


@ON_BOTH
async def test_a_redemption_that_is_undone_gives_back_only_where_the_campaign_says_so_and_in_time(
    market: MarketHouse,
) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    kept, back = await bakery.gives_away(refund_back=False), await bakery.gives_away()
    one, other = (await claims(bob, kept)).coupon, (await claims(bob, back)).coupon
    for coupon in (one, other):
        await at_counter(market, "redeem", coupon, 150)
    assert not await at_counter(market, "give_back", one)
    used = await coupon_of(bob, one)
    assert (used.state, used.discount) == ("redeemed", 0)
    # One that waits for its payer may be redeemed after its end; it does not come back then.
    market.passes(31 * DAY_MS)
    assert not await at_counter(market, "give_back", other)
    assert (await coupon_of(bob, other)).state == "expired"


async def test_a_coupon_that_is_reserved_in_time_is_redeemed_after_its_end(market: MarketHouse) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(per_person=2)
    one, other = (await claims(bob, campaign)).coupon, (await claims(bob, campaign)).coupon
    for coupon in (one, other):
        await at_counter(market, "reserve", coupon)
    market.passes(31 * DAY_MS)
    await market.wallet.due.sweep()
    assert (await coupon_of(bob, one)).state == "reserved"
    await at_counter(market, "redeem", one, 100)
    await at_counter(market, "release", other)
    assert [(await coupon_of(bob, each)).state for each in (one, other)] == ["redeemed", "expired"]


async def test_to_whom_a_coupon_may_not_be_given(market: MarketHouse) -> None:
    ann, bob, cat, eve = await market.friends("ann", "bob", "cat", "eve")
    bakery = await open_bakery(market, ann)
    fixed, campaign = await bakery.gives_away(givable=False), await bakery.gives_away()
    group, channel = await bob.opens("group", cat, eve), await bob.opens("channel", cat)
    mine, coupon = (await claims(bob, fixed)).coupon, (await claims(bob, campaign)).coupon
    await refused(rules.NotGivable, gives(bob, mine, group, cat))
    await refused(rules.NotInChannels, gives(bob, coupon, channel, cat))
    await refused(rules.NotAMember, gives(bob, coupon, group, ann))
    await refused(rules.NotAMember, gives(bob, coupon, group, bob))
    await refused(rules.NotAMember, gives(bob, coupon, group))
    await refused(NotFound, gives(bob, coupon, "0" * 16, cat))
    await eve.does(Block(person=bob.id))
    await refused(rules.BlockedBetween, gives(bob, coupon, group, eve))
    # In the direct chat with a merchant there is nobody to give it to.
    with_bakery, _ = await market.house.store.write(
        lambda tx: market.wallet.purse.cards.say(tx, bakery.id, bob.id, Notice(what="order_refunded"))
    )
    await refused(Refusal, gives(bob, coupon, with_bakery))
    await bakery.moves(campaign, "ended")
    await refused(campaign_rules.CampaignOver, gives(bob, coupon, group, cat))
    assert [each.state for each in (await pack(bob)).past] == ["expired"]
    assert [each.id for each in (await pack(bob)).held] == [mine]


@ON_BOTH
async def test_a_holder_is_reminded_once_and_then_it_expires(market: MarketHouse) -> None:
    ann, bob, cat = await market.friends("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(valid_days=10, per_person=3)
    chat = await bob.opens("direct", cat)
    kept, given = (await claims(bob, campaign)).coupon, (await claims(bob, campaign)).coupon
    market.passes(8 * DAY_MS - MINUTE_MS)
    await market.wallet.due.sweep()
    assert await notices(bob) == []
    await gives(bob, given, chat)
    market.passes(MINUTE_MS)
    for _ in range(3):
        await market.wallet.due.sweep()
    assert await notices(bob) == [("coupon_expires", kept)]
    assert await notices(cat) == [("coupon_expires", given)]
    # Who gets it now is not reminded again: it was given to them today.
    await gives(bob, kept, chat)
    market.passes(2 * DAY_MS - MINUTE_MS)
    await market.wallet.due.sweep()
    assert [each.id for each in (await pack(cat)).held] == sorted([kept, given])
    market.passes(MINUTE_MS)
    assert {each.state for each in (await pack(cat)).past} == {"expired"}, "also before the sweep came by"
    before = len(cat.told("coupons.changed"))
    await market.wallet.due.sweep()
    assert len(cat.told("coupons.changed")) == before + 2
    assert (await pack(cat)).held == ()
    assert {each.state for each in (await pack(cat)).past} == {"expired"}
    assert len(await notices(cat)) == 1
    assert len(await notices(bob)) == 1


async def test_nobody_is_reminded_of_what_may_be_used_no_more(market: MarketHouse) -> None:
    ann, bob, cat = await market.friends("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    ended, used, blocked = [await bakery.gives_away(valid_days=5) for _ in range(3)]
    await claims(bob, ended)
    await at_counter(market, "redeem", (await claims(bob, used)).coupon, 1)
    await claims(cat, blocked)
    await cat.does(Block(person=bakery.id))
    await bakery.moves(ended, "ended")
    market.passes(4 * DAY_MS)
    await market.wallet.due.sweep()
    assert await notices(bob) == [] == await notices(cat)


async def test_the_pack_is_sorted_by_what_expires_first(market: MarketHouse) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    wanted = {days: (await claims(bob, await bakery.gives_away(valid_days=days))).coupon for days in (9, 3, 20, 6)}
    assert [each.id for each in (await pack(bob)).held] == [wanted[days] for days in (3, 6, 9, 20)]
    for days in (9, 3):
        market.passes(MINUTE_MS)
        await at_counter(market, "redeem", wanted[days], 10)
    assert [each.id for each in (await pack(bob)).past] == [wanted[3], wanted[9]]


async def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        ann, bob, cat = await market.friends("ann", "bob", "cat")
        bakery = await open_bakery(market, ann)
        campaign = await bakery.gives_away(per_person=3)
        chat = await bob.opens("direct", cat)
        coupons = [(await claims(bob, campaign)).coupon for _ in range(3)]
        await gives(bob, coupons[0], chat)
        await at_counter(market, "reserve", coupons[1])
        before = [await pack(each) for each in (bob, cat)]
    async with reopen_market(tmp_path) as market:
        bob, cat = await market.again(bob), await market.again(cat)
        assert [await pack(each) for each in (bob, cat)] == before
        await refused(campaign_rules.EnoughClaimed, claims(bob, campaign))
        await refused(rules.CouponWaits, gives(bob, coupons[1], chat))
        await gives(cat, coupons[0], chat)
        assert len((await pack(bob)).held) == 3


async def test_what_is_refused_after_a_coupon_was_changed_never_happened(market: MarketHouse) -> None:
    """The counter decides more than the pack does: an order that is refused takes its coupon's redemption back."""
    ann, bob, cat = await market.friends("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away()
    chat = await bob.opens("direct", cat)
    coupon = (await claims(bob, campaign)).coupon

    def redeems_and_refuses(tx: Tx) -> None:
        market.coupons.pack.redeem(tx, market.coupons.pack.row(tx, coupon), 200)
        raise rules.CouponWaits()

    await refused(rules.CouponWaits, market.house.store.write(redeems_and_refuses))
    assert (await coupon_of(bob, coupon)).state == "held"
    await gives(bob, coupon, chat)
    await at_counter(market, "redeem", coupon, 200)
    figures = await market.coupons.campaigns.figures(ann.guest.signed, campaign)
    assert (figures.figures.redeemed, figures.figures.shared, figures.discounts) == (1, 1, 200)
