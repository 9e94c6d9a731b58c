"""Member calls. Sound and pictures go from browser to browser; the house tells who is in, and passes signals on."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.calls.model import Outcome
from teahouse.commands import Command, Id, Result
from teahouse.events import Event

Nonce = Annotated[str, Meta(min_length=8, max_length=64)]
LegState = Literal["invited", "ringing", "joined", "left", "declined", "busy", "missed"]
"""`invited`: told, and no device has said yet that it rings. `missed`: nobody answered, or the caller gave up."""


class CallLeg(msgspec.Struct, frozen=True, omit_defaults=True):
    """One person in a call. A person is in a call on one device at a time."""

    person: str
    state: LegState
    leg: str = ""
    """While joined: where signals for it go. Each joining has another, so that one's own devices know which of them it
    is: the one whose `call.start` or `call.join` was answered with it."""
    joined_at: int = 0
    left_at: int = 0
    muted: bool = False
    camera: bool = False
    screen: bool = False
    held: bool = False


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    chat: str
    started_by: str
    at: int
    video: bool = False
    """It was begun with a camera; any leg may turn one on later."""
    answered_at: int = 0
    """When a second person was in it."""
    ended_at: int = 0
    outcome: Outcome = ""
    legs: tuple[CallLeg, ...] = ()


class StartCall(Command, frozen=True, tag="call.start"):
    """Call the other one of a direct chat, or members of a group. Where the chat has a call already, join that one.

    The same nonce again returns the same call. Refused: `call_crowded` (six people), `chat_too_large` (a group of more
    than six members must say who), `in_another_chat`, and why one may not write in that chat.
    """

    chat: Id
    nonce: Nonce
    video: bool = False
    people: Annotated[tuple[Id, ...], Meta(max_length=5)] = ()
    """Of a group: whom to ring; empty: all, where they are six or fewer."""


class RingCall(Command, frozen=True, tag="call.ringing"):
    """This device rings: the caller sees so."""

    call: Id


class JoinCall(Command, frozen=True, tag="call.join"):
    """Answer on this device. Refused: `call_over`, `call_elsewhere` (another of one's devices is in it; with
    `take_over` that one leaves)."""

    call: Id
    take_over: bool = False


class DeclineCall(Command, frozen=True, tag="call.decline"):
    """Ring no more, on any of one's devices."""

    call: Id
    busy: bool = False


class LeaveCall(Command, frozen=True, tag="call.leave"):
    """Hang up. A call in which one is left alone ends; before an answer the caller's leaving cancels it."""

    call: Id


class InviteToCall(Command, frozen=True, tag="call.invite"):
    """Ring further members of the group, or again those who declined or missed it."""

    call: Id
    people: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=5)]


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["offer", "answer", "rollback"]
    sdp: Annotated[str, Meta(max_length=65_536)] = ""


class Candidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An ICE candidate as browsers write it; an empty `candidate` ends them."""

    candidate: Annotated[str, Meta(max_length=1024)] = ""
    mid: Annotated[str, Meta(max_length=64)] = ""
    index: Annotated[int, Meta(ge=0, le=64)] = 0
    fragment: Annotated[str, Meta(max_length=256)] = ""


class SignalCall(Command, frozen=True, tag="call.signal"):
    """Pass a description or candidates on to one other leg. Refused: `not_in_call`, `no_such_leg`."""

    call: Id
    to: Id
    description: Description | None = None
    candidates: Annotated[tuple[Candidate, ...], Meta(max_length=50)] = ()


class SetLeg(Command, frozen=True, tag="call.state"):
    """What the others show of one's leg."""

    call: Id
    muted: bool = False
    camera: bool = False
    screen: bool = False
    held: bool = False


class KeepCall(Command, frozen=True, tag="call.keep"):
    """This device is still in the call; sent every 10 s. A leg that was silent for 40 s has left."""

    call: Id


class CallStarted(Result, frozen=True):
    call: Call
    leg: str
    """One's own."""


class CallChanged(Event, frozen=True, tag="call.changed"):
    """Told to all who are or were rung by it. A device rings while its person's own leg is `invited` or `ringing`."""

    call: Call


class CallSignal(Event, frozen=True, tag="call.signal"):
    """Told to the person of the leg `to`; their other devices let it pass."""

    call: str
    sender: str
    """The leg it comes from."""
    to: str
    description: Description | None = None
    candidates: tuple[Candidate, ...] = ()


class OpenCalls(msgspec.Struct, frozen=True):
    """Calls that go on now and ring one or have one in them."""

    calls: tuple[Call, ...]
