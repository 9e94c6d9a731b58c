"""Who sees a media: whoever may read a message that shows it, from every door, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from teahouse import ids
from tests.harness.people import Refused
from tests.harness.server import Server
from tests.media.conftest import shared
from tests.media.sender import Sender, newcomer
from tests.media.story import Story, open_story
from tests.stories import hostile

__all__ = ["shared"]


@pytest.fixture
async def story(shared: Server) -> AsyncIterator[Story]:
    async with open_story(shared, founded=True) as opened:
        yield opened


async def sees(person: Sender, media: str, variant: str = "original") -> bool:
    """Whether a person gets a file; a HEAD, a range and a condition are answered as a GET is."""
    answer = await person.gets(media, variant)
    assert answer.status_code in (200, 404)
    seen = answer.status_code == 200
    head = await person.gets(media, variant, "HEAD")
    part = await person.gets(media, variant, Range="bytes=0-0")
    beyond = await person.gets(media, variant, Range="bytes=99999999-")
    known = await person.gets(media, variant, **{"If-None-Match": "*"})
    codes = [each.status_code for each in (head, part, beyond, known)]
    assert codes == ([200, 206, 416, 304] if seen else [404] * 4)
    if not seen:
        assert "etag" not in answer.headers
        assert answer.json()["code"] == "not_found"
    return seen


async def sends_file(story: Story, chat: str, text: str) -> tuple[str, int]:
    """A file of Ann's in a chat: its media and its seq."""
    media = await story.ann.makes("file", await story.ann.uploads(text.encode()))
    content = {"kind": "file", "media": media["id"]}
    sent = await story.device.does("message.send", chat=chat, nonce=ids.new_id(), content=content)
    return media["id"], sent["seq"]


async def test_a_member_sees_what_was_said_while_they_were_there(story: Story) -> None:
    ann, ben = story.ann.person, story.ben.person
    cat = await newcomer(story.house)
    await story.house.meet(ann, cat)
    group = await story.house.group(ann, ben)
    before, _ = await sends_file(story, group, "before Cat came")
    await ann.http("POST", f"/chats/{group}/members", json={"people": [cat.id]})
    during, _ = await sends_file(story, group, "while all are here")
    async with Sender(cat) as cat_reads:
        assert [await sees(cat_reads, each) for each in (before, during)] == [False, True]
        await ben.http("POST", f"/chats/{group}/leave", json={})
        await ann.http("DELETE", f"/chats/{group}/members/{cat.id}")
        after, _ = await sends_file(story, group, "after they left")
        assert [await sees(cat_reads, each) for each in (before, during, after)] == [False, True, False]
    assert [await sees(story.ben, each) for each in (before, during, after)] == [True, True, False]
    assert [await sees(story.ann, each) for each in (before, during, after)] == [True, True, True]


async def test_what_is_recalled_deleted_or_cleared_is_not_seen_any_more(story: Story) -> None:
    recalled, seq = await sends_file(story, story.chat, "recalled")
    await story.device.does("message.recall", chat=story.chat, seq=seq)
    assert not await sees(story.ben, recalled)
    deleted, seq = await sends_file(story, story.chat, "deleted")
    assert await sees(story.ben, deleted)
    await story.ben.person.http("POST", f"/chats/{story.chat}/deletions", json={"seqs": [seq]})
    assert not await sees(story.ben, deleted)
    cleared, _ = await sends_file(story, story.chat, "cleared")
    await story.ben.person.http("POST", f"/chats/{story.chat}/clear", json={})
    assert not await sees(story.ben, cleared)
    assert [await sees(story.ann, each) for each in (recalled, deleted, cleared)] == [True, True, True]


async def test_one_message_of_many_is_enough(story: Story) -> None:
    cat = await newcomer(story.house)
    direct = await story.house.meet(story.ben.person, cat)
    media, seq = await sends_file(story, story.chat, "passed on")
    async with Sender(cat) as cat_reads:
        assert not await sees(cat_reads, media)
        body = {"nonce": "f", "forward": {"chat": story.chat, "seq": seq}}
        await story.ben.person.http("POST", f"/chats/{direct}/messages", json=body)
        assert await sees(cat_reads, media)
        await story.device.does("message.recall", chat=story.chat, seq=seq)
        assert await sees(cat_reads, media)
        assert await sees(story.ben, media)


