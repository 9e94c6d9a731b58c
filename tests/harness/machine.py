"""What the state machines over a house share: an event loop, a folder in memory, and an end that is looked at."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

T = TypeVar("T")
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
"""Nothing is killed here, so there is no need to wait for a disk."""


class HouseMachine(RuleBasedStateMachine):
    """A subclass opens its house into `stack` in an `@initialize`; `ends_well` says what must hold in the end."""

    loop_factory: ClassVar[Callable[[], asyncio.AbstractEventLoop] | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=type(self).loop_factory)
        self.folder = Path(tempfile.mkdtemp(prefix="machine-", dir=MEMORY))
        self.stack = AsyncExitStack()

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(story)

    def ends_well(self) -> None:
        """Called last, while the house is open."""

    def teardown(self) -> None:
        try:
            self.ends_well()
        finally:
            self.run(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder)
