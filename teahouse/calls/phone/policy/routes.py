"""HTTP of the policy of phone calls. Commands have their twins."""

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.types import ControllerRouterHandler

from teahouse.calls.phone.policy.model import PhonePolicy
from teahouse.calls.service import CallService
from teahouse.commands import Signed


@get("/calls/phone/policy")
async def read_phone_policy(signed: Given[Signed], calls: Given[CallService]) -> PhonePolicy:
    """Operators only."""
    return await calls.phone.policy.read(signed)


routes: list[ControllerRouterHandler] = [read_phone_policy]
