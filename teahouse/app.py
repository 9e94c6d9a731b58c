"""Builds the house: settings -> store -> features -> doors. The only file that knows every room."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any

from litestar import Litestar
from litestar.types import ASGIApp

from teahouse.bills.routes import routes as bill_routes
from teahouse.bills.service import BillService
from teahouse.calls.routes import routes as call_routes
from teahouse.calls.service import CallService
from teahouse.chat.routes import routes as chat_routes
from teahouse.chat.service import ChatService
from teahouse.config import Settings
from teahouse.coupons.routes import routes as coupon_routes
from teahouse.coupons.service import CouponService
from teahouse.house import House
from teahouse.http.app import make_http
from teahouse.http.openapi import page_of
from teahouse.http.security import guarded
from teahouse.live.connection import live_protocol
from teahouse.live.hub import Hub
from teahouse.logs import set_up_logs
from teahouse.media.routes import routes as media_routes
from teahouse.media.service import MediaService
from teahouse.merchants.routes import routes as merchant_routes
from teahouse.merchants.service import MerchantService
from teahouse.operator.routes import routes as operator_routes
from teahouse.operator.service import OperatorService
from teahouse.people.routes import routes as people_routes
from teahouse.people.service import PeopleService
from teahouse.previews.routes import routes as preview_routes
from teahouse.previews.service import PreviewService
from teahouse.push.routes import routes as push_routes
from teahouse.push.service import PushService
from teahouse.stickers.routes import routes as sticker_routes
from teahouse.stickers.service import StickerService
from teahouse.storage.lock import lock_folder
from teahouse.storage.migrate import prepare
from teahouse.wallet.routes import routes as wallet_routes
from teahouse.wallet.service import WalletService

Opened = Callable[[str, str | None], None]


class Built:
    """A house with everything in it, not started yet."""

    def __init__(self, settings: Settings) -> None:
        self.house = House(settings)
        self.operator = OperatorService(self.house)
        self.people = PeopleService(self.house, self.operator)
        self.media = MediaService(self.house)
        self.stickers = StickerService(self.house, self.media)
        self.previews = PreviewService(self.house, self.operator, self.media)
        self.chat = ChatService(self.house, self.people, self.operator, self.media, self.stickers, self.previews)
        self.wallet = WalletService(self.house, self.people, self.operator, self.chat)
        self.merchants = MerchantService(self.house, self.wallet)
        self.coupons = CouponService(self.wallet, self.merchants)
        self.bills = BillService(self.house, self.wallet)
        self.calls = CallService(self.house, self.people, self.chat, self.wallet)
        for feature in (
            self.operator,
            self.people,
            self.media,
            self.stickers,
            self.chat,
            self.wallet,
            self.merchants,
            self.coupons,
            self.bills,
            self.calls,
        ):
            feature.register()
        self.hub = Hub(self.house)
        self.push = PushService(self.house, self.chat, self.people, self.hub.is_connected)
        self.push.register()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Prepare the store, then run the house until the end of the block. Raises `FolderInUse`."""
        settings = self.house.settings
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with lock_folder(settings.data):
            prepare(self.house.store.engine)
            self.house.start()
            self.hub.start()
            try:
                async with AsyncExitStack() as open_rooms:
                    rooms = (
                        self.operator,
                        self.people,
                        self.media,
                        self.stickers,
                        self.previews,
                        self.chat,
                        self.wallet,
                        self.merchants,
                        self.coupons,
                        self.bills,
                        self.calls,
                        self.push,
                    )
                    for room in rooms:
                        await open_rooms.enter_async_context(room.running())
                    yield
            finally:
                self.hub.stop()
                self.house.stop()

    def http(self) -> Litestar:
        services = {
            "people": self.people,
            "chats": self.chat,
            "operator": self.operator,
            "push": self.push,
            "media_service": self.media,
            "previews": self.previews,
            "sticker_service": self.stickers,
            "wallet": self.wallet,
            "merchants": self.merchants,
            "coupons": self.coupons,
            "bills": self.bills,
            "calls": self.calls,
        }
        features = (
            operator_routes,
            people_routes,
            media_routes,
            sticker_routes,
            preview_routes,
            chat_routes,
            wallet_routes,
            merchant_routes,
            coupon_routes,
            bill_routes,
            call_routes,
            push_routes,
        )
        routes = [route for feature in features for route in feature]
        return make_http(self.house, services, routes)

    def asgi(self) -> ASGIApp:
        """Return the HTTP door. The live door is beside it, in uvicorn's `ws` (see `live_protocol`)."""
        return guarded(self.http(), self.house)

    def live(self) -> Any:
        return live_protocol(self.hub)


def openapi_page() -> str:
    """Return the OpenAPI page of this version as JSON; nothing is opened or written."""
    return json.dumps(page_of(Built(Settings()).http()), indent=1, ensure_ascii=False)


def settle_memory() -> None:
    """Leave what is there now to the end, and look for garbage rarely.

    Commands and events die by reference count; the collector's frequent looks at them were measured at a fifth of the
    server's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    gc.enable()


def serve(
    settings: Settings,
    opened: Opened = lambda url, first_link: None,
    beside: Callable[[Built], AbstractAsyncContextManager[None]] = lambda built: nullcontext(),
) -> None:
    """Serve until SIGINT or SIGTERM. `opened(url, first_link)` is called once the door is open; `beside(built)` is
    entered before it opens and left after it closed."""
    import uvicorn  # noqa: PLC0415

    set_up_logs(settings.log)
    built = Built(settings)
    host, port = settings.address

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            settle_memory()
            if self.started:
                opened(settings.public_url, await built.people.first_link())

        async def shutdown(self, sockets: Any = None) -> None:
            await super().shutdown(sockets)
            # uvicorn would raise the signal again at once, and the process would end before the house is closed.
            self._captured_signals.clear()

    config = uvicorn.Config(
        built.asgi(),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws=built.live(),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        backlog=4096,
    )

    async def run() -> None:
        async with built.running(), beside(built):
            await Server(config).serve()

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())
