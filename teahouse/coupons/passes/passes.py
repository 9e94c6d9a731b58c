"""Passes for phones' wallets, and calendar entries. The one door of this room."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import structlog

from teahouse.commands import Signed
from teahouse.coupons.pack.model import Coupon
from teahouse.coupons.pack.pack import CardPack
from teahouse.coupons.passes import apple, calendar, google, rules
from teahouse.coupons.passes.model import GooglePass, PassOptions
from teahouse.wallet.model import Language
from teahouse.wallet.purse import Purse

logger = structlog.get_logger()
T = TypeVar("T")


class Passes:
    def __init__(self, purse: Purse, pack: CardPack) -> None:
        self._purse = purse
        self._pack = pack

    def options(self) -> PassOptions:
        """Return what the operator has keys for."""
        settings = self._purse.house.settings
        of_apple = (
            settings.apple_pass_type,
            settings.apple_team,
            settings.apple_pass_certificate,
            settings.apple_wwdr_certificate,
        )
        return PassOptions(
            apple=all(of_apple), google=bool(settings.google_wallet_issuer and settings.google_wallet_account)
        )

    async def apple(self, signed: Signed, coupon: str) -> bytes:
        """Raises `NoPasses`, `NotInHand`, `PassesBroken`."""
        if not self.options().apple:
            raise rules.NoPasses()
        held, settings = await self._held(signed, coupon), self._purse.house.settings
        signing = apple.Signing(
            settings.apple_pass_type,
            settings.apple_team,
            settings.apple_pass_certificate,
            settings.apple_wwdr_certificate,
        )
        return await self._signed(lambda: apple.made(held, self._page(coupon), signing))

    async def google(self, signed: Signed, coupon: str) -> GooglePass:
        """Raises `NoPasses`, `NotInHand`, `PassesBroken`."""
        if not self.options().google:
            raise rules.NoPasses()
        held, settings, now = await self._held(signed, coupon), self._purse.house.settings, self._now()
        issuer, account = settings.google_wallet_issuer, Path(settings.google_wallet_account)
        house, page = settings.public_url, self._page(coupon)
        return GooglePass(
            await self._signed(lambda: google.link(held, signed.person, page, house, issuer, account, now))
        )

    async def calendar(self, signed: Signed, coupon: str, language: Language) -> bytes:
        """Raises `NotInHand`."""
        held = await self._held(signed, coupon)
        host = urlsplit(self._purse.house.settings.public_url).hostname or "teahouse"
        return calendar.made(held, self._page(coupon), host, language, self._now())

    async def _held(self, signed: Signed, coupon: str) -> Coupon:
        found = await self._pack.coupon(signed, coupon)
        if found.state not in ("held", "reserved"):
            raise rules.NotInHand()
        return found

    async def _signed(self, make: Callable[[], T]) -> T:
        """Sign beside the loop: files are read, and RSA takes its time."""
        try:
            return await asyncio.to_thread(make)
        except (OSError, ValueError, TypeError) as error:
            logger.exception("passes_broken")
            raise rules.PassesBroken() from error

    def _page(self, coupon: str) -> str:
        return f"{self._purse.house.settings.public_url}/wallet/coupons/{coupon}"

    def _now(self) -> int:
        return self._purse.house.store.writer.clock()
