"""The card pack: claimed, held, given, expired. The one door of this room."""

import base64
import hmac
from functools import cached_property
from typing import Any, Protocol

import sqlalchemy as sa

from teahouse.commands import Signed
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.pack import rules, store
from teahouse.coupons.pack.claims import Claims
from teahouse.coupons.pack.ending import Ending
from teahouse.coupons.pack.giving import Giving
from teahouse.coupons.pack.model import ClaimCoupon, Coupon, CouponPack, CouponsChanged, GiveCoupon
from teahouse.coupons.pack.reading import Reading
from teahouse.coupons.pack.state import Coupons, CouponState
from teahouse.keys import house_key
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse


class Custodial(Protocol):
    """A coupon's row, of the store or as the writer knows it."""

    @property
    def id(self) -> str: ...

    @property
    def custody(self) -> int: ...


class CardPack:
    def __init__(self, purse: Purse, campaigns: Campaigns) -> None:
        self._purse = purse
        self._campaigns = campaigns
        self._coupons = Coupons()
        self.claims = Claims(campaigns, self._coupons)
        self._giving = Giving(purse, campaigns, self._coupons)
        self._ending = Ending(purse, campaigns, self._coupons)
        self._reading = Reading(purse, campaigns, self.secret)

    def register(self) -> None:
        """Hang the commands into the house."""
        house = self._purse.house
        house.handle(ClaimCoupon, self.claims.claim, hot=True)
        house.handle(GiveCoupon, self._giving.give)
        self._purse.sweeps.append(self._ending.sweep)

    # --- what the counter asks, in the writer's thread ---

    def row(self, tx: Tx, coupon: str) -> CouponState:
        """Return a coupon from memory. Raises `NoSuchCoupon`. Only the methods below change it."""
        return self._coupons.get(tx, coupon)

    def must_be_held(self, tx: Tx, coupon: CouponState) -> None:
        """Raises `CouponWaits`, `CouponUsed`, `CouponExpired`."""
        rules.must_be_held(coupon.state, coupon.expires_at, tx.now)

    def reserve(self, tx: Tx, coupon: CouponState) -> None:
        """An order with it waits for its payer: until then nobody else gets or uses it. Raises as `must_be_held`."""
        rules.must_be_held(coupon.state, coupon.expires_at, tx.now)
        self._change(tx, coupon, "reserved")

    def release(self, tx: Tx, coupon: CouponState) -> None:
        """The order came to nothing: its holder may use it again, if it has not expired meanwhile. Nothing happens to
        one that is not reserved."""
        if coupon.state == "reserved":
            self._come_back(tx, coupon)

    def redeem(self, tx: Tx, coupon: CouponState, discount: int) -> None:
        """It is used. One that is reserved may be so after its end: its holder was in time. Raises as `must_be_held`
        for one that is not reserved."""
        if coupon.state != "reserved":
            rules.must_be_held(coupon.state, coupon.expires_at, tx.now)
        self._change(tx, coupon, "redeemed")
        coupon.redeemed_at, coupon.discount = tx.now, discount
        self._campaigns.count(tx, self._campaigns.state(tx, coupon.campaign), "redeemed")

    def give_back(self, tx: Tx, coupon: CouponState) -> bool:
        """Its redemption was undone: it takes nothing off. Returns whether its holder may use it again, which is as
        the campaign says, and not after its end. Nothing happens to one that is not redeemed."""
        if coupon.state != "redeemed":
            return False
        campaign = self._campaigns.state(tx, coupon.campaign)
        if campaign.refund_back:
            self._campaigns.count(tx, campaign, "redeemed", -1, coupon.redeemed_at)
            self._come_back(tx, coupon)
            coupon.redeemed_at = 0
        else:
            self._change(tx, coupon, "redeemed")
        coupon.discount = 0
        return coupon.state == "held"

    # --- on any thread ---

    def read_row(self, connection: sa.Connection, coupon: str) -> Any:
        """Return a coupon's row, with the same names as what the writer knows of it. Raises `NoSuchCoupon`."""
        found = store.coupon(connection, coupon)
        if found is None:
            raise rules.NoSuchCoupon()
        return found

    def secret_of(self, coupon: Custodial) -> bytes:
        """Return the key of its holder's rotating code: another one for every holder."""
        return hmac.digest(self._key, f"{coupon.id}|{coupon.custody}".encode(), "sha256")

    def secret(self, coupon: Custodial) -> str:
        """Return the same as people's devices get it."""
        return base64.b32encode(self.secret_of(coupon)).decode().rstrip("=")

    async def pack(self, signed: Signed) -> CouponPack:
        now = self._purse.house.store.writer.clock()
        return await self._purse.house.store.read(self._reading.pack, signed.person, now)

    async def coupon(self, signed: Signed, coupon: str) -> Coupon:
        now = self._purse.house.store.writer.clock()
        return await self._purse.house.store.read(self._reading.coupon, signed.person, coupon, now)

    @cached_property
    def _key(self) -> bytes:
        return house_key(self._purse.house.settings.data, "coupons")

    def _change(self, tx: Tx, coupon: CouponState, state: str, due_at: int = 0) -> None:
        self._coupons.changing(tx, coupon)
        coupon.state, coupon.due_at = state, due_at
        tx.tell(CouponsChanged(coupon=coupon.id), (coupon.holder,))

    def _come_back(self, tx: Tx, coupon: CouponState) -> None:
        if coupon.expires_at <= tx.now:
            self._change(tx, coupon, "expired")
        else:
            self._change(tx, coupon, "held", rules.due_at(coupon.expires_at, tx.now))
