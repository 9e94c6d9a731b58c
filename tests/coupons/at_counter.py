"""What tests of the counter share: a bakery with two counters and its staff, campaigns, and people with coupons."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from teahouse.coupons.campaigns.model import CampaignMade, CreateCampaign, SetCampaignState, Worth
from teahouse.coupons.counter import codes
from teahouse.coupons.counter.model import CouponRedeemed, Quote, ReadCoupon, RedeemCoupon, Redemption
from teahouse.coupons.pack.model import ClaimCoupon, Coupon, CouponClaimed, GiveCoupon
from teahouse.errors import Refusal
from teahouse.merchants.accounts.model import AddCounter, SetStaff
from teahouse.merchants.orders.model import Order
from teahouse.money import Money
from teahouse.wallet.ledger.audit import Audit
from teahouse.wallet.payments.model import PayCharge
from tests.merchants.house import MarketHouse
from tests.wallet.house import EUR, Payer, eur, new_key

DAY_MS = 86_400_000
THREE_OFF = Worth("amount_off", EUR, amount=300, min_spend=500)


class Bakery:
    """A merchant that sells, with a front and a back counter; its owner redeems, as cashiers do."""

    def __init__(self, market: MarketHouse, owner: Payer, merchant: str, counters: tuple[str, ...]) -> None:
        self.market = market
        self.owner = owner
        self.id = merchant
        self.front, self.back = counters

    @property
    def now(self) -> int:
        return self.market.house.store.writer.clock()

    async def hires(self, person: Payer, role: Any = "cashier") -> Payer:
        await self.owner.does(SetStaff(merchant=self.id, person=person.id, role=role))
        return person

    async def offers(self, worth: Worth = THREE_OFF, **fields: Any) -> str:
        """Return a campaign that is live from now on for ten days."""
        given = {"stock": 100, "per_person": 10, "valid_from": self.now, "valid_to": self.now + 10 * DAY_MS, **fields}
        asked = CreateCampaign(key=new_key(), merchant=self.id, title="Three off", worth=worth, **given)
        made: CampaignMade = await self.owner.does(asked)
        await self.owner.does(SetCampaignState(campaign=made.campaign.id, state="live"))
        return made.campaign.id

    async def ends(self, campaign: str) -> None:
        await self.owner.does(SetCampaignState(campaign=campaign, state="ended"))

    # --- the holder's device ---

    async def claims(self, holder: Payer, campaign: str) -> str:
        claimed: CouponClaimed = await holder.does(ClaimCoupon(key=new_key(), campaign=campaign))
        return claimed.coupon

    async def gives(self, giver: Payer, coupon: str, to: Payer) -> None:
        chat = await giver.opens("group", to)
        await giver.does(GiveCoupon(key=new_key(), coupon=coupon, chat=chat, to=to.id))

    async def coupon(self, holder: Payer, coupon: str) -> Coupon:
        return await self.market.coupons.pack.coupon(holder.guest.signed, coupon)

    async def code(self, holder: Payer, coupon: str, steps: int = 0) -> str:
        """What the holder's device shows; so many steps from now."""
        secret = (await self.coupon(holder, coupon)).secret
        return codes.made(base64.b32decode(secret + "===="), coupon, codes.step_at(self.now) + steps)

    async def agrees(self, holder: Payer, order: Order) -> None:
        """Pay what one was asked."""
        approval = await holder.approves(order.amount - order.discount)
        await holder.does(PayCharge(charge=order.charge, approval=approval))

    # --- the counter's device ---

    async def reads(self, code: str, basket: int | None = 1000, *, by: Payer | None = None, **fields: Any) -> Quote:
        asked = ReadCoupon(code=code, **({} if basket is None else {"basket": eur(basket)}), **fields)
        return await self.market.coupons.counter.read((by or self.owner).guest.signed, self.id, asked)

    async def proof(self, holder: Payer, coupon: str, *, by: Payer | None = None) -> str:
        """Scan the holder's code."""
        return (await self.reads(await self.code(holder, coupon), None, by=by)).proof

    def asks(self, proof: str, basket: int | Money = 1000, **fields: Any) -> RedeemCoupon:
        money = eur(basket) if isinstance(basket, int) else basket
        given = {"key": new_key(), "merchant": self.id, "proof": proof, "basket": money, **fields}
        return RedeemCoupon(**given)

    async def redeems(
        self, proof: str, basket: int | Money = 1000, *, by: Payer | None = None, **fields: Any
    ) -> Redemption:
        done: CouponRedeemed = await (by or self.owner).does(self.asks(proof, basket, **fields))
        return done.redemption

    async def redemption(self, redemption: Redemption, by: Payer | None = None) -> Redemption:
        """How it stands by now."""
        return await self.market.coupons.counter.redemption((by or self.owner).guest.signed, redemption.id)

    # --- the books ---

    async def sums(self) -> dict[str, int]:
        market = self.market
        return {
            "merchant": await market.account_sum("merchant", owner=self.id),
            "subsidy": await market.account_sum("subsidy", owner=self.id),
            "takings": await market.takings(self.id),
        }

    async def redeemed(self, campaign: str) -> tuple[int, int]:
        """How many the merchant's figures say, and what they took off in all."""
        figures = await self.market.coupons.campaigns.figures(self.owner.guest.signed, campaign)
        return figures.figures.redeemed, figures.discounts

    async def is_sound(self) -> None:
        verdict = await self.market.house.store.read(lambda connection: Audit(connection, 2**50).run())
        assert verdict.is_clean, verdict.faults


async def open_bakery(market: MarketHouse, handle: str = "bakery") -> Bakery:
    owner = await market.person(f"{handle}_owner")
    shop = await market.shop(owner, handle, f"The {handle}")
    merchant = shop.merchant.person.id
    counters = [(await owner.does(AddCounter(merchant=merchant, name=name))).counter.id for name in ("Front", "Back")]
    return Bakery(market, owner, merchant, tuple(counters))


async def refused(doing: Any) -> str:
    """Return the code of the refusal."""
    with pytest.raises(Refusal) as caught:
        await doing
    return caught.value.code
