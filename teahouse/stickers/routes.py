"""HTTP of stickers: the panel, packs in and out, and the stickers' files. Commands have their twins."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.media.service import MediaService
from teahouse.stickers import model
from teahouse.stickers.service import StickerService

AnyRequest = Request[Any, Any, Any]
ZIP = "application/zip"


@get("/stickers/panel")
async def read_panel(signed: Given[Signed], sticker_service: Given[StickerService]) -> model.Panel:
    """What one has at hand: packs in one's own order, favourites, and what one sent last."""
    return await sticker_service.panel(signed.person)


@get("/stickers/packs/{pack:str}")
async def read_pack(pack: FromPath[Id], signed: Given[Signed], sticker_service: Given[StickerService]) -> model.Pack:
    """A pack, for everybody who knows its id."""
    return await sticker_service.pack(pack)


@post("/stickers/packs/{pack:str}/stickers", status_code=201)
async def add_sticker(
    pack: FromPath[Id],
    data: JSONBody[model.AddSticker],
    signed: Given[Signed],
    sticker_service: Given[StickerService],
) -> model.PackSticker:
    """Make a sticker of an upload, in one's own pack: WebP, PNG, APNG, GIF, WebM (VP9), Lottie or tgs."""
    return await sticker_service.add(signed, pack, data)


@post("/stickers/packs/import", status_code=202)
async def import_pack(
    data: JSONBody[model.ImportPack], signed: Given[Signed], sticker_service: Given[StickerService]
) -> model.ImportState:
    """Make a pack of an uploaded zip, or of the uploaded files of a folder. `stickers.import` tells how it goes."""
    return await sticker_service.imports.start(signed, data)


@get("/stickers/imports/{job:str}")
async def read_import(
    job: FromPath[Id], signed: Given[Signed], sticker_service: Given[StickerService]
) -> model.ImportState:
    """How far an import of one's own is, and what was refused of it."""
    return await sticker_service.importing(signed.person, job)


@get("/stickers/packs/{pack:str}/export", media_type=ZIP)
async def export_pack(
    pack: FromPath[Id],
    signed: Given[Signed],
    sticker_service: Given[StickerService],
) -> Stream:
    """A pack as a zip that imports again to the same pack."""
    found, zipped = await sticker_service.export(pack)
    plain = "".join(one for one in found.name if one.isascii() and one.isalnum()) or "stickers"
    headers = {"Content-Disposition": f'attachment; filename="{plain}.zip"', "Cache-Control": "private, no-store"}
    return Stream(zipped, media_type=ZIP, headers=headers)


@get("/stickers/{sticker:str}/{which:str}", media_type="application/octet-stream")
async def read_sticker_file(
    request: AnyRequest,
    sticker: FromPath[Id],
    which: FromPath[model.WhichFile],
    signed: Given[Signed],
    sticker_service: Given[StickerService],
    media_service: Given[MediaService],
) -> Response[bytes]:
    """A sticker's `file`; its `still` (WebP, not for Lottie); `image`, what shows a video where WebM is not transparent
    (otherwise the file)."""
    sha256, kind, size = await sticker_service.file(sticker, which)
    return media_service.serve_blob(request, sha256, kind, size)


routes: list[ControllerRouterHandler] = [
    read_panel,
    read_pack,
    add_sticker,
    import_pack,
    read_import,
    export_pack,
    read_sticker_file,
]
