"""Two people: how their chat comes to be, and what a block does to it."""

import pytest

from teahouse.chat import model, rules
from teahouse.errors import NotFound
from teahouse.people.model import Block, RemoveContact, Unblock
from tests.chat.house import TeaHouse, new_nonce
from tests.harness.house import kinds


async def test_becoming_contacts_opens_one_chat(tea: TeaHouse) -> None:
    ann, bob = await tea.people("ann", "bob")
    direct = await ann.meets(bob)
    assert await ann.says(direct, "Hello!") == 2
    assert await bob.texts(direct) == ["(contacts_now)", "Hello!"]
    told = [event for event in bob.told() if event["type"] in ("chat.opened", "message.new")]
    assert kinds(told) == ["chat.opened", "message.new", "message.new"]
    assert {person["handle"] for person in told[0]["people"]} == {"ann", "bob"}


async def test_asking_for_the_direct_chat_gives_the_one_there_is(tea: TeaHouse) -> None:
    ann, bob = await tea.people("ann", "bob")
    direct = await ann.meets(bob)
    assert await ann.opens("direct", bob) == direct
    assert await bob.opens("direct", ann) == direct


async def test_strangers_cannot_open_a_chat(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.people("ann", "bob", "cat")
    with pytest.raises(rules.NotContacts) as refusal:
        await ann.opens("direct", bob)
    assert refusal.value.fields["people"] == [bob.id]
    with pytest.raises(rules.OnePersonNeeded):
        await ann.opens("direct", bob, cat)


async def test_a_chat_that_one_is_not_in_does_not_exist(tea: TeaHouse) -> None:
    ann, bob, eve = await tea.people("ann", "bob", "eve")
    direct = await ann.meets(bob)
    with pytest.raises(NotFound):
        await eve.says(direct, "Let me in")
    with pytest.raises(NotFound):
        await eve.page(direct)
    with pytest.raises(NotFound):
        await eve.chat(direct)
    assert await eve.chats() == {}


async def test_a_block_parts_them_until_it_is_taken_back(tea: TeaHouse) -> None:
    ann, bob = await tea.people("ann", "bob")
    direct = await ann.meets(bob)
    await ann.does(Block(person=bob.id))
    for person in (ann, bob):
        with pytest.raises(rules.Apart):
            await person.says(direct, "Still there?")
        with pytest.raises(rules.Apart):
            await person.does(model.React(chat=direct, seq=1, emoji="👍"))
    await ann.does(Unblock(person=bob.id))
    assert await bob.says(direct, "Peace") == 2


async def test_who_is_removed_as_contact_cannot_write_until_they_meet_again(tea: TeaHouse) -> None:
    ann, bob = await tea.people("ann", "bob")
    direct = await ann.meets(bob)
    await ann.does(RemoveContact(person=bob.id))
    with pytest.raises(rules.Apart):
        await bob.says(direct, "Ann?")
    assert await ann.meets(bob) == direct
    await bob.says(direct, "Ann!")
    assert await ann.texts(direct) == ["(contacts_now)", "(contacts_now)", "Ann!"]


async def test_a_blocked_person_cannot_be_pulled_into_a_group(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    await bob.does(Block(person=ann.id))
    with pytest.raises(rules.NotContacts):
        await ann.opens("group", bob)


async def test_a_direct_chat_has_no_settings_and_nobody_leaves_it(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    direct = await ann.opens("direct", bob)
    for command in (
        model.UpdateChat(chat=direct, name="Ours"),
        model.AddMembers(chat=direct, people=(cat.id,)),
        model.RemoveMember(chat=direct, person=bob.id),
        model.LeaveChat(chat=direct),
        model.SetRole(chat=direct, person=bob.id, role="admin"),
        model.MakeChatLink(chat=direct),
    ):
        with pytest.raises(rules.DirectChat):
            await ann.does(command)


async def test_creating_twice_with_one_nonce_makes_one_group(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    command = model.CreateChat(kind="group", nonce=new_nonce(), name="Tea", people=(bob.id,))
    first = await ann.does(command)
    again = await ann.does(command)
    assert first == again
    assert [chat.name for chat in (await bob.chats()).values() if chat.kind == "group"] == ["Tea"]
