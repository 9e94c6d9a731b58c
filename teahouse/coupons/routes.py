"""HTTP of coupons, gathered from its rooms. Commands have their twins."""

from litestar.types import ControllerRouterHandler

from teahouse.coupons.campaigns.routes import routes as campaigns
from teahouse.coupons.counter.routes import routes as counter
from teahouse.coupons.pack.routes import routes as pack
from teahouse.coupons.passes.routes import routes as passes

routes: list[ControllerRouterHandler] = [*campaigns, *pack, *counter, *passes]
