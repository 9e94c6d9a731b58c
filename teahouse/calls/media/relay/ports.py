"""UDP ports for trunks' legs: an even one for RTP, the odd one above it for RTCP (RFC 3550, section 11)."""

import errno
import ipaddress
import socket
from collections import deque
from contextlib import suppress
from typing import Final

from teahouse.calls.media.engine import MediaUnavailable

PAUSE_S: Final = 5.0
"""Seconds that a port rests after a call, so that the last call's late packets meet nobody."""
TRIES_MAX: Final = 32
EXPEDITED: Final = 46 << 2
"""DSCP of voice (RFC 4594, section 4.1), where it stands in the byte."""
SOMEWHERE: Final = {socket.AF_INET: ("192.0.2.1", 9), socket.AF_INET6: ("2001:db8::1", 9)}

Pair = tuple[socket.socket, socket.socket]


def own_address() -> str:
    """The address from which this machine speaks to the world, or to itself when it has no network."""
    for family, somewhere in SOMEWHERE.items():
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            # Nothing is sent: connecting only asks the routing table.
            probe.connect(somewhere)
            return str(probe.getsockname()[0])
    return "127.0.0.1"


class Ports:
    """Hands out pairs of sockets in turn, each port as rarely as can be."""

    def __init__(self, address: str, first: int, last: int) -> None:
        self.address = address or own_address()
        self.version = ipaddress.ip_address(self.address).version
        self._family = socket.AF_INET if self.version == 4 else socket.AF_INET6
        self._free: deque[tuple[float, int]] = deque((0.0, port) for port in range(first + first % 2, last, 2))

    @property
    def free(self) -> int:
        return len(self._free)

    def open(self, now: float) -> tuple[int, Pair]:
        """A port and its two sockets. Raises `MediaUnavailable`. `now` in seconds."""
        for _ in range(min(TRIES_MAX, len(self._free))):
            rested, port = self._free[0]
            if rested > now:
                break
            self._free.popleft()
            try:
                return port, self._bound(port)
            except OSError:
                # Some other program has it: back to the end.
                self._free.append((now, port))
        raise MediaUnavailable("no port is free for the trunk's sound")

    def give_back(self, port: int, now: float) -> None:
        self._free.append((now + PAUSE_S, port))

    def _bound(self, port: int) -> Pair:
        rtp = self._socket(port)
        try:
            return rtp, self._socket(port + 1)
        except OSError:
            rtp.close()
            raise

    def _socket(self, port: int) -> socket.socket:
        made = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            with suppress(OSError):
                if self._family == socket.AF_INET:
                    made.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED)
                else:
                    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, EXPEDITED)
            try:
                made.bind((self.address, port))
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
                # Not this machine's own: a router or a cloud maps it to us.
                made.bind(("", port))
        except OSError:
            made.close()
            raise
        return made
