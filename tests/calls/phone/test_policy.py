"""What the operator allows is called, and no more of it than they said: stolen accounts do little harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse import ids
from teahouse.calls.phone.meter import store as meters
from teahouse.calls.phone.model import NumberKind, Price
from teahouse.calls.phone.numbers import Number
from teahouse.calls.phone.policy.model import PhonePolicy, SetPhonePolicy
from teahouse.calls.phone.policy.rules import (
    DAY_MS,
    HOUR_MS,
    CallLimit,
    DestinationOff,
    LevelNeeded,
    NumberKindOff,
    PhoneOff,
    TooDear,
)
from teahouse.calls.phone.rates.model import Rate
from teahouse.clock import now_ms
from teahouse.errors import Forbidden, Refusal
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import VerifyPerson
from tests.calls.phone.metering import Metered, MeterHouse, open_metered, rate, reopen_metered
from tests.wallet.house import EUR, Payer

MINUTE = 60_000
CHEAP = rate(2, 1, 1)
OPEN: dict[str, Any] = {
    "on": True,
    "person_calls": 0,
    "person_calls_hour": 0,
    "person_numbers_hour": 0,
    "person_spend_day": 0,
    "house_calls": 0,
    "house_spend_day": 0,
}
"""Everything is allowed but kinds that are off from the beginning."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MeterHouse]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    async with open_metered(tmp_path, store=url) as opened:
        yield opened


def number(which: int = 0, kind: NumberKind = "fixed_line", country: str = "DE") -> Number:
    e164 = f"+4930{1_000_000 + which}"
    return Number(e164=e164, country=country, kind=kind, formatted=e164)


def price_of(rate: Rate) -> Price:
    return Price(rate.currency, rate.per_minute_e4, rate.connection_e4, rate.first_s, rate.next_s)


async def allows(house: MeterHouse, **policy: Any) -> None:
    await house.house.execute(house.operator, SetPhonePolicy(policy=PhonePolicy(**{**OPEN, **policy})))


async def asks(house: MeterHouse, payer: Payer, to: Number | None = None, price: Rate = CHEAP) -> None:
    """May they call? Raises what refuses it."""
    dialled = to or number()
    await house.house.store.write(lambda tx: house.policy.may_call(tx, payer.id, dialled, price_of(price)))


async def dials(house: MeterHouse, payer: Payer, to: Number | None = None, price: Rate = CHEAP) -> Metered:
    """What the room that leads calls does in one transaction."""
    call, dialled = Metered(house), to or number()

    def place(tx: Tx) -> None:
        house.policy.may_call(tx, payer.id, dialled, price_of(price))
        room = house.policy.room(tx, payer.id, price.currency)
        house.meter.begin(tx, call.id, payer.id, dialled.e164, price, room=room)

    await house.house.store.write(place)
    return call


async def talks(house: MeterHouse, payer: Payer, seconds: int, to: Number | None = None, price: Rate = CHEAP) -> int:
    """A whole call; returns what it cost."""
    call = await dials(house, payer, to, price)
    if seconds:
        await call.is_answered()
        await call.goes_on(seconds)
    return await call.ends(seconds, None)


async def limited(house: MeterHouse, payer: Payer, to: Number | None = None, price: Rate = CHEAP) -> dict[str, Any]:
    with pytest.raises(CallLimit) as refused:
        await asks(house, payer, to, price)
    return refused.value.fields


def still(house: MeterHouse) -> None:
    """Let the clock stand, so that boundaries can be met to the millisecond."""
    at = now_ms()
    house.house.store.writer.clock = lambda: at


def later(house: MeterHouse, milliseconds: int) -> None:
    at = house.house.store.writer.clock() + milliseconds
    house.house.store.writer.clock = lambda: at


# --- the operator ---


