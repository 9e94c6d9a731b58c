"""The relay as an engine: starts its process, and asks it over a pipe."""

from dataclasses import dataclass

from teahouse.calls.media.engine import MediaSession


@dataclass(frozen=True)
class RelaySettings:
    address: str = ""
    """The address that trunks send RTP to; empty: this machine's own."""
    ports: tuple[int, int] = (30000, 30999)
    """First and last UDP port."""
    stun: str = ""
    """`host:port`, for a house behind NAT; empty: none."""
    calls_max: int = 200


class RelayEngine:
    name = "relay"

    def __init__(self, settings: RelaySettings) -> None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def session(self, call: str) -> MediaSession:
        raise NotImplementedError

    async def ping(self) -> None: ...
