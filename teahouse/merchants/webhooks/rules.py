"""When a webhook is tried again, and where one may go. Pure."""

from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from teahouse.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from teahouse.errors import Conflict, NotFound, Refusal

DELAYS_MS: Final = tuple(
    [15 * SECOND_MS, 15 * SECOND_MS, 30 * SECOND_MS]
    + [each * MINUTE_MS for each in (3, 10, 20, 30, 30, 30, 60)]
    + [each * HOUR_MS for each in (3, 3, 3, 6, 6)]
)
"""After each attempt that failed, as WeChat Pay has them: 24 hours and 4 minutes in all."""
LASTS_MS: Final = sum(DELAYS_MS)
KEPT_MS: Final = 30 * DAY_MS
WAITING_MAX: Final = 10_000
"""Of one merchant."""
GONE: Final = 410
NO_ANSWER: Final = "no answer"
PORT_MIN: Final = 1024
HTTPS: Final = 443


class NoWebhook(NotFound):
    code = "no_webhook"
    title = "No address is set for webhooks"


class NoSuchDelivery(NotFound):
    code = "no_such_delivery"
    title = "There is no such delivery"


class WrongWebhookUrl(Refusal):
    code = "wrong_webhook_url"
    title = "Webhooks go to https addresses on the public internet"


class TooManyWaiting(Conflict):
    code = "too_many_waiting"
    title = "Too many webhooks wait already"


class Next(msgspec.Struct, frozen=True):
    state: Literal["waiting", "delivered", "given_up"]
    next_at: int


def after(attempts: int, at: int, now: int, status: int) -> Next:
    """Say what becomes of a delivery of `at` after so many attempts, the last of which ended so (0: no answer).

    One that waited behind another for its own day is tried once, and given up with it.
    """
    if 200 <= status < 300:
        return Next("delivered", now)
    if status == GONE or attempts > len(DELAYS_MS) or now - at >= LASTS_MS:
        return Next("given_up", now)
    return Next("waiting", now + DELAYS_MS[attempts - 1])


def must_be_callable(url: str, *, private_too: bool) -> tuple[str, int]:
    """Return host and port of an address that webhooks may go to, as far as one can see. Raises `WrongWebhookUrl`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise WrongWebhookUrl() from None
    if not host or parts.username is not None or parts.password is not None or parts.fragment or not url.isascii():
        raise WrongWebhookUrl()
    if any(each.isspace() for each in url) or parts.scheme not in (("https", "http") if private_too else ("https",)):
        raise WrongWebhookUrl()
    if port is not None and port < PORT_MIN and port != HTTPS and not private_too:
        raise WrongWebhookUrl("Only port 443 and those above 1023.")
    return host, port or (HTTPS if parts.scheme == "https" else 80)
