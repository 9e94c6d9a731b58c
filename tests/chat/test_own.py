"""What is one's own: receipts, unread counts, drafts, pins, typing; the same on every device."""

import pytest

from teahouse.chat import model, rules
from tests.chat.house import TeaHouse


async def test_receipts_only_go_up(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    for n in range(5):
        await ann.says(direct, f"{n}")
    await bob.receives(direct, delivered=4)
    await bob.receives(direct, read=3)
    await bob.receives(direct, read=2, delivered=2)
    await bob.receives(direct, read=10**6)
    seen = [(event.get("delivered", 0), event.get("read", 0)) for event in ann.told("receipt.changed")]
    assert seen == [(4, 0), (4, 3), (6, 6)]
    assert [event.get("unread", 0) for event in bob.told("chat.read")] == [3, 0]


async def test_unread_counts_others_words_only(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    await ann.says(group, "One")
    second = await cat.says(group, "@bob two", mentions=(bob.id,))
    await bob.says(group, "My own")
    gone = await ann.says(group, "Three")
    await ann.does(model.RecallMessage(chat=group, seq=gone))
    await ann.does(model.UpdateChat(chat=group, topic="Numbers"))
    chat = await bob.chat(group)
    assert (chat.unread, chat.mentioned) == (2, second)
    await bob.receives(group, read=second)
    chat = await bob.chat(group)
    assert (chat.unread, chat.mentioned, chat.read_seq) == (0, 0, second)


async def test_a_recalled_mention_calls_nobody(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    await ann.says(group, "Unread")
    seq = await ann.says(group, "@bob", mentions=(bob.id,))
    assert (await bob.chat(group)).mentioned == seq
    await ann.does(model.RecallMessage(chat=group, seq=seq))
    assert (await bob.chat(group)).mentioned == 0


async def test_a_draft_is_on_all_devices_and_the_log_keeps_one(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    _, cursor, _ = await ann.syncs("")
    for text in ("H", "He", "Hel"):
        await ann.does(model.SetDraft(chat=direct, text=text, reply=1))
    chat = await ann.chat(direct)
    assert chat.draft is not None
    assert (chat.draft.text, chat.draft.reply) == ("Hel", 1)
    events, cursor, _ = await ann.syncs(cursor)
    assert [event["draft"]["text"] for event in events] == ["Hel"]
    await ann.does(model.SetDraft(chat=direct, text=""))
    assert (await ann.chat(direct)).draft is None
    events, _, _ = await ann.syncs(cursor)
    assert [event.get("draft") for event in events] == [None]
    assert bob.told("draft.changed") == []


async def test_pins_mutes_and_archives_are_ones_own(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    await ann.does(model.SetChatPreferences(chat=direct, pinned=True, muted=True))
    await ann.does(model.SetChatPreferences(chat=direct, muted=True))
    await ann.does(model.SetChatPreferences(chat=direct, archived=True, pinned=False))
    chat = await ann.chat(direct)
    assert (chat.pinned_at, chat.muted, chat.archived) == (0, True, True)
    assert [bool(event["pinned_at"]) if "pinned_at" in event else False for event in ann.told("chat.preferred")] == [
        True,
        False,
    ]
    assert not (await bob.chat(direct)).muted


async def test_typing_is_told_and_forgotten(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    _, cursor, _ = await bob.syncs("")
    await ann.does(model.Typing(chat=direct))
    assert [event["person"] for event in bob.told("typing")] == [ann.id]
    assert ann.told("typing") == []
    assert (await bob.syncs(cursor))[0] == []


async def test_in_large_groups_nobody_hears_who_types_and_reads(tea: TeaHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TYPING_MEMBERS_MAX", 2)
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    await ann.does(model.Typing(chat=group))
    assert bob.told("typing") == []
