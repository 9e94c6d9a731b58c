"""Strangers, carriers gone mad, and members who reach for what is not theirs: nobody gets into a call, and nobody pays
for nonsense."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from teahouse import ids
from teahouse.calls.carrier.carrier import TONE_HZ
from teahouse.calls.members.model import StartCall
from teahouse.calls.model import RateCall
from teahouse.calls.phone.leading.rules import CallElsewhere, NoSuchPhoneCall, PhoneCallOver
from teahouse.calls.phone.model import AnswerPhone, Dial, HangUp, KeepPhone, RejoinPhone
from teahouse.commands import Command
from teahouse.errors import NotFound
from teahouse.programs import PeopleOnly, may_ask, may_command
from tests.calls.phone.phoning import PhoneHouse, a_phone, number, open_phones
from tests.calls.phone.raw_carrier import Message, RawCarrier, sdp
from tests.calls.phone.standing_in import OFFER

NEAR_HZ = 15
STRANGER = "127.0.0.2"
OWN = "+493012345678"
PROVISIONALS = 3_000


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PhoneHouse]:
    async with open_phones(tmp_path) as opened:
        await opened.sets_up()
        yield opened


@asynccontextmanager
async def beside(
    folder: Path, on_invite: Callable[[RawCarrier, Message], None]
) -> AsyncIterator[tuple[PhoneHouse, RawCarrier]]:
    """A house whose trunk leads to a carrier that says whatever it wants."""
    async with open_phones(folder) as house:
        await house.carrier.stop()
        carrier = RawCarrier(on_invite)
        await carrier.start()
        house.carrier = carrier  # type: ignore[assignment]
        await house.sets_up()
        yield house, carrier


# --- strangers ---


def request(
    method: str, to: str, *, call_id: str, tags: tuple[str, str] = ("stranger", ""), body: bytes = b""
) -> bytes:
    from_tag, to_tag = tags
    lines = [
        f"{method} sip:{to}@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP {STRANGER}:5060;rport;branch=z9hG4bK{ids.new_id()}",
        "Max-Forwards: 70",
        f"From: <sip:+4989123456@{STRANGER}>;tag={from_tag}",
        f"To: <sip:{to}@127.0.0.1>" + (f";tag={to_tag}" if to_tag else ""),
        f"Call-ID: {call_id}",
        f"CSeq: 100 {method}",
        f"Contact: <sip:stranger@{STRANGER}>",
        f"Content-Length: {len(body)}",
    ]
    if body:
        lines.insert(-1, "Content-Type: application/sdp")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def heard_nothing(stranger: socket.socket) -> bool:
    stranger.setblocking(False)
    try:
        stranger.recv(65_536)
    except BlockingIOError:
        return True
    return False


async def test_a_stranger_is_not_answered_and_starts_nothing(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice")
    await house.gives_number(OWN, alice)
    stack = house.calls.calls.phone.leading.carrying._stack
    assert stack is not None
    dropped = stack.dropped
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((STRANGER, 0))
        for method in ("OPTIONS", "REGISTER", "INVITE", "MESSAGE", "BYE"):
            asked = request(method, OWN, call_id=f"{method}@stranger", body=sdp(4000) if method == "INVITE" else b"")
            stranger.sendto(asked, ("127.0.0.1", house.sip_port))
        await house.until(lambda: stack.dropped >= dropped + 5)
        # What came after it is answered: so it would have been, too.
        caller = await house.call_in(OWN, "+4989123456")
        await house.until(lambda: house.ringing(alice) is not None)
        assert heard_nothing(stranger)
        assert len({each["call"]["id"] for each in alice.told("phone.changed")}) == 1
        caller.close()


async def test_a_stranger_who_knows_a_call_cannot_end_or_take_it(tmp_path: Path) -> None:
    """They read along: Call-ID and both tags are right, only the address is not."""

    def answers(carrier: RawCarrier, invite: Message) -> None:
        carrier.answers(invite, 200, "OK", sdp(4000))

    async with beside(tmp_path, answers) as (house, carrier):
        alice = await house.calls.person("alice", 10_00)
        stack = house.calls.calls.phone.leading.carrying._stack
        assert stack is not None
        async with a_phone(house, alice) as phone:
            await phone.dials(number("000"))
            await phone.becomes("answered")
            ours = carrier.invite.field("From").partition("tag=")[2]
            call_id = carrier.invite.field("Call-ID")
            dropped = stack.dropped
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.bind((STRANGER, 0))
                for method, body in (("BYE", b""), ("INVITE", sdp(4444, version=2)), ("CANCEL", b"")):
                    spoofed = request(method, number("000"), call_id=call_id, tags=("far", ours), body=body)
                    stranger.sendto(spoofed, ("127.0.0.1", house.sip_port))
                await house.until(lambda: stack.dropped >= dropped + 3)
                assert heard_nothing(stranger)
            assert house.states(phone.call)[-1].state == "answered"
            assert (await phone.hangs_up()).reason == "hung_up"
            await carrier.hears("BYE")


# --- carriers gone mad ---


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff\xfe garbage",
        b"v=0\r\n",
        b"v=0\r\nm=audio 99999999 RTP/AVP 8\r\n",
        sdp(4000).replace(b"127.0.0.1", b"nowhere"),
        sdp(4000).replace(b"AVP 8", b"AVP 96").replace(b"rtpmap:8 PCMA/8000", b"rtpmap:96 opus/48000"),
        sdp(4000).replace(b"m=audio", b"m=video"),
    ],
    ids=["none", "bytes", "no media", "no port", "no address", "no codec", "no audio"],
)
async def test_an_answer_without_usable_sound_ends_the_call_and_costs_nothing(tmp_path: Path, body: bytes) -> None:
    async with beside(tmp_path, lambda carrier, invite: carrier.answers(invite, 200, "OK", body)) as (house, carrier):
        alice = await house.calls.person("alice", 10_00)
        async with a_phone(house, alice) as phone:
            await phone.dials(number("000"))
            ended = await phone.becomes("ended")
            await carrier.hears("BYE")
        assert ended.reason in ("no_sound", "no_carrier")
        assert not any(each.state == "answered" for each in house.states(phone.call))
        assert (await alice.balance(), await alice.has()) == (10_00, 10_00)


async def test_two_answers_are_one_call(tmp_path: Path) -> None:
    """The second of another machine, and the first once more with other words: who came first is talked to."""

    def answers_twice(carrier: RawCarrier, invite: Message) -> None:
        carrier.answers(invite, 200, "OK", sdp(4000), tag="first")
        carrier.answers(invite, 200, "OK", sdp(5000), tag="second")
        carrier.answers(invite, 200, "OK", sdp(6000, version=9), tag="first")

    async with beside(tmp_path, answers_twice) as (house, carrier):
        alice = await house.calls.person("alice", 10_00)
        async with a_phone(house, alice) as phone:
            await phone.dials(number("000"))
            await phone.becomes("answered")
            await carrier.hears("BYE")  # to the second
            await carrier.hears("ACK", 3)
            assert house.states(phone.call)[-1].state == "answered"
            ended = await phone.hangs_up()
            await carrier.hears("BYE", 2)
        assert ended.cost is not None
        assert ended.cost.amount == 2
        assert await house.calls.account_sum("phone_income") == 2, "paid once"


@pytest.mark.parametrize("what", ["rings", "plays"])
async def test_a_carrier_that_says_too_much_hurts_nobody(tmp_path: Path, what: str) -> None:
    def floods(carrier: RawCarrier, invite: Message) -> None:
        for version in range(PROVISIONALS):
            body = sdp(4000 + version % 100, version=version) if what == "plays" else b""
            carrier.answers(invite, 183 if what == "plays" else 180, "Ringing", body)

    async with beside(tmp_path, floods) as (house, carrier):
        alice = await house.calls.person("alice", 10_00)
        async with a_phone(house, alice) as phone:
            await phone.dials(number("000"))
            further = ("early", "ringing", "ended")
            await house.until(lambda: any(each.state in further for each in house.states(phone.call)))
            # It goes on ringing, or was cut off by now; hanging up ends it either way.
            ended = await phone.hangs_up()
            await carrier.hears("CANCEL")
        assert ended.reason == "cancelled"
        assert (await alice.balance(), await alice.has()) == (10_00, 10_00)
        told = house.states(phone.call)
        assert len(told) <= 6, "its person is told of changes, not of each word"


async def test_what_is_said_after_the_end_changes_nothing(tmp_path: Path) -> None:
    async with beside(tmp_path, lambda carrier, invite: carrier.answers(invite, 486, "Busy Here")) as (house, carrier):
        alice = await house.calls.person("alice", 10_00)
        async with a_phone(house, alice) as phone:
            first = await phone.dials(number("000"))
            assert (await phone.becomes("ended")).reason == "busy"
            carrier.answers(carrier.invite, 486, "Busy Here")
            carrier.answers(carrier.invite, 200, "OK", sdp(4000), tag="late")
            carrier.answers(carrier.invite, 180, "Ringing")
            await phone.dials(number("001"))
            assert (await phone.becomes("ended")).reason == "busy"
        assert house.states(first.id)[-1].state == "ended"
        assert [each.state for each in house.states(first.id)].count("ended") == 1
        assert await alice.has() == 10_00


# --- members ---


def reaching(call: str) -> list[Command]:
    return [
        HangUp(call=call),
        KeepPhone(call=call),
        AnswerPhone(call=call, offer=OFFER),
        RejoinPhone(call=call, offer=OFFER, attempt=1),
    ]


async def test_another_members_call_is_none(house: PhoneHouse) -> None:
    alice, mallory = await house.calls.person("alice", 10_00), await house.calls.person("mallory", 10_00)
    history = house.calls.calls.history
    async with a_phone(house, alice) as phone:
        await phone.dials(number("000"))
        await phone.joins()
        await phone.becomes("answered")
        for command in reaching(phone.call):
            with pytest.raises(NoSuchPhoneCall):
                await mallory.does(command)
        assert await phone.peer.hears() == pytest.approx(TONE_HZ, abs=NEAR_HZ)
        await phone.hangs_up()
        for command in reaching(phone.call):
            with pytest.raises(NoSuchPhoneCall):
                await mallory.does(command)
    for refused in (
        mallory.does(RateCall(call=phone.call, stars=1)),
        history.record(mallory.guest.signed, phone.call),
    ):
        with pytest.raises(NotFound) as refusal:
            await refused
        assert refusal.value.code == "no_such_call"
    assert mallory.told("phone.changed") == []
    assert mallory.told("phone.media") == []
    record = await history.record(alice.guest.signed, phone.call)
    assert not record.rating


async def test_a_call_of_ones_own_on_another_device_or_over_is_not_taken(house: PhoneHouse) -> None:
    alice = await house.calls.person("alice", 10_00)
    async with a_phone(house, alice) as phone:
        await phone.dials(number("480"))
        await phone.becomes("ringing")
        with pytest.raises(PhoneCallOver):
            await alice.does(AnswerPhone(call=phone.call, offer=OFFER))
        await phone.hangs_up()
        with pytest.raises(PhoneCallOver):
            await alice.does(KeepPhone(call=phone.call))
    await house.gives_number(OWN, alice)
    caller = await house.call_in(OWN, "+4989123456")
    await house.until(lambda: house.ringing(alice) is not None)
    ringing = house.ringing(alice)
    assert ringing is not None
    with pytest.raises(CallElsewhere):
        await alice.does(RejoinPhone(call=ringing.id, offer=OFFER, attempt=1))
    caller.close()


async def test_ids_of_other_kinds_are_no_calls(house: PhoneHouse) -> None:
    alice, bob = await house.calls.friends("alice", "bob")
    chat = next(iter(await alice.chats()))
    started = await alice.does(StartCall(chat=chat, nonce=ids.new_id()))
    for identifier in (started.call.id, chat, bob.id, alice.guest.device, ids.new_id()):
        for command in reaching(identifier):
            with pytest.raises(NoSuchPhoneCall):
                await alice.does(command)


@pytest.mark.parametrize("command", [Dial, AnswerPhone, RejoinPhone, KeepPhone, HangUp])
def test_a_program_does_not_call(command: type[Command]) -> None:
    with pytest.raises(PeopleOnly):
        may_command(str(command.__struct_config__.tag))
    for path in ("/calls", "/calls/phone", "/calls/phone/quote", "/calls/trunks"):
        with pytest.raises(PeopleOnly):
            may_ask("GET", path)
