"""Passes for phones' wallets, and calendar entries. The one door of this room."""

from teahouse.commands import Signed
from teahouse.coupons.pack.pack import CardPack
from teahouse.coupons.passes.model import GooglePass, PassOptions
from teahouse.wallet.purse import Purse


class Passes:
    def __init__(self, purse: Purse, pack: CardPack) -> None:
        self._purse = purse
        self._pack = pack

    def options(self) -> PassOptions:
        raise NotImplementedError

    async def apple(self, signed: Signed, coupon: str) -> bytes:
        raise NotImplementedError

    async def google(self, signed: Signed, coupon: str) -> GooglePass:
        raise NotImplementedError

    async def calendar(self, signed: Signed, coupon: str, language: str) -> bytes:
        raise NotImplementedError
