"""Calls servers whose address people chose, on the public internet only.

A name is resolved here, its addresses are held against `is_public`, and then called by number: a name that resolves to
something else a moment later changes nothing. There are no cookies, no proxies, no redirects; the caller sets the
deadline and how much it reads.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from teahouse.public_address import is_public

if TYPE_CHECKING:
    import httpx

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

ADDRESSES_TRIED: Final = 3
CONNECT_S: Final = 2.5


class NotPublic(Exception):
    """The name is not known, or only one of its addresses is not public: it is not for us."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Caller:
    def __init__(self, *, private_too: bool, resolver: Resolver = resolve) -> None:
        self._private_too = private_too
        self._resolve = resolver
        self._trust: ssl.SSLContext | None = None

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Return those to call. Raises `NotPublic`, `OSError`, `ValueError` for what is no name."""
        found = await self._resolve(host.strip("[]"), port)
        if not found or not (self._private_too or all(is_public(address) for address in found)):
            raise NotPublic()
        return found[:ADDRESSES_TRIED]

    @asynccontextmanager
    async def call(
        self, method: str, url: "httpx.URL", port: int, headers: Mapping[str, str], content: bytes | None = None
    ) -> "AsyncIterator[httpx.Response]":
        """Send a request and yield its answer, unread. Raises `NotPublic`, `OSError`, `httpx.HTTPError`, `ValueError`.

        Another address of the name is tried only while none has taken the call, so a request is sent once.
        """
        import httpx  # noqa: PLC0415 - heavy, and not needed for a cold start

        host = url.raw_host.decode("ascii")
        headers = {"Host": url.netloc.decode("ascii"), **headers}
        last: Exception = NotPublic()
        for address in await self.addresses(host, port):
            # By number; the name still goes into `Host`, SNI and the check of the certificate.
            numbered = url.copy_with(host=address, port=port, fragment=None)
            async with AsyncExitStack() as stack:
                # A client for each call: nothing that a site sets (cookies) goes on to the next.
                client = await stack.enter_async_context(
                    httpx.AsyncClient(
                        verify=self._context(), trust_env=False, timeout=httpx.Timeout(None, connect=CONNECT_S)
                    )
                )
                sending = client.stream(
                    method, numbered, headers=headers, content=content, extensions={"sni_hostname": host}
                )
                try:
                    answer = await stack.enter_async_context(sending)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    last = error
                    continue
                yield answer
                return
        raise last

    def _context(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context()
        return self._trust
