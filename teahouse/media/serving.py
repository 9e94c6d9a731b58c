"""Serves blobs over HTTP: ranges, validators, and headers under which nothing of them can execute on our pages."""

import re
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream
from litestar.response.base import ASGIResponse

from teahouse.media.rules import ANY_TYPE
from teahouse.storage.blobs import BlobStore

SHOWN: Final = frozenset(
    {
        "image/jpeg",
        "image/webp",
        "image/png",
        "audio/mp4",
        "video/mp4",
        "video/webm",
        "application/json",  # Lottie
    }
)
"""Types that a browser may show. All else is a download, of bytes."""
CACHED: Final = "private, max-age=31536000, immutable"
ALWAYS: Final = {
    "Accept-Ranges": "bytes",
    "Cache-Control": CACHED,
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Unsatisfiable(Exception):
    """The range begins after the end."""


def serve_blob(
    request: Request[Any, Any, Any],
    blobs: BlobStore,
    sha256: str,
    type_: str,
    size: int,
    *,
    name: str = "",
    download: bool = False,
) -> Response[Any]:
    """Answer a GET or HEAD with a blob, or the part of it that is asked for (RFC 9110, sections 13 and 14).

    The caller has authorised it. It is shown only if it is of a type of `SHOWN` and no `download`. What is of no such
    type is served as mere bytes: what its sender called JavaScript would else be a script of our own origin.
    """
    tag = f'"{sha256}"'
    headers = {**ALWAYS, "ETag": tag}
    if type_ not in SHOWN:
        type_, download = ANY_TYPE, True
    headers["Content-Disposition"] = disposition(name) if download else "inline"
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(b"", status_code=304, headers=headers, media_type=type_)
    try:
        asked = None
        if request.headers.get("if-range", tag) == tag:
            asked = range_of(request.headers.get("range", ""), size)
    except Unsatisfiable:
        headers = {**headers, "Content-Range": f"bytes */{size}", "Cache-Control": "no-store"}
        return Response(b"", status_code=416, headers=headers, media_type=type_)
    start, stop = asked or (0, size)
    headers["Content-Length"] = str(stop - start)
    if asked:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    status = 206 if asked else 200
    if request.method == "HEAD":
        return Response(b"", status_code=status, headers=headers, media_type=type_)
    return _OfItsType(_blocks(blobs, sha256, start, stop), status_code=status, headers=headers, media_type=type_)


class _OfItsType(Stream):
    """A stream whose own type counts: Litestar's would take the one that the route is described with."""

    def to_asgi_response(self, *arguments: Any, **given: Any) -> ASGIResponse:
        return super().to_asgi_response(*arguments, **{**given, "media_type": self.media_type})


async def _blocks(blobs: BlobStore, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
    async for block in blobs.open(sha256, start, stop):
        yield block


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """Return the one range that is asked for as `(start, stop)`; None when there is none that we serve.

    Several ranges, and what is no range, are answered with the whole, as RFC 9110 allows. Raises `Unsatisfiable`.
    """
    found = RANGE.fullmatch(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        last = int(found[2])
        if last == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - last), size
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, min(int(found[2]) + 1, size) if found[2] else size


def matches(header: str, tag: str) -> bool:
    """Whether an `If-None-Match` names this version."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in header.split(",") if each.strip())


def disposition(name: str) -> str:
    """Return the header of a download (RFC 6266): the name in ASCII for old readers, and as it is."""
    if not name:
        return "attachment"
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