async def test_a_new_house_calls_nobody(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    assert house.policy.now == PhonePolicy()
    with pytest.raises(PhoneOff):
        await asks(house, ann)


async def test_operators_alone_set_and_read_the_policy(house: MeterHouse) -> None:
    ann = await house.person("ann")
    with pytest.raises(Forbidden):
        await ann.does(SetPhonePolicy(policy=PhonePolicy(on=True)))
    with pytest.raises(Forbidden):
        await house.policy.read(ann.guest.signed)
    assert not house.policy.now.on
    wanted = PhonePolicy(on=True, countries=("DE", "AT"), prefixes_off=("49900",), house_number="+4930123456")
    await house.house.execute(house.operator, SetPhonePolicy(policy=wanted))
    assert await house.policy.read(house.operator) == house.policy.now == wanted


async def test_the_policy_outlives_the_house(tmp_path: Path) -> None:
    async with open_metered(tmp_path) as house:
        await allows(house, person_calls=3)
        await allows(house, person_calls=4)
        kept = house.policy.now
    async with reopen_metered(tmp_path) as house:
        assert house.policy.now == kept
        assert kept.person_calls == 4


async def test_a_policy_that_is_rolled_back_was_never_in_force(house: MeterHouse) -> None:
    def set_and_fail(tx: Tx) -> None:
        house.policy._set(tx, house.operator, SetPhonePolicy(policy=PhonePolicy(on=True)))
        raise PhoneOff()

    with pytest.raises(PhoneOff):
        await house.house.store.write(set_and_fail)
    assert house.policy.now == PhonePolicy()


# --- where to ---


@pytest.mark.parametrize("kind", ["premium_rate", "shared_cost", "satellite", "personal_number", "pager", "unknown"])
async def test_kinds_that_fraud_likes_are_off_until_they_are_turned_on(tmp_path: Path, kind: NumberKind) -> None:
    async with open_metered(tmp_path) as house:
        ann = await house.person("ann", 1_000)
        await allows(house)
        with pytest.raises(NumberKindOff) as refused:
            await asks(house, ann, number(kind=kind))
        assert refused.value.fields == {"kind": kind}
        await allows(house, kinds_off=())
        await asks(house, ann, number(kind=kind))


async def test_countries_that_are_not_listed_are_not_called(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    await allows(house, countries=("DE", "AT"))
    await asks(house, ann, number(country="AT"))
    with pytest.raises(DestinationOff):
        await asks(house, ann, number(country="FR"))
    with pytest.raises(DestinationOff):
        await asks(house, ann, number(country="001"))


async def test_prefixes_that_are_off_are_not_called(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    await allows(house, prefixes_off=("49301000001", "4940"))
    await asks(house, ann, number(0))
    with pytest.raises(DestinationOff):
        await asks(house, ann, number(1))


async def test_a_minute_may_cost_so_much_and_not_a_fraction_more(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    await allows(house, per_minute_max=20)
    await asks(house, ann, price=rate(20))
    with pytest.raises(TooDear) as refused:
        await asks(house, ann, price=rate(20.0001))
    assert refused.value.fields == {"per_minute_max": 20}
    await asks(house, ann, price=rate(5_000, currency="JPY"))
    await allows(house, per_minute_max=0)
    await asks(house, ann, price=rate(5_000))


async def test_a_level_may_be_needed(house: MeterHouse) -> None:
    ann, bob = await house.people("ann", "bob", funds=1_000)
    await allows(house, level_min=2)
    with pytest.raises(LevelNeeded) as refused:
        await asks(house, ann)
    assert refused.value.fields == {"level": 2}
    await house.wallet.guard.make_cashier(house.operator, bob.id)
    await bob.does(VerifyPerson(person=ann.id, level=2, real_name="Ann"))
    await asks(house, ann)


# --- how much at once and within an hour ---


async def test_a_person_has_so_many_calls_at_once(house: MeterHouse) -> None:
    ann, bob = await house.people("ann", "bob", funds=1_000)
    await allows(house, person_calls=2)
    one = await dials(house, ann)
    await dials(house, ann)
    assert await limited(house, ann) == {"what": "person_calls", "limit": 2}
    await asks(house, bob)
    await one.ends(0, None)
    await asks(house, ann)


async def test_a_house_has_so_many_calls_at_once(house: MeterHouse) -> None:
    ann, bob, cat = await house.people("ann", "bob", "cat", funds=1_000)
    await allows(house, house_calls=2)
    await dials(house, ann)
    other = await dials(house, bob)
    assert await limited(house, cat) == {"what": "house_calls", "limit": 2}
    await other.ends(0, None)
    await asks(house, cat)


async def test_a_person_calls_so_often_an_hour_answered_or_not(house: MeterHouse) -> None:
    ann, bob = await house.people("ann", "bob", funds=1_000)
    await allows(house, person_calls_hour=3)
    still(house)
    for seconds in (0, 10, 0):
        await talks(house, ann, seconds)
        later(house, MINUTE)
    assert await limited(house, ann) == {
        "what": "person_calls_hour",
        "limit": 3,
        "retry_after_ms": HOUR_MS - 3 * MINUTE,
    }
    await asks(house, bob)
    later(house, HOUR_MS - 3 * MINUTE - 1)
    assert (await limited(house, ann))["retry_after_ms"] == 1
    later(house, 1)
    await talks(house, ann, 0)
    assert (await limited(house, ann))["retry_after_ms"] == MINUTE


async def test_a_person_calls_so_many_different_numbers_an_hour(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    await allows(house, person_numbers_hour=2)
    still(house)
    await talks(house, ann, 5, number(1))
    later(house, MINUTE)
    await talks(house, ann, 5, number(2))
    later(house, MINUTE)
    assert await limited(house, ann, number(3)) == {
        "what": "person_numbers_hour",
        "limit": 2,
        "retry_after_ms": HOUR_MS - 2 * MINUTE,
    }
    await talks(house, ann, 5, number(1))
    assert (await limited(house, ann, number(3)))["retry_after_ms"] == HOUR_MS - MINUTE, "1 is the newer one now"
    later(house, HOUR_MS - MINUTE)
    await asks(house, ann, number(3))


# --- how much a day ---


async def test_a_person_spends_so_much_a_day(house: MeterHouse) -> None:
    ann, bob = await house.people("ann", "bob", funds=1_000)
    await allows(house, person_spend_day=20)
    still(house)
    assert await talks(house, ann, 60, price=rate(12)) == 12
    later(house, HOUR_MS)
    await asks(house, ann, price=rate(8))
    assert await limited(house, ann, price=rate(9)) == {
        "what": "person_spend_day",
        "limit": 20,
        "retry_after_ms": DAY_MS - HOUR_MS,
    }
    await asks(house, ann, price=rate(0))
    await asks(house, bob, price=rate(20))
    later(house, DAY_MS - HOUR_MS - 1)
    assert (await limited(house, ann, price=rate(9)))["retry_after_ms"] == 1
    later(house, 1)
    await asks(house, ann, price=rate(20))
    assert await limited(house, ann, price=rate(21)) == {"what": "person_spend_day", "limit": 20}


async def test_what_open_calls_hold_counts_as_spent(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    await allows(house, person_spend_day=20)
    call = await dials(house, ann, price=rate(12))
    assert await limited(house, ann, price=rate(12)) == {"what": "person_spend_day", "limit": 20}
    await call.ends(0, None)
    await asks(house, ann, price=rate(12))


async def test_a_house_spends_so_much_a_day(house: MeterHouse) -> None:
    ann, bob = await house.people("ann", "bob", funds=1_000)
    await allows(house, house_spend_day=30, person_spend_day=25)
    still(house)
    await talks(house, ann, 60, price=rate(12))
    later(house, HOUR_MS)
    await talks(house, bob, 60, price=rate(12))
    await asks(house, ann, price=rate(6))
    refused = await limited(house, ann, price=rate(7))
    assert refused == {"what": "house_spend_day", "limit": 30, "retry_after_ms": DAY_MS - HOUR_MS}
    assert await limited(house, bob, price=rate(14)) == {
        "what": "person_spend_day",
        "limit": 25,
        "retry_after_ms": DAY_MS,
    }


async def test_a_call_that_goes_on_stays_below_the_ceiling_too(house: MeterHouse) -> None:
    """Two long calls that began in time share what the day has left, and end there."""
    ann = await house.person("ann", 1_000)
    await allows(house, person_spend_day=50)
    calls = [await dials(house, ann, price=rate(12)) for _ in range(2)]

    async def goes_on(call: Metered, seconds: int) -> int:
        def advance(tx: Tx) -> int:
            room = house.policy.room(tx, ann.id, EUR)
            return house.meter.advance(tx, call.id, seconds, room=room).covered_s

        return await house.house.store.write(advance)

    for call in calls:
        await call.is_answered()
    covered = [await goes_on(call, seconds) for seconds in (30, 90, 110) for call in calls]
    assert covered == [120, 120, 120, 120, 120, 120]
    assert [await call.ends(120, None) for call in calls] == [24, 24]
    assert await house.house.store.write(house.policy.room, ann.id, EUR) == 2
    assert (await limited(house, ann, price=rate(12)))["what"] == "person_spend_day"


async def test_sums_in_other_currencies_are_not_counted(house: MeterHouse) -> None:
    ann = await house.person("ann", 1_000)
    await allows(house, person_spend_day=10, house_spend_day=10)
    await asks(house, ann, price=rate(5_000, currency="JPY"))
    assert await house.house.store.write(house.policy.room, ann.id, "JPY") is None
    assert await house.house.store.write(house.policy.room, ann.id, EUR) == 10


async def test_without_limits_there_is_no_ceiling(house: MeterHouse) -> None:
    ann = await house.person("ann", 100_000)
    await allows(house, per_minute_max=0)
    for which in range(40):
        await dials(house, ann, number(which), rate(1_000))
    assert await house.house.store.write(house.policy.room, ann.id, EUR) is None


# --- a burst ---


@pytest.mark.parametrize(
    ("limit", "passed"),
    [
        ({"person_calls": 2}, 2),
        ({"person_calls_hour": 5}, 5),
        ({"person_numbers_hour": 4}, 4),
        ({"house_calls": 3}, 3),
        ({"person_spend_day": 50}, 4),
        ({"house_spend_day": 72}, 6),
    ],
)
async def test_a_burst_passes_no_limit(house: MeterHouse, limit: dict[str, int], passed: int) -> None:
    """However many are dialled at the same time: they are decided one after another."""
    ann = await house.person("ann", 10_000)
    await allows(house, **limit)
    before = house.house.commits
    dialled = [dials(house, ann, number(which), rate(12)) for which in range(30)]
    outcomes = await asyncio.gather(*dialled, return_exceptions=True)
    assert house.house.commits - before < 30, "many were decided in one transaction"
    assert sum(isinstance(each, Metered) for each in outcomes) == passed
    refused = {each.fields["what"] for each in outcomes if isinstance(each, CallLimit)}
    assert refused == set(limit)
    assert not [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, Refusal)]


async def test_a_long_past_does_not_count(house: MeterHouse) -> None:
    """Thousands of calls that are over, of this person and others: what counts is found among them."""
    ann, bob = await house.people("ann", "bob", funds=1_000)
    await allows(house, person_calls=2, person_calls_hour=3, person_numbers_hour=3, person_spend_day=50)
    still(house)
    now = house.house.store.writer.clock()

    def row(at: int, person: str) -> tuple[Any, ...]:
        e164 = number(at % 1_000).e164
        return (ids.new_id(), person, e164, EUR, "{}", 1, 1, 50, 0, at, at, 60, at + MINUTE, 50, "", "", 0)

    past = [row(now - DAY_MS - each * MINUTE, person) for each in range(1_500) for person in (ann.id, bob.id)]
    await house.house.store.write(lambda tx: _append(tx, past))
    await talks(house, ann, 60, price=rate(12))
    await talks(house, ann, 60, price=rate(12))
    await asks(house, ann, price=rate(12))
    assert (await limited(house, ann, price=rate(27)))["what"] == "person_spend_day"


def _append(tx: Tx, rows: list[tuple[Any, ...]]) -> None:
    names = [column.name for column in meters.meters.c]
    tx.connection.execute(meters.meters.insert(), [dict(zip(names, row, strict=True)) for row in rows])
