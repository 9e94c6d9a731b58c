"""The user agent on the loop that the house runs on, whose clock ticks in milliseconds."""

import asyncio
from functools import partial
from typing import Any

import uvloop

from tests.calls.sip.houses import opened
from tests.calls.sip.phone import PATIENCE_S

JUST_NOW_S = 0.0004
"""Less than half a tick: uvloop makes such a timer a plain call, which knows no time."""
TIMERS = 50


def test_timers_that_are_due_within_the_tick_are_kept() -> None:
    async def story() -> None:
        failed: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failed.append(context))
        async with opened() as house:
            fired: list[int] = []
            last = asyncio.Event()
            for number in range(TIMERS):
                house.stack._agent.after(JUST_NOW_S, partial(fired.append, number))
                await asyncio.sleep(0)
                house.stack.wake()
                await asyncio.sleep(0)
            house.stack._agent.after(JUST_NOW_S, last.set)
            async with asyncio.timeout(PATIENCE_S):
                await last.wait()
        assert fired == list(range(TIMERS))
        assert not failed, failed[0]

    uvloop.run(story())
