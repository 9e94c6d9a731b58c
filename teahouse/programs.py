"""What a program may do that signs in as a service account (a merchant's, with its API key). All else is for people:
what is not listed here is refused at the door, so that a new feature is closed to programs until somebody opens it."""

from typing import Final

from teahouse.errors import Forbidden

COMMANDS: Final = frozenset(
    {
        "campaign.create",
        "campaign.state",
        "campaign.update",
        "counter.add",
        "counter.remove",
        "counter.update",
        "coupon.cancel",
        "coupon.redeem",
        "order.charge",
        "order.close",
        "order.create",
        "order.refund",
    }
)
ROOMS: Final = ("/campaigns", "/coupons", "/merchants", "/orders", "/redemptions")
"""Beginnings of paths under `/api/v1`: there each command and read asks for the actor's role itself."""
BESIDE: Final = (("GET", "/me"), ("GET", "/sync"), ("DELETE", "/sessions/current"))
"""Who it is, what it missed, and signing itself out: the key ends with that."""


class PeopleOnly(Forbidden):
    code = "people_only"
    title = "Only people do this, not a program"


def may_command(tag: str) -> None:
    """Raises `PeopleOnly`."""
    if tag not in COMMANDS:
        raise PeopleOnly()


def may_ask(method: str, path: str) -> None:
    """May a program ask for this path (below `/api/v1`)? Raises `PeopleOnly`."""
    if (method, path) not in BESIDE and not any(path == room or path.startswith(f"{room}/") for room in ROOMS):
        raise PeopleOnly()
