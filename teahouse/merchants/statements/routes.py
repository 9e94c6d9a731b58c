"""HTTP of daily bills."""

from litestar import Response, get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.merchants.service import MerchantService
from teahouse.merchants.statements.model import Day, DayBill


@get("/merchants/{merchant:str}/bills/{day:str}")
async def read_day_bill(
    merchant: FromPath[Id], day: FromPath[Day], signed: Given[Signed], merchants: Given[MerchantService]
) -> DayBill:
    """Managers and its program: a day's payments and refunds, which add up to what the ledger says."""
    return await merchants.statements.bill(signed, merchant, day)


@get("/merchants/{merchant:str}/bills/{day:str}/csv", media_type="text/csv")
async def read_day_bill_csv(
    merchant: FromPath[Id], day: FromPath[Day], signed: Given[Signed], merchants: Given[MerchantService]
) -> Response[bytes]:
    """The same as a file (RFC 4180, UTF-8), with its sums in the last lines."""
    headers = {"Content-Disposition": f'attachment; filename="bill-{day}.csv"', "Cache-Control": "no-store"}
    return Response(await merchants.statements.csv(signed, merchant, day), media_type="text/csv", headers=headers)


routes: list[ControllerRouterHandler] = [read_day_bill, read_day_bill_csv]
