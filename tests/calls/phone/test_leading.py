"""Calls to phones, whole: a browser's end, the house with its money, real SIP and RTP, a carrier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teahouse.calls.carrier.carrier import TONE_HZ
from teahouse.calls.media.engine import BadOffer
from teahouse.calls.phone.leading import leaders
from teahouse.calls.phone.leading.rules import AlreadyCalling
from teahouse.calls.phone.model import Dial
from teahouse.calls.phone.numbers import EmergencyNumber, NotANumber
from teahouse.calls.phone.policy.rules import NumberKindOff
from teahouse.calls.phone.rates.model import ImportDeck
from teahouse.wallet.ledger.rules import InsufficientFunds
from tests.calls.phone.phoning import PhoneHouse, a_phone, number, open_phones
from tests.wallet.house import new_key

NEAR_HZ = 15


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PhoneHouse]:
    async with open_phones(tmp_path) as opened:
        await opened.sets_up()
        yield opened


async def test_a_landline_answers_and_its_tone_is_heard_and_paid(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        placed = await phone.dials("030 23125 000")
        assert placed.state == "placing"
        assert placed.price is not None
        assert placed.price.name == "Germany"
        assert await alice.has() < 10_00, "the first interval is held before anything leaves"
        await phone.joins()
        await phone.becomes("ringing")
        talking = await phone.becomes("answered")
        assert talking.paid_until > talking.answered_at
        assert talking.dtmf
        assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ)
        ended = await phone.hangs_up()
    assert ended.reason == "hung_up"
    assert ended.cost is not None
    assert ended.cost.amount == 2, "1.2 cents for the first minute, rounded up once"
    assert (await alice.balance(), await alice.has()) == (9_98, 9_98), "nothing is held any more"
    assert await house.calls.account_sum("phone_income") == 2
    page = await house.calls.calls.history.page(alice.guest.signed, before="", limit=10, missed=False)
    [record] = page.calls
    assert (record.outcome, record.number, record.cost) == ("answered", number("000"), ended.cost)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [("486", "busy"), ("404", "not_in_service"), ("603", "declined"), ("503", "no_carrier")],
)
async def test_why_a_call_failed_is_said_and_it_costs_nothing(house: PhoneHouse, ending: str, reason: str) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number(ending))
        ended = await phone.becomes("ended")
    assert ended.reason == reason
    assert await alice.has() == 10_00


async def test_nobody_answers_and_the_caller_gives_up(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("480"))
        await phone.becomes("ringing")
        ended = await phone.hangs_up()
    assert ended.reason == "cancelled"
    assert await alice.has() == 10_00


async def test_the_far_end_hangs_up(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.becomes("answered")
        for far_end in tuple(house.carrier.calls):
            far_end.close()
        ended = await phone.becomes("ended")
    assert ended.reason == "other_hung_up"


async def test_what_is_refused_holds_and_sends_nothing(house: PhoneHouse) -> None:
    poor, rich = await house.calls.person("poor"), await house.calls.person("rich", 10_00)
    async with a_phone(house, poor) as phone:
        with pytest.raises(InsufficientFunds):
            await phone.dials(number("000"))
    async with a_phone(house, rich) as phone:
        with pytest.raises(EmergencyNumber):
            await phone.dials("112")
        with pytest.raises(EmergencyNumber):
            await phone.dials("110")
        with pytest.raises(NotANumber):
            await phone.dials("030")
        with pytest.raises(NumberKindOff):
            await phone.dials("+49 900 1234567")
        with pytest.raises(BadOffer):
            await rich.does(Dial(key="no-sound-1", number=number("000"), offer="v=0\r\n"))
        await phone.dials(number("480"))
        with pytest.raises(AlreadyCalling):
            await phone.dials(number("000"))
        await phone.becomes("ringing")
        await phone.hangs_up()
    assert await rich.has() == 10_00
    assert [each.number for each in house.happened if each.what == "rings"] == [number("480")]


async def test_the_same_command_twice_is_one_call(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        command = Dial(key=new_key(), number=number("480"), offer=await phone.peer.offer())
        first, second = await alice.does(command), await alice.does(command)
        assert first == second
        phone.call = first.call.id
        await phone.becomes("ringing")
        await phone.hangs_up()
    assert len([each for each in house.happened if each.what == "rings"]) == 1


async def test_an_answer_that_comes_in_rings_is_taken_and_heard(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice")
    await house.gives_number("+493012345678", alice)
    caller = await house.call_in("+493012345678", "+4989123456")
    await house.until(lambda: house.ringing(alice) is not None)
    ringing = house.ringing(alice)
    assert ringing is not None
    assert ringing.number == "+4989123456"
    async with a_phone(house, alice) as phone:
        await phone.answers(ringing.id)
        await phone.joins()
        await phone.becomes("answered")
        assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ)
        ended = await phone.hangs_up()
    assert ended.reason == "hung_up"
    assert ended.cost is None, "who is called pays nothing"
    await house.until(lambda: caller.leg is None)


async def test_a_call_that_nobody_took_is_missed(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice")
    await house.gives_number("+493012345678", alice)
    caller = await house.call_in("+493012345678", "+4989123456")
    await house.until(lambda: house.ringing(alice) is not None)
    ringing = house.ringing(alice)
    assert ringing is not None
    caller.close()
    ended = await house.becomes(ringing.id, "ended")
    assert ended.reason == "cancelled"
    page = await house.calls.calls.history.page(alice.guest.signed, before="", limit=10, missed=True)
    assert [(record.outcome, record.number) for record in page.calls] == [("missed", "+4989123456")]


async def test_a_number_that_is_nobodys_is_not_in_service(house: PhoneHouse) -> None:
    caller = await house.call_in("+493099999999", "+4989123456")
    await house.until(lambda: caller.leg is None)
    assert house.ended_with[-1].code == 404


async def test_the_call_ends_when_the_money_is_used_up(tmp_path: Path) -> None:
    deck = "prefix,name,price,increment,currency\n49,By the second,0.60,1/1,EUR\n"
    async with open_phones(tmp_path) as house:
        await house.sets_up(deck)
        alice = await house.calls.person("alice", 3)
        async with a_phone(house, alice) as phone:
            placed = await phone.dials(number("000"))
            await phone.becomes("answered")
            ended = await phone.becomes("ended")
        assert ended.reason == "no_credit"
        assert ended.cost is not None
        assert ended.cost.amount == 3
        assert any(state.low for state in house.states(placed.id)), "and it was said before"
        assert (await alice.balance(), await alice.has()) == (0, 0)


async def test_another_trunk_takes_what_the_first_cannot(house: PhoneHouse) -> None:
    """The first is the cheaper one, and is down."""
    broken = await house.adds_carrier(refuses=True)
    await house.operator_does(
        ImportDeck(name="Cheap", csv="prefix,name,price,currency\n49,DE,0.001,EUR\n", trunk=broken)
    )
    await house.operator_does(
        ImportDeck(name="Dear", csv="prefix,name,price,currency\n49,DE,0.004,EUR\n", trunk=house.trunk)
    )
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.becomes("answered")
        await phone.hangs_up()
    assert await house.calls.account_sum("carrier", owner=house.trunk) == 1, "what the second asks is owed to it"
    assert await house.calls.account_sum("carrier", owner=broken) == 0


async def test_a_house_that_goes_down_hangs_up_and_settles(tmp_path: Path) -> None:
    async with open_phones(tmp_path) as house:
        await house.sets_up()
        alice = await house.calls.person("alice", 10_00)
        async with a_phone(house, alice) as phone:
            await phone.dials(number("000"))
            await phone.becomes("answered")
            call = phone.call
    assert any(each.what == "ended" for each in house.happened), "the carrier was told"
    async with open_phones(tmp_path, reopened=True) as house:
        again = await house.calls.again(alice)
        record = await house.calls.calls.history.record(again.guest.signed, call)
        assert record.cost is not None
        assert record.cost.amount == 2
        assert await again.has() == 9_98


async def test_a_trunk_that_says_nothing_is_not_waited_for(house: PhoneHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes INVITEs and never answers, as a carrier whose machine hangs."""
    monkeypatch.setattr(leaders, "SILENT_TRUNK_S", 0.3)
    silent = await house.adds_silent_trunk()
    for trunk, price in ((silent, "0.001"), (house.trunk, "0.004")):
        deck = f"prefix,name,price,currency\n49,DE,{price},EUR\n"
        await house.operator_does(ImportDeck(name=price, csv=deck, trunk=trunk))
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.becomes("answered")
        ended = await phone.hangs_up()
    assert ended.reason == "hung_up"


async def test_who_is_in_a_call_is_busy_and_sees_who_called(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    await house.gives_number("+493012345678", alice)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.becomes("answered")
        caller = await house.call_in("+493012345678", "+4989123456")
        await house.until(lambda: caller.leg is None)
        assert house.ended_with[-1].code == 486
        await phone.hangs_up()
    page = await house.calls.calls.history.page(alice.guest.signed, before="", limit=10, missed=True)
    assert [(record.outcome, record.number) for record in page.calls] == [("missed", "+4989123456")]
