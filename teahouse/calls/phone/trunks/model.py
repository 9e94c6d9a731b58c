"""Trunks as the operator sets them up, and which number reaches whom."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.people.model import Person

Host = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:\[\]_-]+$")]
Network = Annotated[str, Meta(max_length=49, description="An address or a network, `203.0.113.0/24`.")]
E164 = Annotated[str, Meta(pattern=r"^\+[0-9]{3,15}$")]


class TrunkSetup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    host: Host
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    transport: Literal["udp", "tcp", "tls"] = "udp"
    user: Annotated[str, Meta(max_length=100)] = ""
    domain: Annotated[str, Meta(max_length=253)] = ""
    register: bool = False
    networks: Annotated[tuple[Network, ...], Meta(max_length=32)] = ()
    """Where its requests and its sound may come from, beside its host's addresses."""
    format: Literal["plus", "digits", "double_zero", "national"] = "plus"
    """How it wants numbers: `+4930…`, `4930…`, `004930…`, or those of the house's country as `030…` (others `00…`)."""
    prefix: Annotated[str, Meta(max_length=16, pattern="^[0-9*#]*$")] = ""
    """Dialled before each number."""
    calls_max: Annotated[int, Meta(ge=1, le=10_000)] = 30
    session_expires_s: Annotated[int, Meta(ge=0, le=86_400)] = 1800
    verify_tls: bool = True
    on: bool = True


class AddTrunk(Command, frozen=True, tag="trunk.add"):
    """Operators only."""

    setup: TrunkSetup
    password: Annotated[str, Meta(max_length=200)] = ""


class UpdateTrunk(Command, frozen=True, tag="trunk.update"):
    """Operators only. Calls that go on stay."""

    trunk: Id
    setup: TrunkSetup
    password: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    """Without one it stays as it is; it is never shown again."""


class RemoveTrunk(Command, frozen=True, tag="trunk.remove"):
    trunk: Id


class TrunkAdded(Result, frozen=True):
    trunk: str


class TrunkView(msgspec.Struct, frozen=True):
    """Operators only."""

    id: str
    setup: TrunkSetup
    has_password: bool
    state: Literal["off", "starting", "up", "down", "refused"]
    detail: str
    since: int
    """Unix ms."""
    calls: int
    """That it carries now."""


class AssignNumber(Command, frozen=True, tag="number.assign"):
    """Operators only: who is rung when the number is called; nobody: it is the house's, and rings nobody."""

    number: E164
    person: Annotated[str, Meta(max_length=16)] = ""


class RemoveNumber(Command, frozen=True, tag="number.remove"):
    number: E164


class PhoneNumber(msgspec.Struct, frozen=True, omit_defaults=True):
    number: str
    person: str
    """Empty: it is the house's, and rings nobody."""
    at: int
    owner: Person | None = None


class TrunksChanged(Event, frozen=True, tag="trunks.changed"):
    """Told to operators: a trunk went up or down, or was changed."""
