"""HTTP of the history of calls, and of what browsers need to reach each other. Commands have their twins."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.calls.model import CallPage, CallRecord
from teahouse.calls.service import CallService
from teahouse.commands import Id, Signed


@get("/calls")
async def read_calls(
    signed: Given[Signed],
    calls: Given[CallService],
    before: Annotated[str, QueryParameter(max_length=16)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    missed: Annotated[bool, QueryParameter()] = False,
) -> CallPage:
    """One's own calls, newest first."""
    return await calls.history.page(signed, before=before, limit=limit, missed=missed)


@get("/calls/{call:str}")
async def read_call(call: FromPath[Id], signed: Given[Signed], calls: Given[CallService]) -> CallRecord:
    """One's own."""
    return await calls.history.record(signed, call)


routes: list[ControllerRouterHandler] = [read_calls, read_call]
