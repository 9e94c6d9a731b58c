"""The house is killed on the way of a media: before it is asked for, while it is made or kept, before it is sent.

After the next start it goes on; nothing half-made shows, nothing is left behind.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse import ids
from tests.harness.server import Server
from tests.media.sender import until
from tests.media.story import Story, open_story
from tests.media.work.recordings import write_video
from tests.media.work.shots import encoded, photo

SEED = 20261124
MIB = 1024 * 1024


@pytest.fixture
async def story(server: Server) -> AsyncIterator[Story]:
    async with open_story(server, founded=False) as opened:
        yield opened


def workers_of(pid: int) -> set[int]:
    """Processes of workers whose parent is this server."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"teahouse.media.work.process" in command and command.rstrip(b"\0").endswith(f"\0{pid}".encode()):
            found.add(int(folder.name))
    return found


async def restarted(story: Story, server: Server) -> None:
    """Kill the house, see that its workers died with it, open it again and come back."""
    pid = server.pid
    await asyncio.to_thread(server.kill)

    async def nobody_works() -> bool:
        return not workers_of(pid)

    await until(nobody_works)
    await story.device.close()
    story.device.events.clear()
    await asyncio.to_thread(server.start)
    await story.device.open()


async def settled_now(story: Story, media: str) -> dict[str, Any]:
    """Wait until a media is ready or failed, asking as a client does that was away."""

    async def state() -> dict[str, Any] | None:
        found: dict[str, Any] = (await story.ann.client.get(f"/media/{media}")).json()
        return found if found["state"] != "processing" else None

    result: dict[str, Any] = await until(state, 60)
    return result


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def nothing_is_left(story: Story, server: Server) -> None:
    """No staged upload, no worker's folder, and no file in the blob store that is not what its name says."""

    async def swept() -> bool:
        return not files_in(server.data / "work")

    await until(swept)
    assert files_in(server.data / "uploads") == []
    blobs = server.data / "blobs"
    # What was not whole when the power went is called `.part`, is not looked at, and goes after an hour.
    for name in (each for each in files_in(blobs) if not each.endswith(".part")):
        assert hashlib.sha256((blobs / name).read_bytes()).hexdigest() == name.replace("/", "")


async def test_between_the_upload_and_the_asking(story: Story, server: Server) -> None:
    data = encoded(photo((400, 300)), "JPEG")
    upload = await story.ann.uploads(data)
    await restarted(story, server)
    asked = {"nonce": "after", "kind": "picture", "uploads": [upload]}
    media = (await story.device.does("media.make", **asked))["media"]
    await restarted(story, server)
    again = (await story.device.does("media.make", **asked))["media"]
    assert again["id"] == media["id"]
    assert (await settled_now(story, media["id"]))["state"] == "ready"
    await nothing_is_left(story, server)


async def test_what_only_waits_is_not_blamed(story: Story, server: Server, tmp_path: Path) -> None:
    """A film during which the house goes down again and again is given up; the one that waits behind it is not."""
    long = write_video(tmp_path / "long.mp4", size=(1280, 720), seconds=20).read_bytes()
    short = write_video(tmp_path / "short.mp4", size=(320, 180), seconds=1).read_bytes()
    blamed = (await story.ann.makes("video", await story.ann.uploads(long)))["id"]
    waiting = (await story.ann.makes("video", await story.ann.uploads(short)))["id"]

    async def under_way() -> bool:
        found: dict[str, Any] = (await story.ann.client.get(f"/media/{blamed}")).json()
        return found["state"] == "processing" and found.get("progress", 0) > 0

    for _ in range(2):
        await until(under_way, 60)
        await restarted(story, server)
    found = await settled_now(story, blamed)
    assert (found["state"], found["reason"]) == ("failed", "crashed")
    assert (await settled_now(story, waiting))["state"] == "ready"


@pytest.mark.parametrize("kind", ["picture", "video", "voice"])
async def test_while_it_is_made(story: Story, server: Server, tmp_path: Path, kind: str) -> None:
    """At several moments of the making, from the first folder to the last byte."""
    chance = random.Random(SEED)
    film = write_video(tmp_path / "film.mp4", size=(640, 360), seconds=3).read_bytes()
    data = {"picture": encoded(photo((3000, 2000)), "PNG"), "video": film, "voice": film}[kind]
    for _ in range(3):
        media = (await story.ann.makes(kind, await story.ann.uploads(data)))["id"]

        async def begun() -> bool:
            return await asyncio.to_thread(lambda: any((server.data / "work").glob("*")))

        await until(begun)
        # Any moment from here on is a fair one; what it hits is not asserted.
        await asyncio.sleep(chance.uniform(0, 0.5))
        await restarted(story, server)
        state = (await story.ann.client.get(f"/media/{media}")).json()
        assert ("card" in state) == (state["state"] == "ready")
        state = await settled_now(story, media)
        assert state["state"] == "ready"
        for file in state["card"]["files"]:
            assert len((await story.ann.gets(media, file["variant"])).content) == file["size"]
    await nothing_is_left(story, server)


async def test_between_being_ready_and_being_sent(story: Story, server: Server) -> None:
    media = await story.ann.made(story.device, "picture", encoded(photo((400, 300)), "JPEG"))
    await restarted(story, server)
    send = {
        "chat": story.chat,
        "nonce": ids.new_id(),
        "content": {"kind": "picture", "media": media["id"]},
    }
    sent = await story.device.does("message.send", **send)
    await restarted(story, server)
    again = await story.device.does("message.send", **send)
    assert again["seq"] == sent["seq"]
    page = await story.ben.person.http("GET", f"/chats/{story.chat}/messages")
    shown = [each["content"] for each in page["messages"] if each["content"]["kind"] == "picture"]
    assert [each["media"] for each in shown] == [media["card"]]
    assert (await story.ben.gets(media["id"], "small")).status_code == 200
    await nothing_is_left(story, server)


async def test_while_the_last_bytes_are_kept(story: Story, server: Server) -> None:
    """Big uploads end while the house is killed: each is whole afterwards, once it was asked for."""
    chance = random.Random(SEED)
    for _ in range(4):
        data = os.urandom(4 * MIB)
        upload = await story.ann.begins(len(data), "leaf")
        await story.ann.sends(upload, data[: 3 * MIB])
        sending = asyncio.create_task(story.ann.sends(upload, data[3 * MIB :], 3 * MIB))
        await asyncio.sleep(chance.uniform(0, 0.05))
        await restarted(story, server)
        await asyncio.gather(sending, return_exceptions=True)
        at = int((await story.ann.asks(upload)).headers["upload-offset"])
        assert at >= 3 * MIB
        if at < len(data):
            assert (await story.ann.sends(upload, data[at:], at)).status_code == 204
        file = await story.ann.makes("file", upload)
        assert (await story.ann.gets(file["id"], "original")).content == data
    await nothing_is_left(story, server)
