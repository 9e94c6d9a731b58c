"""HTTP of campaigns. Commands have their twins."""

from typing import Any

from litestar import Request, get, put
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.coupons.campaigns.model import Campaign, CampaignFigures
from teahouse.coupons.service import CouponService


@get("/merchants/{merchant:str}/campaigns")
async def read_campaigns(
    merchant: FromPath[Id], signed: Given[Signed], coupons: Given[CouponService]
) -> tuple[Campaign, ...]:
    """Staff: all of it, newest first (the last 500). Others: those that are live."""
    return await coupons.campaigns.of(signed, merchant)


@get("/campaigns/{campaign:str}")
async def read_campaign(campaign: FromPath[Id], signed: Given[Signed], coupons: Given[CouponService]) -> Campaign:
    """For everybody who has its link; drafts for staff only."""
    return await coupons.campaigns.campaign(signed, campaign)


@get("/campaigns/{campaign:str}/figures")
async def read_campaign_figures(
    campaign: FromPath[Id], signed: Given[Signed], coupons: Given[CouponService]
) -> CampaignFigures:
    """Managers."""
    return await coupons.campaigns.figures(signed, campaign)


@put("/campaigns/{campaign:str}/picture")
async def set_campaign_picture(
    campaign: FromPath[Id], request: Request[Any, Any, Any], signed: Given[Signed], coupons: Given[CouponService]
) -> Campaign:
    """Managers; body: an image, as for people."""
    return await coupons.campaigns.set_picture(signed, campaign, await request.body())


routes: list[ControllerRouterHandler] = [read_campaigns, read_campaign, read_campaign_figures, set_campaign_picture]
