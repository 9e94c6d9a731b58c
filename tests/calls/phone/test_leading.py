"""Calls to phones, whole: a browser's end, the house with its money, real SIP and RTP, a carrier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teahouse.calls.carrier.carrier import TONE_HZ
from tests.calls.phone.phoning import PhoneHouse, a_phone, number, open_phones

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
