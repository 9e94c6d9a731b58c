"""HTTP of orders. Commands have their twins."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.merchants.orders.model import MerchantCode, Order, OrderNumber, OrderPage, OrderState, ReadMerchantCode
from teahouse.merchants.service import MerchantService


@get("/merchants/{merchant:str}/orders")
async def read_orders(
    merchant: FromPath[Id],
    signed: Given[Signed],
    merchants: Given[MerchantService],
    only: Annotated[OrderState | None, QueryParameter()] = None,
    before: Annotated[str, QueryParameter(max_length=16)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> OrderPage:
    """Its staff and its program: newest first."""
    return await merchants.orders.page(signed, merchant, state=only, before=before, limit=limit)


@get("/merchants/{merchant:str}/orders/by-number/{number:str}")
async def read_order_by_number(
    merchant: FromPath[Id], number: FromPath[OrderNumber], signed: Given[Signed], merchants: Given[MerchantService]
) -> Order:
    """By the merchant's own number."""
    return await merchants.orders.by_number(signed, merchant, number)


@get("/orders/{order:str}")
async def read_order(order: FromPath[Id], signed: Given[Signed], merchants: Given[MerchantService]) -> Order:
    """For its merchant's staff and program, its payer, and while it is unpaid whoever has its code."""
    return await merchants.orders.order(signed, order)


@post("/merchants/codes/read", status_code=200)
async def read_merchant_code(
    data: JSONBody[ReadMerchantCode], signed: Given[Signed], merchants: Given[MerchantService]
) -> MerchantCode:
    """What a scanned code stands for: a URL `/m/…`, `/o/…`, or EMVCo text of this house."""
    return await merchants.orders.read_code(signed, data)


routes: list[ControllerRouterHandler] = [read_orders, read_order_by_number, read_order, read_merchant_code]
