"""rtpengine as an engine: carries the sound of thousands of calls, on a machine of its own if need be."""

from teahouse.calls.media.engine import MediaSession, MediaUnavailable
from teahouse.calls.media.rtpengine.ng import Ng, Refused
from teahouse.calls.media.rtpengine.session import RtpSession


class RtpEngine:
    name = "rtpengine"

    def __init__(self, control: str) -> None:
        """`control` is `host:port` of its ng socket."""
        self._control = control
        self._ng = Ng(control)

    async def start(self) -> None:
        """Raises `MediaUnavailable` when `control` is no address. rtpengine itself may come later."""
        try:
            await self._ng.open()
        except (OSError, OverflowError, ValueError) as error:
            raise MediaUnavailable(f"{self._control}: {error}") from None

    async def stop(self) -> None:
        """Calls go on in rtpengine until their packets end."""
        self._ng.close()

    def session(self, call: str) -> MediaSession:
        return RtpSession(self._ng, call)

    async def ping(self) -> None:
        try:
            await self._ng.ask("ping")
        except Refused as refused:
            raise MediaUnavailable(f"rtpengine says: {refused}") from None
