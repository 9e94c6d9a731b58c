"""The HTTP door: every feature's routes under `/api/v1`, the OpenAPI page, health, metrics, and the web client."""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request, Response, Router, get
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler

from teahouse import __version__, programs
from teahouse.commands import Signed
from teahouse.house import House
from teahouse.http import health, problems
from teahouse.http.client import client_routes
from teahouse.http.openapi import page_of
from teahouse.http.routes import TWINS
from teahouse.http.session import token_of
from teahouse.http.sync import sync_twin
from teahouse.http.twins import twin

BODY_BYTES_MAX = 6 * 1024 * 1024
API = "/api/v1"


def make_http(house: House, services: dict[str, Any], routes: Sequence[ControllerRouterHandler]) -> Litestar:
    """Return the Litestar app. `services` are given to handlers by name, beside `house` and `signed`."""

    async def signed(request: Request[Any, Any, Any]) -> Signed:
        headers = {name.lower(): value for name, value in request.headers.items()}
        found = await house.authenticate(token_of(headers)[0])
        if found.is_service:
            programs.may_ask(request.method, request.scope["path"].removeprefix(API))
        house.limits.person.take(found.person)
        return found

    def given(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    @get("/openapi.json", include_in_schema=False, sync_to_thread=False)
    def openapi(request: Request[Any, Any, Any]) -> Response[Any]:
        return Response(page_of(request.app))

    api = Router(API, route_handlers=[*(twin(each) for each in TWINS), sync_twin, openapi, *routes])
    app = Litestar(
        route_handlers=[api, *health.routes(house), *client_routes()],
        dependencies={
            "house": given(house),
            "signed": Provide(signed),
            **{name: given(service) for name, service in services.items()},
        },
        exception_handlers=problems.HANDLERS,
        openapi_config=OpenAPIConfig(
            title="Teahouse",
            version=__version__,
            path="/internal-openapi",
            render_plugins=[JsonRenderPlugin(path="/page.json")],
            use_handler_docstrings=True,
        ),
        request_max_body_size=BODY_BYTES_MAX,
        logging_config=None,
        debug=False,
    )
    app.state.house = house
    return app
