"""The web client: the built files of `teahouse/static`, and its index page for every address that is a place in it."""

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from teahouse.errors import NotFound

STATIC = Path(__file__).parent.parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"
FRESH = "no-cache"
COMPRESSED = {".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".mjs"}
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")

NOT_BUILT = "The web client is not built: run `make web`, or install the wheel.\n"


@lru_cache(maxsize=512)
def _file(path: Path, _changed: int) -> tuple[bytes, bytes | None, str]:
    """Return a file's bytes, the same gzipped (None when it does not pay), and its media type."""
    data = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(data, 6, mtime=0) if path.suffix in COMPRESSED and len(data) > 1024 else None
    return data, packed, kind


def client_routes() -> list[HTTPRouteHandler]:
    @get("/", include_in_schema=False, sync_to_thread=False)
    def index(request: Request[Any, Any, Any]) -> Response[Any]:
        return _answer(request, "/")

    @get("/{path:path}", include_in_schema=False, sync_to_thread=False)
    def client(request: Request[Any, Any, Any], path: FromPath[Path]) -> Response[Any]:
        return _answer(request, str(path))

    return [index, client]


def _answer(request: Request[Any, Any, Any], path: str) -> Response[Any]:
    """Return the file at a path, or the index page for an address that is a place in the client."""
    wanted = (STATIC / path.lstrip("/")).resolve()
    if not wanted.is_relative_to(STATIC.resolve()) or path.startswith("/api/"):
        raise NotFound()
    is_asset = path.startswith("/assets/")
    if not wanted.is_file():
        if is_asset:
            raise NotFound()
        wanted = STATIC / "index.html"
        if not wanted.is_file():
            return Response(NOT_BUILT, status_code=503, media_type=MediaType.TEXT)
    changed = wanted.stat().st_mtime_ns
    data, packed, kind = _file(wanted, changed)
    headers = {
        "Cache-Control": IMMUTABLE if is_asset else FRESH,
        "ETag": f'"{changed:x}"',
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(data, media_type=kind, headers=headers)
