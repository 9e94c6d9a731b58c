"""A SIP carrier of this machine beside a browser: it runs in a loop of its own, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from teahouse.calls.carrier.carrier import Carrier
from tests.harness.people import PATIENCE_S


@dataclass(frozen=True)
class Line:
    port: int


@contextmanager
def carrier_running() -> Iterator[Line]:
    """Where it listens; it answers whoever asks whether it is there."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="carrier", daemon=True)
    thread.start()
    carrier = Carrier(0, 5060)
    try:
        asyncio.run_coroutine_threadsafe(carrier.start(), loop).result(PATIENCE_S)
        yield Line(carrier.port)
    finally:
        asyncio.run_coroutine_threadsafe(carrier.stop(), loop).result(PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()
