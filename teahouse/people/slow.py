"""Work that takes a processor for milliseconds (password hashes, signatures, pictures): off the loop and off the
writer's thread, in a few threads with a bounded queue."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from teahouse.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")


class SlowWork:
    def __init__(self, name: str, *, threads: int, waiting_max: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = BoundedSemaphore(threads + waiting_max)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Raises `Unavailable` when too much waits already."""
        if not self._places.acquire(blocking=False):
            raise Unavailable("Too many people sign in or upload just now; try again.", retry_after_ms=2000)
        work = self._pool.submit(function, *args, **kwargs)
        # Given back when the work ends, not when its caller goes away: a cancelled request still holds a thread.
        work.add_done_callback(lambda _work: self._places.release())
        return await asyncio.wrap_future(work)

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
