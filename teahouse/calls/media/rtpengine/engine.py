"""rtpengine as an engine."""

from teahouse.calls.media.engine import MediaSession


class RtpEngine:
    name = "rtpengine"

    def __init__(self, control: str) -> None:
        """`control` is `host:port` of its ng socket."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def session(self, call: str) -> MediaSession:
        raise NotImplementedError

    async def ping(self) -> None: ...
