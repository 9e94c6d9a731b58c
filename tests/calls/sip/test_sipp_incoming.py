"""Calls that a carrier makes to us; SIPp plays the carrier."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from teahouse.calls.sip.model import Caller, Ended, IncomingLeg, Transport
from teahouse.calls.sip.stack import StackSettings
from tests.calls.sip.houses import FAST, IMPATIENT, House, opened, trunk
from tests.calls.sip.phone import ANSWER, Ear
from tests.calls.sip.sipp import HOST, Sipp, free_port


@asynccontextmanager
async def called(
    scenario: str, transport: Transport = "udp", extra: Sequence[str] = (), settings: StackSettings = FAST
) -> AsyncIterator[tuple[Sipp, House]]:
    """SIPp calls a house whose trunk it is."""
    port = free_port()
    async with (
        opened(trunk((HOST, port)), settings=settings) as house,
        Sipp(scenario, calls=house.stack.address, transport=transport, port=port, extra=extra) as sipp,
    ):
        yield sipp, house


async def rings(house: House, ear: Ear) -> IncomingLeg:
    leg = await house.bell.rings()
    leg.listen(ear)
    return leg


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_carrier_calls_and_hangs_up(transport: Transport) -> None:
    async with called("call_in", transport) as (sipp, house):
        ear = Ear()
        leg = await rings(house, ear)
        assert (leg.dialled, leg.caller, leg.trunk) == ("+4930555", Caller("+4930111", "Bo"), "carrier")
        leg.ring()
        leg.answer(ANSWER)
        leg.answer(ANSWER)
        await ear.until("ended")
        assert ear.ending == Ended("remote", was_answered=True)
        await sipp.finished()
        assert (ear.events, b"m=audio 6000" in ear.answers[0]) == (["answered", "ended"], True)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_we_hang_up(transport: Transport) -> None:
    async with called("call_in_we_bye", transport) as (sipp, house):
        ear = Ear()
        leg = await rings(house, ear)
        leg.answer(ANSWER)
        await ear.until("answered")
        leg.hang_up()
        assert ear.ending == Ended("local", was_answered=True)
        await sipp.finished()


async def test_a_hang_up_before_the_ack_waits_for_it() -> None:
    async with called("call_in_we_bye") as (sipp, house):
        ear = Ear()
        leg = await rings(house, ear)
        leg.answer(ANSWER)
        leg.hang_up()
        assert ear.events == ["ended"]
        await sipp.finished()


async def test_the_caller_gives_up() -> None:
    async with called("call_in_cancel") as (sipp, house):
        ear = Ear()
        leg = await rings(house, ear)
        leg.ring()
        await ear.until("ended")
        assert (ear.ending.cause, ear.ending.code, ear.ending.was_answered) == ("remote", 487, False)
        leg.answer(ANSWER)
        await sipp.finished()
        assert ear.events == ["ended"]


async def test_what_happened_before_anybody_listened_is_told() -> None:
    async with called("call_in_cancel") as (sipp, house):
        leg = await house.bell.rings()
        leg.ring()
        await sipp.finished()
        ear = Ear()
        leg.listen(ear)
        assert ear.ending.cause == "remote"


@pytest.mark.parametrize("how", ["refuse", "too late"])
async def test_we_refuse(how: str) -> None:
    async with called("call_in_refused") as (sipp, house):
        ear = Ear()
        leg = await rings(house, ear)
        leg.refuse()
        if how == "too late":
            leg.answer(ANSWER)
            leg.hang_up()
        assert ear.ending == Ended("local")
        await sipp.finished()


async def test_an_answer_that_is_never_acknowledged() -> None:
    forgiving = ("-nr", "-default_behaviors", "none")  # SIPp counts three of the 200s; how many there are is time's
    async with called("call_in_no_ack", extra=forgiving, settings=IMPATIENT) as (sipp, house):
        ear = Ear()
        leg = await rings(house, ear)
        leg.answer(ANSWER)
        await ear.until("ended")
        assert (ear.ending.cause, ear.ending.was_answered) == ("unavailable", False)
        await sipp.finished()


async def test_a_call_without_an_offer() -> None:
    async with called("call_in_offerless") as (sipp, house):
        ear = Ear()
        leg = await rings(house, ear)
        assert leg.offer == b""
        leg.answer(ANSWER)
        await ear.until("answered")
        assert b"m=audio 6000" in ear.answers[0]
        await sipp.finished()


async def test_ringing_that_must_be_reliable() -> None:
    async with called("call_in_reliable") as (sipp, house):
        ear = Ear()
        leg = await rings(house, ear)
        leg.ring()
        leg.ring()
        leg.answer(ANSWER)
        await ear.until("ended")
        assert ear.events == ["answered", "ended"]
        await sipp.finished()


async def test_strange_requests_are_answered_as_the_rfc_says() -> None:
    async with called("strange_requests") as (sipp, house):
        await sipp.finished()
        assert house.bell.legs.empty()


async def test_strangers_are_not_answered() -> None:
    """The house has a trunk, and it is not at this address."""
    async with opened(trunk(("192.0.2.1", 5060))) as house:
        async with Sipp("call_in", calls=house.stack.address, extra=("-timeout", "1")) as sipp:
            with pytest.raises(AssertionError):
                await sipp.finished()
            assert "message received" not in sipp.messages()
        assert house.bell.legs.empty()
        assert house.stack.dropped > 0
