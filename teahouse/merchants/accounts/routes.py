"""HTTP of merchants, their staff, counters and keys. Commands have their twins."""

from litestar import delete, get, post, put
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.merchants.accounts.model import (
    ApiKey,
    ApiKeyMade,
    MakeApiKey,
    Merchant,
    MerchantTariffs,
    SetDefaultTariff,
    Shop,
)
from teahouse.merchants.service import MerchantService


@get("/merchants/mine")
async def read_my_merchants(signed: Given[Signed], merchants: Given[MerchantService]) -> tuple[Shop, ...]:
    """Those one works for."""
    return await merchants.accounts.mine(signed)


@get("/merchants")
async def read_merchants(signed: Given[Signed], merchants: Given[MerchantService]) -> MerchantTariffs:
    """Operators only."""
    return await merchants.accounts.all(signed)


@put("/merchants/tariff")
async def set_default_tariff(
    data: JSONBody[SetDefaultTariff], signed: Given[Signed], merchants: Given[MerchantService]
) -> MerchantTariffs:
    """Operators only."""
    return await merchants.accounts.set_default_tariff(signed, data)


@get("/merchants/{merchant:str}")
async def read_merchant(merchant: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]) -> Merchant:
    """For everybody."""
    return await merchants.accounts.merchant(signed, merchant)


@get("/merchants/{merchant:str}/shop")
async def read_shop(merchant: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]) -> Shop:
    """Its staff and its program."""
    return await merchants.accounts.shop(signed, merchant)


@get("/merchants/{merchant:str}/keys")
async def read_api_keys(
    merchant: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]
) -> tuple[ApiKey, ...]:
    """Its owners."""
    return await merchants.accounts.keys(signed, merchant)


@post("/merchants/{merchant:str}/keys", status_code=201)
async def make_api_key(
    merchant: FromPath[Id], data: JSONBody[MakeApiKey], signed: Given[Signed], merchants: Given[MerchantService]
) -> ApiKeyMade:
    """Its owners: what a program signs in with, as the merchant itself."""
    return await merchants.accounts.make_key(signed, merchant, data)


@delete("/merchants/{merchant:str}/keys/{key:str}")
async def revoke_api_key(
    merchant: FromPath[Id], key: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]
) -> None:
    """Its owners: the key ends at once."""
    await merchants.accounts.revoke_key(signed, merchant, key)


routes: list[ControllerRouterHandler] = [
    read_my_merchants,
    read_merchants,
    set_default_tariff,
    read_merchant,
    read_shop,
    read_api_keys,
    make_api_key,
    revoke_api_key,
]
