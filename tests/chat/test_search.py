"""Searching: in any script, only what one may see, newest first, and true after edits, recalls and deletions."""

import asyncio
from pathlib import Path

import pytest

from teahouse.chat import model, search
from teahouse.chat.content import NewText, Text
from teahouse.errors import Malformed
from tests.chat.house import Chatter, TeaHouse, open_teahouse


async def pair(tea: TeaHouse) -> tuple[Chatter, Chatter, str]:
    ann, bob = await tea.people("ann", "bob")
    return ann, bob, await ann.meets(bob)


async def test_words_of_any_script_are_found(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    said = [
        "Meet me at the Café Müller, OK?",
        "Поставили ёлку у Красной площади",
        "我们明天去北京大学喝茶",
        "東京タワーで会いましょう",
        "오늘 저녁에 만나요",
        "พรุ่งนี้ไปกินข้าว",
        "موعدنا غداً في المقهى",
        "कल मिलते हैं",
        "Don't panic 🎉",
        "ＦＵＬＬ ｗｉｄｔｈ",
    ]
    for text in said:
        await ann.says(direct, text)
    for query, at in {
        "cafe": 0,
        "muller ok": 0,
        "ЕЛКУ": 1,
        "Красн": 1,
        "北京": 2,
        "京大": 2,
        "大学 明天": 2,
        "タワー": 3,
        "저녁": 4,
        "กินข้าว": 5,
        "غدا": 6,
        "मिलते": 7,
        "don't": 8,
        "🎉": 8,
        "full wid": 9,
    }.items():
        assert await bob.finds(query) == [said[at]], query
    assert await bob.finds("площади у Красной") == [said[1]]
    for nothing in ("afe", "京北", "panic don't now", "...", "FUL width"):
        assert await bob.finds(nothing) == [], nothing


async def test_only_what_one_may_see_is_found(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob)
    direct = await ann.opens("direct", bob)
    await ann.says(direct, "needle between us")
    await ann.says(group, "needle before cat")
    await ann.does(model.AddMembers(chat=group, people=(cat.id,)))
    await ann.says(group, "needle with cat")
    await ann.does(model.RemoveMember(chat=group, person=cat.id))
    await ann.says(group, "needle after cat")
    assert await cat.finds("needle") == ["needle with cat"]
    assert await cat.finds("needle", chat=direct) == []
    assert await bob.finds("needle") == [
        "needle after cat",
        "needle with cat",
        "needle before cat",
        "needle between us",
    ]
    assert await bob.finds("needle", chat=direct) == ["needle between us"]


@pytest.mark.parametrize("indexed", [True, False], ids=["indexed", "not-yet-indexed"])
async def test_edits_recalls_and_deletions_are_true_at_once(tea: TeaHouse, indexed: bool) -> None:
    ann, bob, direct = await pair(tea)
    edited, recalled, deleted = [await ann.says(direct, f"needle {n}") for n in range(3)]
    if indexed:
        assert len(await bob.finds("needle")) == 3
    await ann.does(model.EditMessage(chat=direct, seq=edited, content=NewText(text="a thread")))
    await ann.does(model.RecallMessage(chat=direct, seq=recalled))
    await bob.does(model.DeleteMessages(chat=direct, seqs=(deleted,)))
    assert await bob.finds("needle") == []
    assert await ann.finds("needle") == ["needle 2"]
    assert await bob.finds("thread") == ["a thread"]
    await bob.does(model.ClearChat(chat=direct))
    assert await bob.finds("thread") == []


async def test_hits_come_in_pages_newest_first(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    for n in range(7):
        await ann.says(direct, f"page {n}")
    found: list[str] = []
    after = ""
    while True:
        page = await tea.chat.search(bob.id, "page", after=after, limit=3)
        found += [hit.message.content.text for hit in page.hits if isinstance(hit.message.content, Text)]
        assert [person.handle for person in page.people] == ["ann"]
        if not page.next:
            break
        after = page.next
    assert found == [f"page {n}" for n in range(6, -1, -1)]
    with pytest.raises(Malformed):
        await tea.chat.search(bob.id, "page", after="x")


async def test_a_query_is_only_ever_words(tea: TeaHouse) -> None:
    """What means something to the store's own search language means nothing here."""
    ann, bob, direct = await pair(tea)
    await ann.says(direct, "a OR b NOT c NEAR d")
    for query in (
        '" OR "',
        "NOT",
        "a:*",
        "chat:",
        "'a' & !b",
        "words : (x",
        "a <-> b",
        "NEAR(a b)",
        "^a",
        "-",
        "\\",
        "%s",
    ):
        await bob.finds(query)
    assert await bob.finds("or") == ["a OR b NOT c NEAR d"]
    assert await bob.finds("or d b") == ["a OR b NOT c NEAR d"]


async def test_the_snippet_shows_the_hit(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    await ann.says(direct, "word " * 100 + "the Needle in here " + "word " * 100)
    page = await tea.chat.search(bob.id, "needle", limit=1)
    snippet = page.hits[0].snippet
    assert "the \x02Needle\x03 in here" in snippet
    assert snippet.startswith("…word")
    assert snippet.endswith("…")
    assert len(snippet) < 200


async def test_the_index_grows_by_itself(tea: TeaHouse) -> None:
    ann, _, direct = await pair(tea)
    await ann.says(direct, "quietly")
    for _ in range(200):
        if not await tea.house.store.write(tea.chat.finding.index.advance):
            rows = await tea.house.store.read(
                lambda c: c.exec_driver_sql("SELECT number FROM message_word_position").all()
            )
            if rows[0][0] > 0:
                return
        await asyncio.sleep(0.05)
    pytest.fail("the index did not follow")


async def test_a_person_in_many_chats_searches_them_all(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    chats = await asyncio.gather(*(ann.opens("group", bob, name=f"{n}") for n in range(300)))
    await ann.says(chats[7], "here it is")
    assert await bob.finds("here it") == ["here it is"]


async def test_an_index_of_other_rules_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_teahouse(tmp_path) as tea:
        ann, bob, direct = await pair(tea)
        await ann.says(direct, "still here")
        assert await bob.finds("still") == ["still here"]
        monkeypatch.setattr(search, "VERSION", "another")
        await tea.house.store.write(tea.chat.finding.index.prepare)
        rows = await tea.house.store.read(lambda c: c.exec_driver_sql("SELECT number FROM message_word_position").all())
        assert rows[0][0] == 0
        assert await bob.finds("still") == ["still here"]
