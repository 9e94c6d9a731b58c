"""A flash sale: more people than coupons, all at once, again and again, across restarts; and red packets that bring
coupons along."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.clock import DAY_MS, now_ms
from teahouse.coupons.campaigns import rules
from teahouse.coupons.campaigns import state as campaign_state
from teahouse.coupons.campaigns import store as campaign_store
from teahouse.coupons.campaigns.model import UpdateCampaign
from teahouse.coupons.pack import store
from teahouse.coupons.pack.model import ClaimCoupon, CouponClaimed
from teahouse.errors import NotFound, Refusal
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.packets.model import OpenPacket, PacketOpened, SendPacket
from tests.coupons.giving_away import ON_BOTH, all_at_once, claims, crowd, open_bakery, pack
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.wallet.house import Payer, eur, new_key


@pytest.fixture
async def market(tmp_path: Path, store_url: str) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path, store=store_url) as opened:
        yield opened


async def refused(error: type[Refusal], story: Any) -> Refusal:
    with pytest.raises(error) as found:
        await story
    return found.value


async def rows_of(market: MarketHouse, campaign: str) -> list[Any]:
    return await market.rows(sa.select(store.coupons).where(store.coupons.c.campaign == campaign))


@ON_BOTH
async def test_a_flash_sale_is_never_over_its_stock_whatever_is_repeated_and_restarted(
    tmp_path: Path, store_url: str
) -> None:
    chance = random.Random(20261126)
    answers: dict[str, CouponClaimed] = {}
    campaign = ""

    async def wave(market: MarketHouse, asked: list[Any]) -> None:
        """Send these, some of them twice, in any order; the same key always has the same answer."""
        asked = [*asked, *chance.sample(asked, len(asked) // 10)]
        chance.shuffle(asked)
        for (_who, command), answer in zip(asked, await all_at_once(market.house, asked), strict=True):
            if isinstance(answer, CouponClaimed):
                assert answers.setdefault(command.key, answer) == answer
            else:
                assert isinstance(answer, rules.CampaignEmpty | rules.EnoughClaimed), answer
                assert command.key not in answers, "what was claimed stays claimed"

    async with open_market(tmp_path, store=store_url) as market:
        ann = await market.person("ann")
        bakery = await open_bakery(market, ann)
        campaign = await bakery.gives_away(stock=500, per_person=1)
        people = await crowd(market, 1000)
        # Each asks twice, with two keys: one is enough.
        wishes = [(each, ClaimCoupon(key=new_key(), campaign=campaign)) for each in people for _ in range(2)]
        chance.shuffle(wishes)
        await wave(market, wishes[:400])
    for part in (wishes[:900], wishes[300:]):
        async with reopen_market(tmp_path, store=store_url) as market:
            await wave(market, part)
            rows = await rows_of(market, campaign)
            assert len(rows) == len({row.claimer for row in rows}) == len(answers)
    assert len(answers) == 500
    async with reopen_market(tmp_path, store=store_url) as market:
        await wave(market, wishes)
        rows = await rows_of(market, campaign)
        assert {row.id for row in rows} == {each.coupon for each in answers.values()}
        (row,) = await market.rows(sa.select(campaign_store.campaigns).where(campaign_store.campaigns.c.id == campaign))
        assert row.claimed == 500
        (day,) = await market.rows(sa.select(campaign_store.days))
        assert day.claimed == 500


async def test_one_person_claims_as_many_as_they_may_at_once(market: MarketHouse) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(per_person=3)
    asked = [(bob.guest.signed, ClaimCoupon(key=new_key(), campaign=campaign)) for _ in range(10)]
    outcomes = await all_at_once(market.house, asked)
    assert sum(isinstance(each, CouponClaimed) for each in outcomes) == 3
    assert {each.code for each in outcomes if isinstance(each, Refusal)} == {"enough_claimed"}
    seen = await market.coupons.campaigns.campaign(bob.guest.signed, campaign)
    assert (seen.mine, seen.left, len((await pack(bob)).held)) == (3, 7, 3)
    assert len(bob.told("coupons.changed")) == 3


@ON_BOTH
async def test_a_claim_that_is_repeated_is_one_and_another_body_is_refused(market: MarketHouse) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    one, other = await bakery.gives_away(stock=1), await bakery.gives_away()
    key = new_key()
    first = await claims(bob, one, key)
    assert await claims(bob, one, key) == first
    await refused(KeyReused, claims(bob, other, key))
    # Somebody else's key of the same letters is theirs.
    assert (await claims(ann, other, key)).left == 9
    assert (await claims(bob, other)).left == 8


async def test_who_may_not_claim_is_told_why(market: MarketHouse) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    made = await bakery.drafts(stock=1)
    await refused(rules.NoSuchCampaign, claims(bob, made.id))
    await refused(rules.NoSuchCampaign, claims(bob, "0" * 16))
    await bakery.moves(made.id, "live")
    await bakery.moves(made.id, "paused")
    await refused(rules.CampaignPaused, claims(bob, made.id))
    await bakery.moves(made.id, "live")
    await claims(ann, made.id)
    await refused(rules.CampaignEmpty, claims(bob, made.id))
    await refused(rules.EnoughClaimed, claims(ann, made.id))
    await bakery.moves(made.id, "ended")
    await refused(rules.CampaignOver, claims(bob, made.id))
    short = await bakery.gives_away()
    market.passes(31 * DAY_MS)
    await refused(rules.CampaignOver, claims(bob, short))


async def test_a_coupon_is_good_from_its_campaigns_begin_for_so_many_days(market: MarketHouse) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    begins = now_ms() + 5 * DAY_MS
    campaign = await bakery.gives_away(valid_from=begins, valid_to=begins + 10 * DAY_MS, valid_days=3, per_person=3)
    assert (await claims(bob, campaign)).expires_at == begins + 3 * DAY_MS
    (held,) = (await pack(bob)).held
    assert held.starts_at == begins
    market.passes(14 * DAY_MS)
    assert (await claims(bob, campaign)).expires_at == begins + 10 * DAY_MS


@ON_BOTH
async def test_more_claimers_than_memory_keeps_are_asked_of_the_store(
    market: MarketHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_state, "CLAIMERS_MAX", 5)
    ann = await market.person("ann")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(stock=100, per_person=2)
    people = await crowd(market, 20)
    asked = [(each, ClaimCoupon(key=new_key(), campaign=campaign)) for _ in range(4) for each in people]
    outcomes = await all_at_once(market.house, asked)
    assert sum(isinstance(each, CouponClaimed) for each in outcomes) == 40
    counts = [row.claimer for row in await rows_of(market, campaign)]
    assert all(counts.count(each.person) == 2 for each in people)


async def test_campaigns_that_are_not_in_memory_are_read_again(
    market: MarketHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_state, "CAMPAIGNS_MAX", 1)
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    one, other = await bakery.gives_away(stock=3, per_person=2), await bakery.gives_away(stock=3, per_person=2)
    asked = [(bob.guest.signed, ClaimCoupon(key=new_key(), campaign=each)) for each in (one, other) * 4]
    outcomes = await all_at_once(market.house, asked)
    assert sum(isinstance(each, CouponClaimed) for each in outcomes) == 4
    assert {len(await rows_of(market, each)) for each in (one, other)} == {2}


@ON_BOTH
async def test_a_failing_group_takes_back_what_memory_said(market: MarketHouse) -> None:
    """A key twice in one group fails its append; the group is decided again with care, and each claim happens once."""
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(stock=5, per_person=5)
    asked: list[Any] = [(bob.guest.signed, ClaimCoupon(key=new_key(), campaign=campaign)) for _ in range(3)]
    asked += [asked[0], (ann.guest.signed, UpdateCampaign(campaign=campaign, stock=6)), asked[1]]
    outcomes = await all_at_once(market.house, asked)
    assert outcomes[3] == outcomes[0]
    assert outcomes[5] == outcomes[1]
    assert outcomes[4].campaign.left == 3
    assert len(await rows_of(market, campaign)) == 3
    assert (await bakery.sees(campaign)).left == 3
    assert (await claims(bob, campaign)).left == 2


# --- with red packets ------------------------------------------------------------------------------


async def drops(person: Payer, chat: str, amount: int, count: int, campaign: str, key: str = "") -> Any:
    approval = await person.approves(amount)
    command = SendPacket(
        key=key or new_key(), chat=chat, amount=eur(amount), count=count, approval=approval, campaign=campaign
    )
    return await person.does(command)


@ON_BOTH
async def test_a_red_packet_brings_a_coupon_to_each_who_opens_it_while_there_are_any(market: MarketHouse) -> None:
    ann, bob, cat, dan = await market.friends("ann", "bob", "cat", "dan")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(stock=2)
    group = await ann.opens("group", bob, cat, dan)
    await claims(bob, campaign)
    sent = await drops(ann, group, 900, 4, campaign)
    (content,) = [each.content for each in await bob.page(group) if each.seq == sent.seq]
    assert content.coupon == "Two off"

    opened: dict[str, PacketOpened] = {}
    for each in (bob, cat, dan):
        opened[each.id] = await each.does(OpenPacket(packet=sent.packet))
        assert await each.does(OpenPacket(packet=sent.packet)) == PacketOpened(
            amount=opened[each.id].amount,
            currency="EUR",
            opened=len(opened),
            count=4,
            coupon=opened[each.id].coupon,
        )
    # Bob has his already, and for Dan none is left: both have their money all the same.
    assert [bool(opened[each.id].coupon) for each in (bob, cat, dan)] == [False, True, False]
    assert [each.id for each in (await pack(cat)).held] == [opened[cat.id].coupon]
    assert all(each.amount > 0 for each in opened.values())
    (content,) = [each.content for each in await bob.page(group) if each.seq == sent.seq]
    assert (content.coupon, content.opened) == ("Two off", 3)


async def test_a_packets_coupons_come_along_after_a_restart_too(tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        ann, bob, cat = await market.friends("ann", "bob", "cat")
        bakery = await open_bakery(market, ann)
        campaign = await bakery.gives_away()
        group = await ann.opens("group", bob, cat)
        sent = await drops(ann, group, 900, 3, campaign)
        first: PacketOpened = await bob.does(OpenPacket(packet=sent.packet))
    async with reopen_market(tmp_path) as market:
        bob, cat = await market.again(bob), await market.again(cat)
        assert (await bob.does(OpenPacket(packet=sent.packet))).coupon == first.coupon != ""
        assert (await cat.does(OpenPacket(packet=sent.packet))).coupon
        assert len(await rows_of(market, campaign)) == 2


async def test_only_staff_put_coupons_into_a_packet_and_only_of_a_live_campaign(market: MarketHouse) -> None:
    ann, bob = await market.friends("ann", "bob")
    bakery = await open_bakery(market, ann)
    campaign, other = await bakery.gives_away(), (await bakery.drafts()).id
    chat = await ann.opens("group", bob)
    await refused(NotFound, drops(bob, chat, 100, 1, campaign))
    await refused(rules.NoSuchCampaign, drops(ann, chat, 100, 1, other))
    await refused(rules.NoSuchCampaign, drops(ann, chat, 100, 1, "0" * 16))
    await bakery.moves(campaign, "paused")
    await refused(rules.CampaignPaused, drops(ann, chat, 100, 1, campaign))
    assert await ann.has() == await bob.has() == 10_000


async def test_a_crowd_opens_a_packet_with_fewer_coupons_than_shares(market: MarketHouse) -> None:
    ann = await market.person("ann", 10_000)
    friends = [await market.person(f"guest{number}", pin=False) for number in range(12)]
    for each in friends:
        await ann.meets(each)
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(stock=5)
    group = await ann.opens("group", *friends)
    sent = await drops(ann, group, 1200, 12, campaign)
    asked: list[Any] = [(each.guest.signed, OpenPacket(packet=sent.packet)) for each in friends]
    asked += [(each.guest.signed, ClaimCoupon(key=new_key(), campaign=campaign)) for each in friends[6:]]
    outcomes = await all_at_once(market.house, asked)
    shares = [each for each in outcomes if isinstance(each, PacketOpened)]
    assert sum(each.amount for each in shares) == 1200
    given = sum(bool(each.coupon) for each in shares) + sum(isinstance(each, CouponClaimed) for each in outcomes)
    assert given == 5 == len(await rows_of(market, campaign))
