"""The counter: codes read, coupons quoted and redeemed exactly once. The one door of this room."""

from teahouse.commands import Signed
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.counter.model import Quote, ReadCoupon, Redemption, RedemptionPage
from teahouse.coupons.pack.pack import CardPack
from teahouse.merchants.service import MerchantService
from teahouse.wallet.purse import Purse


class CouponCounter:
    def __init__(self, purse: Purse, merchants: MerchantService, campaigns: Campaigns, pack: CardPack) -> None:
        self._purse = purse
        self._merchants = merchants
        self._campaigns = campaigns
        self._pack = pack

    def register(self) -> None:
        """Hang the commands into the house."""

    async def read(self, signed: Signed, merchant: str, asked: ReadCoupon) -> Quote:
        raise NotImplementedError

    async def page(self, signed: Signed, merchant: str, *, before: str, limit: int) -> RedemptionPage:
        raise NotImplementedError

    async def redemption(self, signed: Signed, redemption: str) -> Redemption:
        raise NotImplementedError
