"""Webhooks: the merchant's program is told what happened. Signed by the house (RFC 9421, RFC 9530), retried with the
intervals of WeChat Pay for a day, in the order of events as far as the receiver is up."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

WebhookEvent = Literal["order.paid", "order.closed", "order.refunded", "coupon.redeemed", "coupon.cancelled", "test"]


class Webhook(msgspec.Struct, frozen=True):
    url: str
    """Empty: none."""
    key_id: str
    public_key: str
    """The house's Ed25519 key (raw, base64), with which a receiver checks signatures."""
    waiting: int
    """Events not delivered yet."""


class SetWebhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: Annotated[str, Meta(max_length=500)]
    """`https:` and public, unless the house is on a network of its own (`webhooks_private`). Empty: none."""


class Delivery(msgspec.Struct, frozen=True):
    id: str
    event: WebhookEvent
    at: int
    state: Literal["waiting", "delivered", "given_up"]
    attempts: int
    next_at: int
    last: str
    """What became of the last attempt: `200`, `503`, `no answer` …"""


class HouseKey(msgspec.Struct, frozen=True):
    """With which the house signs what it sends to billers and merchants (RFC 9421)."""

    key_id: str
    public_key: str
    """Ed25519 (raw, base64)."""


class Told(msgspec.Struct, frozen=True):
    """The body of a webhook. `id` is the same in every attempt."""

    id: str
    event: WebhookEvent
    at: int
    merchant: str
    data: dict[str, Any]
    """The order (or redemption) as its staff sees it."""
