"""What an event says of a call that rings: the same for calls of members and of phones."""

from collections.abc import Callable, Collection
from typing import Any, Final

import msgspec

from teahouse.calls.members.model import CallChanged
from teahouse.calls.phone.model import PhoneChanged
from teahouse.events import Event

RINGING: Final = ("invited", "ringing")
NOT_MISSED: Final = ("declined", "hung_up")
"""Reasons of a phone call that came in and that its person ended."""


class Ringing(msgspec.Struct, frozen=True):
    """Whom a call rings now, and who missed it. The rest of those it rang have answered or declined."""

    call: str
    rung: frozenset[str]
    missed: frozenset[str]
    chat: str = ""
    caller: str = ""
    """The member who began it."""
    number: str = ""
    """Of the phone that calls, as it is written internationally; empty: withheld."""
    video: bool = False


def of_members(event: CallChanged, _told: Collection[str]) -> Ringing:
    call = event.call
    return Ringing(
        call=call.id,
        rung=frozenset(leg.person for leg in call.legs if leg.state in RINGING),
        missed=frozenset(leg.person for leg in call.legs if leg.state == "missed"),
        chat=call.chat,
        caller=call.started_by,
        video=call.video,
    )


def of_phone(event: PhoneChanged, told: Collection[str]) -> Ringing | None:
    """A call that a phone makes to a person; None for those that they make."""
    call = event.call
    if call.direction != "in":
        return None
    missed = call.state == "ended" and not call.answered_at and call.reason not in NOT_MISSED
    return Ringing(
        call=call.id,
        rung=frozenset(told if call.state == "ringing" else ()),
        missed=frozenset(told if missed else ()),
        number=call.formatted or call.number,
    )


Reader = Callable[[Any, Collection[str]], Ringing | None]
READERS: Final[dict[type[Event], Reader]] = {CallChanged: of_members, PhoneChanged: of_phone}
"""`(event, people who are told)`."""
