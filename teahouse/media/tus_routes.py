"""Resumable uploads: tus 1.0.0 (https://tus.io/protocols/resumable-upload) with creation, creation-with-upload,
termination, expiration and checksum. Not on the OpenAPI page, which cannot say what these headers mean: docs/api.md is
the place.
"""

import base64
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any, Final

from litestar import Request, Response, Router, delete, head, patch, post, route
from litestar.di import NamedDependency as Given
from litestar.enums import HttpMethod, MediaType
from litestar.params import FromPath

from teahouse.commands import Id, Signed
from teahouse.errors import Malformed, Refusal, TooLarge
from teahouse.media.service import MediaService
from teahouse.media.staging import ALGORITHMS, checksum_of
from teahouse.media.uploads import Cut, Upload

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,termination,expiration,checksum"
BODY: Final = "application/offset+octet-stream"
METADATA_MAX: Final = 4096
"""Characters of an `Upload-Metadata` header."""
PATH: Final = "/api/v1/uploads"

AnyRequest = Request[Any, Any, Any]


class WrongVersion(Refusal):
    code = "tus_version"
    status = 412
    title = "Only tus 1.0.0 is spoken here"


class WrongType(Refusal):
    code = "unsupported_type"
    status = 415
    title = f"The body is {BODY}"


@route("/", http_method=[HttpMethod.OPTIONS])
async def ask_all(media_service: Given[MediaService]) -> Response[None]:
    """What is spoken here (no sign-in needed)."""
    return _abilities(media_service)


@route("/{upload:str}", http_method=[HttpMethod.OPTIONS])
async def ask_one(upload: FromPath[str], media_service: Given[MediaService]) -> Response[None]:
    return _abilities(media_service)


@post("/", request_max_body_size=None, status_code=201)
async def begin(request: AnyRequest, signed: Given[Signed], media_service: Given[MediaService]) -> Response[None]:
    """Begin an upload; the first bytes may come along (creation-with-upload)."""
    _check(request)
    if "upload-defer-length" in request.headers:
        raise Malformed("Upload-Length must be known at the start: creation-defer-length is not spoken here.")
    length = _number(request, "upload-length")
    metadata = _metadata(request.headers.get("upload-metadata", ""))
    has_body = request.headers.get("content-type", "") == BODY
    checksum = _checksum(request) if has_body else None
    made = await media_service.uploads.begin(
        signed.person, length, metadata.get("filename", ""), metadata.get("filetype", "")
    )
    headers = {"Location": f"{PATH}/{made.id}"}
    if has_body and made.length:
        try:
            made = await media_service.uploads.append(
                signed.person, made.id, 0, _blocks(request), length=_content_length(request), checksum=checksum
            )
        except Cut:
            return _answer(None, 201, headers)
    return _answer(made, 201, headers, offset=has_body)


@head("/{upload:str}")
async def tell(
    upload: FromPath[Id], request: AnyRequest, signed: Given[Signed], media_service: Given[MediaService]
) -> Response[None]:
    """How many bytes are here for good."""
    _check(request)
    found = await media_service.uploads.state(signed.person, upload)
    return _answer(found, 200, {"Upload-Length": str(found.length), "Cache-Control": "no-store"})


@patch("/{upload:str}", request_max_body_size=None, status_code=204)
async def append(
    upload: FromPath[Id], request: AnyRequest, signed: Given[Signed], media_service: Given[MediaService]
) -> Response[None]:
    """Go on at an offset. When the answer comes, the bytes are on the disk."""
    _check(request)
    if request.headers.get("content-type", "") != BODY:
        raise WrongType()
    try:
        found = await media_service.uploads.append(
            signed.person,
            upload,
            _number(request, "upload-offset"),
            _blocks(request),
            length=_content_length(request),
            checksum=_checksum(request),
        )
    except Cut:
        # Nobody reads this answer, or a newer request of the same client has taken over.
        raise Malformed("The body ended early; ask by HEAD how much of it came.") from None
    return _answer(found, 204)


@delete("/{upload:str}")
async def end(
    upload: FromPath[Id], request: AnyRequest, signed: Given[Signed], media_service: Given[MediaService]
) -> Response[None]:
    """Drop an upload."""
    _check(request)
    await media_service.uploads.end(signed.person, upload)
    return _answer(None, 204)


def _abilities(media_service: MediaService) -> Response[Any]:
    return Response(
        "",
        status_code=204,
        headers={
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(media_service.uploads.length_max),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


def _answer(
    upload: Upload | None, status: int, headers: dict[str, str] | None = None, *, offset: bool = True
) -> Response[Any]:
    found = {"Tus-Resumable": VERSION, **(headers or {})}
    if upload is not None:
        found["Upload-Expires"] = formatdate(upload.expires_at / 1000, usegmt=True)
        if offset:
            found["Upload-Offset"] = str(upload.offset)
    return Response("", status_code=status, headers=found, media_type=MediaType.TEXT)


def _refused(_request: AnyRequest, refusal: Refusal) -> Response[Any]:
    """As everywhere, but every answer of tus says its version."""
    headers = {"Tus-Resumable": VERSION}
    if isinstance(refusal, WrongVersion):
        headers["Tus-Version"] = VERSION
    if "retry_after_ms" in refusal.fields:
        headers["Retry-After"] = str(-(-int(refusal.fields["retry_after_ms"]) // 1000))
    return Response(
        refusal.problem(), status_code=refusal.status, media_type="application/problem+json", headers=headers
    )


def _check(request: AnyRequest) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise WrongVersion()


def _number(request: AnyRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not value.isascii() or not value.isdigit() or len(value) > 15:
        raise Malformed(f"{header} is a number of bytes.")
    return int(value)


def _content_length(request: AnyRequest) -> int | None:
    return _number(request, "content-length") if "content-length" in request.headers else None


def _checksum(request: AnyRequest) -> tuple[str, bytes] | None:
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    try:
        return checksum_of(header)
    except ValueError as error:
        raise Malformed(f"Upload-Checksum: {error}.") from None


def _metadata(header: str) -> dict[str, str]:
    """Read `Upload-Metadata`: pairs of a key and, in Base64, its value. Raises `Malformed`."""
    if len(header) > METADATA_MAX:
        raise TooLarge("Upload-Metadata is too long.", characters_max=METADATA_MAX)
    found: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        try:
            if not key or key in found:
                raise ValueError
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except ValueError:
            raise Malformed("Upload-Metadata is a list of `key base64`.") from None
    return found


async def _blocks(request: AnyRequest) -> AsyncIterator[bytes]:
    """Yield the body as it comes. Raises `Cut` when the connection ends before it does."""
    more = True
    while more:
        message: Any = await request.receive()
        if message["type"] != "http.request":
            raise Cut
        more = message.get("more_body", False)
        if message.get("body"):
            yield message["body"]


tus_routes = Router(
    "/uploads",
    route_handlers=[ask_all, ask_one, begin, tell, append, end],
    exception_handlers={Refusal: _refused},
    include_in_schema=False,
)
