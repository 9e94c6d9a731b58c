"""Blobs in a bucket that speaks S3 (through obstore). Credentials come from the usual `AWS_*` variables."""

from collections.abc import AsyncIterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from teahouse.storage.blobs import BLOCK, NAME, BlobLost, Threads, WrongPlace

if TYPE_CHECKING:
    from obstore.store import S3Store

PART_BYTES: Final = 8 * 1024 * 1024
PARTS_AT_ONCE: Final = 2
"""With `PART_BYTES`, what an upload holds in memory. 10,000 parts are S3's limit: 78 GiB."""
READ_BYTES: Final = 1024 * 1024
DEADLINE: Final = "60s"
"""For one request to the bucket."""


class S3Blobs:
    def __init__(self, url: str, threads: Threads) -> None:
        """`url`: `s3://bucket/prefix?endpoint=https://…&region=…`. Raises `WrongPlace` when it is not one."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise WrongPlace(f"TEAHOUSE_BLOBS is no address: {error}.") from None
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        self._options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if not self._bucket or set(self._options) - {"endpoint", "region"} or not all(self._options.values()):
            raise WrongPlace(f"A bucket in TEAHOUSE_BLOBS is s3://bucket/prefix?endpoint=…&region=…, not {url!r}.")
        self._threads = threads

    @cached_property
    def _store(self) -> "S3Store":
        from obstore.store import S3Store  # noqa: PLC0415 - a cold start does not need it

        options: dict[str, Any] = dict(self._options)
        plain = options.get("endpoint", "").startswith("http://")
        return S3Store(
            self._bucket,
            prefix=self._prefix or None,
            client_options={"allow_http": plain, "timeout": DEADLINE, "connect_timeout": "10s"},
            **options,
        )

    async def put(self, path: Path, sha256: str, size: int) -> None:
        import obstore  # noqa: PLC0415

        if await self.exists(sha256):
            return
        await obstore.put_async(self._store, _key(sha256), path, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)

    async def open(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        import obstore  # noqa: PLC0415

        # A request a part: a reader who takes hours over a film keeps no request to the bucket open.
        for at in range(start, stop, READ_BYTES):
            try:
                part = await obstore.get_range_async(
                    self._store, _key(sha256), start=at, end=min(at + READ_BYTES, stop)
                )
            except FileNotFoundError:
                raise BlobLost(sha256) from None
            view = memoryview(part)
            for block in range(0, len(view), BLOCK):
                yield bytes(view[block : block + BLOCK])

    async def fetch(self, sha256: str, path: Path) -> None:
        import obstore  # noqa: PLC0415

        try:
            size = (await obstore.head_async(self._store, _key(sha256)))["size"]
        except FileNotFoundError:
            raise BlobLost(sha256) from None
        file = await self._threads.run(path.open, "xb")
        try:
            async for block in self.open(sha256, 0, size):
                await self._threads.run(file.write, block)
        finally:
            await self._threads.run(file.close)

    async def exists(self, sha256: str) -> bool:
        import obstore  # noqa: PLC0415

        try:
            await obstore.head_async(self._store, _key(sha256))
        except FileNotFoundError:
            return False
        return True

    async def delete(self, sha256: str) -> None:
        import obstore  # noqa: PLC0415

        try:
            await obstore.delete_async(self._store, _key(sha256))
        except FileNotFoundError:
            return

    async def names(self, prefix: str) -> list[tuple[str, int]]:
        import obstore  # noqa: PLC0415

        found = []
        async for page in obstore.list(self._store, prefix):
            for each in page:
                name = each["path"].removeprefix(self._prefix).replace("/", "")
                found.append((name, int(each["last_modified"].timestamp() * 1000)))
        return found


def _key(sha256: str) -> str:
    if not NAME.fullmatch(sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return f"{sha256[:2]}/{sha256[2:]}"
