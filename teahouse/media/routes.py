"""HTTP of media: their states, their files, and what room they take. Commands have their twins."""

import mimetypes
from typing import Annotated, Any, get_args

from litestar import Request, Response, get, head
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.media import model
from teahouse.media.service import MediaService
from teahouse.media.tus_routes import tus_routes
from teahouse.media.work.jobs import Variant

AnyRequest = Request[Any, Any, Any]
AS_IT_CAME = ("original", "original_video")
"""Never shown on the house's own pages, whatever they say they are."""


@get("/media/{media:str}")
async def read_media(
    media: FromPath[Id], signed: Given[Signed], media_service: Given[MediaService]
) -> model.MediaState:
    """A media of one's own: being made, ready, or why it failed."""
    return await media_service.state(signed, media)


@get("/media/{media:str}/{variant:str}", media_type="application/octet-stream")
async def read_file(
    request: AnyRequest,
    media: FromPath[Id],
    variant: FromPath[Variant],
    signed: Given[Signed],
    media_service: Given[MediaService],
    download: Annotated[bool, QueryParameter()] = False,
) -> Response[bytes]:
    """A file of a media, for its owner and for who can see a message with it. Ranges are served; `download=true` asks
    for an attachment."""
    return await _serve(request, media, variant, signed, media_service, download)


@head("/media/{media:str}/{variant:str}", include_in_schema=False)
async def head_file(
    request: AnyRequest,
    media: FromPath[Id],
    variant: FromPath[Variant],
    signed: Given[Signed],
    media_service: Given[MediaService],
    download: Annotated[bool, QueryParameter()] = False,
) -> Response[None]:
    return await _serve(request, media, variant, signed, media_service, download)


async def _serve(
    request: AnyRequest, media: str, variant: Variant, signed: Signed, media_service: MediaService, download: bool
) -> Response[Any]:
    sha256, type_, size, name = await media_service.file(signed, media, variant)
    download = download or variant in AS_IT_CAME
    return media_service.serve_blob(request, sha256, type_, size, name=_named(name, variant, type_), download=download)


def _named(name: str, variant: str, type_: str) -> str:
    """Return what a download is called: as it came, with the ending of what it was made into."""
    if variant == "original" and name:
        return name
    stem = name.rpartition(".")[0] or name or variant
    return stem + (mimetypes.guess_extension(type_) or "")


@get("/me/storage")
async def read_storage(signed: Given[Signed], media_service: Given[MediaService]) -> model.StorageUse:
    """What one's files take, unfinished uploads included, and what they may take."""
    return await media_service.storage(signed)


assert set(AS_IT_CAME) <= set(get_args(Variant))

routes: list[ControllerRouterHandler] = [read_media, read_file, head_file, read_storage, tus_routes]
