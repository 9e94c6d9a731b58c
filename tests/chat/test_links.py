"""Ways in: links with limits, requests that wait for an answer."""

import asyncio

import pytest
import sqlalchemy as sa

from teahouse import clock
from teahouse.chat import model, rules, store
from tests.chat.house import Chatter, TeaHouse


async def link_of(person: Chatter, chat: str, **limits: int) -> tuple[model.ChatLink, str]:
    made: model.ChatLinkMade = await person.does(model.MakeChatLink(chat=chat, **limits))
    return made.link, made.link.url.rpartition("/")[2]


async def test_strangers_join_by_link(tea: TeaHouse) -> None:
    ann, bob = await tea.people("ann", "bob")
    group = await ann.opens("group", name="Open door")
    link, secret = await link_of(ann, group)
    assert link.url == f"{tea.house.settings.public_url}/j/{secret}"
    card = await tea.chat.link_card(bob.id, secret)
    assert (card.name, card.member_count, card.member) == ("Open door", 1, False)
    for _ in range(2):
        assert await bob.does(model.JoinChat(link=secret)) == model.Joined(chat=group)
    assert await bob.texts(group) == ["(joined)"]
    assert (await tea.chat.link_card(bob.id, secret)).member
    (listed,) = await tea.chat.links(ann.id, group)
    assert (listed.id, listed.used, listed.url) == (link.id, 1, "")


async def test_a_link_lets_in_as_many_as_it_says(tea: TeaHouse) -> None:
    ann, *others = await tea.people("ann", "bob", "cat", "dan")
    group = await ann.opens("group")
    _, secret = await link_of(ann, group, uses=2)
    outcomes = await asyncio.gather(
        *(each.does(model.JoinChat(link=secret)) for each in others), return_exceptions=True
    )
    assert sum(isinstance(each, model.Joined) for each in outcomes) == 2
    assert sum(isinstance(each, rules.LinkUsedUp) for each in outcomes) == 1
    assert (await ann.chat(group)).member_count == 3


async def test_a_link_ends(tea: TeaHouse) -> None:
    ann, bob = await tea.people("ann", "bob")
    group = await ann.opens("group")
    link, secret = await link_of(ann, group, hours=1)
    await tea.house.store.write(
        lambda tx: tx.connection.execute(sa.update(store.links).values(expires_at=clock.now_ms() - 1))
    )
    with pytest.raises(rules.LinkExpired):
        await bob.does(model.JoinChat(link=secret))
    with pytest.raises(rules.LinkExpired):
        await tea.chat.link_card(bob.id, secret)
    await ann.does(model.RevokeChatLink(chat=group, link=link.id))
    for wrong in (secret, "no such secret"):
        with pytest.raises(rules.LinkUnknown):
            await bob.does(model.JoinChat(link=wrong))


async def test_only_leads_handle_links_and_requests(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group", bob)
    with pytest.raises(rules.LeadsOnly):
        await link_of(bob, group)
    with pytest.raises(rules.LeadsOnly):
        await tea.chat.links(bob.id, group)
    with pytest.raises(rules.LeadsOnly):
        await tea.chat.joins(bob.id, group)


async def test_with_approval_one_waits_for_an_answer(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.people("ann", "bob", "cat")
    group = await ann.opens("group")
    await ann.does(model.UpdateChat(chat=group, join_approval=True))
    _, secret = await link_of(ann, group, uses=2)
    for person in (bob, bob, cat):
        assert await person.does(model.JoinChat(link=secret)) == model.Joined(chat=group, waiting=True)
    with pytest.raises(rules.NotFound):
        await bob.says(group, "Am I in?")
    first, second = await tea.chat.joins(ann.id, group)
    assert [each["request"]["person"]["handle"] for each in ann.told("join.requested")] == ["bob", "cat"]
    await ann.does(model.AnswerJoinRequest(chat=group, request=first.id, accept=True))
    await ann.does(model.AnswerJoinRequest(chat=group, request=second.id, accept=False))
    assert await bob.texts(group) == ["(joined)"]
    assert bob.told("chat.opened")[-1]["chat"]["id"] == group
    assert await cat.chats() == {}
    assert [each["request"] for each in ann.told("join.closed")] == [first.id, second.id]
    with pytest.raises(rules.NotFound):
        await ann.does(model.AnswerJoinRequest(chat=group, request=second.id, accept=True))


async def test_who_is_added_meanwhile_waits_no_more(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    group = await ann.opens("group")
    await ann.does(model.UpdateChat(chat=group, join_approval=True))
    _, secret = await link_of(ann, group)
    await bob.does(model.JoinChat(link=secret))
    await ann.does(model.AddMembers(chat=group, people=(bob.id,)))
    assert await tea.chat.joins(ann.id, group) == ()
    assert len(ann.told("join.closed")) == 1


async def test_a_group_has_an_end(tea: TeaHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "GROUP_MEMBERS_MAX", 2)
    ann, bob, cat = await tea.people("ann", "bob", "cat")
    group = await ann.opens("group")
    _, secret = await link_of(ann, group)
    await bob.does(model.JoinChat(link=secret))
    with pytest.raises(rules.ChatFull):
        await cat.does(model.JoinChat(link=secret))
