"""Timers on a heap. One that was stopped stays there, hollow, until its time or until most are hollow."""

import heapq
from collections.abc import Callable
from typing import Final

TIDY_AT: Final = 1024
"""Below so many entries the heap is not worth tidying."""


class Timer:
    """One timer that runs. `fire` takes the time at which it is called."""

    __slots__ = ("_schedule", "fire")

    def __init__(self, fire: Callable[[float], None], schedule: "Schedule") -> None:
        self.fire: Callable[[float], None] | None = fire
        self._schedule = schedule

    def stop(self) -> None:
        if self.fire is not None:
            self.fire = None
            self._schedule.tidy()


class Schedule:
    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._hollow = 0

    def start(self, when: float, fire: Callable[[float], None]) -> Timer:
        timer = Timer(fire, self)
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, timer))
        return timer

    def next(self) -> float | None:
        heap = self._heap
        while heap and heap[0][2].fire is None:
            heapq.heappop(heap)
            self._hollow -= 1
        return heap[0][0] if heap else None

    def run(self, now: float) -> None:
        """Fire what is due, in order; at equal times, in the order they were started."""
        while (when := self.next()) is not None and when <= now:
            timer = heapq.heappop(self._heap)[2]
            fire, timer.fire = timer.fire, None
            if fire is not None:
                fire(now)

    def tidy(self) -> None:
        """One more entry is hollow."""
        self._hollow += 1
        if self._hollow > TIDY_AT and 2 * self._hollow > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].fire is not None]
            heapq.heapify(self._heap)
            self._hollow = 0
