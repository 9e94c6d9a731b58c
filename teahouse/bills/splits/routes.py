"""HTTP of splits. Commands have their twins."""

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from teahouse.bills.service import BillService
from teahouse.bills.splits.model import Split
from teahouse.commands import Id, Signed


@get("/splits/{split:str}")
async def read_split(split: FromPath[Id], signed: Given[Signed], bills: Given[BillService]) -> Split:
    """For those who can read its message."""
    return await bills.splits.split(signed, split)


routes: list[ControllerRouterHandler] = [read_split]
