"""How a trunk does: what its registration and its keep-alive say, as one status."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from teahouse.calls.sip.keep_alive import KeepAlive
from teahouse.calls.sip.line import TrunkLine
from teahouse.calls.sip.registration import Registration
from teahouse.calls.sip.transactions import Flow

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent

LOOK_UP_S: Final = 300
"""How often the addresses of a trunk are looked up that has neither."""


class Watch:
    def __init__(self, agent: "Agent", line: TrunkLine) -> None:
        trunk = line.trunk
        self._agent = agent
        self._line = line
        self._is_stopped = False
        self._registration = Registration(agent, line, self._tell) if trunk.register else None
        self._keep_alive = KeepAlive(agent, line, self._tell) if trunk.keep_alive_s > 0 else None

    def start(self) -> None:
        if self._registration is not None:
            self._registration.start()
        if self._keep_alive is not None:
            self._keep_alive.start()
        if self._registration is None and self._keep_alive is None:
            self._look_up()

    def stop(self, leaves: bool) -> None:
        """`leaves`: unregister too. Not where the same trunk goes on with other settings: it registers at once."""
        self._is_stopped = True
        if self._keep_alive is not None:
            self._keep_alive.stop()
        if self._registration is not None and leaves:
            self._registration.leave()
        elif self._registration is not None:
            self._registration.stop()

    def _look_up(self) -> None:
        """Its calls may come from where its name leads now."""
        if not self._is_stopped:
            self._line.find(self._on_found)
            self._agent.after(LOOK_UP_S, self._look_up)

    def _on_found(self, targets: Sequence[Flow]) -> None:
        if targets:
            self._line.tell("up", "not watched")
        else:
            self._line.tell("down", "its name leads nowhere")

    def _tell(self) -> None:
        registration, keep_alive = self._registration, self._keep_alive
        if keep_alive is not None and keep_alive.is_up is False:
            self._line.tell("down", keep_alive.detail)
        elif registration is not None and registration.state is not None:
            self._line.tell(registration.state, registration.detail)
        elif registration is None and keep_alive is not None and keep_alive.is_up:
            self._line.tell("up", keep_alive.detail)
