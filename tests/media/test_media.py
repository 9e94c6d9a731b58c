"""Media from the asking to the seeing: made once, told when ready, seen by whom a message shows it, safe to open."""

import io
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from teahouse import ids
from tests.harness.people import Device, Refused
from tests.harness.server import Server
from tests.media.sender import Sender, newcomer, settled, until
from tests.media.story import Story, open_story
from tests.media.work.recordings import write_video
from tests.media.work.shots import encoded, photo


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house for those who neither kill it nor look into its folder, on either store."""
    settings = {"REGISTRATION": "open", "RATE_ADDRESS": "1000", "RATE_SIGN_IN": "1000"}
    if request.param == "postgresql":
        settings["STORE"] = request.getfixturevalue("new_database")(bare=True)
    with Server(tmp_path_factory.mktemp("media") / "house", settings=settings) as running:
        yield running


@pytest.fixture
async def story(shared: Server) -> AsyncIterator[Story]:
    async with open_story(shared, founded=True) as opened:
        yield opened


@pytest.fixture
async def alone(server: Server) -> AsyncIterator[Story]:
    """In a house of their own, that may be killed."""
    async with open_story(server, founded=False) as opened:
        yield opened


JPEG = encoded(photo((1600, 1200)), "JPEG", quality=90)


async def test_a_picture_is_made_sent_and_seen_by_who_reads_the_message_and_nobody_else(story: Story) -> None:
    media = await story.ann.made(story.device, "picture", JPEG, name="tea.jpg")
    assert media["state"] == "ready"
    card = media["card"]
    assert (card["width"], card["height"], card["name"]) == (1600, 1200, "tea.jpg")
    assert card["thumbhash"]
    files = {file["variant"]: file for file in card["files"]}
    assert {"medium", "small"} <= set(files)
    async with Sender(await newcomer(story.house)) as eve:
        for variant, file in files.items():
            answer = await story.ann.gets(media["id"], variant)
            assert (answer.status_code, answer.headers["content-type"]) == (200, file["type"])
            assert len(answer.content) == file["size"] == int(answer.headers["content-length"])
            assert Image.open(io.BytesIO(answer.content)).width in (1600, 1280, 480)
            for other in (story.ben, eve):
                assert (await other.gets(media["id"], variant)).status_code == 404
        phone = await story.ben.person.device()
        sent = await story.says("picture", media["id"])
        shown = await phone.told("message.new", chat=story.chat, seq=sent["seq"])
        assert shown["content"]["media"] == card
        for variant in files:
            assert (await story.ben.gets(media["id"], variant)).status_code == 200
            assert (await eve.gets(media["id"], variant)).status_code == 404
        # Its owner's alone: where it stands.
        assert (await story.ben.client.get(f"/media/{media['id']}")).status_code == 404
        await story.device.does("message.recall", chat=story.chat, seq=sent["seq"])
        assert (await story.ben.gets(media["id"], "small")).status_code == 404
        assert (await story.ann.gets(media["id"], "small")).status_code == 200


async def test_what_is_not_ones_own_ready_or_of_the_kind_cannot_be_sent(story: Story) -> None:
    file = await story.ann.made(story.device, "file", b"plain")
    with pytest.raises(Refused) as refused:
        await story.says("picture", file["id"])
    assert refused.value.code == "wrong_media_kind"
    broken = await story.ann.made(story.device, "picture", b"\xff\xd8 no picture")
    assert broken["state"] == "failed"
    with pytest.raises(Refused) as refused:
        await story.says("picture", broken["id"])
    assert refused.value.code == "media_not_ready"
    bens = await story.ben.makes("file", await story.ben.uploads(b"his"))
    for media in (bens["id"], ids.new_id()):
        with pytest.raises(Refused) as refused:
            await story.says("file", media)
        assert refused.value.code == "not_found"


async def test_what_is_asked_twice_is_made_once(story: Story) -> None:
    upload = await story.ann.uploads(JPEG)
    asked = {"nonce": "once", "kind": "picture", "uploads": [upload]}
    first = (await story.device.does("media.make", **asked))["media"]
    await settled(story.device, first["id"])
    again = (await story.ann.person.http("POST", "/media", json=asked))["media"]
    assert (again["id"], again["state"]) == (first["id"], "ready")
    assert again == (await story.ann.client.get(f"/media/{first['id']}")).json()


async def test_a_device_that_was_away_learns_that_it_is_ready(story: Story) -> None:
    phone = await story.ann.person.device()
    await phone.catches_up()
    await phone.close()
    media = await story.ann.made(story.device, "picture", JPEG)
    await phone.open()
    missed = await phone.catches_up()
    assert [event["media"] for event in missed if event["type"] == "media.changed"] == [media]


async def test_what_cannot_be_made_says_why_and_can_be_sent_as_a_file(story: Story) -> None:
    upload = await story.ann.uploads(b"<html><script>alert(1)</script>", "picture.png", "image/png")
    media = await story.ann.makes("picture", upload)
    failed = await settled(story.device, media["id"])
    assert failed["state"] == "failed"
    assert failed["reason"] in ("wrong_kind", "unreadable")
    assert "card" not in failed
    assert (await story.ann.gets(media["id"], "original")).status_code == 404
    file = await story.ann.makes("file", upload)
    assert file["state"] == "ready"


@pytest.mark.parametrize(
    ("kind", "count", "status"), [("picture", 2, 400), ("file", 2, 400), ("live_photo", 3, 400), ("gif", 1, 400)]
)
async def test_media_are_made_of_as_many_uploads_as_they_have(story: Story, kind: str, count: int, status: int) -> None:
    uploads = [await story.ann.begins(0) for _ in range(count)]
    answer = await story.ann.client.post("/media", json={"nonce": "n", "kind": kind, "uploads": uploads})
    assert answer.status_code == status


async def test_media_are_not_made_of_what_is_not_whole_or_not_there(story: Story) -> None:
    half = await story.ann.begins(10)
    await story.ann.sends(half, b"half ")
    for upload, code in ((half, "not_uploaded"), (ids.new_id(), "not_found")):
        answer = await story.ann.client.post("/media", json={"nonce": "n", "kind": "file", "uploads": [upload]})
        assert answer.json()["code"] == code


async def test_what_is_discarded_while_it_is_made_is_gone(story: Story, tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.mp4", size=(1280, 720), seconds=20).read_bytes()
    media = await story.ann.makes("video", await story.ann.uploads(film))
    await story.device.until(lambda: progress(story.device, media["id"]))
    await story.device.does("media.discard", media=media["id"])
    assert (await story.ann.client.get(f"/media/{media['id']}")).status_code == 404
    # The worker is free again: what comes next does not wait for the film.
    assert (await story.ann.made(story.device, "picture", JPEG))["state"] == "ready"
    with pytest.raises(Refused) as refused:
        await story.device.does("media.discard", media=media["id"])
    assert refused.value.code == "not_found"


async def test_what_a_message_shows_is_not_discarded(story: Story) -> None:
    media = await story.ann.made(story.device, "file", b"stays")
    await story.says("file", media["id"])
    await story.device.does("media.discard", media=media["id"])
    assert (await story.ben.gets(media["id"], "original")).content == b"stays"


# --- serving --------------------------------------------------------------------------------------


async def test_ranges_and_validators(story: Story) -> None:
    data = os.urandom(200_000)
    media = (await story.ann.made(story.device, "file", data, name="日記.txt"))["id"]
    whole = await story.ann.gets(media, "original")
    tag = whole.headers["etag"]
    assert whole.headers["accept-ranges"] == "bytes"
    for asked, start, stop in (
        ("bytes=0-0", 0, 1),
        ("bytes=1000-150000", 1000, 150_001),
        ("bytes=199990-", 199_990, 200_000),
        ("bytes=-10", 199_990, 200_000),
        ("bytes=-999999", 0, 200_000),
        ("bytes=5-999999", 5, 200_000),
    ):
        answer = await story.ann.gets(media, "original", Range=asked)
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/200000"
        assert answer.content == data[start:stop]
    for asked in ("bytes=0-1,5-6", "bytes=5-2", "bytes=-", "lines=1-2", "bytes=a-b"):
        answer = await story.ann.gets(media, "original", Range=asked)
        assert (answer.status_code, answer.content == data) == (200, True)
    for asked in ("bytes=200000-", "bytes=-0"):
        answer = await story.ann.gets(media, "original", Range=asked)
        assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */200000")
    changed = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert (await story.ann.gets(media, "original", **changed)).status_code == 200
    assert (await story.ann.gets(media, "original", **{**changed, "If-Range": tag})).status_code == 206
    for known in (tag, f'"x", W/{tag}', "*"):
        answer = await story.ann.gets(media, "original", **{"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    asked_head = await story.ann.gets(media, "original", "HEAD", Range="bytes=0-9")
    assert (asked_head.status_code, asked_head.headers["content-length"], asked_head.content) == (206, "10", b"")


async def test_nothing_that_was_sent_runs_on_our_pages(story: Story) -> None:
    html = await story.ann.uploads(b"<script>alert(1)</script>", 'a"b\r\n%.html', "text/html")
    file = await story.ann.makes("file", html)
    answer = await story.ann.gets(file["id"], "original")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"a_b_.html\"; filename*=UTF-8''a%22b%25.html"
    )
    picture = await story.ann.made(story.device, "picture", JPEG, name="tea.heic")
    shown = await story.ann.gets(picture["id"], "small")
    assert shown.headers["content-disposition"] == "inline"
    for each in (answer, shown):
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert each.headers["cross-origin-resource-policy"] == "same-origin"
        assert each.headers["cache-control"] == "private, max-age=31536000, immutable"
    saved = await story.ann.client.get(f"/media/{picture['id']}/small?download=true")
    assert saved.headers["content-disposition"].startswith('attachment; filename="tea.')


async def test_a_stranger_sees_nothing(story: Story) -> None:
    media = (await story.ann.made(story.device, "file", b"ours"))["id"]
    story.ben.client.headers["Authorization"] = "Bearer nobody"
    assert (await story.ben.gets(media, "original")).status_code == 401
    for variant in ("large", "audio"):
        assert (await story.ann.gets(media, variant)).status_code == 404
    assert (await story.ann.gets(media, "everything")).status_code in (400, 404)


# --- crashes --------------------------------------------------------------------------------------


def progress(device: Device, media: str) -> bool:
    return any(
        event["type"] == "media.changed" and event["media"]["id"] == media and event["media"].get("progress", 0) > 0
        for event in device.events
    )


async def killed_while_making(story: Story, server: Server, media: str) -> None:
    """Kill the house once its worker has begun; come back to it."""
    await story.device.until(lambda: progress(story.device, media))
    server.kill()
    await story.device.close()
    story.device.events.clear()
    server.start()
    await story.device.open()


async def test_a_house_that_was_killed_goes_on_making_and_gives_up_what_kills_it(
    alone: Story, server: Server, tmp_path: Path
) -> None:
    film = write_video(tmp_path / "film.mp4", size=(1280, 720), seconds=20).read_bytes()
    media = (await alone.ann.makes("video", await alone.ann.uploads(film)))["id"]
    await killed_while_making(alone, server, media)
    await killed_while_making(alone, server, media)

    async def given_up() -> dict[str, Any] | None:
        state: dict[str, Any] = (await alone.ann.client.get(f"/media/{media}")).json()
        return state if state["state"] != "processing" else None

    state = await until(given_up)
    assert (state["state"], state["reason"]) == ("failed", "crashed")
    # Its uploads are still there, and what was half made is nowhere.
    assert list((server.data / "work").glob("*/*")) == []
    missed = await alone.device.catches_up()
    assert all("card" not in event["media"] for event in missed if event["type"] == "media.changed")


async def test_what_was_asked_for_just_before_a_kill_is_made_after_it(alone: Story, server: Server) -> None:
    medias = [await alone.ann.makes("picture", await alone.ann.uploads(JPEG)) for _ in range(3)]
    server.restart()
    await alone.device.close()
    await alone.device.open()
    for media in medias:

        async def ready(name: str = media["id"]) -> bool:
            return bool((await alone.ann.client.get(f"/media/{name}")).json()["state"] == "ready")

        await until(ready)
        assert (await alone.ann.gets(media["id"], "small")).status_code == 200
