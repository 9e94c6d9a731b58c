"""What every room of calls says: session descriptions, prices, and one line of a history of calls."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.commands import Command, Id

Sdp = Annotated[str, Meta(min_length=1, max_length=65_536, description="A session description (RFC 8866).")]
Outcome = Literal["", "answered", "missed", "declined", "busy", "cancelled", "no_answer", "failed"]
"""How a call went; empty while it goes on. `cancelled`: the caller gave up; the called see it as `missed`."""
Rating = Annotated[int, Meta(ge=1, le=5, description="Stars.")]
Trouble = Literal["echo", "noise", "silence", "delay", "cut", "video", "other"]
PEOPLE_MAX = 6
"""In one member call: each sends to each other one (a mesh), which a phone's upload carries up to here."""


class CallSum(msgspec.Struct, frozen=True):
    """A price or a balance, which may be nothing."""

    amount: int
    """Minor units."""
    currency: str


class CallRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call of a person's, as their history shows it."""

    id: str
    kind: Literal["member", "phone"]
    direction: Literal["in", "out"]
    at: int
    """When it began, Unix ms."""
    outcome: Outcome
    seconds: int = 0
    """Of talk."""
    video: bool = False
    chat: str = ""
    people: tuple[str, ...] = ()
    """The others of a member call."""
    number: str = ""
    """E.164, of a phone call; empty: withheld."""
    reason: str = ""
    """Of a phone call that was not answered: `PhoneCall.reason`."""
    cost: CallSum | None = None
    rating: int = 0


class CallPage(msgspec.Struct, frozen=True):
    calls: tuple[CallRecord, ...]
    more: bool


class RateCall(Command, frozen=True, tag="call.rate"):
    """Say how one's own call was, once it ended; again changes it. Raises `no_such_call`."""

    call: Id
    stars: Rating
    troubles: Annotated[tuple[Trouble, ...], Meta(max_length=7)] = ()


class ForgetCalls(Command, frozen=True, tag="call.forget"):
    """Take calls out of one's own history (all of them without ids). What they cost stays in the wallet's."""

    calls: Annotated[tuple[Id, ...], Meta(max_length=100)] = ()
