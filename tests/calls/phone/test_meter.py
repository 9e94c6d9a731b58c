"""No call leaves without a hold; what is held follows the talk; what is paid is what was used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.calls.phone.meter.meter import HOLD_LASTS_MS, NotMetered, Running
from teahouse.calls.phone.meter.rules import TALK_S_MAX
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.ledger.rules import InsufficientFunds
from tests.calls.phone.metering import (
    BERLIN,
    TRUNK,
    Metered,
    MeterHouse,
    entries,
    faults,
    open_metered,
    rate,
    reopen_metered,
    settled_after_restart,
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MeterHouse]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    async with open_metered(tmp_path, store=url) as opened:
        yield opened
        assert await faults(opened) == []


# --- before it leaves ---


async def test_a_minute_is_held_before_the_call_leaves(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    running = await Metered(house).begins(ann, rate(12, 1, 1))
    assert running == Running(cost=0, covered_s=60, left_s=5_000, next_s=0)
    assert (await ann.balance(), await ann.has()) == (1_000, 988)


async def test_a_first_interval_longer_than_a_minute_is_held_whole(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    assert (await Metered(house).begins(ann, rate(10, 180, 60, connection=5))).covered_s == 180
    assert await ann.has() == 965


async def test_a_balance_for_less_than_a_minute_is_held_as_far_as_it_goes(house: MeterHouse) -> None:
    ann = await house.person("ann", 7)
    running = await Metered(house).begins(ann, rate(10, 30, 6))
    assert (running.covered_s, running.left_s) == (42, 42)
    assert await ann.has() == 0


async def test_who_has_not_the_first_interval_does_not_call(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 29), Metered(house)
    with pytest.raises(InsufficientFunds) as refused:
        await call.begins(ann, rate(10, 180, 60))
    assert refused.value.fields == {"available": 29}
    assert (await ann.has(), await call.row()) == (29, None)


async def test_money_that_another_call_holds_is_not_there(house: MeterHouse) -> None:
    ann = await house.person("ann", 30)
    await Metered(house).begins(ann, rate(20))
    with pytest.raises(InsufficientFunds):
        await Metered(house).begins(ann, rate(20))


async def test_beginning_again_holds_nothing_more(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 100), Metered(house)
    first = await call.begins(ann, rate(12))
    assert await call.begins(ann, rate(12)) == first
    assert await ann.has() == 88


async def test_a_free_number_needs_no_money_and_is_metered(house: MeterHouse) -> None:
    ann, call = await house.person("ann"), Metered(house)
    running = await call.begins(ann, rate(0))
    assert (running.covered_s, running.left_s) == (TALK_S_MAX, TALK_S_MAX)
    await call.is_answered()
    assert (await call.goes_on(500)).next_s == 510
    assert await call.ends(777) == 0
    row = await call.row()
    assert (row.known_s, row.hold, row.settled_at > 0) == (777, 0, True)


# --- while it goes on ---


async def test_more_is_held_minute_by_minute_while_they_talk(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(12, 1, 1))
    assert (await call.is_answered()).next_s == 10
    covered = []
    for seconds in range(10, 140, 10):
        running = await call.goes_on(seconds)
        assert running.next_s == seconds + 10
        covered.append(running.covered_s)
    assert covered == [120] * 6 + [180] * 6 + [240]
    assert await ann.has() == 1_000 - 48
    assert running.cost == 26


async def test_at_the_end_of_the_money_the_call_can_only_end(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 25), Metered(house)
    await call.begins(ann, rate(12, 1, 1))
    await call.is_answered()
    assert (await call.goes_on(60)).covered_s == 120
    last = await call.goes_on(118)
    assert (last.covered_s, last.left_s, last.next_s) == (125, 125, 120)
    assert (await call.goes_on(120)).next_s == 125
    assert (await call.goes_on(125)).covered_s == 125
    assert await call.ends(125) == 25
    assert await ann.balance() == 0


async def test_money_that_comes_while_they_talk_prolongs_the_call(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 12), Metered(house)
    await call.begins(ann, rate(12))
    await call.is_answered()
    assert (await call.goes_on(50)).left_s == 60
    await house.fund(ann.id, 12)
    assert (await call.goes_on(55)).covered_s == 120


async def test_money_that_is_spent_elsewhere_shortens_it_and_never_below_what_is_held(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 100), Metered(house)
    await call.begins(ann, rate(12))
    await call.is_answered()
    assert (await call.goes_on(10)).left_s == 480
    await house.fund(ann.id, 1)
    other = Metered(house)
    await other.begins(ann, rate(77))
    running = await call.goes_on(20)
    assert (running.covered_s, running.left_s) == (120, 120)


async def test_what_the_ceilings_leave_is_the_most_that_is_held(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    assert (await call.begins(ann, rate(12), room=30)).left_s == 180
    await call.is_answered()
    assert (await call.goes_on(10, room=18)).covered_s == 120
    running = await call.goes_on(100, room=6)
    assert (running.covered_s, running.left_s) == (120, 120)


async def test_time_does_not_run_backwards(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(12))
    await call.is_answered()
    assert await call.goes_on(40) == await call.goes_on(30)
    assert (await call.row()).known_s == 40


async def test_nothing_is_used_before_the_answer(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(12))
    await call.goes_on(500)
    assert (await call.row()).known_s == 0
    assert await call.ends(500) == 0
    assert await ann.has() == 1_000


# --- the end ---


async def test_exactly_what_was_used_is_paid_and_the_rest_is_free(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(11, 30, 6, connection=1.23))
    await call.is_answered()
    assert await call.ends(31) == 8
    assert (await ann.balance(), await ann.has()) == (992, 992)
    assert await house.account_sum("phone_income") == 8


async def test_a_call_that_nobody_answered_is_free_and_leaves_no_line(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(12, connection=5))
    assert [each.state for each in await entries(house, ann)] == ["held"]
    assert await call.ends(0, rate(9)) == 0
    assert await ann.has() == 1_000
    assert await entries(house, ann) == []
    assert await house.account_sum("carrier", owner=TRUNK) == 0


async def test_the_end_said_again_changes_nothing(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(12))
    await call.is_answered()
    await call.goes_on(50)
    assert await call.ends(61, rate(5)) == 24
    assert await call.ends(500, rate(50)) == 24
    assert await ann.has() == 976
    with pytest.raises(NotMetered):
        await call.goes_on(70)
    with pytest.raises(NotMetered):
        await call.is_answered()


async def test_a_call_that_never_began_costs_nothing(house: MeterHouse) -> None:
    assert await Metered(house).ends(100, rate(5)) == 0


async def test_a_leader_who_is_late_is_paid_what_is_held_and_no_more(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(12))
    await call.is_answered()
    assert await call.ends(600, rate(5)) == 12
    assert await house.account_sum("carrier", owner=TRUNK) == 50, "the carrier asks for all of it"


async def test_what_the_carrier_asks_is_booked_in_its_own_currency_and_rounding(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(12, 1, 1))
    await call.is_answered()
    await call.ends(61, rate(1.5, 6, 6, currency="USD"))
    assert await house.account_sum("carrier", "USD", TRUNK) == 2
    assert await house.account_sum("phone_cost", "USD") == -2
    assert (await call.row()).carrier_cost == 2


async def test_a_history_has_one_line_for_a_call_with_its_number(house: MeterHouse) -> None:
    ann, bob = await house.people("ann", "bob", funds=1_000)
    call = Metered(house)
    await call.begins(ann, rate(12))
    await call.is_answered()
    for seconds in range(10, 200, 10):
        await call.goes_on(seconds)
    (held,) = await entries(house, ann)
    assert (held.state, held.amount) == ("held", -60)
    await call.ends(200)
    (line,) = await entries(house, ann)
    assert (line.state, line.amount, line.subject, line.balance) == ("moved", -48, call.id, 952)
    assert line.note == "+49 30 12345678"
    assert await entries(house, ann, "other") == []
    assert await house.house.store.read(house.wallet.purse.describe[Purpose.CALL], bob.id, [call.id]) == {}


async def test_the_owner_is_told_what_they_have(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 1_000), Metered(house)
    await call.begins(ann, rate(12))
    await call.is_answered()
    await call.ends(1)
    told = [each["balance"] for each in ann.told("wallet.changed") if "balance" in each]
    assert [(each["balance"], each["available"]) for each in told][-2:] == [(1_000, 988), (988, 988)]


# --- crashes ---


async def test_after_a_crash_what_was_known_is_paid(tmp_path: Path) -> None:
    async with open_metered(tmp_path) as house:
        ann = await house.person("ann", 1_000)
        talking, ringing, over = Metered(house), Metered(house), Metered(house)
        for call in (talking, ringing, over):
            await call.begins(ann, rate(12, 6, 6))
        await talking.is_answered(rate(5, 1, 1), TRUNK)
        await talking.goes_on(70)
        await over.is_answered()
        await over.ends(5)
    async with reopen_metered(tmp_path) as house:
        assert await settled_after_restart(house, 1) == [(talking.id, 70, 15)]
        assert await settled_after_restart(house, 10) == [(ringing.id, 0, 0)]
        assert await settled_after_restart(house, 10) == []
        assert await house.sums(ann.id) == (1_000 - 15 - 2, 1_000 - 15 - 2)
        assert await house.account_sum("carrier", owner=TRUNK) == 6
        assert await faults(house) == []


async def test_one_who_was_just_answered_pays_the_first_interval(tmp_path: Path) -> None:
    async with open_metered(tmp_path) as house:
        ann, call = await house.person("ann", 1_000), Metered(house)
        await call.begins(ann, rate(60, 30, 6))
        await call.is_answered()
    async with reopen_metered(tmp_path) as house:
        assert await settled_after_restart(house) == [(call.id, 1, 30)]


@pytest.mark.parametrize("first", ["the sweep", "the restart"])
async def test_a_house_that_was_away_for_days_is_still_paid_what_was_used(house: MeterHouse, first: str) -> None:
    ann = await house.person("ann", 24)
    talking, ringing = Metered(house), Metered(house)
    await talking.begins(ann, rate(12))
    await ringing.begins(ann, rate(12))
    await talking.is_answered()
    await talking.goes_on(20)
    house.passes(HOLD_LASTS_MS + 1)
    if first == "the sweep":
        await house.wallet.due.sweep()
        assert await settled_after_restart(house) == []
    else:
        assert await settled_after_restart(house) == [(talking.id, 20, 12), (ringing.id, 0, 0)]
        await house.wallet.due.sweep()
    assert (await ann.balance(), await ann.has()) == (12, 12)
    assert await house.account_sum("phone_income") == 12
    assert [each.amount for each in await entries(house, ann)] == [-12]
    assert await talking.ends(500, None) == 12


async def test_a_hold_that_nobody_answers_for_ends_by_itself(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 100), Metered(house)
    await call.begins(ann, rate(12))
    house.passes(HOLD_LASTS_MS - 1_000)
    await house.wallet.due.sweep()
    assert await ann.has() == 88
    house.passes(2_000)
    await house.wallet.due.sweep()
    assert await ann.has() == 100
    assert (await call.row()).settled_at > 0


async def test_a_call_that_is_rolled_back_was_never_begun(house: MeterHouse) -> None:
    ann, call = await house.person("ann", 100), Metered(house)

    def begin_and_fail(tx: Any) -> None:
        house.meter.begin(tx, call.id, ann.id, BERLIN, rate(12))
        raise NotMetered("The room that leads it could not.")

    with pytest.raises(NotMetered):
        await house.house.store.write(begin_and_fail)
    assert (await call.row(), await ann.has()) == (None, 100)
    await call.begins(ann, rate(12))
    assert await ann.has() == 88
