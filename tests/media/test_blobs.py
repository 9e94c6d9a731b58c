"""Blobs, held in the same way wherever they are kept: a local folder, and a bucket that speaks S3 (moto's server)."""

import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3
import pytest
import pytest_asyncio
from moto.server import ThreadedMotoServer

from teahouse.clock import now_ms
from teahouse.config import Settings
from teahouse.errors import Unavailable
from teahouse.storage.blobs import BLOCK, BlobLost, BlobStore, Threads, WrongPlace, make_blobs
from tests.harness.house import open_house

BUCKET = "tea"


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest_asyncio.fixture(params=["local", "s3"])
async def blobs(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[BlobStore]:
    url = ""
    if request.param == "s3":
        endpoint = request.getfixturevalue("s3_url")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "for moto")
        bucket = f"{BUCKET}{os.urandom(4).hex()}"
        boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=bucket)
        url = f"s3://{bucket}/house?endpoint={endpoint}&region=us-east-1"
    threads = Threads("test")
    yield make_blobs(Settings(data=tmp_path / "data", blobs=url), threads)
    threads.stop()


def written(folder: Path, data: bytes) -> tuple[Path, str]:
    path = folder / os.urandom(4).hex()
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


async def read(blobs: BlobStore, sha256: str, start: int, stop: int) -> bytes:
    blocks = [block async for block in blobs.open(sha256, start, stop)]
    assert all(len(block) <= BLOCK for block in blocks)
    return b"".join(blocks)


async def test_what_is_put_is_read_back_whole_and_in_parts(blobs: BlobStore, tmp_path: Path) -> None:
    data = os.urandom(3 * 1024 * 1024 + 17)
    path, sha256 = written(tmp_path, data)
    assert not await blobs.exists(sha256)
    await blobs.put(path, sha256, len(data))
    assert await blobs.exists(sha256)
    assert await read(blobs, sha256, 0, len(data)) == data
    for start, stop in ((0, 1), (len(data) - 5, len(data)), (BLOCK - 3, BLOCK + 3), (1_000_000, 2_500_000), (7, 7)):
        assert await read(blobs, sha256, start, stop) == data[start:stop]
    assert path.read_bytes() == data


async def test_a_big_file_goes_in_many_parts(blobs: BlobStore, tmp_path: Path) -> None:
    data = os.urandom(1024 * 1024) * 20
    path, sha256 = written(tmp_path, data)
    await blobs.put(path, sha256, len(data))
    await blobs.fetch(sha256, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == data


async def test_an_empty_file_is_a_file(blobs: BlobStore, tmp_path: Path) -> None:
    path, sha256 = written(tmp_path, b"")
    await blobs.put(path, sha256, 0)
    assert await blobs.exists(sha256)
    assert await read(blobs, sha256, 0, 0) == b""
    await blobs.fetch(sha256, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b""


async def test_the_same_content_is_kept_once_and_survives_its_source(blobs: BlobStore, tmp_path: Path) -> None:
    one, sha256 = written(tmp_path, b"tea for two")
    other, _ = written(tmp_path, b"tea for two")
    await blobs.put(one, sha256, 11)
    await blobs.put(other, sha256, 11)
    one.unlink()
    other.unlink()
    assert await read(blobs, sha256, 0, 11) == b"tea for two"
    assert [name for name, _ in await blobs.names(sha256[:2])] == [sha256]


async def test_names_say_when_each_was_put(blobs: BlobStore, tmp_path: Path) -> None:
    before = now_ms() - 2000
    path, sha256 = written(tmp_path, b"leaves")
    await blobs.put(path, sha256, 6)
    ((name, put_at),) = await blobs.names(sha256[:2])
    assert name == sha256
    assert before <= put_at <= now_ms() + 2000
    assert await blobs.names("00" if sha256[:2] != "00" else "01") == []


async def test_what_is_dropped_is_gone_and_may_be_dropped_again(blobs: BlobStore, tmp_path: Path) -> None:
    path, sha256 = written(tmp_path, b"cold tea")
    await blobs.put(path, sha256, 8)
    await blobs.delete(sha256)
    await blobs.delete(sha256)
    assert not await blobs.exists(sha256)
    with pytest.raises(BlobLost):
        await read(blobs, sha256, 0, 8)
    with pytest.raises(BlobLost):
        await blobs.fetch(sha256, tmp_path / "fetched")


async def test_only_hashes_are_names(blobs: BlobStore, tmp_path: Path) -> None:
    path, _ = written(tmp_path, b"x")
    for name in ("../../etc/passwd", "A" * 64, "ab"):
        with pytest.raises(ValueError, match="SHA-256"):
            await blobs.put(path, name, 1)


async def test_a_file_that_was_cut_by_a_crash_is_put_again(tmp_path: Path) -> None:
    """A power cut may leave a name with too few bytes behind on some filesystems: the next put mends it."""
    threads = Threads("test")
    blobs = make_blobs(Settings(data=tmp_path / "data"), threads)
    path, sha256 = written(tmp_path, b"the whole leaf")
    broken = tmp_path / "data" / "blobs" / sha256[:2] / sha256[2:]
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"the wh")
    await blobs.put(path, sha256, 14)
    assert await read(blobs, sha256, 0, 14) == b"the whole leaf"
    threads.stop()


@pytest.mark.parametrize("url", ["ftp://tea", "s3://", "s3://tea?colour=green", "s3://tea?endpoint=", "s3://[tea"])
def test_a_place_that_makes_no_sense_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(WrongPlace, match="TEAHOUSE_BLOBS"):
        make_blobs(Settings(data=tmp_path, blobs=url), Threads("test"))


async def test_an_upload_to_a_bucket_that_is_not_there_is_not_taken_for_whole(
    tmp_path: Path, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for moto")
    async with open_house(tmp_path, blobs=f"s3://nowhere/house?endpoint={s3_url}&region=us-east-1") as opened:
        opened.media.register()
        async with opened.media.running():
            ann = await opened.found("ann")
            upload = await opened.media.uploads.begin(ann.id, 4, "leaf", "")

            async def leaf() -> AsyncIterator[bytes]:
                yield b"leaf"

            with pytest.raises(Unavailable):
                await opened.media.uploads.append(ann.id, upload.id, 0, leaf())
            # The bytes are still here: once the bucket is there, asking makes it whole.
            client = boto3.client("s3", endpoint_url=s3_url, region_name="us-east-1")
            client.create_bucket(Bucket="nowhere")
            assert (await opened.media.uploads.state(ann.id, upload.id)).offset == 4
            whole = await opened.house.store.read(opened.media.uploaded, ann.id, upload.id)
            assert whole.sha256 == hashlib.sha256(b"leaf").hexdigest()
