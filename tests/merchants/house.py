"""A house with merchants, coupons and bills on a real store: the whole market, and people with money in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from teahouse.bills.service import BillService
from teahouse.coupons.service import CouponService
from teahouse.merchants.accounts.model import JudgeMerchant, MerchantOpened, OpenMerchant, Shop
from teahouse.merchants.service import MerchantService
from tests.chat.house import TeaHouse, open_teahouse, reopen_teahouse
from tests.wallet.house import Payer, WalletHouse, new_key


class MarketHouse(WalletHouse):
    """As `WalletHouse`, with `merchants`, `coupons` and `bills` as the app builds them."""

    def __init__(self, tea: TeaHouse) -> None:
        super().__init__(tea)
        self.merchants = MerchantService(tea.house, self.wallet)
        self.coupons = CouponService(self.wallet, self.merchants)
        self.bills = BillService(tea.house, self.wallet)

    async def shop(self, owner: Payer, handle: str = "bakery", name: str = "The Bakery") -> Shop:
        """A merchant that sells: opened by its owner, let in by the operator."""
        made: MerchantOpened = await owner.does(OpenMerchant(key=new_key(), handle=handle, name=name, category="food"))
        await self.lets_in(made.shop.merchant.person.id)
        return await self.merchants.accounts.shop(owner.guest.signed, made.shop.merchant.person.id)

    async def lets_in(self, merchant: str) -> None:
        await self.house.execute(self.operator, JudgeMerchant(merchant=merchant, state="open"))

    async def takings(self, merchant: str, currency: str = "EUR") -> int:
        return await self.house.store.write(self.merchants.accounts.takings, merchant, currency)


@asynccontextmanager
async def _with_market(tea: TeaHouse) -> AsyncIterator[MarketHouse]:
    market = MarketHouse(tea)
    for room in (market.wallet, market.merchants, market.coupons, market.bills):
        room.register()
    async with market.wallet.running(), market.merchants.running(), market.coupons.running(), market.bills.running():
        yield market


@asynccontextmanager
async def open_market(folder: Path, **settings: Any) -> AsyncIterator[MarketHouse]:
    """A new house that takes everybody in, with a wallet in EUR and the market."""
    async with open_teahouse(folder, **settings) as tea, _with_market(tea) as market:
        yield market


@asynccontextmanager
async def reopen_market(folder: Path, **settings: Any) -> AsyncIterator[MarketHouse]:
    """The house as it was left."""
    async with reopen_teahouse(folder, **settings) as tea, _with_market(tea) as market:
        yield market
