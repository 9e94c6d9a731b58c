"""Splits: one paid, the others pay their shares back, and a card in the chat shows who has."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.bills.splits import rules
from teahouse.bills.splits.model import AskedShare, CloseSplit, MakeSplit, PaySplit, SplitMade, SplitPaid
from teahouse.errors import NotFound
from teahouse.wallet.guard.rules import ApprovalNeeded
from teahouse.wallet.ledger.rules import InsufficientFunds, KeyReused
from tests.merchants.house import MarketHouse, open_market
from tests.wallet.house import Payer, eur, new_key


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path) as opened:
        yield opened


async def asks(maker: Payer, chat: str, total: int, shares: dict[str, int], **fields: Any) -> SplitMade:
    asked = tuple(AskedShare(person=person, amount=amount) for person, amount in shares.items())
    command = MakeSplit(
        key=fields.pop("key", new_key()), chat=chat, title="Electricity", total=eur(total), shares=asked, **fields
    )
    made: SplitMade = await maker.does(command)
    return made


async def pays(payer: Payer, split: str, amount: int, key: str = "") -> SplitPaid:
    paid: SplitPaid = await payer.does(
        PaySplit(key=key or new_key(), split=split, approval=await payer.approves(amount))
    )
    return paid


async def card(payer: Payer, made: SplitMade) -> Any:
    page = await payer.page(made.chat)
    return next(message.content for message in page if message.seq == made.seq)


async def test_a_bill_is_shared_among_three(market: MarketHouse) -> None:
    ann, ben, cat = await market.friends("ann", "ben", "cat")
    group = await ann.opens("group", ben, cat, name="Flat")
    made = await asks(ann, group, 9_001, {ben.id: 3_000, cat.id: 3_000})
    assert [(share.person, share.paid) for share in (await card(cat, made)).shares] == [
        (ben.id, False),
        (cat.id, False),
    ]

    await pays(ben, made.split, 3_000)
    assert await ben.has() == 7_000
    assert await ann.has() == 13_000
    assert [share.paid for share in (await card(cat, made)).shares] == [True, False]
    assert (await card(cat, made)).state == "open"

    await pays(cat, made.split, 3_000)
    assert (await card(ann, made)).state == "settled"
    seen = await market.bills.splits.split(ben.guest.signed, made.split)
    assert seen.maker.id == ann.id
    assert all(share.paid_at for share in seen.shares)

    entries = await market.wallet.history.entries(
        ben.guest.signed, "EUR", before=0, limit=5, kinds="", direction="", month=""
    )
    assert entries.entries[0].kind == "split"
    assert entries.entries[0].note == "Electricity"
    assert entries.entries[0].other == ann.id
    assert (entries.entries[0].chat, entries.entries[0].seq) == (group, made.seq)


async def test_a_share_is_paid_once(market: MarketHouse) -> None:
    ann, ben = await market.friends("ann", "ben")
    chat = await ann.meets(ben)
    made = await asks(ann, chat, 1_000, {ben.id: 500})
    key = new_key()
    first = await pays(ben, made.split, 500, key)
    assert await pays(ben, made.split, 500, key) == first, "a repeat gets the first answer"
    with pytest.raises(rules.SharePaid):
        await pays(ben, made.split, 500)
    assert await ben.has() == 9_500


async def test_who_may_pay_and_close(market: MarketHouse) -> None:
    ann, ben, cat = await market.friends("ann", "ben", "cat")
    dan = await market.person("dan", 10_000)
    group = await ann.opens("group", ben, cat, name="Flat")
    made = await asks(ann, group, 2_000, {ben.id: 500})
    with pytest.raises(rules.NotAsked):
        await pays(cat, made.split, 500)
    with pytest.raises(NotFound):
        await pays(dan, made.split, 500)
    with pytest.raises(NotFound):
        await market.bills.splits.split(dan.guest.signed, made.split)
    with pytest.raises(rules.NotYourSplit):
        await ben.does(CloseSplit(split=made.split))
    with pytest.raises(ApprovalNeeded):
        await ben.does(PaySplit(key=new_key(), split=made.split, approval="none"))
    with pytest.raises(ApprovalNeeded):
        await pays(ben, made.split, 400)
    await ann.does(CloseSplit(split=made.split))
    await ann.does(CloseSplit(split=made.split))
    with pytest.raises(rules.SplitOver):
        await pays(ben, made.split, 500)
    assert (await card(ben, made)).state == "closed"
    assert await ben.has() == 10_000


async def test_what_may_be_asked(market: MarketHouse) -> None:
    ann, ben = await market.friends("ann", "ben")
    dan = await market.person("dan")
    chat = await ann.meets(ben)
    for total, shares in (
        (1_000, {ann.id: 500}),
        (1_000, {dan.id: 500}),
        (1_000, {ben.id: 1_001}),
    ):
        with pytest.raises(rules.BadShares):
            await asks(ann, chat, total, shares)
    channel = await ann.opens("channel", ben, name="News")
    with pytest.raises(rules.NotInChannels):
        await asks(ann, channel, 1_000, {ben.id: 500})
    with pytest.raises(rules.NotYourBill):
        await asks(ann, chat, 1_000, {ben.id: 500}, payment="aaaaaaaaaaaaaaaa")
    key = new_key()
    first = await asks(ann, chat, 1_000, {ben.id: 500}, key=key)
    assert await asks(ann, chat, 1_000, {ben.id: 500}, key=key) == first
    with pytest.raises(KeyReused):
        await asks(ann, chat, 1_000, {ben.id: 501}, key=key)


async def test_without_money_nothing_moves(market: MarketHouse) -> None:
    ann, ben = await market.friends("ann", "ben", funds=100)
    made = await asks(ann, await ann.meets(ben), 1_000, {ben.id: 500})
    with pytest.raises(InsufficientFunds):
        await pays(ben, made.split, 500)
    assert [share.paid for share in (await card(ben, made)).shares] == [False]
    await market.fund(ben.id, 400)
    await pays(ben, made.split, 500)
    assert await ann.has() == 600
