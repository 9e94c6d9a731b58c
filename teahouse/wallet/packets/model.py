"""Red packets: what clients may ask and what they are told."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.money import Money
from teahouse.people.model import Person
from teahouse.wallet.model import Approval, Key


class SendPacket(Command, frozen=True, tag="packet.send"):
    """Drop a red packet into a chat: `count` shares of `amount` in all, equal or by luck. In a direct chat, or with
    `to`, it is for one person."""

    key: Key
    chat: Id
    amount: Money
    approval: Approval
    count: Annotated[int, Meta(ge=1, le=500)] = 1
    split: Literal["equal", "lucky"] = "lucky"
    to: Id | UnsetType = UNSET
    greeting: Annotated[str, Meta(max_length=60)] = ""
    campaign: Id | UnsetType = UNSET
    """By staff of its merchant, while it is live: who opens the packet also gets one of its coupons, as long as there
    are any and they have not claimed enough."""


class PacketSent(Result, frozen=True):
    packet: str
    chat: str
    seq: int
    available: int


class OpenPacket(Command, frozen=True, tag="packet.open"):
    """Hot. Opening again returns the same share."""

    packet: Id


class PacketOpened(Result, frozen=True):
    amount: int
    """One's share."""
    currency: str
    opened: int
    count: int
    coupon: str = ""
    """The id of the coupon that came with it, if one did."""


class PacketShare(msgspec.Struct, frozen=True):
    person: Person
    amount: int
    at: int


class Packet(msgspec.Struct, frozen=True, omit_defaults=True):
    """A red packet with who opened it, for those who may open it."""

    id: str
    sender: Person
    chat: str
    seq: int
    at: int
    amount: int
    currency: str
    count: int
    split: Literal["equal", "lucky"]
    state: Literal["open", "empty", "returned"]
    greeting: str
    expires_at: int
    shares: tuple[PacketShare, ...]
    """In the order of opening."""
    mine: int = 0
    """One's own share, 0 for none."""
    best: str = ""
    """Who had the best luck, once a lucky one is empty."""
    to: str = ""
    returned: int = 0
    """What went back after a day."""
