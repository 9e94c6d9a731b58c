"""HTTP of receipts."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from teahouse.bills.receipts.model import ReceiptCheck
from teahouse.bills.service import BillService
from teahouse.commands import Id, Signed
from teahouse.wallet.model import Language

ReceiptToken = Annotated[str, Meta(min_length=8, max_length=64)]


@get("/bills/payments/{payment:str}/receipt", media_type="application/pdf")
async def read_receipt(
    payment: FromPath[Id],
    signed: Given[Signed],
    bills: Given[BillService],
    language: Annotated[Language, QueryParameter()] = "en",
) -> Response[bytes]:
    """One's own, once it is paid: a PDF with the code by which anybody verifies it."""
    headers = {"Content-Disposition": 'attachment; filename="receipt.pdf"', "Cache-Control": "no-store"}
    body = await bills.receipts.pdf(signed, payment, language)
    return Response(body, media_type="application/pdf", headers=headers)


@get("/receipts/{token:str}")
async def check_receipt(token: FromPath[ReceiptToken], bills: Given[BillService]) -> ReceiptCheck:
    """Public: is this receipt true? `no_such_receipt` (404) if it is not."""
    return await bills.receipts.check(token)


routes: list[ControllerRouterHandler] = [read_receipt, check_receipt]
