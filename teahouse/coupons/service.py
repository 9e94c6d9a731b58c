"""Coupons: the one door of this room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.counter.counter import CouponCounter
from teahouse.coupons.pack.pack import CardPack
from teahouse.coupons.passes.passes import Passes
from teahouse.merchants.service import MerchantService
from teahouse.wallet.service import WalletService


class CouponService:
    def __init__(self, wallet: WalletService, merchants: MerchantService) -> None:
        purse = wallet.purse
        self.campaigns = Campaigns(purse, merchants)
        self.pack = CardPack(purse, self.campaigns)
        self.counter = CouponCounter(purse, merchants, self.campaigns, self.pack)
        self.passes = Passes(purse, self.pack)
        wallet.packets.gifts = self.pack.claims

    def register(self) -> None:
        self.campaigns.register()
        self.pack.register()
        self.counter.register()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Nothing of its own: what is due is swept with the wallet's."""
        yield
