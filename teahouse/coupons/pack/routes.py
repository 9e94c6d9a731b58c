"""HTTP of the card pack. Commands have their twins."""

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.coupons.pack.model import Coupon, CouponPack
from teahouse.coupons.service import CouponService


@get("/coupons")
async def read_pack(signed: Given[Signed], coupons: Given[CouponService]) -> CouponPack:
    """One's own."""
    return await coupons.pack.pack(signed)


@get("/coupons/{coupon:str}")
async def read_coupon(coupon: FromPath[Id], signed: Given[Signed], coupons: Given[CouponService]) -> Coupon:
    """For its holder, and for those who had it (as `given`): with the chain of who had it up to then."""
    return await coupons.pack.coupon(signed, coupon)


routes: list[ControllerRouterHandler] = [read_pack, read_coupon]
