"""Makes PDFs, one at a time in a thread of its own: neither the loop nor the writer waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from teahouse.errors import Unavailable

WAITING_MAX = 32


class Press:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="printing")
        self._waiting = 0

    async def make(self, draw: Callable[[], bytes]) -> bytes:
        """Return what `draw` draws; it may import what is heavy. Raises `Unavailable` when too many wait already."""
        if self._waiting >= WAITING_MAX:
            raise Unavailable("Many papers are being made: try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, draw)
        finally:
            self._waiting -= 1
