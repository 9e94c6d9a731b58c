"""HTTP of the house itself: what it says to anybody, and what its operators change."""

from litestar import get, patch
from litestar.di import NamedDependency as Given
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from teahouse.commands import Signed
from teahouse.operator.model import ChangeHouse, HouseCard
from teahouse.operator.service import OperatorService


@get("/house")
async def read_house(operator: Given[OperatorService]) -> HouseCard:
    """The house's name, who may come in, and its limits. Nobody need be signed in."""
    return operator.card()


@patch("/house")
async def change_house(
    data: JSONBody[ChangeHouse], signed: Given[Signed], operator: Given[OperatorService]
) -> HouseCard:
    """Operators only."""
    return await operator.change(signed, data)


routes: list[HTTPRouteHandler] = [read_house, change_house]
