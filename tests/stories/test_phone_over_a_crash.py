"""Ben calls a telephone, and the house is killed in the middle: he pays for what is known to have been used, once, and
nothing of his money stays held; what was answered is hung up at the carrier, once the house is back."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from teahouse import ids
from teahouse.calls.carrier.carrier import Carrier, Happened
from tests.calls.media.peer import Peer
from tests.harness.people import Device, Event, Neighbour, Neighbours
from tests.harness.server import Server

SETTINGS = {"SIP_LISTEN": "127.0.0.1:0", "RTP_PORTS": "43000-43999", "RTP_ADDRESS": "127.0.0.1"}
BY_THE_SECOND = "prefix,name,price,increment,currency\n49,By the second,0.60,1/1,EUR\n"
FUNDS = 63
"""Minor units: a cent a second, so that three seconds after the answer less than a minute is left, and that is said."""
PATIENCE_S = 20
ANSWERS, RINGS_ON = "+493023125000", "+493023125480"


class Telephony:
    """A server with a trunk to a carrier in this process, and Ben with a little money."""

    def __init__(self, server: Server, house: Neighbours) -> None:
        self.server = server
        self.house = house
        self.happened: list[Happened] = []
        self._more = asyncio.Event()
        self.carrier = Carrier(0, 5060, told=self._take)
        self.operator: Neighbour
        self.ben: Neighbour

    def _take(self, happened: Happened) -> None:
        self.happened.append(happened)
        self._more.set()

    async def carrier_is_done(self) -> None:
        """No call is open there any more."""
        async with asyncio.timeout(PATIENCE_S):
            while self.carrier.calls:
                self._more.clear()
                await self._more.wait()

    async def sets_up(self) -> None:
        self.operator, self.ben = await self.house.join("ann"), await self.house.join("ben")
        does = self.operator.http
        await does("PATCH", "/house", json={"country": "DE"})
        await does("PUT", f"/wallet/cashiers/{self.operator.id}")
        top_up = {"key": ids.new_id(), "person": self.ben.id, "amount": {"amount": FUNDS, "currency": "EUR"}}
        await does("POST", "/wallet/desk/top-ups", json=top_up)
        setup = {"name": "Carrier", "host": "127.0.0.1", "port": self.carrier.port, "networks": ["127.0.0.1"]}
        await does("POST", "/calls/trunks", json={"setup": setup})
        await does("POST", "/calls/decks", json={"name": "Prices", "csv": BY_THE_SECOND})
        policy = await does("GET", "/calls/phone/policy")
        await does("PUT", "/calls/phone/policy", json={"policy": {**policy, "on": True}})
        await self.trunk_is_up()

    async def trunk_is_up(self) -> None:
        """Operators are told when a trunk changes: then look again."""
        desk = await self.operator.device()
        frames = desk.frames
        while (await self.operator.http("GET", "/calls/trunks"))[0]["state"] != "up":
            await desk.until(partial(_told_more, desk, frames))
            frames = desk.frames
        await desk.close()

    async def has(self) -> tuple[int, int]:
        [found] = (await self.ben.http("GET", "/wallet"))["balances"]
        return found["balance"], found["available"]

    async def paid(self) -> list[int]:
        page = await self.ben.http("GET", "/wallet/entries", params={"currency": "EUR", "limit": 100})
        return [-each["amount"] for each in page["entries"] if each["kind"] == "call"]

    async def audit(self) -> str:
        environment = {**os.environ, "TEAHOUSE_DATA": str(self.server.data)}
        command = [sys.executable, "-m", "teahouse", "audit"]
        done = await asyncio.to_thread(
            subprocess.run, command, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return str(done.stdout)


@asynccontextmanager
async def telephony(folder: Path) -> AsyncIterator[Telephony]:
    async with AsyncExitStack() as stack:
        server = Server(folder / "house", settings=SETTINGS)
        stack.callback(server.kill)
        await asyncio.to_thread(server.start)
        made = Telephony(server, await stack.enter_async_context(Neighbours(server)))
        await made.carrier.start()
        stack.push_async_callback(made.carrier.stop)
        await made.sets_up()
        yield made


@asynccontextmanager
async def dialling(device: Device, number: str) -> AsyncIterator[str]:
    peer = Peer(880)
    try:
        placed = await device.does("phone.dial", key=ids.new_id(), number=number, offer=await peer.offer())
        yield placed["call"]["id"]
    finally:
        await peer.close()


def _told_more(device: Device, frames: int) -> bool:
    return device.frames > frames


async def changed(device: Device, call: str, **fields: Any) -> Event:
    def found() -> Event | None:
        for event in device.events:
            if event["type"] == "phone.changed" and event["call"]["id"] == call:
                told: Event = event["call"]
                if all(told.get(name) == value for name, value in fields.items()):
                    return told
        return None

    told: Event = await device.until(found)
    return told


@pytest.mark.parametrize("moment", ["answered", "low"])
async def test_a_house_that_dies_in_a_talk_takes_what_was_used_and_no_more(tmp_path: Path, moment: str) -> None:
    async with telephony(tmp_path) as phones:
        device = await phones.ben.device()
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async with dialling(device, ANSWERS) as call:
            told = await changed(device, call, **({"low": True} if moment == "low" else {"state": "answered"}))
            assert told["state"] == "answered"
            assert told["cost"]["amount"] >= (3 if moment == "low" else 1)
            balance, available = await phones.has()
            assert balance == FUNDS
            assert available < FUNDS, "held while it goes on"
            await asyncio.to_thread(phones.server.kill)
            used = loop.time() - asked
        assert phones.carrier.calls, "the carrier knows nothing of the death"
        await asyncio.to_thread(phones.server.start)
        await phones.carrier_is_done()

        balance, available = await phones.has()
        paid = FUNDS - balance
        assert available == balance, "nothing is held any more"
        assert told["cost"]["amount"] <= paid <= ceil(used) + 1, "what was known, and never more than was used"
        record = await phones.ben.http("GET", f"/calls/{call}")
        assert record["outcome"] == "answered"
        assert record["cost"] == {"amount": paid, "currency": "EUR"}
        assert record["seconds"] == paid, "a cent a second"
        assert (await phones.ben.http("GET", "/calls"))["calls"] == [record]
        assert await phones.paid() == [paid]
        assert "now" not in await phones.ben.http("GET", "/calls/phone")
        await phones.audit()

        # And once: another death takes nothing more. The next call goes out as ever.
        await asyncio.to_thread(phones.server.restart)
        assert await phones.has() == (balance, balance)
        await phones.trunk_is_up()
        await device.open()
        async with dialling(device, ANSWERS) as again:
            await changed(device, again, state="answered")
            await device.does("phone.hang_up", call=again)
            ended = await changed(device, again, state="ended")
        assert ended["reason"] == "hung_up"
        assert (await phones.has())[0] == balance - ended["cost"]["amount"]
        await phones.audit()


@pytest.mark.parametrize("moment", ["dialled", "ringing"])
async def test_a_house_that_dies_before_the_answer_takes_nothing(tmp_path: Path, moment: str) -> None:
    async with telephony(tmp_path) as phones:
        device = await phones.ben.device()
        async with dialling(device, RINGS_ON) as call:
            if moment == "ringing":
                await changed(device, call, state="ringing")
            await asyncio.to_thread(phones.server.kill)
        await asyncio.to_thread(phones.server.start)

        assert await phones.has() == (FUNDS, FUNDS), "free, and nothing is held"
        record = await phones.ben.http("GET", f"/calls/{call}")
        assert (record["outcome"], record["reason"], record["cost"]["amount"]) == ("failed", "restarted", 0)
        assert await phones.paid() == []
        assert "now" not in await phones.ben.http("GET", "/calls/phone")
        await phones.audit()
