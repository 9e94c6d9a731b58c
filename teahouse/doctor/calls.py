"""What calls need: servers that help browsers to meet, and what carries sound to phones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from teahouse.config import Settings
from teahouse.doctor.model import Finding


def relays(settings: Settings) -> Iterator[Finding]:
    """STUN and TURN servers are asked as a browser would, with credentials of the house's own."""
    from teahouse.calls.checking import check_turn

    for found in asyncio.run(check_turn(settings)):
        yield Finding(found.what, found.state, found.found, found.fix)


def phone_media(settings: Settings) -> Iterator[Finding]:
    from teahouse.calls.checking import check_media

    found = asyncio.run(check_media(settings))
    yield Finding(found.what, found.state, found.found, found.fix)
