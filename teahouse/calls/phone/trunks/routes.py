"""HTTP of trunks and numbers: operators only. Commands have their twins."""

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.types import ControllerRouterHandler

from teahouse.calls.phone.trunks.model import PhoneNumber, TrunkView
from teahouse.calls.service import CallService
from teahouse.commands import Signed


@get("/calls/trunks")
async def read_trunks(signed: Given[Signed], calls: Given[CallService]) -> tuple[TrunkView, ...]:
    return await calls.phone.trunks.views(signed)


@get("/calls/numbers")
async def read_numbers(signed: Given[Signed], calls: Given[CallService]) -> tuple[PhoneNumber, ...]:
    return await calls.phone.trunks.numbers(signed)


routes: list[ControllerRouterHandler] = [read_trunks, read_numbers]
