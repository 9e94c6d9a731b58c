"""Who may speak to us: the trunks, from their addresses, and those that we spoke to, in answer."""

import logging
from collections import OrderedDict
from typing import Final

from teahouse.calls.sip.driver import Driver
from teahouse.calls.sip.line import TrunkLine

logger = logging.getLogger(__name__)

PEERS_MAX: Final = 1024
LOG_EVERY_S: Final = 60.0


class Gate:
    def __init__(self, driver: Driver) -> None:
        self.dropped = 0
        """Messages of others, that were not answered."""
        self.malformed = 0
        self._driver = driver
        self._lines: list[TrunkLine] = []
        self._retired: list[TrunkLine] = []
        self._peers: OrderedDict[str, None] = OrderedDict()
        self._quiet_until = float("-inf")

    def open(self, line: TrunkLine) -> None:
        self._lines.append(line)

    def close(self, line: TrunkLine) -> None:
        """It is no trunk any longer; its open calls may still be spoken of."""
        self._lines.remove(line)
        self._retired = [each for each in [*self._retired, line] if each.open_calls]

    def spoke_to(self, host: str) -> None:
        self._peers[host] = None
        self._peers.move_to_end(host)
        if len(self._peers) > PEERS_MAX:
            self._peers.popitem(last=False)

    def is_trunk(self, host: str) -> bool:
        """Whether it may ask for anything."""
        return any(line.admits(host) for line in self._lines) or any(
            line.open_calls and line.admits(host) for line in self._retired
        )

    def is_peer(self, host: str) -> bool:
        """Whether we spoke to it lately, so that it may answer, and speak within its calls: a trunk's Contact may lead
        to one of its machines that DNS does not name."""
        return host in self._peers

    def admits_connection(self, host: str) -> bool:
        if self.is_trunk(host) or self.is_peer(host):
            return True
        self.drop(host)
        return False

    def line_of(self, host: str, user: str) -> TrunkLine | None:
        """The trunk that a call from there belongs to; of several at one address, the one whose user is called."""
        lines = [line for line in self._lines if line.admits(host)]
        return next((line for line in lines if user and line.trunk.user == user), lines[0] if lines else None)

    def drop(self, host: str) -> None:
        """Count a message or a connection that is not answered, and log some."""
        self.dropped += 1
        now = self._driver.now()
        if now >= self._quiet_until:
            self._quiet_until = now + LOG_EVERY_S
            logger.warning("SIP from %s was dropped: no trunk has this address (%d so far)", host, self.dropped)
