"""The form of an event: what the server tells the devices that are connected, and again to those that `sync`."""

from typing import Literal

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """What the server tells. A durable event carries its `cursor`: the newest one a device has seen is what it syncs
    from. Events without a cursor (typing) are told to whoever is connected and then forgotten."""

    cursor: str = ""


class Synced(Event, frozen=True, tag="synced", omit_defaults=False):
    """The end of an answer to `sync`. With `more` the device asks again, with this cursor; until it is told
    `more: false`, it is not told of new events (so nothing is told out of order)."""

    id: str = ""
    more: bool = False


class Overflow(Event, frozen=True, tag="overflow"):
    """This connection read too slowly: what was queued for it was dropped. Send `sync` with the last cursor."""


class SignedOut(Event, frozen=True, tag="session.ended"):
    """This device was signed out; the connection closes."""

    reason: Literal["signed_out", "revoked", "password_changed", "closed"]
