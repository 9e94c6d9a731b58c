"""HTTP of member calls. Commands have their twins."""

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.types import ControllerRouterHandler

from teahouse.calls.members.model import OpenCalls
from teahouse.calls.service import CallService
from teahouse.commands import Signed


@get("/calls/open")
async def read_open_calls(signed: Given[Signed], calls: Given[CallService]) -> OpenCalls:
    """Calls that ring one or have one in them now: what a device asks when it comes back."""
    return await calls.members.open(signed)


routes: list[ControllerRouterHandler] = [read_open_calls]
