"""Campaigns are drafted, go live, pause and end; their cards in chats say so; their figures are what happened."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from teahouse.clock import DAY_MS, SECOND_MS, now_ms
from teahouse.coupons.campaigns import rules, store
from teahouse.coupons.campaigns.model import Campaign, CampaignFigures, Figures, Hours, SetCampaignState, Worth
from teahouse.coupons.campaigns.sharing import AT_ONCE
from teahouse.errors import Forbidden, NotFound, Refusal
from teahouse.merchants.accounts.model import AddCounter, OpenMerchant, SetStaff
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.purse import NoSuchCurrency
from tests.coupons.giving_away import ON_BOTH, Bakery, claims, draft, gives, open_bakery, shares
from tests.merchants.house import MarketHouse, open_market
from tests.wallet.house import Payer, new_key


@pytest.fixture
async def market(tmp_path: Path, store_url: str) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path, store=store_url) as opened:
        yield opened


async def sees(person: Payer, market: MarketHouse, campaign: str) -> Campaign:
    return await market.coupons.campaigns.campaign(person.guest.signed, campaign)


async def figures(bakery: Bakery, campaign: str) -> CampaignFigures:
    return await bakery.market.coupons.campaigns.figures(bakery.owner.guest.signed, campaign)


async def card(person: Payer, chat: str, seq: int) -> Any:
    (content,) = [each.content for each in await person.page(chat) if each.seq == seq]
    return content


async def refused(error: type[Refusal], story: Any) -> Refusal:
    with pytest.raises(error) as found:
        await story
    return found.value


@ON_BOTH
async def test_a_manager_drafts_a_campaign_and_lets_people_have_it(market: MarketHouse) -> None:
    ann, bob, cat = await market.people("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    await ann.does(SetStaff(merchant=bakery.id, person=cat.id, role="cashier"))
    counter = (await ann.does(AddCounter(merchant=bakery.id, name="Window"))).counter
    made = await bakery.drafts(
        title=" Buns\x00for two ",
        worth=Worth("buy_x_get_y", "EUR", amount=120, item=" Bun ", buy=1, get=1),
        counters=(counter.id, counter.id),
        hours=(Hours((0, 1, 2), 480, 720),),
        timezone="Europe/Berlin",
        terms="One a day.\n Not on Sundays.",
    )
    assert (made.title, made.worth.item, made.state, made.left) == ("Buns for two", "Bun", "draft", 10)
    assert (made.counters, made.counter_ids) == (("Window",), (counter.id,))
    assert made.terms == "One a day.\nNot on Sundays."
    assert made.url.endswith(f"/c/{made.id}")
    assert made.figures == Figures(issued=10, claimed=0, shared=0, redeemed=0)

    # To others a draft is not there; to those who work there it is, though only managers may change it.
    await refused(rules.NoSuchCampaign, sees(bob, market, made.id))
    await refused(rules.NoSuchCampaign, claims(bob, made.id))
    assert (await sees(cat, market, made.id)).state == "draft"
    await refused(Forbidden, cat.does(SetCampaignState(campaign=made.id, state="live")))
    await refused(NotFound, bob.does(SetCampaignState(campaign=made.id, state="live")))
    await refused(Forbidden, cat.does(draft(bakery.id)))
    await refused(NotFound, bob.does(draft(bakery.id)))
    assert await market.coupons.campaigns.of(bob.guest.signed, bakery.id) == ()

    await bakery.moves(made.id, "live")
    shown = await sees(bob, market, made.id)
    assert (shown.state, shown.counters, shown.counter_ids, shown.figures) == ("live", ("Window",), (), None)
    assert shown.merchant.name == "The Bakery"
    newer = await bakery.drafts()
    assert [each.id for each in await market.coupons.campaigns.of(bob.guest.signed, bakery.id)] == [made.id]
    assert [each.id for each in await market.coupons.campaigns.of(ann.guest.signed, bakery.id)] == [newer.id, made.id]


async def test_a_repeated_draft_is_one_and_a_bad_one_is_none(market: MarketHouse) -> None:
    ann = await market.person("ann")
    bakery = await open_bakery(market, ann)
    command = draft(bakery.id)
    assert await ann.does(command) == await ann.does(command)
    await refused(KeyReused, ann.does(msgspec.structs.replace(command, title="Another")))
    now = now_ms()
    for error, fields in (
        (rules.TitleNeeded, {"title": " \x00 "}),
        (rules.BadWorth, {"worth": Worth("cash", "EUR")}),
        (NoSuchCurrency, {"worth": Worth("cash", "XTS", amount=1)}),
        (rules.BadWindow, {"valid_from": now, "valid_to": now}),
        (rules.BadWindow, {"valid_from": 0, "valid_to": now}),
        (rules.BadTimezone, {"timezone": "Mars/Olympus"}),
        (NotFound, {"counters": ("0" * 16,)}),
    ):
        await refused(error, bakery.drafts(**fields))
    assert len(await market.coupons.campaigns.of(ann.guest.signed, bakery.id)) == 1


async def test_a_merchant_that_waits_for_the_operator_drafts_but_gives_nothing_away(market: MarketHouse) -> None:
    ann = await market.person("ann")
    opened = await ann.does(OpenMerchant(key=new_key(), handle="cafe", name="The Cafe", category="food"))
    cafe = Bakery(market, ann, opened.shop.merchant.person.id)
    made = await cafe.drafts()
    await refused(Refusal, cafe.moves(made.id, "live"))
    await market.lets_in(cafe.id)
    assert (await cafe.moves(made.id, "live")).state == "live"


@ON_BOTH
async def test_what_people_claimed_is_held_to_its_word(market: MarketHouse) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    made = await bakery.drafts(stock=5)
    assert (await bakery.changes(made.id, stock=1, per_person=3, worth=Worth("cash", "EUR", amount=5))).left == 1
    await bakery.moves(made.id, "live")
    await claims(bob, made.id)
    await bakery.moves(made.id, "paused")
    found = await refused(rules.CampaignFixed, bakery.changes(made.id, per_person=9, givable=False, title="New"))
    assert found.fields["fields"] == ["givable", "per_person"]
    for fields in ({"valid_to": made.valid_to - 1}, {"worth": Worth("cash", "EUR", amount=4)}):
        await refused(rules.CampaignFixed, bakery.changes(made.id, **fields))
    # The same again is no change.
    same = await bakery.changes(made.id, per_person=3, stock=1, title="Two off")
    assert (same.left, same.per_person) == (0, 3)
    later = await bakery.changes(made.id, stock=2, valid_to=made.valid_to + DAY_MS, title="Three", terms="None")
    assert (later.left, later.title, later.valid_to) == (1, "Three", made.valid_to + DAY_MS)
    await bakery.moves(made.id, "live")
    assert (await claims(bob, made.id)).left == 0
    await bakery.moves(made.id, "ended")
    await refused(rules.CampaignOver, bakery.changes(made.id, title="Four"))
    await refused(rules.BadMove, bakery.moves(made.id, "live"))
    assert (await bakery.moves(made.id, "ended")).state == "ended"


@ON_BOTH
async def test_a_card_is_shared_by_anybody_who_may_write_and_says_when_none_are_left(market: MarketHouse) -> None:
    ann, bob, cat = await market.friends("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(stock=1)
    group = await bob.opens("group", cat)
    channel = await ann.opens("channel")
    direct = await bob.opens("direct", ann)
    in_group, in_channel = await shares(bob, campaign, group), await shares(ann, campaign, channel)
    shown = await card(cat, group, in_group)
    assert (shown.name, shown.title, shown.amount, shown.currency) == ("The Bakery", "Two off", 200, "EUR")
    assert (shown.campaign, shown.merchant, shown.state, shown.coupon) == (campaign, bakery.id, "open", "")
    await refused(NotFound, shares(ann, campaign, group))
    draft_one = await bakery.drafts()
    await refused(rules.NoSuchCampaign, shares(bob, draft_one.id, group))

    await claims(cat, campaign)
    assert (await card(cat, group, in_group)).state == "empty"
    assert (await card(ann, channel, in_channel)).state == "empty"
    changed = [told["message"]["content"]["state"] for told in bob.told("message.changed")]
    assert changed == ["empty"]
    await refused(rules.CampaignEmpty, shares(bob, campaign, direct))

    await bakery.changes(campaign, stock=2)
    assert (await card(cat, group, in_group)).state == "open"
    await bakery.moves(campaign, "paused")
    assert (await card(cat, group, in_group)).state == "open"
    await refused(rules.CampaignPaused, shares(bob, campaign, direct))
    await bakery.moves(campaign, "ended")
    assert (await card(cat, group, in_group)).state == "ended"


async def test_more_cards_than_one_group_rewrites_are_done_by_the_sweep(market: MarketHouse) -> None:
    ann = await market.person("ann")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away()
    chat = await ann.opens("group")
    seqs = [await shares(ann, campaign, chat) for _ in range(AT_ONCE + 5)]
    await bakery.moves(campaign, "ended")
    states = [(await card(ann, chat, seq)).state for seq in seqs]
    assert states.count("ended") == AT_ONCE
    await market.wallet.due.sweep()
    assert [(await card(ann, chat, seq)).state for seq in seqs] == ["ended"] * len(seqs)
    assert await market.house.store.write(market.coupons.campaigns.sharing.sweep, 100) == 0


@ON_BOTH
async def test_only_the_newest_cards_are_remembered(market: MarketHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CARDS_MAX", 3)
    ann = await market.person("ann")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away()
    chat = await ann.opens("group")
    seqs = []
    for _ in range(5):
        market.passes(1)
        seqs.append(await shares(ann, campaign, chat))
    kept = {row.seq for row in await market.rows(store.cards.select())}
    assert set(seqs[3:]) <= kept <= set(seqs[2:])


@ON_BOTH
async def test_figures_are_what_happened_day_by_day(market: MarketHouse) -> None:
    ann, bob, cat = await market.friends("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away(per_person=3, valid_days=4)
    chat = await bob.opens("group", cat)
    first = await claims(bob, campaign)
    await claims(bob, campaign)
    await gives(bob, first.coupon, chat, cat)
    market.passes(DAY_MS)
    third = await claims(bob, campaign)

    def redeem(tx: Any) -> None:
        market.coupons.pack.redeem(tx, market.coupons.pack.row(tx, third.coupon), 150)

    await market.house.store.write(redeem)
    found = await figures(bakery, campaign)
    assert found.figures == Figures(issued=10, claimed=3, shared=1, redeemed=1)
    assert (found.held, found.expired, found.discounts) == (2, 0, 150)
    assert [(day.claimed, day.shared, day.redeemed) for day in found.days] == [(2, 1, 0), (1, 0, 1)]
    assert found.days[0].day < found.days[1].day

    market.passes(3 * DAY_MS)
    assert ((await figures(bakery, campaign)).held, (await figures(bakery, campaign)).expired) == (0, 2)
    await market.wallet.due.sweep()
    assert ((await figures(bakery, campaign)).held, (await figures(bakery, campaign)).expired) == (0, 2)

    def undo(tx: Any) -> bool:
        return market.coupons.pack.give_back(tx, market.coupons.pack.row(tx, third.coupon))

    market.passes(-2 * DAY_MS)
    assert await market.house.store.write(undo)
    found = await figures(bakery, campaign)
    assert (found.figures.redeemed, found.discounts, found.held) == (0, 0, 1)
    assert [day.redeemed for day in found.days] == [0, 0]
    await refused(NotFound, market.coupons.campaigns.figures(bob.guest.signed, campaign))


async def test_staff_are_told_of_changes_but_not_of_each_claim(market: MarketHouse) -> None:
    ann, bob, cat = await market.people("ann", "bob", "cat")
    bakery = await open_bakery(market, ann)
    await ann.does(SetStaff(merchant=bakery.id, person=cat.id, role="cashier"))
    campaign = await bakery.gives_away(per_person=10)
    stopped = now_ms() + 2 * SECOND_MS
    market.house.store.writer.clock = lambda: stopped
    before = len(cat.told("campaign.changed"))
    for _ in range(4):
        await claims(bob, campaign)
    assert len(cat.told("campaign.changed")) == before + 1
    # What came within the second is told once it is over.
    market.passes(3 * SECOND_MS)
    await market.wallet.due.sweep()
    told = cat.told("campaign.changed")
    assert len(told) == before + 2
    assert told[-1] == {"type": "campaign.changed", "campaign": campaign, "merchant": bakery.id}
    await market.wallet.due.sweep()
    assert len(cat.told("campaign.changed")) == before + 2
    assert bob.told("campaign.changed") == []


async def test_a_campaign_has_a_picture(market: MarketHouse) -> None:
    ann, bob = await market.people("ann", "bob")
    bakery = await open_bakery(market, ann)
    campaign = await bakery.gives_away()
    chat = await ann.opens("group")
    seq = await shares(ann, campaign, chat)
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(drawn, "PNG")
    room = market.coupons.campaigns
    await refused(NotFound, room.set_picture(bob.guest.signed, campaign, drawn.getvalue()))
    first = (await room.set_picture(ann.guest.signed, campaign, drawn.getvalue())).picture
    assert (await card(ann, chat, seq)).picture == first != ""
    second = (await room.set_picture(ann.guest.signed, campaign, drawn.getvalue())).picture
    pictures = market.tea.opened.people.pictures
    assert pictures.read(second, 96)
    with pytest.raises(NotFound):
        pictures.read(first, 96)
