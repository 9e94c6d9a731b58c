"""A scanned code: whose and what it is, and what it is worth for a basket. Uses nothing up."""

from functools import cached_property

import sqlalchemy as sa
from msgspec import UNSET

from teahouse.commands import Signed
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.counter import codes, judging, proofs, rules, store
from teahouse.coupons.counter.model import Quote, ReadCoupon
from teahouse.coupons.pack.pack import CardPack
from teahouse.coupons.pack.rules import NoSuchCoupon
from teahouse.errors import Refusal
from teahouse.keys import house_key
from teahouse.merchants.service import MerchantService
from teahouse.money import Money
from teahouse.wallet.payments.rows import gone
from teahouse.wallet.purse import Purse


class Reading:
    def __init__(self, purse: Purse, merchants: MerchantService, campaigns: Campaigns, pack: CardPack) -> None:
        self._purse = purse
        self._merchants = merchants
        self._campaigns = campaigns
        self._pack = pack

    @cached_property
    def key(self) -> bytes:
        return house_key(self._purse.house.settings.data, "coupons")

    def quote(self, connection: sa.Connection, signed: Signed, merchant: str, asked: ReadCoupon, now: int) -> Quote:
        """Raises `WrongCode` for what the coupon's holder did not make, `CodeExpired`, `CodeUsed`, `OtherMerchant`."""
        code = codes.read(asked.code)
        try:
            row = self._pack.read_row(connection, code.coupon) if code is not None else None
        except NoSuchCoupon:
            row = None
        if code is None or row is None or not codes.is_by(code, self._pack.secret_of(row)):
            raise rules.WrongCode()
        if not codes.is_fresh(code.step, now):
            raise rules.CodeExpired()
        campaign = self._campaigns.shown(connection, (row.campaign,), signed.person, (merchant,))[row.campaign]
        if campaign.merchant.id != merchant:
            # Whose it is, is none of their business.
            raise rules.OtherMerchant()
        if code.step <= store.last_step(connection, code.coupon):
            raise rules.CodeUsed()
        basket = None if asked.basket is UNSET else asked.basket
        off, why_not = self._worth(row, judging.as_shown(campaign), merchant, asked, basket, now)
        holder = self._purse.people.person(connection, row.holder) or gone(row.holder)
        proof = proofs.Proof(row.id, row.custody, code.step)
        return Quote(
            coupon=row.id,
            campaign=campaign,
            holder=holder,
            discount=off,
            net=basket.amount - off if basket is not None else 0,
            why_not=why_not,
            proof=proofs.made(self.key, proof, merchant, signed.person, now),
        )

    @staticmethod
    def _worth(
        row: judging.Held, campaign: judging.Shown, merchant: str, asked: ReadCoupon, basket: Money | None, now: int
    ) -> tuple[int, str]:
        """Return the discount, or why there is none."""
        counter = asked.counter or ""
        try:
            if basket is None:
                judging.may_use(row, campaign, merchant, counter, now)
                return 0, ""
            return judging.discount(row, campaign, merchant, counter, basket, asked.quantity, now), ""
        except Refusal as refused:
            return 0, refused.code
