"""The sample people's phone line: a carrier of its own, prices, and numbers for some."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from teahouse.app import Built
from teahouse.calls.carrier.carrier import HOST, Carrier
from teahouse.calls.phone.policy.model import PhonePolicy, SetPhonePolicy
from teahouse.calls.phone.rates.model import ImportDeck
from teahouse.calls.phone.rates.sample import SAMPLE_DECK
from teahouse.calls.phone.trunks.model import AddTrunk, AssignNumber, TrunkAdded, TrunkSetup
from teahouse.commands import Command, Signed
from teahouse.demo import cast
from teahouse.operator.model import ChangeHouse
from teahouse.people.model import UpdateContact

HOUSE_NUMBER: Final = "+493023125100"
NUMBERS: Final = {cast.GUEST: "+493023125101", "ben": "+493023125102"}
"""Of the sample people; nobody else's (Germany keeps 030 23125 000 to 999 for films)."""
LANDLINE: Final = "030 23125 000"
"""Ben's, in the guest's contacts: it answers with a tone."""


class SamplePhones:
    """`people` by handle."""

    def __init__(self, built: Built, people: dict[str, Signed], do: Callable[[str, Command], Awaitable[Any]]) -> None:
        self._built = built
        self._people = people
        self._do = do

    @asynccontextmanager
    async def line(self) -> AsyncIterator[None]:
        """Connect the house to its carrier until the end of the block."""
        carrier = Carrier(0, 0)
        await carrier.start()
        try:
            me = cast.GUEST
            await self._built.operator.change(self._people[me], ChangeHouse(country="DE"))
            setup = TrunkSetup(name="Sample carrier", host=HOST, port=carrier.port, networks=(HOST,))
            added: TrunkAdded = await self._do(me, AddTrunk(setup=setup))
            await self._do(me, ImportDeck(name="Sample prices", csv=SAMPLE_DECK.read_text("utf-8")))
            costs = "prefix,name,price,increment,currency\n" + "".join(
                f"{prefix},World,0.008,1/1,EUR\n" for prefix in range(1, 10)
            )
            await self._do(me, ImportDeck(name="What the carrier asks", csv=costs, trunk=added.trunk))
            await self._do(me, SetPhonePolicy(policy=PhonePolicy(on=True, house_number=HOUSE_NUMBER)))
            for handle, number in NUMBERS.items():
                await self._do(me, AssignNumber(number=number, person=self._people[handle].person))
            await self._do(me, UpdateContact(person=self._people["ben"].person, phone=LANDLINE))
            yield
        finally:
            await carrier.stop()
