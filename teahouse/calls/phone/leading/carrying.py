"""What carries phone calls: the SIP stack, opened once there is a trunk, and the media engine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from teahouse.calls.media.engine import MediaEngine
from teahouse.calls.phone.leading.booking import Booking, Lost
from teahouse.calls.phone.leading.leaders import Tools
from teahouse.calls.phone.trunks.trunks import Trunks
from teahouse.calls.sip.model import OnIncoming, TrunkStatus
from teahouse.calls.sip.stack import Stack, StackSettings
from teahouse.config import Settings
from teahouse.house import House

logger = structlog.get_logger()

OFF = TrunkStatus(state="off")


class Carrying:
    """In the loop."""

    def __init__(self, house: House, trunks: Trunks, on_incoming: OnIncoming, on_lost: Callable[[str], None]) -> None:
        self._house = house
        self._trunks = trunks
        self._on_incoming = on_incoming
        self._engine = make_engine(house.settings, on_lost)
        self._stack: Stack | None = None
        self.rooms: dict[str, int] = {}
        """How many calls each trunk takes."""
        self.lost: list[Lost] = []
        """Calls that the carriers may still hold open; they are told once SIP is."""
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._trunks.on_changed = self._changed.set
        self._trunks.status = self.status
        self._changed.set()
        keeping = asyncio.create_task(self._keep_trunks(), name="phone-trunks")
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            if self._stack is not None:
                await self._stack.stop()
            await self._engine.stop()

    def status(self, trunk: str) -> TrunkStatus:
        return self._stack.status(trunk) if self._stack is not None and trunk in self.rooms else OFF

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of SIP over UDP and TCP."""
        assert self._stack is not None, "SIP is opened once there is a trunk"
        return self._stack.address

    def has_room(self, trunk: str, calls: int) -> bool:
        """Whether a trunk that carries so many calls takes one more."""
        return self._stack is not None and calls < self.rooms.get(trunk, 0)

    def tools(self, booking: Booking, has_room: Callable[[str], bool], minutes_max: int) -> Tools:
        return Tools(self._house.store, booking, self._engine, self._stack, has_room, minutes_max)

    async def _keep_trunks(self) -> None:
        """The stack has the trunks that the operator set up, always."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._take_trunks()
            except OSError as error:
                logger.error("sip_did_not_open", why=str(error), listen=self._house.settings.sip_listen)
            except Exception:
                logger.exception("trunks_failed")

    async def _take_trunks(self) -> None:
        trunks = await self._house.store.read(self._trunks.load)
        self.rooms = {trunk.id: calls_max for trunk, calls_max in trunks}
        if trunks and self._stack is None:
            stack = Stack(stack_settings(self._house.settings), self._on_incoming, self._trunks.told)
            await stack.start()
            await self._engine.start()
            self._stack = stack
        if self._stack is not None:
            self._stack.set_trunks([trunk for trunk, _ in trunks])
            while self.lost:
                lost = self.lost.pop()
                if not self._stack.end_lost(lost.trunk, lost.trace):
                    logger.warning("lost_call_not_ended", trunk=lost.trunk)


def stack_settings(settings: Settings) -> StackSettings:
    return StackSettings(
        listen=settings.sip_listen,
        tls_listen=settings.sip_tls_listen,
        certificate=settings.sip_certificate,
        public_address=settings.sip_address,
    )


def make_engine(settings: Settings, on_lost: Callable[[str], None]) -> MediaEngine:
    """Return the engine that the settings name; nothing is started."""
    if settings.media_engine == "rtpengine":
        from teahouse.calls.media.rtpengine.engine import RtpEngine  # noqa: PLC0415

        return RtpEngine(settings.rtpengine)
    from teahouse.calls.media.relay.engine import RelayEngine, RelaySettings  # noqa: PLC0415

    stun = settings.stun_urls.split(",")[0].removeprefix("stun:")
    return RelayEngine(
        RelaySettings(address=settings.rtp_address, ports=settings.rtp_port_range, stun=stun), on_lost=on_lost
    )
