"""HTTP of bills and their payments. Commands have their twins."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.bills.payments.model import Bill, BillPayment, BillPaymentPage, FetchBill
from teahouse.bills.service import BillService
from teahouse.commands import Id, Signed


@post("/bills/fetch", status_code=200)
async def fetch_bill(data: JSONBody[FetchBill], signed: Given[Signed], bills: Given[BillService]) -> Bill:
    """What a customer owes a biller now. `biller_away` (503), `no_such_customer` (404), `wrong_customer_field`."""
    return await bills.payments.fetch(signed, data)


@get("/bills/payments")
async def read_bill_payments(
    signed: Given[Signed],
    bills: Given[BillService],
    before: Annotated[str, QueryParameter(max_length=16)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> BillPaymentPage:
    """One's own, newest first."""
    return await bills.payments.page(signed, before=before, limit=limit)


@get("/bills/payments/{payment:str}")
async def read_bill_payment(payment: FromPath[Id], signed: Given[Signed], bills: Given[BillService]) -> BillPayment:
    """One's own."""
    return await bills.payments.payment(signed, payment)


routes: list[ControllerRouterHandler] = [fetch_bill, read_bill_payments, read_bill_payment]
