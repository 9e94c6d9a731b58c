"""HTTP of the wallet, gathered from its rooms. Commands have their twins."""

from litestar.types import ControllerRouterHandler

from teahouse.wallet.bank.routes import routes as bank
from teahouse.wallet.card.routes import routes as card
from teahouse.wallet.cash.routes import routes as cash
from teahouse.wallet.guard.routes import routes as guard
from teahouse.wallet.history.routes import routes as history
from teahouse.wallet.packets.routes import routes as packets
from teahouse.wallet.payments.routes import routes as payments

routes: list[ControllerRouterHandler] = [*history, *guard, *payments, *packets, *cash, *card, *bank]
