"""Calls to a carrier that SIPp plays: a scenario says what it does, and fails where we do not do our part."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from teahouse.calls.sip.model import EndCause, Ended, Leg, Transport
from teahouse.calls.sip.stack import StackSettings
from tests.calls.sip.houses import FAST, IMPATIENT, House, opened, trunk
from tests.calls.sip.phone import Ear, outgoing
from tests.calls.sip.sipp import Sipp


@asynccontextmanager
async def calling(
    scenario: str,
    *,
    transport: Transport = "udp",
    keys: dict[str, str] | None = None,
    extra: Sequence[str] = (),
    settings: StackSettings = FAST,
    **fields: object,
) -> AsyncIterator[tuple[Sipp, House]]:
    """A house whose trunk is this scenario."""
    async with (
        Sipp(scenario, transport=transport, keys=keys, extra=extra) as sipp,
        opened(trunk(sipp.address, transport=transport, **fields), settings=settings) as house,
    ):
        yield sipp, house


def dials(house: House, ear: Ear, **fields: object) -> Leg:
    return house.stack.dial("carrier", outgoing(**fields), ear)  # type: ignore[arg-type]


async def ended(ear: Ear) -> Ended:
    await ear.until("ended")
    return ear.ending


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_we_call_and_hang_up(transport: Transport) -> None:
    async with calling("answer", transport=transport) as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("answered")
        assert b"m=audio 6000" in ear.answers[0]
        call.hang_up("bye then")
        call.hang_up("bye again")
        assert ear.ending == Ended("local", phrase="bye then", was_answered=True)
        await sipp.finished()
        assert ear.events == ["trying", "ringing", "answered", "ended"]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_carrier_hangs_up(transport: Transport) -> None:
    async with calling("answer_and_bye", transport=transport) as (sipp, house):
        ear = Ear()
        dials(house, ear)
        assert await ended(ear) == Ended("remote", phrase="Normal call clearing", was_answered=True)
        await sipp.finished()
        assert ear.events == ["trying", "ringing", "answered", "ended"]


@pytest.mark.parametrize(
    ("code", "besides", "cause", "may_fail_over"),
    [
        ("486", "Server: SIPp", "busy", False),
        ("600", "Server: SIPp", "busy", False),
        ("404", "Server: SIPp", "not_found", False),
        ("484", "Server: SIPp", "not_found", False),
        ("603", "Server: SIPp", "declined", False),
        ("403", "Server: SIPp", "forbidden", True),
        ("480", "Server: SIPp", "no_answer", False),
        ("488", "Server: SIPp", "unacceptable", False),
        ("500", "Server: SIPp", "unavailable", True),
        ("503", "Retry-After: 3", "unavailable", True),
        ("480", 'Reason: Q.850;cause=17;text="User busy"', "busy", False),
        ("500", "Reason: Q.850;cause=1", "not_found", False),
    ],
)
async def test_the_carrier_refuses(code: str, besides: str, cause: EndCause, may_fail_over: bool) -> None:
    async with calling("refuse", keys={"code": code, "phrase": "No", "besides": besides}) as (sipp, house):
        ear = Ear()
        dials(house, ear)
        ending = await ended(ear)
        assert (ending.cause, ending.code, ending.was_answered) == (cause, int(code), False)
        assert ending.may_fail_over is may_fail_over
        await sipp.finished()


async def test_nobody_answers() -> None:
    async with calling("no_answer") as (sipp, house):
        ear = Ear()
        dials(house, ear, ring_s_max=1)
        ending = await ended(ear)
        assert (ending.cause, ending.code, ear.events) == ("no_answer", 487, ["trying", "ringing", "ended"])
        await sipp.finished()


async def test_we_give_up_while_it_rings() -> None:
    async with calling("no_answer") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("ringing")
        call.hang_up()
        assert not ear.endings  # what the carrier makes of it is not known yet
        assert (await ended(ear)).cause == "local"
        await sipp.finished()


async def test_an_answer_that_crosses_our_cancel_is_acknowledged_and_ended() -> None:
    async with calling("cancel_crosses_answer") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        ear.on["ringing"] = call.hang_up
        ending = await ended(ear)
        assert (ending.cause, ending.code, ending.was_answered) == ("local", 200, False)
        await sipp.finished()
        assert ear.events == ["trying", "ringing", "ended"]


async def test_a_tone_is_heard_before_the_answer() -> None:
    async with calling("early_media") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("answered")
        assert ear.early == ear.answers
        call.hang_up()
        await sipp.finished()
        assert ear.events == ["trying", "early_media", "answered", "ended"]


async def test_reliable_provisional_answers_get_their_prack() -> None:
    async with calling("reliable") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("answered")
        call.hang_up()
        await sipp.finished()
        assert ear.events == ["trying", "early_media", "ringing", "answered", "ended"]


@pytest.mark.parametrize("scenario", ["challenge", "challenge_by_proxy"])
async def test_a_password_is_asked_for(scenario: str) -> None:
    async with calling(scenario, user="ann", password="secret") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("answered")
        call.hang_up()
        await sipp.finished()


async def test_a_wrong_password_is_not_tried_for_ever() -> None:
    async with calling("challenge_again", user="ann", password="wrong") as (sipp, house):
        ear = Ear()
        dials(house, ear)
        ending = await ended(ear)
        assert (ending.cause, ending.code, ending.may_fail_over) == ("unauthorised", 401, True)
        await sipp.finished()


async def test_a_password_that_we_do_not_have() -> None:
    keys = {"code": "407", "phrase": "Who", "besides": 'Proxy-Authenticate: Digest realm="r", nonce="n"'}
    async with calling("refuse", keys=keys) as (sipp, house):
        ear = Ear()
        dials(house, ear)
        assert (await ended(ear)).cause == "unauthorised"
        await sipp.finished()


async def test_doubled_packets_change_nothing() -> None:
    async with calling("doubled", extra=["-nr"]) as (sipp, house):
        ear = Ear()
        dials(house, ear)
        assert (await ended(ear)).cause == "remote"
        await sipp.finished()
        assert ear.events == ["trying", "ringing", "answered", "ended"]


async def test_a_longer_session_is_asked_for() -> None:
    async with calling("interval_too_small") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("answered")
        call.hang_up()
        await sipp.finished()


async def test_the_carrier_asks_within_the_call() -> None:
    async with calling("reinvite") as (sipp, house):
        ear = Ear()
        dials(house, ear)
        assert (await ended(ear)).cause == "remote"
        await sipp.finished()
        assert [b"m=audio 6002" in ear.offers[0], b"m=audio 6004" in ear.offers[1]] == [True, True]
        assert ear.events == ["answered", "offered", "offered", "ended"]


async def test_what_nobody_can_read_is_passed_over() -> None:
    async with calling("malformed") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("answered")
        call.hang_up()
        await sipp.finished()


async def test_an_answer_that_makes_no_dialog() -> None:
    async with calling("answer_without_contact") as (sipp, house):
        ear = Ear()
        dials(house, ear)
        assert (await ended(ear)).cause == "malformed"
        await sipp.finished()


async def test_nobody_is_there() -> None:
    async with calling("silent", keys={"quiet_ms": "1"}, settings=IMPATIENT) as (_, house):
        ear = Ear()
        dials(house, ear)
        ending = await ended(ear)
        assert (ending.cause, ending.code, ending.may_fail_over) == ("unavailable", 0, True)


async def test_two_telephones_answer() -> None:
    async with calling("forks") as (sipp, house):
        ear = Ear()
        dials(house, ear)
        assert (await ended(ear)).cause == "remote"
        await sipp.finished()
        assert [b"6000" in ear.early[0], b"7000" in ear.early[1], b"6000" in ear.answers[0]] == [True, True, True]
        assert ear.events == ["trying", "early_media", "early_media", "answered", "ended"]


async def test_a_proxy_stays_on_the_way() -> None:
    async with calling("routed") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("answered")
        call.hang_up()
        await sipp.finished()


async def test_a_redirection_within_the_house_is_followed() -> None:
    async with calling("redirect") as (sipp, house):
        ear = Ear()
        call = dials(house, ear)
        await ear.until("answered")
        call.hang_up()
        await sipp.finished()


async def test_a_redirection_elsewhere_is_not() -> None:
    async with calling("redirect_away") as (sipp, house):
        ear = Ear()
        dials(house, ear)
        ending = await ended(ear)
        assert (ending.cause, ending.code, ending.may_fail_over) == ("unavailable", 302, True)
        await sipp.finished()


async def test_a_bad_network() -> None:
    """SIPp loses a quarter of all packets, both ways; every call comes about and ends all the same."""
    forgiving = ("-lost", "25", "-default_behaviors", "none")
    async with Sipp("answer_badly", count=8, extra=forgiving) as sipp, opened(trunk(sipp.address)) as house:
        ears = [Ear() for _ in range(8)]
        for ear in ears:
            call = dials(house, ear)
            ear.on["answered"] = call.hang_up
        for ear in ears:
            assert (await ended(ear)).was_answered
        await sipp.finished()
