"""Groups and channels: who comes in, who leads, who goes, and what each of them gets to see."""

import asyncio

import pytest

from teahouse import clock
from teahouse.chat import model, rules
from teahouse.chat.content import NewText, System
from tests.chat.house import TeaHouse, shown


async def test_a_group_opens_to_all_who_were_asked(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat, name="Garden")
    for person in (ann, bob, cat):
        chat = await person.chat(group)
        assert (chat.name, chat.member_count, chat.unread) == ("Garden", 3, 0)
        assert {each.person: each.role for each in chat.members} == {
            ann.id: "owner",
            bob.id: "member",
            cat.id: "member",
        }
    (created,) = await bob.page(group)
    assert created.content == System(what="created", people=(ann.id, bob.id, cat.id), value="Garden")


async def test_a_group_needs_a_name(tea: TeaHouse) -> None:
    (ann,) = await tea.people("ann")
    with pytest.raises(rules.NameNeeded):
        await ann.opens("group", name="   ")


async def test_any_member_adds_their_own_contacts(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.people("ann", "bob", "cat")
    await ann.meets(bob)
    await bob.meets(cat)
    group = await ann.opens("group", bob)
    with pytest.raises(rules.NotContacts):
        await ann.does(model.AddMembers(chat=group, people=(cat.id,)))
    await bob.does(model.AddMembers(chat=group, people=(cat.id, cat.id, ann.id)))
    assert (await cat.chat(group)).member_count == 3
    last = (await ann.page(group))[-1]
    assert last.content == System(what="added", people=(bob.id, cat.id))


async def test_newcomers_read_from_their_joining_on(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob)
    before = await ann.says(group, "Before cat")
    await ann.does(model.AddMembers(chat=group, people=(cat.id,)))
    await ann.says(group, "Welcome")
    assert await cat.texts(group) == ["(added)", "Welcome"]
    assert (await cat.chat(group)).unread == 1
    with pytest.raises(rules.NoSuchMessage):
        await cat.says(group, "What was that?", reply=before)


async def test_newcomers_are_not_told_what_happens_to_messages_from_before(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob)
    seq = await ann.says(group, "Secret")
    await ann.does(model.AddMembers(chat=group, people=(cat.id,)))
    _, cursor, _ = await cat.syncs("")
    await ann.does(model.EditMessage(chat=group, seq=seq, content=NewText(text="A secret")))
    await bob.does(model.React(chat=group, seq=seq, emoji="👍"))
    assert cat.told("message.changed") == cat.told("message.reactions") == []
    assert (await cat.syncs(cursor))[0] == []
    changed = [event["type"] for event in (await bob.syncs(cursor))[0]]
    assert changed == ["message.changed", "message.reactions"]


async def test_join_approval_leaves_adding_to_the_leads(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob)
    await ann.does(model.UpdateChat(chat=group, join_approval=True))
    with pytest.raises(rules.LeadsOnly):
        await bob.does(model.AddMembers(chat=group, people=(cat.id,)))
    await ann.does(model.AddMembers(chat=group, people=(cat.id,)))


async def test_leads_rename_a_group_and_everybody_is_told(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    with pytest.raises(rules.LeadsOnly):
        await bob.does(model.UpdateChat(chat=group, name="Bob's"))
    await ann.does(model.UpdateChat(chat=group, name=" Pond ", topic="Frogs"))
    await ann.does(model.UpdateChat(chat=group, name="Pond"))
    (told,) = bob.told("chat.updated")
    assert (told["name"], told["topic"]) == ("Pond", "Frogs")
    assert await bob.texts(group) == ["(created)", "(renamed)", "(topic_changed)"]


async def test_in_an_announcement_group_only_leads_write(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    await ann.does(model.UpdateChat(chat=group, announcement_only=True))
    with pytest.raises(rules.AnnouncementOnly):
        await bob.says(group, "May I?")
    seq = await ann.says(group, "No")
    await bob.does(model.React(chat=group, seq=seq, emoji="😢"))
    await ann.does(model.SetRole(chat=group, person=bob.id, role="admin"))
    await bob.says(group, "Now I may")
    await ann.does(model.UpdateChat(chat=group, announcement_only=False))
    assert [shown(each.content) for each in await bob.page(group)][-1] == "(open_to_all)"


async def test_all_are_mentioned_by_leads_only(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    with pytest.raises(rules.LeadsOnly):
        await bob.says(group, "@all hi", mention_all=True)
    seq = await ann.says(group, "@all hi", mention_all=True)
    assert (await bob.chat(group)).mentioned == seq


async def test_a_muted_member_is_silent_until_the_time_is_over(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    await ann.does(model.MuteMember(chat=group, person=bob.id, duration=clock.HOUR_MS))
    with pytest.raises(rules.Muted) as refusal:
        await bob.says(group, "But")
    assert refusal.value.fields["until"] > clock.now_ms()
    await bob.does(model.LeaveChat(chat=group))
    await ann.does(model.AddMembers(chat=group, people=(bob.id,)))
    with pytest.raises(rules.Muted):
        await bob.says(group, "I came back")
    await ann.does(model.MuteMember(chat=group, person=bob.id, duration=0))
    await bob.says(group, "Thank you")


async def test_who_leaves_keeps_what_they_read_and_gets_nothing_new(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    await ann.says(group, "While you are here")
    await bob.does(model.LeaveChat(chat=group))
    await ann.says(group, "Behind your back")
    assert await bob.texts(group) == ["(created)", "While you are here"]
    chat = (await bob.chats())[group]
    assert (chat.left, chat.members, chat.last_seq) == (True, (), 2)
    assert "Behind your back" not in str(bob.told())
    assert [event["chat"] for event in bob.told("chat.left")] == [group]
    with pytest.raises(rules.NotFound):
        await bob.says(group, "Hello?")
    await bob.does(model.ClearChat(chat=group))
    assert group not in await bob.chats()


async def test_who_comes_back_reads_from_then_on(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    await bob.does(model.LeaveChat(chat=group))
    await ann.says(group, "Quiet here")
    await ann.does(model.AddMembers(chat=group, people=(bob.id,)))
    assert await bob.texts(group) == ["(added)"]
    chat = await bob.chat(group)
    assert (chat.left, chat.member_count, chat.unread) == (False, 2, 0)


async def test_the_owner_hands_over_before_leaving(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    with pytest.raises(rules.HandOverFirst):
        await ann.does(model.LeaveChat(chat=group))
    with pytest.raises(rules.LeadsOnly):
        await bob.does(model.SetRole(chat=group, person=bob.id, role="owner"))
    await ann.does(model.SetRole(chat=group, person=bob.id, role="owner"))
    assert {each.person: each.role for each in (await bob.chat(group)).members} == {ann.id: "admin", bob.id: "owner"}
    await ann.does(model.LeaveChat(chat=group))
    await bob.does(model.LeaveChat(chat=group))
    with pytest.raises(rules.NotFound):
        await bob.says(group, "Echo")


async def test_rank_decides_who_removes_whom(tea: TeaHouse) -> None:
    ann, bob, cat, dan = await tea.friends("ann", "bob", "cat", "dan")
    group = await ann.opens("group", bob, cat, dan)
    for admin in (bob, cat):
        await ann.does(model.SetRole(chat=group, person=admin.id, role="admin"))
    with pytest.raises(rules.OwnerOnly):
        await bob.does(model.RemoveMember(chat=group, person=cat.id))
    with pytest.raises(rules.OwnerOnly):
        await bob.does(model.RemoveMember(chat=group, person=ann.id))
    with pytest.raises(rules.LeadsOnly):
        await dan.does(model.RemoveMember(chat=group, person=bob.id))
    await bob.does(model.RemoveMember(chat=group, person=dan.id))
    await ann.does(model.RemoveMember(chat=group, person=bob.id))
    assert {each.person for each in (await ann.chat(group)).members} == {ann.id, cat.id}
    assert [event["chat"] for event in dan.told("chat.left")] == [group]


async def test_readers_of_a_channel_read_all_and_write_nothing(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    channel = await ann.opens("channel", name="News")
    await ann.says(channel, "First issue")
    await ann.does(model.AddMembers(chat=channel, people=(bob.id,)))
    assert await bob.texts(channel) == ["(created)", "First issue"]
    assert (await bob.chat(channel)).unread == 0
    with pytest.raises(rules.AnnouncementOnly):
        await bob.says(channel, "Letter to the editor")
    with pytest.raises(rules.LeadsOnly):
        await bob.does(model.AddMembers(chat=channel, people=(cat.id,)))


async def test_readers_of_a_channel_do_not_see_each_other(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    channel = await ann.opens("channel", bob, name="News")
    await ann.does(model.AddMembers(chat=channel, people=(cat.id,)))
    await cat.does(model.LeaveChat(chat=channel))
    await ann.does(model.AddMembers(chat=channel, people=(cat.id,)))
    chat = await bob.chat(channel)
    assert chat.member_count == 3
    assert {each.person for each in chat.members} == {ann.id, bob.id}
    assert bob.told("members.changed") == []
    assert len(ann.told("members.changed")) == 3
    assert cat.id not in str([event for event in bob.told() if event.get("chat") == channel])


async def test_a_crowd_comes_and_goes_while_others_talk(tea: TeaHouse) -> None:
    ann, *others = await tea.friends("ann", "bob", "cat", "dan", "eve")
    group = await ann.opens("group", *others)
    await asyncio.gather(
        *(ann.says(group, f"{n}") for n in range(20)),
        *(person.does(model.LeaveChat(chat=group)) for person in others[:2]),
        *(others[3].says(group, f"me {n}") for n in range(20)),
    )
    assert (await ann.chat(group)).member_count == 3
    assert [message.seq for message in await ann.page(group, limit=100)] == list(range(1, 44))


async def test_a_large_group_is_listed_by_its_leads_and_read_whole(
    tea: TeaHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.chat.reads.LISTED_MEMBERS_MAX", 3)
    ann, bob, cat, dan = await tea.friends("ann", "bob", "cat", "dan")
    group = await ann.opens("group", bob, cat, dan)
    listed = (await bob.chats())[group]
    assert {each.person for each in listed.members} == {ann.id, bob.id}
    assert listed.member_count == 4
    assert len((await bob.chat(group)).members) == 4
    (opened,) = [event["chat"] for event in dan.told("chat.opened") if event["chat"]["id"] == group]
    assert {each["person"] for each in opened["members"]} == {ann.id, dan.id}
