"""The bus of a house with one process: what was committed is told to the listeners in the same process.

The bus may lose what it carries (a crash after the commit): devices catch up from the store by `sync`.
"""

from collections.abc import Callable, Sequence

from teahouse.storage.transaction import Told

Listener = Callable[[int, Sequence[Told]], None]


class MemoryBus:
    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """`listener(number, told)` is called once a commit, in its order; `number` is the commit's newest."""
        self._listeners.append(listener)

    def publish(self, number: int, told: Sequence[Told]) -> None:
        for listener in self._listeners:
            listener(number, told)
