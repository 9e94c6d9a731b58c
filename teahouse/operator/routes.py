"""HTTP of the house itself: what it says to anybody, and what its operators change."""

from litestar import get, patch
from litestar.handlers import HTTPRouteHandler

from teahouse.commands import Signed
from teahouse.operator.model import ChangeHouse, HouseCard
from teahouse.operator.service import OperatorService


@get("/house")
async def read_house(operator: OperatorService) -> HouseCard:
    """The house's name, who may come in, and its limits. Nobody need be signed in."""
    return operator.card()


@patch("/house")
async def change_house(data: ChangeHouse, signed: Signed, operator: OperatorService) -> HouseCard:
    """Operators only."""
    return await operator.change(signed, data)


routes: list[HTTPRouteHandler] = [read_house, change_house]
