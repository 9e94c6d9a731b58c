"""HTTP of the counter. Commands have their twins."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.coupons.counter.model import Quote, ReadCoupon, Redemption, RedemptionPage
from teahouse.coupons.service import CouponService


@post("/merchants/{merchant:str}/coupons/read", status_code=200)
async def read_coupon_code(
    merchant: FromPath[Id], data: JSONBody[ReadCoupon], signed: Given[Signed], coupons: Given[CouponService]
) -> Quote:
    """Staff: whose and what a scanned coupon is, and what it is worth for a basket."""
    return await coupons.counter.read(signed, merchant, data)


@get("/merchants/{merchant:str}/redemptions")
async def read_redemptions(
    merchant: FromPath[Id],
    signed: Given[Signed],
    coupons: Given[CouponService],
    before: Annotated[str, QueryParameter(max_length=16)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> RedemptionPage:
    """Staff: newest first."""
    return await coupons.counter.page(signed, merchant, before=before, limit=limit)


@get("/redemptions/{redemption:str}")
async def read_redemption(redemption: FromPath[Id], signed: Given[Signed], coupons: Given[CouponService]) -> Redemption:
    """For the merchant's staff and the holder."""
    return await coupons.counter.redemption(signed, redemption)


routes: list[ControllerRouterHandler] = [read_coupon_code, read_redemptions, read_redemption]
