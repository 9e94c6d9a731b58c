"""Campaigns: drafted, live, paused, ended; shared into chats. The one door of this room."""

from teahouse.commands import Signed
from teahouse.coupons.campaigns.model import Campaign, CampaignFigures
from teahouse.merchants.service import MerchantService
from teahouse.wallet.purse import Purse


class Campaigns:
    def __init__(self, purse: Purse, merchants: MerchantService) -> None:
        self._purse = purse
        self._merchants = merchants

    def register(self) -> None:
        """Hang the commands into the house."""

    async def of(self, signed: Signed, merchant: str) -> tuple[Campaign, ...]:
        raise NotImplementedError

    async def campaign(self, signed: Signed, campaign: str) -> Campaign:
        raise NotImplementedError

    async def figures(self, signed: Signed, campaign: str) -> CampaignFigures:
        raise NotImplementedError

    async def set_picture(self, signed: Signed, campaign: str, data: bytes) -> Campaign:
        raise NotImplementedError
