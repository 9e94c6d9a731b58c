"""A house that calls phones through the carrier on this machine: real SIP and RTP on loopback, a real media engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from teahouse.calls.carrier.carrier import Carrier, FarEnd, Happened
from teahouse.calls.phone.model import AnswerPhone, Dial, HangUp, PhoneCall, PhonePlaced
from teahouse.calls.phone.policy.model import PhonePolicy, SetPhonePolicy
from teahouse.calls.phone.rates.model import ImportDeck
from teahouse.calls.phone.rates.sample import SAMPLE_DECK
from teahouse.calls.phone.trunks.model import AddTrunk, AssignNumber, TrunkAdded, TrunkSetup
from teahouse.operator.model import ChangeHouse
from teahouse.storage.transaction import Told
from tests.calls.house import CallHouse, open_calls, reopen_calls
from tests.calls.media.peer import Peer
from tests.wallet.house import Payer, new_key

PATIENCE_S = 20.0
BERLIN = "+493023125000"
"""A number that is answered with a tone; with other last digits other things happen."""
RTP_PORTS = "42000-42999"


def number(ending: str) -> str:
    return BERLIN[: -len(ending)] + ending


class PhoneHouse:
    """`calls` is the house; `carrier` what its trunk leads to."""

    def __init__(self, calls: CallHouse) -> None:
        self.calls = calls
        self.carrier: Carrier
        self.happened: list[Happened] = []
        self.trunk = ""
        self._more: list[Carrier] = []
        self._mute: list[asyncio.DatagramTransport] = []
        self._told: list[Told] = []
        self._news = asyncio.Condition()
        calls.house.bus.subscribe(self._take)

    @property
    def sip_port(self) -> int:
        return self.calls.calls.phone.leading.carrying.address[1]

    async def sets_up(self, deck: str = "", **policy: Any) -> None:
        """The operator brings a trunk, prices, and a policy that lets everybody call."""
        await self.calls.tea.opened.operator.change(self.calls.operator, ChangeHouse(country="DE"))
        self.trunk = await self._adds_trunk(self.carrier)
        await self.operator_does(ImportDeck(name="Prices", csv=deck or SAMPLE_DECK.read_text("utf-8")))
        await self.operator_does(SetPhonePolicy(policy=PhonePolicy(**{"on": True, **policy})))
        await self.until(lambda: self.calls.calls.phone.trunks.status(self.trunk).state == "up")

    async def _adds_trunk(self, carrier: Carrier) -> str:
        setup = TrunkSetup(name="Carrier", host="127.0.0.1", port=carrier.port, networks=("127.0.0.1",))
        added: TrunkAdded = await self.operator_does(AddTrunk(setup=setup))
        return added.trunk

    async def adds_carrier(self, *, refuses: bool) -> str:
        """Another trunk, to a carrier that refuses everything (503)."""
        carrier = Carrier(0, self.sip_port, refuses=(503, "Service Unavailable") if refuses else None)
        await carrier.start()
        self._more.append(carrier)
        trunk = await self._adds_trunk(carrier)
        await self.until(lambda: self.calls.calls.phone.trunks.status(trunk).state == "up")
        return trunk

    async def adds_silent_trunk(self) -> str:
        """A trunk to a port that takes everything and says nothing."""
        mute, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
        )
        self._mute.append(mute)
        setup = TrunkSetup(name="Silent", host="127.0.0.1", port=mute.get_extra_info("sockname")[1])
        added: TrunkAdded = await self.operator_does(AddTrunk(setup=setup))
        await self.until(lambda: added.trunk in self.calls.calls.phone.leading.carrying.rooms)
        return added.trunk

    async def call_in(self, number: str, caller: str) -> FarEnd:
        """Somebody calls a number of the house's."""
        self.carrier.aims_at(self.sip_port)
        return await self.carrier.call(number, caller)

    async def close(self) -> None:
        for carrier in (self.carrier, *self._more):
            await carrier.stop()
        for mute in self._mute:
            mute.close()

    @property
    def ended_with(self) -> list[Happened]:
        return [each for each in self.happened if each.what == "ended"]

    async def operator_does(self, command: Any) -> Any:
        return await self.calls.house.execute(self.calls.operator, command)

    async def gives_number(self, number: str, person: Payer) -> None:
        await self.operator_does(AssignNumber(number=number, person=person.id))

    # --- waiting for what is told ---

    def _take(self, _number: int, told: Any) -> None:
        self._told.extend(told)
        asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until it is so; looked at after everything that is told, and every so often."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            while not true():
                try:
                    await asyncio.wait_for(self._news.wait(), 0.1)
                except TimeoutError:
                    continue

    def states(self, call: str) -> list[PhoneCall]:
        return [
            each.event.call
            for each in self._told
            if type(each.event).__name__ == "PhoneChanged" and each.event.call.id == call
        ]

    def answers(self, call: str) -> list[str]:
        return [
            each.event.answer
            for each in self._told
            if type(each.event).__name__ == "PhoneMedia" and each.event.call == call
        ]

    def ringing(self, person: Payer) -> PhoneCall | None:
        """The call that rings somebody now."""
        told = [
            each.event.call
            for each in self._told
            if type(each.event).__name__ == "PhoneChanged" and person.id in each.people
        ]
        newest = told[-1] if told else None
        return newest if newest is not None and newest.direction == "in" and newest.state == "ringing" else None

    async def becomes(self, call: str, state: str) -> PhoneCall:
        await self.until(lambda: any(each.state == state for each in self.states(call)))
        return next(each for each in reversed(self.states(call)) if each.state == state)


class Phone:
    """A person's device with a browser's sound."""

    def __init__(self, house: PhoneHouse, person: Payer, peer: Peer) -> None:
        self.house = house
        self.person = person
        self.peer = peer
        self.call = ""

    async def dials(self, text: str, **fields: Any) -> PhoneCall:
        placed: PhonePlaced = await self.person.does(
            Dial(key=new_key(), number=text, offer=await self.peer.offer(), **fields)
        )
        self.call = placed.call.id
        return placed.call

    async def answers(self, call: str) -> None:
        self.call = call
        await self.person.does(AnswerPhone(call=call, offer=await self.peer.offer()))

    async def joins(self) -> None:
        """Take the answer to the offer, once it is told."""
        await self.house.until(lambda: bool(self.house.answers(self.call)))
        await self.peer.take(self.house.answers(self.call)[-1])
        await self.peer.connected()

    async def becomes(self, state: str) -> PhoneCall:
        return await self.house.becomes(self.call, state)

    async def hangs_up(self) -> PhoneCall:
        await self.person.does(HangUp(call=self.call))
        return await self.becomes("ended")


@asynccontextmanager
async def open_phones(folder: Path, *, reopened: bool = False, **settings: Any) -> AsyncIterator[PhoneHouse]:
    """A house beside a carrier; `sets_up` joins them."""
    given = {"sip_listen": "127.0.0.1:0", "rtp_ports": RTP_PORTS, "rtp_address": "127.0.0.1", **settings}
    opening = reopen_calls if reopened else open_calls
    async with AsyncExitStack() as stack:
        calls = await stack.enter_async_context(opening(folder, **given))
        house = PhoneHouse(calls)
        house.carrier = Carrier(0, 5060, told=house.happened.append)
        await house.carrier.start()
        stack.push_async_callback(house.close)
        yield house


@asynccontextmanager
async def a_phone(house: PhoneHouse, person: Payer, hertz: float = 880) -> AsyncIterator[Phone]:
    peer = Peer(hertz, events=110)
    try:
        yield Phone(house, person, peer)
    finally:
        await peer.close()
