"""HTTP of saved bills. Commands have their twins."""

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.types import ControllerRouterHandler

from teahouse.bills.saved.model import SavedBill
from teahouse.bills.service import BillService
from teahouse.commands import Signed


@get("/bills/saved")
async def read_saved_bills(signed: Given[Signed], bills: Given[BillService]) -> tuple[SavedBill, ...]:
    """One's own; what is due first comes first."""
    return await bills.saved.all(signed)


routes: list[ControllerRouterHandler] = [read_saved_bills]
