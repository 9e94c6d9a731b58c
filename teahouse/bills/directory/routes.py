"""HTTP of the biller directory. Commands have their twins."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.bills.directory.model import Biller, BillerCategory, BillerList, BillerSetup
from teahouse.bills.service import BillService
from teahouse.commands import Id, Signed


@get("/billers")
async def read_billers(
    signed: Given[Signed],
    bills: Given[BillService],
    category: Annotated[BillerCategory | None, QueryParameter()] = None,
    region: Annotated[str, QueryParameter(max_length=6)] = "",
    text: Annotated[str, QueryParameter(max_length=60)] = "",
) -> BillerList:
    """Those that are open, by name. A region finds those of the whole country too (`DE-BY`: also `DE`)."""
    return await bills.directory.find(category=category, region=region, text=text)


@get("/billers/setups")
async def read_biller_setups(signed: Given[Signed], bills: Given[BillService]) -> tuple[BillerSetup, ...]:
    """Operators only: all of them, paused ones too."""
    return await bills.directory.setups(signed)


@get("/billers/{biller:str}")
async def read_biller(biller: FromPath[Id], signed: Given[Signed], bills: Given[BillService]) -> Biller:
    return await bills.directory.biller(biller)


routes: list[ControllerRouterHandler] = [read_billers, read_biller_setups, read_biller]
