"""Small groups call each other: whom it rings, who comes and goes, and what the chat shows of it."""

from __future__ import annotations

import pytest

from teahouse.calls.members import refusals, rules
from teahouse.chat.model import LeaveChat, MuteMember, RemoveMember
from teahouse.errors import Forbidden, NotFound
from teahouse.people.model import Block
from tests.calls.members.calling import SECOND, Calling


async def test_a_group_talks_and_its_chat_shows_who_is_in(calling: Calling) -> None:
    ann, ben, cat, dan = await calling.friends("ann", "ben", "cat", "dan")
    group = await ann.opens("group", ben, cat, dan)
    call = (await ann.calls(group, ben, cat)).call.id
    assert ann.states(call) == {"ann": "joined", "ben": "invited", "cat": "invited"}
    assert dan.told("call.changed") == []
    [card] = await dan.cards(group)
    assert (card.outcome, card.people) == ("", (ann.id,))
    assert await dan.unread(group) == 1

    await ben.joins(call)
    await cat.declines(call)
    await dan.joins(call)
    assert ann.states(call) == {"ann": "joined", "ben": "joined", "cat": "declined", "dan": "joined"}
    [card] = await cat.cards(group)
    assert (card.outcome, set(card.people)) == ("", {ann.id, ben.id, dan.id})

    await ann.leaves(call)
    assert ben.shown(call).outcome == "", "it goes on without who began it"
    await calling.pass_(20 * SECOND)
    await ben.leaves(call)
    assert dan.states(call) == {"ann": "left", "ben": "left", "cat": "declined", "dan": "left"}
    [card] = await cat.cards(group)
    assert (card.outcome, set(card.people)) == ("answered", {ann.id, ben.id, dan.id})
    assert card.seconds in (20, 21)
    assert (await ann.record(call)).seconds == 0
    assert (await ben.record(call)).seconds == card.seconds
    assert (await cat.record(call)).outcome == "declined"
    assert set((await dan.record(call)).people) == {ann.id, ben.id, cat.id}


async def test_who_missed_a_group_call_may_be_rung_again(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    group = await ann.opens("group", ben, cat)
    call = (await ann.calls(group)).call.id
    await ben.joins(call)
    await calling.pass_(30 * SECOND)
    await ann.keeps(call)
    await ben.keeps(call)
    await calling.pass_(31 * SECOND)
    assert ann.states(call)["cat"] == "missed"
    assert (await cat.record(call)).outcome == "missed"
    with pytest.raises(refusals.NotInCall):
        await cat.invites(call, cat)
    for _ in range(rules.RINGS_MAX - 1):
        await ben.invites(call, cat)
        assert cat.states(call)["cat"] == "invited"
        await cat.declines(call)
    await ben.invites(call, cat)
    assert cat.states(call)["cat"] == "declined", "enough is enough"
    await cat.joins(call)
    assert (await cat.record(call)).outcome == ""


async def test_a_group_call_that_nobody_takes(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    group = await ann.opens("group", ben, cat)
    call = (await ann.calls(group)).call.id
    await ben.declines(call)
    assert ann.shown(call).outcome == ""
    await cat.declines(call, busy=True)
    assert ann.shown(call).outcome == "declined"
    call = (await ann.calls(group)).call.id
    await ben.declines(call, busy=True)
    await cat.declines(call, busy=True)
    assert ann.shown(call).outcome == "busy"
    call = (await ann.calls(group)).call.id
    await ben.declines(call)
    await ann.leaves(call)
    assert (ann.shown(call).outcome, ann.states(call)["cat"]) == ("cancelled", "missed")
    assert [card.outcome for card in await cat.cards(group)] == ["declined", "busy", "cancelled"]


async def test_six_are_a_full_call_and_a_larger_group_says_whom(calling: Calling) -> None:
    people = await calling.friends("ann", "ben", "cat", "dan", "eve", "fay", "gus")
    ann, *others = people
    group = await ann.opens("group", *others)
    with pytest.raises(refusals.ChatTooLarge):
        await ann.calls(group)
    call = (await ann.calls(group, *others[:5])).call.id
    gus = others[-1]
    with pytest.raises(refusals.CallCrowded):
        await ann.invites(call, gus)
    for phone in others[:4]:
        await phone.joins(call)
    await gus.joins(call)
    fay = others[4]
    with pytest.raises(refusals.CallCrowded):
        await fay.joins(call)
    with pytest.raises(refusals.CallCrowded):
        await fay.calls(group)
    await gus.leaves(call)
    await fay.calls(group)
    assert sum(leg.state == "joined" for leg in ann.shown(call).legs) == 6


async def test_to_call_where_a_call_is_is_to_join_it(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    group = await ann.opens("group", ben, cat)
    first = await ann.calls(group, ben)
    joined = await cat.calls(group)
    assert joined.call.id == first.call.id
    assert ann.states(first.call.id) == {"ann": "joined", "ben": "invited", "cat": "joined"}
    assert (await cat.calls(group)).leg == joined.leg


async def test_who_leaves_the_chat_leaves_its_call(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    group = await ann.opens("group", ben, cat)
    call = (await ann.calls(group)).call.id
    await ben.joins(call)
    await cat.joins(call)
    await ann.does(RemoveMember(chat=group, person=ben.id))
    await calling.until(lambda: ben.states(call)["ben"] == "left")
    told = len(ben.told("call.changed"))
    await cat.does(LeaveChat(chat=group))
    await calling.until(lambda: ann.shown(call).outcome == "answered")
    assert len(ben.told("call.changed")) == told, "who was removed is told no more"
    with pytest.raises(refusals.CallOver):
        await ben.joins(call)
    call = (await ann.calls(await ann.opens("group", ben), ben)).call.id
    with pytest.raises(NotFound):
        await cat.joins(call)


async def test_who_may_not_write_may_not_call_but_listen(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    group = await ann.opens("group", ben, cat)
    await ann.does(MuteMember(chat=group, person=ben.id, duration=3_600_000))
    with pytest.raises(Forbidden):
        await ben.calls(group)
    call = (await ann.calls(group)).call.id
    await ben.joins(call)
    with pytest.raises(Forbidden):
        await ben.invites(call, cat)


async def test_nobody_is_rung_by_whom_they_blocked(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    group = await ann.opens("group", ben, cat)
    await ben.does(Block(person=ann.id))
    call = (await ann.calls(group)).call.id
    assert ann.states(call) == {"ann": "joined", "cat": "invited"}
    await ann.invites(call, ben)
    assert ann.states(call) == {"ann": "joined", "cat": "invited"}
    await ann.leaves(call)
    with pytest.raises(refusals.NobodyToRing):
        await ann.calls(group, ben)


async def test_whom_one_may_call(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    group = await ann.opens("group", ben)
    with pytest.raises(refusals.NotAMember):
        await ann.calls(group, cat)
    with pytest.raises(refusals.NotAMember):
        await ann.calls(await ann.meets(ben), cat)
    with pytest.raises(refusals.NoCallsHere):
        await ann.calls(await ann.opens("channel", ben), ben)
    with pytest.raises(refusals.NobodyToRing):
        await ann.calls(await ann.opens("group"))
    with pytest.raises(NotFound):
        await cat.calls(group)
    call = (await ann.calls(group)).call.id
    with pytest.raises(refusals.NotAMember):
        await ann.invites(call, cat)
