"""HTTP of merchants, gathered from its rooms. Commands have their twins."""

from litestar.types import ControllerRouterHandler

from teahouse.merchants.accounts.routes import routes as accounts
from teahouse.merchants.orders.routes import routes as orders
from teahouse.merchants.statements.routes import routes as statements
from teahouse.merchants.webhooks.routes import routes as webhooks

routes: list[ControllerRouterHandler] = [*accounts, *orders, *statements, *webhooks]
