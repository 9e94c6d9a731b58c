"""A whole house whose phone calls go through stand-ins, on a clock that a test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import sqlalchemy as sa

from teahouse.calls.phone.leading import store as call_store
from teahouse.calls.phone.meter import store as meter_store
from teahouse.calls.phone.model import PhoneCall
from teahouse.calls.phone.policy.model import PhonePolicy, SetPhonePolicy
from teahouse.calls.phone.rates.model import ImportDeck
from teahouse.calls.phone.trunks.model import AddTrunk, TrunkSetup
from teahouse.calls.sip.model import Outgoing
from teahouse.operator.model import ChangeHouse
from teahouse.people.model import SignIn
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import New, Purpose
from tests.calls.house import CallHouse, open_calls, reopen_calls
from tests.calls.phone.standing_in import Quiet, StandInEngine, StandInStack, StillLoop
from tests.harness.house import PASSWORD, Guest
from tests.wallet.house import EUR, Payer, new_key

CARRYING = "teahouse.calls.phone.leading.carrying"
NO_LIMITS = PhonePolicy(
    on=True,
    person_calls=0,
    person_calls_hour=0,
    person_numbers_hour=0,
    person_spend_day=0,
    house_calls=0,
    house_spend_day=0,
    per_minute_max=0,
    kinds_off=(),
)


class StillHouse:
    def __init__(self, calls: CallHouse, loop: StillLoop, stack: StandInStack, engine: StandInEngine) -> None:
        self.calls = calls
        self.stack = stack
        self.engine = engine
        self.quiet = Quiet(calls.house.store, loop)
        self.told: list[PhoneCall] = []
        """What `phone.changed` said, in order."""
        self.unheld: list[str] = []
        """Numbers to which an INVITE left without money behind it."""
        stack.before_dial = self._is_held
        calls.house.bus.subscribe(lambda _number, told: self.told.extend(_calls_in(told)))

    @property
    def leaders(self) -> dict[str, Any]:
        return self.calls.calls.phone.leading._leaders

    async def operator_does(self, command: Any) -> Any:
        return await self.calls.house.execute(self.calls.operator, command)

    async def sets_up(self, deck: str, *, trunks: int = 1, calls_max: int = 30, **policy: Any) -> None:
        await self.calls.tea.opened.operator.change(self.calls.operator, ChangeHouse(country="DE"))
        for number in range(trunks):
            setup = TrunkSetup(name=f"Carrier {number}", host="127.0.0.1", port=5060, calls_max=calls_max)
            await self.operator_does(AddTrunk(setup=setup))
        await self.operator_does(ImportDeck(name="Prices", csv=deck))
        await self.operator_does(SetPhonePolicy(policy=msgspec.structs.replace(NO_LIMITS, **policy)))
        await self.quiet.comes()

    async def another_device(self, payer: Payer) -> Payer:
        opened = self.calls.tea.opened
        signed_in = await opened.people.accounts.sign_in(SignIn(handle=payer.guest.handle, password=PASSWORD), "desk")
        guest: Guest = await opened.guest(signed_in)
        return Payer(self.calls, guest)

    async def spends(self, person: str, amount: int) -> None:
        """Money goes elsewhere. Raises `InsufficientFunds`."""

        def spend(tx: Tx) -> None:
            purse = self.calls.wallet.purse
            till, account = purse.house_account(tx, "suspense", EUR), purse.account(tx, person, EUR)
            new = New(new_key(), account.number, till.number, amount, purpose=Purpose.CORRECTION)
            self.calls.wallet.ledger.post(tx, new)

        await self.calls.house.store.write(spend)

    async def row(self, call: str) -> Any:
        return await self.calls.house.store.read(call_store.call, call)

    async def held(self, person: str) -> int:
        query = sa.select(sa.func.coalesce(sa.func.sum(meter_store.meters.c.held), 0)).where(
            meter_store.meters.c.person == person, meter_store.is_open
        )
        return int((await self.calls.rows(query))[0][0])

    def states(self, call: str) -> list[str]:
        return [each.state for each in self.told if each.id == call]

    def full(self, is_full: bool) -> None:
        """The store takes nothing more."""
        self.calls.house.store.writer._waiting_max = -1 if is_full else 50_000

    def _is_held(self, outgoing: Outgoing) -> None:
        m = meter_store.meters.c
        has_money = (m.hold > 0) & (m.held > 0) | m.rate.like('%"per_minute_e4":0,%')
        query = sa.select(sa.func.count()).where(m.number == outgoing.to, m.settled_at == 0, has_money)
        with self.calls.house.store.engine.connect() as connection:
            if connection.execute(query).scalar_one() != 1:
                self.unheld.append(outgoing.to)


def _calls_in(told: Any) -> list[PhoneCall]:
    return [each.event.call for each in told if type(each.event).__name__ == "PhoneChanged"]


@asynccontextmanager
async def open_still(folder: Path, loop: StillLoop, *, reopened: bool = False) -> AsyncIterator[StillHouse]:
    stack = StandInStack(lambda leg: None, lambda outgoing: None)
    engines: list[StandInEngine] = []

    def make_stack(settings: Any, on_incoming: Callable[[Any], None], on_status: Any) -> StandInStack:
        stack.on_incoming = on_incoming
        return stack

    def make_engine(settings: Any, on_lost: Callable[[str], None]) -> StandInEngine:
        engines.append(StandInEngine(on_lost))
        return engines[-1]

    with patch(f"{CARRYING}.Stack", make_stack), patch(f"{CARRYING}.make_engine", make_engine):
        async with (reopen_calls if reopened else open_calls)(folder) as calls:
            house = StillHouse(calls, loop, stack, engines[-1])
            await house.quiet.comes()
            yield house
