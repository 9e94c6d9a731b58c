"""What stands before every request: limits per address, refusal of cross-site changes, and every answer's headers."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar.types import ASGIApp, Message, Receive, Send

from teahouse.address import client_address
from teahouse.errors import Forbidden, Refusal
from teahouse.house import House
from teahouse.http.problems import PROBLEM
from teahouse.http.session import may_change, token_of

SAFE = ("GET", "HEAD", "OPTIONS")


def headers_of(house: House) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer. The policy allows no inline script and nothing from other hosts."""
    url = urlsplit(house.settings.public_url)
    live = f"{'wss' if house.settings.secure else 'ws'}://{url.netloc}"
    policy = (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
        f"connect-src 'self' blob: {live}; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    found = [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(self), microphone=(self), geolocation=(self)"),
    ]
    if house.settings.secure:
        found.append(("strict-transport-security", "max-age=31536000"))
    return [(name.encode(), value.encode()) for name, value in found]


def guarded(app: ASGIApp, house: House) -> ASGIApp:
    """Return the app behind the guard."""
    always = headers_of(house)

    async def guard(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in always if each[0] not in given)]
            await send(message)

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            house.limits.address.take(client_address(scope, house.settings))
            if scope["method"] not in SAFE and token_of(headers)[1] and not may_change(house.settings, headers):
                raise Forbidden("A change must come from the house's own pages.")
        except Refusal as refusal:
            await _refuse(send_with_headers, refusal)
            return
        await app(scope, receive, send_with_headers)

    return guard


async def _refuse(send: Any, refusal: Refusal) -> None:
    body = msgspec.json.encode(refusal.problem())
    headers = [(b"content-type", PROBLEM.encode()), (b"content-length", str(len(body)).encode())]
    if "retry_after_ms" in refusal.fields:
        headers.append((b"retry-after", str(-(-refusal.fields["retry_after_ms"] // 1000)).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
