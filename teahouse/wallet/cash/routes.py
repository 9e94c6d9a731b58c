"""HTTP of the cash desk. Commands have their twins."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.wallet.cash.model import CashOperation, Customer, Desk
from teahouse.wallet.service import WalletService


@get("/wallet/desk")
async def read_desk(signed: Given[Signed], wallet: Given[WalletService]) -> Desk:
    """Cashiers only: one's own desk."""
    return await wallet.cash.desk(signed)


@get("/wallet/desk/customer")
async def find_customer(
    signed: Given[Signed],
    wallet: Given[WalletService],
    handle: Annotated[str, QueryParameter(min_length=1, max_length=64)],
) -> Customer:
    """Cashiers only: a person by handle or id, with what they have. The person is told that one looked."""
    return await wallet.cash.customer(signed, handle)


@get("/wallet/receipts/{operation:str}")
async def read_receipt(operation: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> CashOperation:
    """For the person, the cashiers who did it, and operators."""
    return await wallet.cash.receipt(signed, operation)


routes: list[ControllerRouterHandler] = [read_desk, find_customer, read_receipt]
