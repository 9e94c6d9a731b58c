"""HTTP of billers' files. Commands have their twins."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.bills.files.model import BillFile, Settlement
from teahouse.bills.service import BillService
from teahouse.commands import Id, Signed


@post("/billers/{biller:str}/files", status_code=201)
async def take_bill_file(
    biller: FromPath[Id],
    request: Request[Any, Any, Any],
    signed: Given[Signed],
    bills: Given[BillService],
    name: Annotated[str, QueryParameter(max_length=120)] = "",
) -> BillFile:
    """Operators only; body: the biller's open bills as CSV or `pain.013`, or its statement as `camt.053` (5 MiB at
    most)."""
    return await bills.files.take(signed, biller, name, await request.body())


@get("/billers/{biller:str}/files")
async def read_bill_files(
    biller: FromPath[Id], signed: Given[Signed], bills: Given[BillService]
) -> tuple[BillFile, ...]:
    """Operators only: the newest 100."""
    return await bills.files.files(signed, biller)


@get("/billers/{biller:str}/settlements")
async def read_settlements(
    biller: FromPath[Id], signed: Given[Signed], bills: Given[BillService]
) -> tuple[Settlement, ...]:
    """Operators only: the newest 100."""
    return await bills.files.settlements(signed, biller)


@get("/billers/settlements/{settlement:str}/file")
async def read_settlement_file(
    settlement: FromPath[Id], signed: Given[Signed], bills: Given[BillService]
) -> Response[bytes]:
    """Operators only: `pain.001` or CSV, as an attachment."""
    body, name, kind = await bills.files.settlement_file(signed, settlement)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=kind, headers=headers)


routes: list[ControllerRouterHandler] = [take_bill_file, read_bill_files, read_settlements, read_settlement_file]
