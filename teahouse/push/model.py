"""Web Push: what browsers give us, and what we send them."""

from typing import Annotated

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


class BadEndpoint(Refusal):
    code = "bad_push_endpoint"
    title = "Push services are public HTTPS addresses"
