"""HTTP of card top-ups through Stripe."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.wallet.card.model import CardTopUp, StartCardTopUp
from teahouse.wallet.service import WalletService


@post("/wallet/card/top-ups", status_code=201)
async def start_card_top_up(
    data: JSONBody[StartCardTopUp], signed: Given[Signed], wallet: Given[WalletService]
) -> CardTopUp:
    """Begin to pay by card: `url` is Stripe's page. The wallet has the money once Stripe says so."""
    return await wallet.card.start(signed, data)


@get("/wallet/card/top-ups/{top_up:str}")
async def read_card_top_up(top_up: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> CardTopUp:
    """One's own."""
    return await wallet.card.top_up(signed, top_up)


@post("/wallet/card/top-ups/{top_up:str}/refund", status_code=200)
async def refund_card_top_up(top_up: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> CardTopUp:
    """Operators only: give the money back to the card, as far as the person still has it."""
    return await wallet.card.refund(signed, top_up)


@post("/wallet/card/events", status_code=200)
async def card_event(request: Request[Any, Any, Any], wallet: Given[WalletService]) -> None:
    """Stripe's webhook: believed by its signature alone."""
    await wallet.card.event(await request.body(), request.headers.get("stripe-signature", ""))


routes: list[ControllerRouterHandler] = [start_card_top_up, read_card_top_up, refund_card_top_up, card_event]
