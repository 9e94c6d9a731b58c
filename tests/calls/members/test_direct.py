"""Two people call each other: it rings, one answers or does not, and both find it in their chat and history."""

from __future__ import annotations

import pytest

from teahouse.calls.members import refusals, rules
from teahouse.calls.members.model import RingCall, SetLeg
from teahouse.errors import Forbidden, NotFound, RateLimited
from teahouse.people.model import Block
from tests.calls.members.calling import MINUTE, SECOND, Calling, new_nonce


async def test_a_call_rings_everywhere_and_is_answered_once(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    tablet = await ben.another()
    chat = await ann.meets(ben)
    started = await ann.calls(chat, video=True)
    call = started.call.id
    assert ben.states(call) == {"ann": "joined", "ben": "invited"}
    assert ben.shown(call).video is True
    assert [each.id for each in await tablet.open_calls()] == [call]

    await ben.does(RingCall(call=call))
    assert ann.states(call)["ben"] == "ringing"
    leg = await ben.joins(call)
    assert tablet.states(call)["ben"] == "joined", "the tablet rings no more"
    assert {each.leg for each in ann.shown(call).legs} == {started.leg, leg}
    with pytest.raises(refusals.CallElsewhere):
        await tablet.joins(call)

    await calling.pass_(35 * SECOND)
    for phone in (ann, ben):
        await phone.keeps(call)
    await calling.pass_(30 * SECOND)
    await ann.leaves(call)
    assert ben.shown(call).outcome == "answered"
    assert await ann.open_calls() == await ben.open_calls() == []
    [card] = await ben.cards(chat)
    assert (card.call, card.outcome, card.video) == (call, "answered", True)
    assert card.seconds in (65, 66)
    assert set(card.people) == {ann.id, ben.id}
    assert (await ann.unread(chat), await ben.unread(chat)) == (0, 0), "who took part knows of it"
    mine, theirs = await ann.record(call), await ben.record(call)
    assert (mine.direction, mine.outcome, mine.people) == ("out", "answered", (ben.id,))
    assert (theirs.direction, theirs.outcome, theirs.people) == ("in", "answered", (ann.id,))
    assert mine.seconds == theirs.seconds == card.seconds


async def test_a_call_that_is_given_up_is_missed(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    call = (await ann.calls(chat)).call.id
    assert await ben.unread(chat) == 0, "a direct chat shows a call once it ended"
    await ann.leaves(call)
    assert (ben.shown(call).outcome, ben.states(call)["ben"]) == ("cancelled", "missed")
    assert await ben.unread(chat) == 1
    assert await ann.unread(chat) == 0
    assert (await ann.record(call)).outcome == "cancelled"
    assert (await ben.record(call)).outcome == "missed"
    assert [each.id for each in await ben.history(missed=True)] == [call]
    assert await ann.history(missed=True) == []
    with pytest.raises(refusals.CallOver):
        await ben.joins(call)


@pytest.mark.parametrize(("busy", "outcome", "theirs"), [(False, "declined", "declined"), (True, "busy", "missed")])
async def test_a_call_is_declined(calling: Calling, busy: bool, outcome: str, theirs: str) -> None:
    ann, ben = await calling.friends("ann", "ben")
    tablet = await ben.another()
    chat = await ann.meets(ben)
    call = (await ann.calls(chat)).call.id
    await ben.declines(call, busy=busy)
    assert tablet.states(call)["ben"] == outcome
    assert ann.shown(call).outcome == outcome
    await ben.declines(call)
    await ann.leaves(call)
    assert [card.outcome for card in await ann.cards(chat)] == [outcome]
    assert (await ann.record(call)).outcome == outcome
    assert (await ben.record(call)).outcome == theirs
    assert await ben.unread(chat) == 1


async def test_nobody_answers_for_a_minute(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    call = (await ann.calls(chat)).call.id
    await calling.pass_(30 * SECOND)
    await ann.keeps(call)
    await calling.pass_(29 * SECOND)
    assert [each.id for each in await ben.open_calls()] == [call]
    await calling.pass_(2 * SECOND)
    assert (ann.shown(call).outcome, ann.states(call)) == ("no_answer", {"ann": "left", "ben": "missed"})
    assert (await ben.record(call)).outcome == "missed"
    assert await ben.unread(chat) == 1


async def test_a_device_that_is_silent_has_left(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    call = (await ann.calls(chat)).call.id
    await ben.joins(call)
    await calling.pass_(30 * SECOND)
    await ann.keeps(call)
    await ben.keeps(call)
    await calling.pass_(30 * SECOND)
    await ann.keeps(call)
    await calling.pass_(9 * SECOND)
    assert ben.states(call) == {"ann": "joined", "ben": "joined"}
    await calling.pass_(2 * SECOND)
    assert ann.states(call) == {"ann": "left", "ben": "left"}
    # They talked until Ben was last heard of.
    assert (await ann.record(call)).seconds in (30, 31)
    assert ann.shown(call).outcome == "answered"


async def test_two_who_call_each_other_at_once_meet_in_one_call(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    one, other = await ann.calls(chat), await ben.calls(chat)
    assert one.call.id == other.call.id
    assert one.leg != other.leg
    assert ann.shown(one.call.id).answered_at > 0


async def test_a_call_is_begun_once_however_often_it_is_asked(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    chat, nonce = await ann.meets(ben), new_nonce()
    first = await ann.calls(chat, nonce=nonce)
    again = await ann.calls(chat, nonce=nonce)
    assert (again.call.id, again.leg) == (first.call.id, first.leg)
    joined = await ben.calls(chat, nonce=nonce)
    assert joined.call.id == first.call.id, "a nonce is a person's own"
    await ann.leaves(first.call.id)
    for phone, leg in ((ann, first.leg), (ben, joined.leg)):
        late = await phone.calls(chat, nonce=nonce)
        assert (late.call.id, late.call.outcome, late.leg) == (first.call.id, "answered", leg)
    with pytest.raises(refusals.InAnotherChat):
        await ann.calls(await ann.meets(cat), nonce=nonce)
    assert len(await ann.history()) == 1


async def test_a_call_goes_over_to_another_device(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    tablet = await ann.another()
    chat = await ann.meets(ben)
    call = (await ann.calls(chat)).call.id
    await ben.joins(call)
    with pytest.raises(refusals.CallElsewhere):
        await tablet.calls(chat)
    leg = await tablet.joins(call, take_over=True)
    assert leg in {each.leg for each in ben.shown(call).legs}
    for refused in (ann.keeps(call), ann.leaves(call), ann.does(SetLeg(call=call, muted=True))):
        with pytest.raises(refusals.NotInCall):
            await refused
    await tablet.does(SetLeg(call=call, muted=True, camera=True))
    mine = next(each for each in ben.shown(call).legs if each.person == ann.id)
    assert (mine.muted, mine.camera, mine.state) == (True, True, "joined")


async def test_signals_go_from_leg_to_leg_and_nowhere_else(calling: Calling) -> None:
    ann, ben, cat = await calling.friends("ann", "ben", "cat")
    chat = await ann.meets(ben)
    started = await ann.calls(chat)
    call, to = started.call.id, await ben.joins(started.call.id)
    sent = await ann.signals(call, to, "v=0 offer")
    assert [(each["sender"], each["to"]) for each in ben.told("call.signal")] == [(started.leg, to)]
    assert ben.told("call.signal")[0]["description"] == sent
    assert ann.told("call.signal") == cat.told("call.signal") == []
    for leg in (started.leg, "0" * 16):
        with pytest.raises(refusals.NoSuchLeg):
            await ann.signals(call, leg, "v=0")
    with pytest.raises(refusals.NotInCall):
        await cat.signals(call, to, "v=0")
    new = await ben.joins(call)
    with pytest.raises(refusals.NoSuchLeg):
        await ann.signals(call, to, "v=0")
    await ann.signals(call, new, "v=0")
    await ben.leaves(call)
    with pytest.raises(refusals.NotInCall):
        await ann.signals(call, new, "v=0")


async def test_strangers_learn_nothing_of_a_call(calling: Calling) -> None:
    ann, ben, eve = await calling.friends("ann", "ben", "eve")
    call = (await ann.calls(await ann.meets(ben))).call.id
    for refused in (eve.joins(call), eve.declines(call), eve.leaves(call), eve.record(call)):
        with pytest.raises(NotFound) as found:
            await refused
        assert found.value.code == "no_such_call"
    assert eve.told("call.changed") == []


async def test_who_is_blocked_rings_nobody(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    call = (await ann.calls(chat)).call.id
    await ben.joins(call)
    await ben.does(Block(person=ann.id))
    assert (ann.shown(call).outcome, ann.states(call)) == ("answered", {"ann": "left", "ben": "left"})
    assert await ann.cards(chat) == [], "nothing can be written there any more"
    with pytest.raises(Forbidden):
        await ann.calls(chat)
    assert (await ann.record(call)).outcome == "answered"


async def test_who_is_signed_out_is_out_of_the_call(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    tablet = await ben.another()
    call = (await ann.calls(await ann.meets(ben))).call.id
    await tablet.joins(call)
    await calling.signs_out(ben, tablet)
    await calling.until(lambda: ann.shown(call).outcome == "answered")
    assert ann.states(call) == {"ann": "left", "ben": "left"}


async def test_somebody_can_be_in_three_calls_and_is_busy_then(calling: Calling) -> None:
    ann, ben, cat, dan, eve = await calling.friends("ann", "ben", "cat", "dan", "eve")
    calls = []
    for caller in (ben, cat, dan):
        calls.append((await caller.calls(await ann.meets(caller))).call.id)
        await ann.joins(calls[-1])
    assert len(await ann.open_calls()) == rules.OF_PERSON_MAX
    refused = await eve.calls(await ann.meets(eve))
    assert refused.call.outcome == "busy"
    assert (await ann.record(refused.call.id)).outcome == "missed"
    with pytest.raises(refusals.TooManyCalls):
        await ann.calls(await ann.meets(eve))
    await ann.leaves(calls[0])
    assert (await eve.calls(await ann.meets(eve))).call.outcome == ""


async def test_ringing_again_and_again_comes_to_an_end(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    for _ in range(rules.STARTS_MAX):
        await ann.leaves((await ann.calls(chat)).call.id)
    with pytest.raises(RateLimited) as refused:
        await ann.calls(chat)
    assert 0 < refused.value.fields["retry_after_ms"] <= 10 * MINUTE
    await ben.calls(chat)
    await calling.pass_(10 * MINUTE + SECOND)
    await ann.calls(chat)
