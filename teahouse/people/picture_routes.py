"""HTTP of pictures: one's own, anybody's by its name, and QR codes."""

import asyncio
import io
from typing import Annotated, Any

from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency as Given
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from teahouse.commands import Signed
from teahouse.people import model
from teahouse.people.pictures import PICTURE_BYTES_MAX
from teahouse.people.service import PeopleService

QR_TEXT_MAX = 500
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


@put("/me/picture", request_max_body_size=PICTURE_BYTES_MAX)
async def set_picture(
    request: Request[Any, Any, Any], signed: Given[Signed], people: Given[PeopleService]
) -> model.Person:
    """Set one's picture. The body is the image itself: JPEG, PNG or WebP, at most 5 MiB."""
    return await people.set_picture(signed, await request.body())


@delete("/me/picture", status_code=200)
async def remove_picture(signed: Given[Signed], people: Given[PeopleService]) -> model.Person:
    return await people.remove_picture(signed)


@get("/pictures/{name:str}", media_type="image/webp")
async def read_picture(
    name: FromPath[str], people: Given[PeopleService], size: Annotated[int, QueryParameter(ge=96, le=384)] = 384
) -> Response[bytes]:
    """A picture as WebP. `size`: 96 or 384. Whoever knows the name sees it: invitation cards are public."""
    image = await asyncio.to_thread(people.pictures.read, name, size)
    return Response(image, media_type="image/webp", headers=IMMUTABLE)


@get("/qr", media_type="image/svg+xml")
async def read_qr(
    signed: Given[Signed], text: Annotated[str, QueryParameter(min_length=1, max_length=QR_TEXT_MAX)]
) -> Response[bytes]:
    """A text as a QR code (SVG, dark on white)."""
    return Response(
        await asyncio.to_thread(_qr, text), media_type="image/svg+xml", headers={"Cache-Control": "private, no-store"}
    )


def _qr(text: str) -> bytes:
    import segno  # noqa: PLC0415 - not needed for a cold start

    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", border=4, light="#fff", omitsize=True, xmldecl=False
    )
    return drawn.getvalue()


routes: list[HTTPRouteHandler] = [set_picture, remove_picture, read_picture, read_qr]
