"""HTTP of passes."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.coupons.passes.model import GooglePass, PassOptions
from teahouse.coupons.service import CouponService
from teahouse.wallet.model import Language


@get("/coupon-passes")
async def read_pass_options(signed: Given[Signed], coupons: Given[CouponService]) -> PassOptions:
    """Which passes this house makes."""
    return coupons.passes.options()


@get("/coupons/{coupon:str}/apple-pass", media_type="application/vnd.apple.pkpass")
async def read_apple_pass(
    coupon: FromPath[Id], signed: Given[Signed], coupons: Given[CouponService]
) -> Response[bytes]:
    """A `.pkpass`, for its holder. `no_passes` (404) where the operator has no certificate."""
    headers = {"Content-Disposition": 'attachment; filename="coupon.pkpass"', "Cache-Control": "no-store"}
    body = await coupons.passes.apple(signed, coupon)
    return Response(body, media_type="application/vnd.apple.pkpass", headers=headers)


@get("/coupons/{coupon:str}/google-pass")
async def read_google_pass(coupon: FromPath[Id], signed: Given[Signed], coupons: Given[CouponService]) -> GooglePass:
    """A signed link that saves it in Google Wallet, for its holder. `no_passes` (404) without a service account."""
    return await coupons.passes.google(signed, coupon)


@get("/coupons/{coupon:str}/calendar", media_type="text/calendar")
async def read_coupon_calendar(
    coupon: FromPath[Id],
    signed: Given[Signed],
    coupons: Given[CouponService],
    language: Annotated[Language, QueryParameter()] = "en",
) -> Response[bytes]:
    """An iCalendar entry with an alarm before it expires (RFC 5545), for its holder."""
    headers = {"Content-Disposition": 'attachment; filename="coupon.ics"', "Cache-Control": "no-store"}
    body = await coupons.passes.calendar(signed, coupon, language)
    return Response(body, media_type="text/calendar", headers=headers)


routes: list[ControllerRouterHandler] = [read_pass_options, read_apple_pass, read_google_pass, read_coupon_calendar]
