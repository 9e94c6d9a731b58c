"""What comes at once, and what is too much."""

from __future__ import annotations

import asyncio

import pytest

from teahouse.calls.members import refusals, rules
from teahouse.errors import Unavailable
from tests.calls.members.calling import SECOND, Calling


async def test_two_who_begin_in_the_same_instant_are_in_one_call(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    one, other = await asyncio.gather(ann.calls(chat), ben.calls(chat))
    assert one.call.id == other.call.id
    assert ann.states(one.call.id) == {"ann": "joined", "ben": "joined"}
    assert len(await ann.open_calls()) == 1


async def test_a_group_of_commands_that_is_decided_again_leaves_calls_as_they_were(calling: Calling) -> None:
    """A message that is sent twice makes the writer roll all back that came with it, and decide it once more."""
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    first = await ann.says(chat, "Shall we talk?", nonce="the same")
    call = (await ann.calls(chat)).call.id
    for _ in range(3):
        await calling.pass_(30 * SECOND)
        again, _, leg, _ = await asyncio.gather(
            ann.says(chat, "Shall we talk?", nonce="the same"), ann.keeps(call), ben.joins(call), ann.keeps(call)
        )
        assert again == first
        [found] = await ben.open_calls()
        assert [each.leg for each in found.legs if each.person == ben.id] == [leg]
        assert found.legs == ann.shown(call).legs
    await calling.pass_(39 * SECOND)
    assert await ann.open_calls(), "what was said of being there was not rolled back for good"
    await ben.leaves(call)
    assert (await ann.record(call)).seconds in (99, 100)


async def test_a_house_carries_so_many_calls(calling: Calling, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    monkeypatch.setattr(rules, "OPEN_MAX", 1)
    call = (await ann.calls(await ann.meets(ben))).call.id
    with pytest.raises(Unavailable):
        await cat.calls(await cat.meets(ben))
    await ann.leaves(call)
    await cat.calls(await cat.meets(ben))


async def test_a_call_knows_so_many_people(calling: Calling, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, ben, cat, dan = await calling.friends("ann", "ben", "cat", "dan")
    group = await ann.opens("group", ben, cat, dan)
    monkeypatch.setattr(rules, "LEGS_MAX", 3)
    call = (await ann.calls(group, ben, cat)).call.id
    await ben.joins(call)
    await cat.declines(call)
    with pytest.raises(refusals.CallCrowded):
        await ann.invites(call, dan)
    with pytest.raises(refusals.CallCrowded):
        await dan.joins(call)
    await ann.invites(call, cat)
    assert cat.states(call)["cat"] == "invited"
