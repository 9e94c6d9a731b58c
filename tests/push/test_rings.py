"""A phone that is away rings through its push service, and stops when the call is over or taken elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from teahouse import ids
from teahouse.calls.phone.model import PhoneCall, PhoneChanged, PhoneReason, PhoneState
from teahouse.push.rings import of_phone
from tests.harness.people import PASSWORD, Neighbour, Neighbours
from tests.push.test_notices import Browser, PushServer, house, push, says, subscribes

__all__ = ["house", "push"]


async def calls(person: Neighbour, chat: str, **fields: Any) -> str:
    answer = await person.http("POST", f"/chats/{chat}/calls", json={"nonce": ids.new_id(), **fields})
    call: str = answer["call"]["id"]
    return call


async def test_an_incoming_call_rings_and_is_missed(house: Neighbours, push: PushServer) -> None:
    ann, ben, chat = await house.friends("ann", "ben")
    await ben.http("PATCH", f"/chats/{chat}/preferences", json={"muted": True})
    phone = Browser(f"{push.url}/phone")
    await subscribes(ben, phone)
    for number, muted in enumerate((True, False)):
        await ben.http("PATCH", f"/chats/{chat}/preferences", json={"muted": muted})
        call = await calls(ann, chat, video=True)
        headers, body = (await push.gets("/phone", 2 * number + 1))[-1]
        ring = phone.opens(body)
        assert (ring["title"], ring["body"], ring["chat"]) == ("Ann", "🎥 Incoming video call", chat)
        assert (ring["call"], ring["rings"], ring["tag"]) == (call, True, f"call-{call}")
        assert (headers["urgency"], headers["ttl"], headers["topic"]) == ("high", "30", f"call-{call}")
        await ann.http("POST", f"/calls/{call}/leave", json={})
        headers, body = (await push.gets("/phone", 2 * number + 2))[-1]
        missed = phone.opens(body)
        assert (missed["title"], missed["body"], missed["tag"]) == ("Ann", "🎥 Missed call", f"call-{call}")
        assert headers["topic"] == f"call-{call}"
        # A muted chat still says that a call was missed; only its messages are silent.
        assert missed.get("missed", False) is muted
        assert missed.get("badge") == (None if muted else 2)


async def test_a_call_that_is_taken_at_the_desk_stops_ringing_in_the_pocket(
    house: Neighbours, push: PushServer
) -> None:
    ann, ben, chat = await house.friends("ann", "ben")
    signed_in = await house.http("POST", "/sessions", json={"handle": "ben", "password": PASSWORD})
    pocket = Browser(f"{push.url}/pocket")
    await subscribes(ben, pocket, signed_in["token"])
    desk = await ben.device()
    call = await calls(ann, chat)
    await desk.told("call.changed")
    assert pocket.opens((await push.gets("/pocket"))[0][1])["rings"] is True
    await desk.does("call.join", call=call)
    over = pocket.opens((await push.gets("/pocket", 2))[1][1])
    assert (over["rings"], over["missed"], over["tag"]) == (False, False, f"call-{call}")
    await desk.does("call.leave", call=call)
    # The message that tells of the call is news to nobody who was in it.
    await says(ann, chat, "Bye")
    assert pocket.opens((await push.gets("/pocket", 3))[2][1])["body"] == "Bye"


async def test_a_group_call_rings_whom_it_calls_and_tells_the_others(house: Neighbours, push: PushServer) -> None:
    ann, ben, _ = await house.friends("ann", "ben")
    cat = await house.join("cat")
    await house.meet(ann, cat)
    group = await house.group(ann, ben, cat)
    bens, cats = Browser(f"{push.url}/ben"), Browser(f"{push.url}/cat")
    await subscribes(ben, bens)
    await subscribes(cat, cats)
    call = await calls(ann, group, people=[ben.id])
    ring = bens.opens((await push.gets("/ben"))[0][1])
    assert (ring["title"], ring["body"], ring["rings"]) == ("Tea", "Ann: 📞 Incoming call", True)
    told = cats.opens((await push.gets("/cat"))[0][1])
    assert (told["title"], told["body"], told["tag"]) == ("Tea", "Ann: 📞 Call", f"call-{call}")
    await ann.http("POST", f"/calls/{call}/leave", json={})
    missed = bens.opens((await push.gets("/ben", 2))[1][1])
    assert (missed["body"], missed["missed"], missed["tag"]) == ("Ann: 📞 Missed call", True, f"call-{call}")
    assert len(push.to("/ben")) == 2


@pytest.mark.parametrize(
    ("state", "reason", "answered_at", "rung", "missed"),
    [
        ("ringing", "", 0, True, False),
        ("answered", "", 5, False, False),
        ("ended", "other_hung_up", 5, False, False),
        ("ended", "cancelled", 0, False, True),
        ("ended", "no_answer", 0, False, True),
        ("ended", "declined", 0, False, False),
        ("ended", "hung_up", 0, False, False),
    ],
)
def test_a_call_from_a_phone_rings_the_same_way(
    state: PhoneState, reason: PhoneReason, answered_at: int, rung: bool, missed: bool
) -> None:
    call = PhoneCall(
        id=ids.new_id(),
        direction="in",
        at=1,
        state=state,
        reason=reason,
        answered_at=answered_at,
        number="+493012345",
        formatted="+49 30 12345",
    )
    ringing = of_phone(PhoneChanged(call=call), ("ben",))
    assert ringing is not None
    assert ringing.rung == frozenset(("ben",) if rung else ())
    assert ringing.missed == frozenset(("ben",) if missed else ())
    assert ringing.number == "+49 30 12345"


def test_a_call_to_a_phone_rings_no_device() -> None:
    call = PhoneCall(id=ids.new_id(), direction="out", at=1, state="ringing")
    assert of_phone(PhoneChanged(call=call), ("ben",)) is None
