"""HTTP of rate decks. Commands have their twins."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.calls.phone.rates.model import Deck, RatePage
from teahouse.calls.service import CallService
from teahouse.commands import Id, Signed


@get("/calls/phone/prices")
async def read_prices(
    signed: Given[Signed],
    calls: Given[CallService],
    text: Annotated[str, QueryParameter(max_length=60)] = "",
    after: Annotated[str, QueryParameter(max_length=16)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 100,
) -> RatePage:
    """What calls cost now, by destination: `text` is part of its name, or the beginning of a number."""
    return await calls.phone.rates.prices(signed, text=text, after=after, limit=limit)


@get("/calls/decks")
async def read_decks(signed: Given[Signed], calls: Given[CallService]) -> tuple[Deck, ...]:
    """Operators only."""
    return await calls.phone.rates.decks(signed)


@get("/calls/decks/{deck:str}/lines")
async def read_deck_lines(
    deck: FromPath[Id],
    signed: Given[Signed],
    calls: Given[CallService],
    prefix: Annotated[str, QueryParameter(max_length=15)] = "",
    after: Annotated[str, QueryParameter(max_length=16)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 100,
) -> RatePage:
    """Operators only."""
    return await calls.phone.rates.lines(signed, deck, prefix=prefix, after=after, limit=limit)


routes: list[ControllerRouterHandler] = [read_prices, read_decks, read_deck_lines]
