"""What all four kinds of transaction share, and what they need of the layer."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from sipmessage import Request

from teahouse.calls.sip.timers import Timers
from teahouse.calls.sip.transactions.model import Core, Flow, Key
from teahouse.calls.sip.transactions.schedule import Schedule, Timer


class Layer(Protocol):
    """The layer as its transactions see it."""

    core: Core
    timers: Timers
    schedule: Schedule

    def send(self, flow: Flow, data: bytes) -> None: ...

    def forget(self, transaction: "Transaction") -> None: ...


class Transaction(ABC):
    """States are the RFC's, in small letters; timers run by their letter and stop when the transaction ends."""

    def __init__(self, layer: Layer, key: Key, request: Request, flow: Flow, state: str) -> None:
        self.layer = layer
        self.key = key
        self.request = request
        self.flow = flow
        self.state = state
        self._running: dict[str, Timer] = {}

    def start(self, letter: str, after: float, fire: Callable[[float], None], now: float) -> None:
        self.stop(letter)
        self._running[letter] = self.layer.schedule.start(now + after, fire)

    def stop(self, *letters: str) -> None:
        for letter in letters:
            if timer := self._running.pop(letter, None):
                timer.stop()

    def end_after(self, letter: str, after: float, now: float) -> None:
        """Wait for what may come again, or end at once where nothing can."""
        if after <= 0:
            self.terminate()
        else:
            self.start(letter, after, lambda _: self.terminate(), now)

    def terminate(self) -> None:
        if self.state != "terminated":
            self.state = "terminated"
            self.stop(*list(self._running))
            self.layer.forget(self)

    @abstractmethod
    def fail(self) -> None:
        """The transport could not send (17.1.4, 17.2.4)."""
