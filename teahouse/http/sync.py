"""Catching up over HTTP, for bots and for networks that cut WebSockets: the twin of the live `sync`."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import QueryParameter

from teahouse.commands import Result, Signed
from teahouse.house import House


class Missed(Result, frozen=True):
    """What a device missed: the same events as live, then the cursor to go on from."""

    events: tuple[msgspec.Raw, ...]
    cursor: str
    more: bool


@get("/sync")
async def sync_twin(
    house: Given[House],
    signed: Given[Signed],
    cursor: Annotated[str, QueryParameter(pattern=r"^[0-9]*$", max_length=18)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 500,
) -> Any:
    """Events since a cursor; an empty cursor asks for the present one."""
    events, seen, more, _ = await house.sync(signed, int(cursor) if cursor else None, limit)
    return Missed(events=tuple(map(msgspec.Raw, events)), cursor=str(seen), more=more)
