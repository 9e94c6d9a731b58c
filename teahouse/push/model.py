"""Web Push: what browsers give us, and what we send them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.errors import Refusal


class PushKeys(msgspec.Struct, frozen=True):
    """The browser's own keys (RFC 8291), base64url."""

    p256dh: Annotated[str, Meta(min_length=80, max_length=100)]
    auth: Annotated[str, Meta(min_length=16, max_length=40)]


class PushSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """`PushSubscription.toJSON()` of the browser. One a device: a new one replaces the old."""

    endpoint: Annotated[str, Meta(max_length=1000, pattern="^https?://")]
    keys: PushKeys


class CallNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What a device is sent of a call, as `chat.notices.Notice` is of a message."""

    title: str
    body: str
    call: str
    chat: str = ""
    """Empty for a phone call."""
    seq: int = 0
    tag: str
    rings: bool
    """It is to be answered now. Otherwise this takes the place of the ringing notification."""
    missed: bool = False
    """It stays for the person to see; otherwise (answered or declined elsewhere) the notification goes away."""


class Delivery(msgspec.Struct, frozen=True):
    """What a push service is to do with a message (RFC 8030, sections 5.2 to 5.4)."""

    ttl_s: int = 24 * 3600
    """How long it is kept for a phone that is off."""
    urgency: Literal["normal", "high"] = "normal"
    topic: str = ""
    """A message that waits is replaced by the next of the same topic; at most 32 characters of base64url."""


class BadEndpoint(Refusal):
    code = "bad_push_endpoint"
    title = "Push services are public HTTPS addresses"
