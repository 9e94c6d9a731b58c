"""The card pack: claimed, held, given, expired. The one door of this room."""

from teahouse.commands import Signed
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.pack.model import Coupon, CouponPack
from teahouse.wallet.purse import Purse


class CardPack:
    def __init__(self, purse: Purse, campaigns: Campaigns) -> None:
        self._purse = purse
        self._campaigns = campaigns

    def register(self) -> None:
        """Hang the commands into the house."""

    async def pack(self, signed: Signed) -> CouponPack:
        raise NotImplementedError

    async def coupon(self, signed: Signed, coupon: str) -> Coupon:
        raise NotImplementedError
