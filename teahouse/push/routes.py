"""`/push/subscriptions`: this device's Web Push subscription."""

from litestar import delete, post
from litestar.di import NamedDependency as Given
from litestar.params import JSONBody

from teahouse.commands import Done, Signed
from teahouse.push.model import PushSubscription
from teahouse.push.service import PushService


@post("/push/subscriptions", status_code=201)
async def subscribe(push: Given[PushService], signed: Given[Signed], data: JSONBody[PushSubscription]) -> Done:
    """Send notices of new messages to this device while it is not connected."""
    await push.subscribe(signed, data)
    return Done()


@delete("/push/subscriptions", status_code=200)
async def unsubscribe(push: Given[PushService], signed: Given[Signed]) -> Done:
    """Send no more notices to this device."""
    await push.unsubscribe(signed.device)
    return Done()


routes = [subscribe, unsubscribe]