async def test_a_block_ends_what_comes_and_leaves_what_came(story: Story) -> None:
    came, _ = await sends_file(story, story.chat, "before the block")
    await story.ben.person.http("PUT", f"/blocks/{story.ann.person.id}", json={})
    assert await sees(story.ben, came)
    media = await story.ann.makes("file", await story.ann.uploads(b"after the block"))
    with pytest.raises(Refused):
        await story.says("file", media["id"])
    assert not await sees(story.ben, media["id"])


async def test_who_is_signed_out_gets_nothing(story: Story) -> None:
    media, _ = await sends_file(story, story.chat, "for those who are in")
    await story.ben.person.http("DELETE", "/sessions/current")
    for method in ("GET", "HEAD"):
        assert (await story.ben.gets(media, "original", method)).status_code == 401
        assert (await story.ben.gets(media, "original", method, Range="bytes=0-0")).status_code == 401
    for path in (f"/media/{media}", "/me/storage"):
        assert (await story.ben.client.get(path)).status_code == 401


@pytest.mark.parametrize("name", ["0" * 16, "..%2f..%2fteahouse.db", "x", "%00"])
async def test_what_is_no_media_is_not_found(story: Story, name: str) -> None:
    for path in (f"/media/{name}", f"/media/{name}/original", f"/stickers/{name}/file", f"/previews/{name}/picture"):
        answer = await story.ann.client.get(path)
        assert answer.status_code in (400, 404)
        assert answer.json()["code"] in ("malformed", "not_found")


async def test_nobody_makes_or_shows_what_is_anothers(story: Story) -> None:
    bens_upload = await story.ben.uploads(b"his")
    bens = await story.ben.made(await story.ben.person.device(), "picture", hostile.jpeg())
    mine = await story.ann.made(story.device, "picture", hostile.jpeg((64, 48)))
    asked = {"nonce": "m", "kind": "live_photo", "uploads": [await story.ann.uploads(b"still"), bens_upload]}
    for uploads in (asked["uploads"], [bens_upload]):
        with pytest.raises(Refused) as refused:
            await story.ann.person.http("POST", "/media", json={**asked, "uploads": uploads})
        assert refused.value.code == "not_found"
    for items, code in (([mine["id"], bens["id"]], "not_found"), ([mine["id"], mine["id"]], "same_item_twice")):
        content = {"kind": "album", "items": items}
        with pytest.raises(Refused) as refused:
            await story.device.does("message.send", chat=story.chat, nonce=ids.new_id(), content=content)
        assert refused.value.code == code
    assert not await sees(story.ann, bens["id"], "small")
    with pytest.raises(Refused) as refused:
        await story.device.does("media.discard", media=bens["id"])
    assert refused.value.code == "not_found"
    assert await sees(story.ben, bens["id"], "small")


async def test_a_refused_album_shows_none_of_its_pictures(story: Story) -> None:
    ready = await story.ann.made(story.device, "picture", hostile.jpeg((64, 48)))
    broken = await story.ann.made(story.device, "picture", hostile.HTML)
    content = {"kind": "album", "items": [ready["id"], broken["id"]]}
    with pytest.raises(Refused) as refused:
        await story.device.does("message.send", chat=story.chat, nonce=ids.new_id(), content=content)
    assert refused.value.code == "media_not_ready"
    assert not await sees(story.ben, ready["id"], "small")


async def test_the_same_send_twice_is_one_message_and_the_same_make_one_media(story: Story) -> None:
    asked = {"nonce": "once", "kind": "file", "uploads": [await story.ann.uploads(b"leaf")]}
    states = [await story.ann.person.http("POST", "/media", json=asked) for _ in range(3)]
    assert states[0]["media"]["state"] == "ready"
    assert states[1:] == states[:1] * 2
    content = {"kind": "file", "media": states[0]["media"]["id"]}
    send = {"chat": story.chat, "nonce": "sent-once", "content": content}
    sent = [await story.device.does("message.send", **send) for _ in range(3)]
    assert {each["seq"] for each in sent} == {sent[0]["seq"]}
    page = await story.ben.person.http("GET", f"/chats/{story.chat}/messages")
    assert [each["content"]["kind"] for each in page["messages"]].count("file") == 1
