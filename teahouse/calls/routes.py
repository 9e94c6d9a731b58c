"""HTTP of calls, gathered from its rooms. Commands have their twins."""

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.types import ControllerRouterHandler

from teahouse.calls.history.routes import routes as history
from teahouse.calls.ice import IceServers
from teahouse.calls.members.routes import routes as members
from teahouse.calls.phone.routes import routes as phone
from teahouse.calls.service import CallService
from teahouse.commands import Signed


@get("/calls/ice")
async def read_ice_servers(signed: Given[Signed], calls: Given[CallService]) -> IceServers:
    """STUN and TURN servers for one's browser, with credentials that end."""
    return calls.ice_servers(signed)


routes: list[ControllerRouterHandler] = [read_ice_servers, *members, *phone, *history]
