"""Two people call each other over real connections: they find each other by signals, and go on talking though the house
is killed in the middle."""

import asyncio

import pytest

from teahouse import ids
from tests.harness.people import Device, Event, Neighbour, Neighbours, Refused, all_of
from tests.harness.server import Server

OFFER = {"type": "offer", "sdp": "v=0\r\ns=Ann's\r\n"}
ANSWER = {"type": "answer", "sdp": "v=0\r\ns=Ben's\r\n"}
CANDIDATES = [{"candidate": "candidate:1 1 udp 2113937151 192.0.2.7 49152 typ host", "mid": "0"}, {"mid": "0"}]


async def state_of(device: Device, call: str, **legs: str) -> Event:
    """Wait until a device is told of a call whose people are in these states; return the call."""

    def found() -> Event | None:
        for event in device.events:
            if event["type"] == "call.changed" and event["call"]["id"] == call:
                states = {leg["person"]: leg["state"] for leg in event["call"]["legs"]}
                if states == legs:
                    told: Event = event["call"]
                    return told
        return None

    told: Event = await device.until(found)
    return told


async def test_a_call_is_found_answered_and_outlives_the_house(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben, chat = await house.friends("ann", "ben")
        desk, phone, tablet = await all_of(ann.device(), ben.device(), ben.device(sign_in=True))

        await tablet.catches_up()

        started = await desk.does("call.start", chat=chat, nonce=ids.new_id(), video=True)
        call, anns = started["call"]["id"], started["leg"]
        for device in (phone, tablet):
            await state_of(device, call, **{ann.id: "joined", ben.id: "invited"})
        await tablet.does("call.ringing", call=call)
        await state_of(desk, call, **{ann.id: "joined", ben.id: "ringing"})

        bens = (await phone.does("call.join", call=call))["leg"]
        # The tablet is told that its person's leg is joined, and that it is not this device's: it rings no more.
        await state_of(tablet, call, **{ann.id: "joined", ben.id: "joined"})
        with pytest.raises(Refused) as refused:
            await tablet.does("call.join", call=call)
        assert refused.value.code == "call_elsewhere"

        await desk.does("call.signal", call=call, to=bens, description=OFFER)
        assert (await phone.told("call.signal", to=bens, sender=anns))["description"] == OFFER
        await phone.does("call.signal", call=call, to=anns, description=ANSWER, candidates=CANDIDATES)
        answered = await desk.told("call.signal", to=anns, sender=bens)
        assert (answered["description"], answered["candidates"]) == (ANSWER, CANDIDATES)
        before = (await ann.http("GET", "/calls/open"))["calls"]

        await asyncio.to_thread(server.kill)
        for device in (desk, phone, tablet):
            await device.until_closed()
        await asyncio.to_thread(server.start)

        # What the house told before it died, it knows now.
        assert (await ben.http("GET", "/calls/open"))["calls"] == before
        for device in (desk, phone):
            await device.open()
            await device.does("call.keep", call=call)
        # ICE begins anew over the same legs.
        again = {"type": "offer", "sdp": "v=0\r\ns=Ann's second\r\n"}
        await desk.does("call.signal", call=call, to=bens, description=again)
        assert (await phone.told("call.signal", description=again))["sender"] == anns

        await phone.does("call.leave", call=call)
        ended = await state_of(desk, call, **{ann.id: "left", ben.id: "left"})
        assert ended["outcome"] == "answered"
        with pytest.raises(Refused) as refused:
            await desk.does("call.signal", call=call, to=bens, description=OFFER)
        assert refused.value.code == "not_in_call"

        # The end is as durable as the beginning.
        await asyncio.to_thread(server.restart)
        assert (await ann.http("GET", "/calls/open"))["calls"] == []
        for person, direction in ((ann, "out"), (ben, "in")):
            await finds_in_history(person, call, direction)
        await ann.http("POST", "/calls/forgotten", json={})
        assert (await ann.http("GET", "/calls"))["calls"] == []
        page = await ben.http("GET", f"/chats/{chat}/messages")
        [card] = [each["content"] for each in page["messages"] if each["content"]["kind"] == "call"]
        assert (card["call"], card["outcome"], set(card["people"])) == (call, "answered", {ann.id, ben.id})
        # Who was away finds the call in the chat; what the browsers said to each other was kept nowhere.
        await tablet.open()
        missed = await tablet.catches_up()
        assert "message.new" in {event["type"] for event in missed}
        assert not [event for event in missed if event["type"].startswith("call.")]


async def finds_in_history(person: Neighbour, call: str, direction: str) -> None:
    """Read a video call that was answered, and rate it."""
    record = await person.http("GET", f"/calls/{call}")
    assert (record["direction"], record["outcome"], record["video"]) == (direction, "answered", True)
    assert (await person.http("GET", "/calls"))["calls"] == [record]
    await person.http("PUT", f"/calls/{call}/rating", json={"stars": 4, "troubles": ["delay"]})
    assert (await person.http("GET", f"/calls/{call}"))["rating"] == 4
