"""The media engines that the same stories are told of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from teahouse.calls.media.engine import MediaEngine
from teahouse.calls.media.relay.engine import RelayEngine, RelaySettings

ADDRESS = "127.0.0.1"
PORTS = (41_000, 41_999)


@asynccontextmanager
async def relay() -> AsyncIterator[MediaEngine]:
    engine = RelayEngine(RelaySettings(address=ADDRESS, ports=PORTS))
    await engine.start()
    yield engine
    await engine.stop()


ENGINES: dict[str, Callable[[], AbstractAsyncContextManager[MediaEngine]]] = {"relay": relay}
