"""User agents of ours on real sockets, with a clock that loopback can be held to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from teahouse.calls.sip.model import Trunk
from teahouse.calls.sip.resolve import Resolver
from teahouse.calls.sip.stack import Stack, StackSettings
from tests.calls.sip.phone import Bell

FAST = StackSettings("127.0.0.1:0", t1_s=0.1)
IMPATIENT = StackSettings("127.0.0.1:0", t1_s=0.03)
"""For stories in which somebody has to be given up: that takes 64 * T1."""


@dataclass
class House:
    stack: Stack
    bell: Bell


@asynccontextmanager
async def opened(
    *trunks: Trunk, settings: StackSettings = FAST, resolver: Resolver | None = None
) -> AsyncIterator[House]:
    bell = Bell()
    stack = Stack(settings, bell.on_incoming, bell.on_status, resolver)
    await stack.start()
    try:
        stack.set_trunks(trunks)
        yield House(stack, bell)
    finally:
        await stack.stop()


def trunk(address: tuple[str, int], **fields: object) -> Trunk:
    """The carrier at this address; it is not watched unless that is asked for."""
    return Trunk(**{"id": "carrier", "host": address[0], "port": address[1], "keep_alive_s": 0, **fields})  # type: ignore[arg-type]
