"""The form of a command, whatever door it comes through.

A command is declared once, as a struct in its feature's `model.py`. The live door reads it from a WebSocket frame by
its `type`; its HTTP twin (see `teahouse.http.twins`) takes some of its fields from the path and the rest from the body.
"""

from typing import Annotated, Protocol

import msgspec

from teahouse import ids

Id = Annotated[str, msgspec.Meta(pattern=ids.PATTERN, description="An id of this house: 16 base32 characters.")]
Seq = Annotated[int, msgspec.Meta(ge=1, le=2**53, description="A message's number within its chat: 1, 2, 3 …")]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=2**53, description="Milliseconds (since 1970 UTC for an instant).")]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What a person asks for. `id` is chosen by the client and comes back with the answer (live door only)."""

    id: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a command answers with: the body of its HTTP twin, and the fields of its live `ack`."""


class Done(Result, frozen=True):
    """It is done, and there is nothing more to say."""


class Actor(Protocol):
    """Who asks: a person, on one of their devices."""

    @property
    def person(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def is_operator(self) -> bool: ...

    @property
    def is_service(self) -> bool: ...


class Signed(msgspec.Struct, frozen=True):
    """A signed-in person on one device (an `Actor`)."""

    person: str
    device: str
    is_operator: bool = False
    is_service: bool = False
    """A program, which signed in as a service account: it may do what `teahouse.programs` lists."""
