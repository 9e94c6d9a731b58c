"""The counter: codes read, coupons quoted and redeemed exactly once. The one door of this room."""

import sqlalchemy as sa

from teahouse.commands import Signed
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.counter import rules, store
from teahouse.coupons.counter.discounts import CouponDiscounts
from teahouse.coupons.counter.keeping import Keeping
from teahouse.coupons.counter.model import (
    CancelRedemption,
    Quote,
    ReadCoupon,
    RedeemCoupon,
    Redemption,
    RedemptionPage,
)
from teahouse.coupons.counter.reading import Reading
from teahouse.coupons.counter.redeeming import Redeeming
from teahouse.coupons.counter.showing import Showing
from teahouse.coupons.pack.pack import CardPack
from teahouse.errors import NotFound
from teahouse.limits import Buckets
from teahouse.merchants.service import MerchantService
from teahouse.people.model import Person
from teahouse.wallet.purse import Purse

WRONG_PER_S = 1 / 30
WRONG_AT_ONCE = 10


class CouponCounter:
    def __init__(self, purse: Purse, merchants: MerchantService, campaigns: Campaigns, pack: CardPack) -> None:
        self._purse = purse
        self._merchants = merchants
        self._reading = Reading(purse, merchants, campaigns, pack)
        self._showing = Showing(purse, merchants, campaigns)
        keeping = Keeping(merchants, pack, self._showing)
        self._redeeming = Redeeming(merchants, campaigns, pack, self._reading, self._showing, keeping)
        self._discounts = CouponDiscounts(campaigns, pack, keeping)
        self._wrong = Buckets(WRONG_PER_S, WRONG_AT_ONCE)
        """Of each staff person who reads codes."""

    def register(self) -> None:
        """Hang the commands into the house, and coupons into orders."""
        house = self._purse.house
        house.handle(RedeemCoupon, self._redeeming.redeem, hot=lambda command: not command.collect)
        house.handle(CancelRedemption, self._redeeming.cancel)
        self._merchants.orders.discounts = self._discounts

    async def read(self, signed: Signed, merchant: str, asked: ReadCoupon) -> Quote:
        """For its staff. Who tried ten wrong codes must wait for half a minute before each further one (`RateLimited`),
        also for a right one. Raises also `NoSuchMerchant`, `MerchantClosed`, `NoSuchCounter`, `WrongCode`,
        `CodeExpired`, `CodeUsed`, `OtherMerchant`."""
        now = self._purse.house.store.writer.clock()

        def read(connection: sa.Connection) -> tuple[Quote, Person | None]:
            accounts = self._merchants.accounts
            accounts.must_be_staff(connection, signed, merchant)
            accounts.must_be_open(connection, merchant)
            if asked.counter:
                accounts.counter(connection, merchant, asked.counter)
            quote = self._reading.quote(connection, signed, merchant, asked, now)
            return quote, self._purse.people.person(connection, signed.person)

        self._wrong.take(signed.person)
        try:
            quote, staff = await self._purse.house.store.read(read)
        except rules.WrongCode:
            raise
        except BaseException:
            self._wrong.take(signed.person, -1.0)
            raise
        self._wrong.take(signed.person, -1.0)
        self._showing.remember(now, quote.holder, *((staff,) if staff else ()))
        return quote

    async def page(self, signed: Signed, merchant: str, *, before: str, limit: int) -> RedemptionPage:
        """For its staff. Raises `NoSuchMerchant`."""

        def read(connection: sa.Connection) -> RedemptionPage:
            self._merchants.accounts.must_be_staff(connection, signed, merchant)
            rows = store.of_merchant(connection, merchant, before, limit + 1)
            shown = self._showing.all(connection, rows[:limit], staff=True)
            return RedemptionPage(redemptions=shown, more=len(rows) > limit)

        return await self._purse.house.store.read(read)

    async def redemption(self, signed: Signed, redemption: str) -> Redemption:
        """For its merchant's staff and its holder. Raises `NoSuchRedemption`."""

        def read(connection: sa.Connection) -> Redemption:
            row = store.redemption(connection, redemption)
            if row is None:
                raise rules.NoSuchRedemption()
            try:
                self._merchants.accounts.must_be_staff(connection, signed, row.merchant)
            except NotFound:
                if row.holder != signed.person:
                    raise rules.NoSuchRedemption() from None
                return self._showing.one(connection, row, staff=False)
            return self._showing.one(connection, row, staff=True)

        return await self._purse.house.store.read(read)
