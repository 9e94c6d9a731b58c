"""Calls to phones over minutes and hours, told in an instant: carrier and engine stand in, the clock is moved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.calls.phone.leading.hearing import HungUp
from teahouse.calls.phone.leading.rules import RING_S_MAX, SILENT_S_MAX
from teahouse.calls.phone.leading.talk import LOOK_EVERY_S
from teahouse.calls.phone.model import AnswerPhone, Dial, HangUp, KeepPhone
from teahouse.calls.phone.trunks.model import AssignNumber
from tests.calls.phone.standing_in import OFFER, StandInLeg, StillLoop
from tests.calls.phone.still_house import StillHouse, open_still
from tests.wallet.house import Payer, new_key

DECK = "prefix,name,price,increment,currency\n49,By the second,0.60,1/1,EUR\n"
BERLIN = "+493023125000"
OWN = "+493012345678"
Story = Callable[[StillHouse], Coroutine[Any, Any, None]]
Tell = Callable[[Story], None]


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Tell]:
    """Tells a story on a loop whose clock stands still."""
    with asyncio.Runner(loop_factory=StillLoop) as runner:

        def told(story: Story) -> None:
            async def whole() -> None:
                loop = asyncio.get_running_loop()
                assert isinstance(loop, StillLoop)
                async with open_still(tmp_path, loop) as house:
                    await story(house)

            runner.run(whole())

        yield told


async def dials(house: StillHouse, person: Payer, number: str = BERLIN) -> str:
    placed = await person.does(Dial(key=new_key(), number=number, offer=OFFER))
    await house.quiet.comes()
    return str(placed.call.id)


async def is_answered(house: StillHouse) -> StandInLeg:
    leg = house.stack.legs[-1]
    leg.is_answered()
    await house.quiet.comes()
    return leg


def test_a_device_that_is_gone_ends_its_call(tell: Tell) -> None:
    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        alice = await house.calls.person("alice", 10_00)
        call = await dials(house, alice)
        leg = await is_answered(house)
        for _ in range(6):
            await house.quiet.passes(10)
            await alice.does(KeepPhone(call=call))
        house.engine.sessions[call].is_silent = True
        await house.quiet.passes(SILENT_S_MAX - 1)
        assert house.states(call)[-1] == "answered", "its network may come back"
        await house.quiet.passes(1 + LOOK_EVERY_S)
        ended = house.told[-1]
        assert (ended.state, ended.reason) == ("ended", "gone")
        assert ended.cost is not None
        assert 60 + SILENT_S_MAX <= ended.cost.amount <= 60 + SILENT_S_MAX + 2 * LOOK_EVERY_S
        assert leg.ended is not None, "the carrier was told"

    tell(story)


def test_sound_that_comes_through_stands_for_a_device_that_cannot_report(tell: Tell) -> None:
    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        alice = await house.calls.person("alice", 10_00)
        call = await dials(house, alice)
        await is_answered(house)
        await house.quiet.passes(300)
        assert house.states(call)[-1] == "answered"
        assert house.told[-1].cost is not None

    tell(story)


def test_who_lets_it_ring_for_long_is_there_when_they_answer(tell: Tell) -> None:
    """How long the device was silent counts from its answer, not from the first ring."""

    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        alice = await house.calls.person("alice")
        await house.operator_does(AssignNumber(number=OWN, person=alice.id))
        house.stack.rings(OWN, house.stack.trunks[0])
        await house.quiet.passes(RING_S_MAX - 5)
        call = house.told[-1].id
        await alice.does(AnswerPhone(call=call, offer=OFFER))
        await house.quiet.comes()
        house.engine.sessions[call].is_silent = True  # its sound is only now being joined
        await house.quiet.passes(SILENT_S_MAX - 1)
        assert house.states(call)[-1] == "answered"
        await house.quiet.passes(LOOK_EVERY_S + 1)
        assert (house.told[-1].state, house.told[-1].reason) == ("ended", "gone")

    tell(story)


def test_nobody_answers_a_call_that_comes_in(tell: Tell) -> None:
    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        alice = await house.calls.person("alice")
        await house.operator_does(AssignNumber(number=OWN, person=alice.id))
        leg = house.stack.rings(OWN, house.stack.trunks[0])
        await house.quiet.passes(RING_S_MAX - 1)
        assert house.told[-1].state == "ringing"
        await house.quiet.passes(1)
        assert (house.told[-1].state, house.told[-1].reason) == ("ended", "no_answer")
        assert leg.said == [180, 480]

    tell(story)


def test_a_call_lasts_no_longer_than_the_operator_lets_it(tell: Tell) -> None:
    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK, talk_minutes_max=5)
        alice = await house.calls.person("alice", 10_00)
        await dials(house, alice)
        await is_answered(house)
        await house.quiet.passes(299.5)
        assert house.told[-1].state == "answered"
        await house.quiet.passes(0.5)
        ended = house.told[-1]
        assert (ended.state, ended.reason) == ("ended", "too_long")
        assert ended.cost is not None
        assert ended.cost.amount == 300
        assert await alice.has() == 10_00 - 300

    tell(story)


def test_who_dials_without_a_trunk_is_told_so_and_pays_nothing(tell: Tell) -> None:
    """There are prices and permission, but SIP was never opened."""

    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK, trunks=0)
        alice = await house.calls.person("alice", 10_00)
        call = await dials(house, alice)
        assert (house.told[-1].id, house.told[-1].state, house.told[-1].reason) == (call, "ended", "no_carrier")
        assert await alice.has() == 10_00, "nothing stays held"
        assert not house.leaders

    tell(story)


def test_a_trunk_takes_no_more_calls_than_it_may(tell: Tell) -> None:
    """Even of many who dial at the same instant."""

    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK, calls_max=3)
        people = [await house.calls.person(f"person{number}", 10_00) for number in range(6)]
        placed = await asyncio.gather(
            *[
                each.does(Dial(key=new_key(), number=f"+49302312500{number}", offer=OFFER))
                for number, each in enumerate(people)
            ]
        )
        await house.quiet.comes()
        assert len(house.stack.legs) == 3
        last = [[each for each in house.told if each.id == one.call.id][-1] for one in placed]
        assert [each.reason for each in last].count("no_carrier") == 3
        for leg in house.stack.legs:
            leg.ends("busy")
        await house.quiet.comes()
        assert [await each.has() for each in people] == [10_00] * 6
        assert not house.leaders
        await dials(house, people[0])
        assert len(house.stack.legs) == 4, "and there is room again"

    tell(story)


def test_a_store_that_is_full_for_a_while_does_not_end_a_talk_that_is_paid(tell: Tell) -> None:
    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        alice = await house.calls.person("alice", 62)
        call = await dials(house, alice)
        leg = await is_answered(house)
        house.full(True)
        await house.quiet.passes(30)
        assert leg.ended is None
        house.full(False)
        await house.quiet.passes(2)
        assert house.told[-1].low, "what could not be said is said then"
        await alice.does(HangUp(call=call))
        await house.quiet.comes()
        assert house.told[-1].cost is not None
        assert house.told[-1].cost.amount == 32

    tell(story)


def test_a_store_that_is_full_when_the_money_ends_ends_the_talk(tell: Tell) -> None:
    """It is hung up at once, and written down when it can be."""

    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        alice = await house.calls.person("alice", 62)
        await dials(house, alice)
        leg = await is_answered(house)
        house.full(True)
        await house.quiet.passes(62)
        assert leg.ended is not None
        assert house.told[-1].state == "answered"
        house.full(False)
        await house.quiet.passes(1)
        assert (house.told[-1].state, house.told[-1].reason) == ("ended", "no_credit")
        assert await alice.has() == 2, "no more than the minute that was held before could be talked"

    tell(story)


def test_a_restart_settles_all_that_were_cut_off_with_their_cost(tell: Tell) -> None:
    """However few it takes at once."""

    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        people = [await house.calls.person(f"person{number}", 10_00) for number in range(5)]
        calls = []
        for number, each in enumerate(people):
            calls.append(await dials(house, each, f"+49302312500{number}"))
            await is_answered(house)
        await house.quiet.passes(30)
        booking = house.calls.calls.phone.leading.booking
        # As the next start does it, after a house that died.
        ended = []
        while done := await house.calls.house.store.write(booking.restarted, 2):
            ended.append(done)
        assert [len(each) for each in ended] == [2, 2, 1]
        traces = {lost.trace for done in ended for lost in done}
        assert traces == {leg.trace for leg in house.stack.legs}, "each can be hung up at its carrier"
        for each, call in zip(people, calls, strict=True):
            row = await house.row(call)
            assert (row.reason, row.seconds, row.cost) == ("restarted", 30, 30)
            assert (await each.balance(), await each.has()) == (9_70, 9_70)

    tell(story)


def test_a_hundred_dials_at_once_are_one_call(tell: Tell) -> None:
    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        alice = await house.calls.person("alice", 10_00)
        asked = [alice.does(Dial(key=new_key(), number=BERLIN, offer=OFFER)) for _ in range(100)]
        done = await asyncio.gather(*asked, return_exceptions=True)
        await house.quiet.comes()
        codes = [getattr(each, "code", "placed") for each in done]
        assert (codes.count("placed"), codes.count("already_calling")) == (1, 99)
        assert len(house.stack.legs) == 1
        assert await alice.has() == 10_00 - 60, "a minute is held once"

    tell(story)


def test_who_hangs_up_before_it_leaves_rings_nobody(tell: Tell) -> None:
    """The media engine is only now being started."""

    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK)
        alice = await house.calls.person("alice", 10_00)
        house.engine.ready.clear()
        call = await dials(house, alice)
        await alice.does(HangUp(call=call))
        await house.quiet.comes()
        house.engine.ready.set()
        await house.quiet.comes()
        assert house.stack.legs == [], "no INVITE leaves"
        assert (house.told[-1].state, house.told[-1].reason) == ("ended", "cancelled")
        assert await alice.has() == 10_00

    tell(story)


def test_who_hangs_up_while_one_trunk_fails_is_not_called_through_the_next(tell: Tell) -> None:
    async def story(house: StillHouse) -> None:
        await house.sets_up(DECK, trunks=2)
        alice = await house.calls.person("alice", 10_00)
        call = await dials(house, alice)
        [leg] = house.stack.legs
        leg.ends("unavailable", may_fail_over=True)
        # In the same turn of the loop, so that the leader hears of both at once.
        asyncio.get_running_loop().call_soon(house.leaders[call].hearing.say, HungUp())
        await house.quiet.comes()
        assert house.stack.legs == [leg]
        assert (house.told[-1].state, house.told[-1].reason) == ("ended", "cancelled")
        assert await alice.has() == 10_00

    tell(story)
