"""A bakery that gives coupons away, and a crowd that claims them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse import ids
from teahouse.clock import DAY_MS, now_ms
from teahouse.commands import Command, Signed
from teahouse.coupons.campaigns.model import (
    Campaign,
    CampaignMade,
    CampaignShared,
    CreateCampaign,
    SetCampaignState,
    ShareCampaign,
    UpdateCampaign,
    Worth,
)
from teahouse.coupons.pack.model import (
    ClaimCoupon,
    Coupon,
    CouponClaimed,
    CouponGiven,
    CouponPack,
    GiveCoupon,
)
from teahouse.errors import Refusal
from teahouse.house import House
from teahouse.storage.schema import metadata
from teahouse.storage.store import settle
from teahouse.storage.transaction import Tx
from tests.merchants.house import MarketHouse
from tests.wallet.house import EUR, Payer, new_key

TWO_OFF = Worth(offer="amount_off", currency=EUR, amount=200)

ON_BOTH = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
"""For a story that is told on both kinds of store; the others are told on SQLite."""


def draft(merchant: str, **fields: Any) -> CreateCampaign:
    now = now_ms()
    given = {"title": "Two off", "worth": TWO_OFF, "stock": 10, "valid_from": now, "valid_to": now + 30 * DAY_MS}
    return CreateCampaign(key=new_key(), merchant=merchant, **{**given, **fields})


class Bakery:
    def __init__(self, market: MarketHouse, owner: Payer, merchant: str) -> None:
        self.market = market
        self.owner = owner
        self.id = merchant

    async def drafts(self, **fields: Any) -> Campaign:
        made: CampaignMade = await self.owner.does(draft(self.id, **fields))
        return made.campaign

    async def gives_away(self, **fields: Any) -> str:
        """A campaign that is live; its id."""
        campaign = await self.drafts(**fields)
        await self.moves(campaign.id, "live")
        return campaign.id

    async def moves(self, campaign: str, state: Any) -> Campaign:
        made: CampaignMade = await self.owner.does(SetCampaignState(campaign=campaign, state=state))
        return made.campaign

    async def changes(self, campaign: str, **fields: Any) -> Campaign:
        made: CampaignMade = await self.owner.does(UpdateCampaign(campaign=campaign, **fields))
        return made.campaign

    async def sees(self, campaign: str) -> Campaign:
        return await self.market.coupons.campaigns.campaign(self.owner.guest.signed, campaign)


async def open_bakery(market: MarketHouse, owner: Payer) -> Bakery:
    return Bakery(market, owner, (await market.shop(owner)).merchant.person.id)


def market_of(person: Payer) -> MarketHouse:
    assert isinstance(person.purse, MarketHouse)
    return person.purse


async def claims(person: Payer, campaign: str, key: str = "") -> CouponClaimed:
    claimed: CouponClaimed = await person.does(ClaimCoupon(key=key or new_key(), campaign=campaign))
    return claimed


async def gives(person: Payer, coupon: str, chat: str, to: Payer | None = None, key: str = "") -> CouponGiven:
    fields = {"to": to.id} if to else {}
    given: CouponGiven = await person.does(GiveCoupon(key=key or new_key(), coupon=coupon, chat=chat, **fields))
    return given


async def shares(person: Payer, campaign: str, chat: str) -> int:
    shared: CampaignShared = await person.does(ShareCampaign(chat=chat, campaign=campaign))
    return shared.seq


async def pack(person: Payer) -> CouponPack:
    return await market_of(person).coupons.pack.pack(person.guest.signed)


async def coupon_of(person: Payer, coupon: str) -> Coupon:
    return await market_of(person).coupons.pack.coupon(person.guest.signed, coupon)


async def crowd(market: MarketHouse, count: int) -> list[Signed]:
    """People by the thousand, straight into the store: their passwords would take longer than the story."""

    def add(tx: Tx) -> list[Signed]:
        signed, table = [Signed(ids.new_id(), "device") for _ in range(count)], metadata.tables["person"]
        rows = [
            {"id": each.person, "handle": f"guest{n}", "name": f"Guest {n}", "operator": False, "created_at": tx.now}
            for n, each in enumerate(signed)
        ]
        tx.connection.execute(sa.insert(table), rows)
        return signed

    return await market.house.store.write(add)


async def all_at_once(house: House, asked: Sequence[tuple[Signed, Command]]) -> list[Any]:
    """Send all within one instant; return each one's answer or refusal."""
    loop = asyncio.get_running_loop()
    answers = [loop.create_future() for _ in asked]
    jobs = zip(asked, answers, strict=True)
    house.submit([house.job(signed, command, settle(answer)) for (signed, command), answer in jobs])
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    assert all(isinstance(each, Refusal) or not isinstance(each, BaseException) for each in outcomes), outcomes
    return outcomes
