"""Fetches a page or a picture for a preview, from the public internet only.

Every address on the way, redirects too, is called as `teahouse.calling` says. There are no credentials; bytes (also
after decompression), redirects and time have bounds.
"""

import zlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from teahouse.calling import Caller, NotPublic, Resolver, resolve
from teahouse.previews.rules import PORTS, NoPreview, must_be_callable

if TYPE_CHECKING:
    import httpx

AGENT: Final = "Mozilla/5.0 (compatible; Teahouse; link preview)"
REDIRECTS_MAX: Final = 3
PAGE_BYTES_MAX: Final = 512 * 1024
PICTURE_BYTES_MAX: Final = 5 * 1024 * 1024
REDIRECTS: Final = (301, 302, 303, 307, 308)
PAGES: Final = ("text/html", "application/xhtml+xml")
END_OF_HEAD: Final = b"</head"


class Fetched(msgspec.Struct, frozen=True):
    url: str
    """Where it was found in the end."""
    type: str
    """MIME, without parameters."""
    charset: str
    data: bytes


class Fetcher:
    def __init__(self, *, private_too: bool, resolver: Resolver = resolve) -> None:
        self._private_too = private_too
        self._caller = Caller(private_too=private_too, resolver=resolver)

    async def page(self, url: str) -> Fetched:
        """Return a page up to the end of its head, or a picture that the link is itself. Raises `NoPreview`.

        The caller sets the deadline.
        """
        return await self._fetch(url, "text/html,application/xhtml+xml,image/*;q=0.5,*/*;q=0.1", (*PAGES, "image/"))

    async def picture(self, url: str) -> Fetched:
        """Return a picture, as bytes that nobody has looked at. Raises `NoPreview`."""
        return await self._fetch(url, "image/webp,image/jpeg,image/png,image/*;q=0.8", ("image/",))

    async def _fetch(self, url: str, accept: str, wanted: tuple[str, ...]) -> Fetched:
        import httpx  # noqa: PLC0415 - heavy, and not needed for a cold start

        try:
            for _ in range(REDIRECTS_MAX + 1):
                found = await self._hop(httpx.URL(url), accept, wanted)
                if isinstance(found, Fetched):
                    return found
                url = found
        except (NotPublic, httpx.HTTPError, httpx.InvalidURL, ValueError, OSError):  # an IDNA error is a ValueError
            raise NoPreview() from None
        raise NoPreview()

    async def _hop(self, url: "httpx.URL", accept: str, wanted: tuple[str, ...]) -> Fetched | str:
        """Return what is there, or the address that it redirects to."""
        must_be_callable(url.scheme, url.host, url.port, url.userinfo, private_too=self._private_too)
        headers = {"User-Agent": AGENT, "Accept": accept, "Accept-Encoding": "gzip"}
        async with self._caller.call("GET", url, url.port or PORTS[url.scheme], headers) as answer:
            return await self._answer(url, answer, wanted)

    async def _answer(self, url: "httpx.URL", answer: "httpx.Response", wanted: tuple[str, ...]) -> Fetched | str:
        if answer.status_code in REDIRECTS:
            return str(url.join(answer.headers.get("location", "")))
        kind, _, parameters = answer.headers.get("content-type", "").partition(";")
        kind = kind.strip().lower()
        if answer.status_code != 200 or not kind.startswith(wanted):
            raise NoPreview()
        data = bytearray()
        is_page = kind in PAGES
        limit = PAGE_BYTES_MAX if is_page else PICTURE_BYTES_MAX
        async for block in inflated(answer.aiter_raw(), answer.headers.get("content-encoding", ""), limit):
            seen = max(0, len(data) - len(END_OF_HEAD))
            data += block
            if is_page and (len(data) >= limit or END_OF_HEAD in data[seen:].lower()):
                break
        if not is_page and len(data) >= limit:
            raise NoPreview()
        return Fetched(str(url), kind, charset_in(parameters), bytes(data[:limit]))


async def inflated(blocks: AsyncIterator[bytes], encoding: str, limit: int) -> AsyncIterator[bytes]:
    """Yield a body without its compression, about `limit` bytes at most, however much it would become."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        left = limit
        async for block in blocks:
            yield block
            left -= len(block)
            if left <= 0:
                return
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise NoPreview()
    unpacker: Any = zlib.decompressobj(zlib.MAX_WBITS | 32)
    left = limit
    try:
        async for block in blocks:
            packed = block
            while packed and left > 0 and not unpacker.eof:
                unpacked = unpacker.decompress(packed, left)
                packed = unpacker.unconsumed_tail
                left -= len(unpacked)
                yield unpacked
            if left <= 0 or unpacker.eof:
                return
    except zlib.error:
        raise NoPreview() from None


def charset_in(parameters: str) -> str:
    """Return the charset of a `Content-Type`'s parameters; empty when they name none."""
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""
