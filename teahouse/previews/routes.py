"""HTTP of link previews."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency as Given
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from teahouse.commands import Id, Signed
from teahouse.previews.model import AskPreview, Preview
from teahouse.previews.service import PreviewService


@post("/previews", status_code=200)
async def make_preview(data: JSONBody[AskPreview], signed: Given[Signed], previews: Given[PreviewService]) -> Preview:
    """What a page says of itself, fetched by the house from the public internet; kept for a day. Its `id` goes into the
    text that is sent. `no_preview` when there is nothing to show."""
    return await previews.preview(signed, data.url)


@get("/previews/{preview:str}/picture", media_type="image/*")
async def read_preview_picture(
    preview: FromPath[Id], request: Request[Any, Any, Any], signed: Given[Signed], previews: Given[PreviewService]
) -> Response[Any]:
    """The picture of a preview, drawn anew by the house."""
    return await previews.picture(request, preview)


routes: list[HTTPRouteHandler] = [make_preview, read_preview_picture]
