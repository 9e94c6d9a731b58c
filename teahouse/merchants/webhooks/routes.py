"""HTTP of webhooks."""

from litestar import get, post, put
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.merchants.service import MerchantService
from teahouse.merchants.webhooks.model import Delivery, HouseKey, SetWebhook, Webhook


@get("/merchants/{merchant:str}/webhook")
async def read_webhook(merchant: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]) -> Webhook:
    """Its owners."""
    return await merchants.webhooks.webhook(signed, merchant)


@put("/merchants/{merchant:str}/webhook")
async def set_webhook(
    merchant: FromPath[Id], data: JSONBody[SetWebhook], signed: Given[Signed], merchants: Given[MerchantService]
) -> Webhook:
    """Its owners."""
    return await merchants.webhooks.set(signed, merchant, data)


@post("/merchants/{merchant:str}/webhook/test", status_code=201)
async def test_webhook(merchant: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]) -> Delivery:
    """Its owners: queue a `test` event."""
    return await merchants.webhooks.test(signed, merchant)


@get("/merchants/{merchant:str}/webhook/deliveries")
async def read_deliveries(
    merchant: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]
) -> tuple[Delivery, ...]:
    """Its owners: the newest 100."""
    return await merchants.webhooks.deliveries(signed, merchant)


@post("/merchants/{merchant:str}/webhook/deliveries/{delivery:str}/retry", status_code=200)
async def retry_delivery(
    merchant: FromPath[Id], delivery: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]
) -> Delivery:
    """Its owners: try one again now, also one that was given up."""
    return await merchants.webhooks.retry(signed, merchant, delivery)


@get("/house-key")
async def read_house_key(merchants: Given[MerchantService]) -> HouseKey:
    """Public: the key of the house's signatures, for billers and receivers of webhooks."""
    return merchants.webhooks.house_key()


routes: list[ControllerRouterHandler] = [
    read_webhook,
    set_webhook,
    test_webhook,
    read_deliveries,
    retry_delivery,
    read_house_key,
]
