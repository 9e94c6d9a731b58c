"""Whatever carriers, people and the house do in the midst of calls, in whatever order: each call ends once, costs
exactly its seconds, and leaves nothing behind. The clock stands still but where the machine moves it.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from teahouse.calls.phone.leading.rules import PROGRESS, AlreadyCalling, CallElsewhere, PhoneCallOver
from teahouse.calls.phone.meter.holds import waiting_holds
from teahouse.calls.phone.model import AnswerPhone, Dial, HangUp, KeepPhone, RejoinPhone
from teahouse.calls.phone.rates.model import ImportDeck
from teahouse.calls.phone.trunks.model import AssignNumber
from teahouse.calls.sip.model import EndCause
from teahouse.wallet.check import faults_of
from teahouse.wallet.ledger.audit import Audit
from teahouse.wallet.ledger.rules import InsufficientFunds
from tests.calls.phone.slow_tariff import Tariff, costs, longest
from tests.calls.phone.standing_in import OFFER, SDP, StandInLeg, StillLoop
from tests.calls.phone.still_house import StillHouse, open_still
from tests.harness.machine import HouseMachine
from tests.wallet.house import Payer, new_key

T = TypeVar("T")
EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "8"))
STEPS = 30
HANDLES = ("ann", "bob")
FUNDS = 180
LONG = 40_000
"""Seconds that the slow model looks ahead: longer than all talks of a machine."""
TARIFFS = {
    "+4930": Tariff(60_0000, 0, 1, 1),
    "+4940": Tariff(77_0000, 3_5000, 60, 60),
    "+431": Tariff(33_3300, 0, 30, 6),
    "+4122": Tariff(0, 0, 60, 60),
}
DECK = """prefix,name,price,connection,increment,currency
4930,Berlin,0.60,0,1/1,EUR
4940,Hamburg,0.77,0.035,60/60,EUR
431,Vienna,0.3333,0,30/6,EUR
4122,Geneva,0,0,60/60,EUR
"""
CARRIER = Tariff(12_3400, 0, 1, 1)
CARRIER_DECK = "prefix,name,price,increment,currency\n4,All,0.1234,1/1,EUR\n"
CAUSES: tuple[EndCause, ...] = (
    "remote",
    "busy",
    "no_answer",
    "declined",
    "not_found",
    "unavailable",
    "session_expired",
    "malformed",
)
TIMES = st.sampled_from([0.0, 0.5, 1.0, 7.5, 10.0, 30.0, 59.5, 60.0, 61.0, 200.0])


@dataclass
class Call:
    id: str
    person: str
    device: str = ""
    tariff: Tariff | None = None
    """None: it came in."""
    number: str = ""
    leg: StandInLeg | None = None
    """Of one that came in."""


class LeadingMachine(HouseMachine):
    loop_factory = StillLoop

    def __init__(self) -> None:
        super().__init__()
        self.balance: dict[str, int] = {}
        self.devices: list[Payer] = []
        self.calls: dict[str, Call] = {}
        self.settled: set[str] = set()
        self.income = self.owed = 0
        self.numbers = 7_000_000

    def quietly(self, story: Coroutine[Any, Any, T]) -> T:
        """Do it, and let all that it brings about come to its end."""

        async def do() -> T:
            done = await story
            await self.house.quiet.comes()
            return done

        return self.run(do())

    def ends_well(self) -> None:
        if self.balance:
            self.run(self._ends_well())

    @initialize()
    def open(self) -> None:
        async def begin() -> None:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, StillLoop)
            self.house: StillHouse = await self.stack.enter_async_context(open_still(self.folder, loop))
            await self.house.sets_up(DECK, trunks=2)
            self.trunk = self.house.stack.trunks[0]
            await self.house.operator_does(ImportDeck(name="Costs", csv=CARRIER_DECK, trunk=self.trunk))
            people = await self.house.calls.people(*HANDLES, funds=FUNDS)
            self.balance = {each.id: FUNDS for each in people}
            self.devices = [*people, *[await self.house.another_device(each) for each in people]]
            self.own: dict[str, str] = {}
            for number, each in enumerate(people):
                self.own[each.id] = f"+493012345{number}"
                await self.house.operator_does(AssignNumber(number=self.own[each.id], person=each.id))

        self.run(begin())

    # --- what is going on ---

    def going(self) -> list[Call]:
        return [call for call in self.calls.values() if call.id not in self.settled]

    def trunk_side(self, *, answered: bool | None = None, incoming: bool | None = None) -> list[StandInLeg]:
        return [
            leg
            for leg in self.house.stack.legs
            if leg.ended is None
            and answered in (None, leg.was_answered)
            and incoming in (None, leg.call_id.startswith("in"))
        ]

    def available(self, person: str) -> int:
        return self.balance[person] - self.run(self.house.held(person))

    def any_device(self, data: st.DataObject) -> Payer:
        return self.devices[data.draw(st.integers(0, len(self.devices) - 1), label="device")]

    def any_leg(self, data: st.DataObject, legs: list[StandInLeg]) -> StandInLeg:
        return legs[data.draw(st.integers(0, len(legs) - 1), label="leg")]

    # --- people ---

    @rule(
        data=st.data(),
        area=st.sampled_from(sorted(TARIFFS)),
        talk=st.one_of(st.none(), TIMES, TIMES),
        end=st.sampled_from(["", "", "hangs up", "far end"]),
    )
    def dials(self, data: st.DataObject, area: str, talk: float | None, end: str) -> None:
        """And is answered at once, if they `talk` for so long."""
        device = self.any_device(data)
        self.numbers += 1
        number = f"{area}{self.numbers}"
        asked = device.does(Dial(key=new_key(), number=number, offer=OFFER))
        on_it = [call for call in self.going() if call.device == device.guest.device]
        lasts = longest(TARIFFS[area], self.available(device.id), LONG)
        if on_it or not lasts:
            with pytest.raises(AlreadyCalling if on_it else InsufficientFunds):
                self.quietly(asked)
            return
        placed = self.quietly(asked).call
        self.calls[placed.id] = Call(placed.id, device.id, device.guest.device, TARIFFS[area], number)
        if talk is not None:
            leg = self.house.stack.legs[-1]

            async def answered() -> None:
                leg.is_answered()
                await self.house.quiet.passes(talk)
                if end == "hangs up":
                    await device.does(HangUp(call=placed.id))
                elif end == "far end":
                    leg.ends("remote")

            self.quietly(answered())

    @precondition(lambda self: self.going())
    @rule(data=st.data(), what=st.sampled_from(["hangs up", "rejoins", "keeps", "answers"]), other=st.booleans())
    def does(self, data: st.DataObject, what: str, other: bool) -> None:
        call = data.draw(st.sampled_from(self.going()), label="call")
        devices = [each for each in self.devices if each.id == call.person]
        device = next((each for each in devices if each.guest.device == call.device), devices[0])
        if other:
            device = next(each for each in devices if each is not device)
        commands = {
            "hangs up": HangUp(call=call.id),
            "rejoins": RejoinPhone(call=call.id, offer=OFFER, attempt=1),
            "keeps": KeepPhone(call=call.id),
            "answers": AnswerPhone(call=call.id, offer=OFFER),
        }
        asked = device.does(commands[what])
        refused: type[Exception] | None = None
        if what in ("rejoins", "keeps") and call.device != device.guest.device:
            refused = CallElsewhere
        elif what == "answers" and call.tariff is not None:
            refused = PhoneCallOver
        elif what == "answers" and call.device not in ("", device.guest.device):
            refused = CallElsewhere
        if refused is not None:
            with pytest.raises(refused):
                self.quietly(asked)
            return
        if what == "answers":
            call.device = device.guest.device
        self.quietly(asked)

    @rule(data=st.data(), amount=st.integers(-100, 300))
    def spends_elsewhere_or_is_given(self, data: st.DataObject, amount: int) -> None:
        person = data.draw(st.sampled_from(sorted(self.balance)), label="person")
        if amount <= 0:
            self.quietly(self.house.calls.fund(person, 1 - amount))
            self.balance[person] += 1 - amount
        elif amount <= self.available(person):
            self.quietly(self.house.spends(person, amount))
            self.balance[person] -= amount

    # --- carriers ---

    @precondition(lambda self: self.trunk_side(answered=False, incoming=False))
    @rule(data=st.data(), what=st.sampled_from(["trying", "ringing", "early", "answered", "answered", "ends"]))
    def the_far_end(self, data: st.DataObject, what: str) -> None:
        leg = self.any_leg(data, self.trunk_side(answered=False, incoming=False))
        assert leg.listener is not None
        cause = data.draw(st.sampled_from(CAUSES), label="cause") if what == "ends" else "remote"
        fails_over = data.draw(st.booleans(), label="fails over") if what == "ends" else False

        async def say() -> None:
            assert leg.listener is not None
            if what == "answered":
                leg.is_answered()
            elif what == "early":
                leg.listener.early_media(SDP)
            elif what == "ends":
                leg.ends(cause, may_fail_over=fails_over)
            else:
                getattr(leg.listener, what)()

        self.quietly(say())

    @precondition(lambda self: self.trunk_side(answered=True))
    @rule(data=st.data(), what=st.sampled_from(["ends", "holds"]), cause=st.sampled_from(CAUSES))
    def in_the_talk_the_far_end(self, data: st.DataObject, what: str, cause: EndCause) -> None:
        leg = self.any_leg(data, self.trunk_side(answered=True))
        replies: list[bytes | None] = []

        async def say() -> None:
            if what == "ends":
                leg.ends(cause)
            else:
                assert leg.listener is not None
                leg.listener.offered(SDP, replies.append)

        self.quietly(say())
        assert replies == ([] if what == "ends" else [SDP])

    @rule(data=st.data(), is_free=st.sampled_from([True, True, True, False]))
    def somebody_calls(self, data: st.DataObject, is_free: bool) -> None:
        """Who is in a call already is busy."""
        busy = {call.person for call in self.going()}
        people = sorted(set(self.balance) - busy) if is_free else sorted(self.balance)
        if not people:
            return
        person = data.draw(st.sampled_from(people), label="person")

        async def ring() -> StandInLeg:
            return self.house.stack.rings(self.own[person], self.trunk)

        leg = self.quietly(ring())
        new = [each for each in self.house.told if each.direction == "in" and each.id not in self.calls]
        assert len({each.id for each in new}) == 1, "it rings"
        self.calls[new[0].id] = Call(new[0].id, person, leg=leg)

    @precondition(lambda self: self.trunk_side(answered=False, incoming=True))
    @rule(data=st.data())
    def the_caller_gives_up(self, data: st.DataObject) -> None:
        leg = self.any_leg(data, self.trunk_side(answered=False, incoming=True))

        async def cancel() -> None:
            leg.ends("remote")

        self.quietly(cancel())

    # --- time and trouble ---

    @rule(seconds=TIMES, times=st.integers(1, 3))
    def time_passes(self, seconds: float, times: int) -> None:
        for _ in range(times):
            self.run(self.house.quiet.passes(seconds))

    @rule(seconds=st.sampled_from([0.5, 3.0, 20.0]))
    def the_store_is_full_for_a_while(self, seconds: float) -> None:
        self.house.full(True)
        self.run(self.house.quiet.passes(seconds))
        self.house.full(False)
        self.run(self.house.quiet.passes(1.0))

    @precondition(lambda self: self.going())
    @rule(data=st.data(), what=st.sampled_from(["sound is lost", "device falls silent"]))
    def the(self, data: st.DataObject, what: str) -> None:
        call = data.draw(st.sampled_from(self.going()), label="call")
        session = self.house.engine.sessions[call.id]
        if what == "device falls silent":
            session.is_silent = True
            return

        async def lose() -> None:
            self.house.engine.loses(call.id)

        self.quietly(lose())

    @rule()
    def the_house_closes_and_opens_again(self) -> None:
        async def again() -> None:
            legs, sessions, leaders = self.house.stack.legs, self.house.engine.sessions, self.house.leaders
            await self.stack.aclose()
            assert all(leg.ended for leg in legs), "everybody was hung up"
            assert all(session.is_closed for session in sessions.values())
            assert not leaders
            loop = asyncio.get_running_loop()
            assert isinstance(loop, StillLoop)
            before = self.house.told
            self.house = await self.stack.enter_async_context(open_still(self.folder, loop, reopened=True))
            self.house.told[:0] = before
            self.devices = [await self.house.calls.again(each) for each in self.devices]

        self.run(again())

    # --- what must hold ---

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        if not self.balance:
            return
        assert self.house.unheld == [], "no INVITE leaves without a hold"
        for call in self.going():
            self.is_sound(call)
        going = {call.id for call in self.going()}
        assert set(self.house.leaders) == going
        for person, balance in self.balance.items():
            held = self.run(self.house.held(person))
            assert self.run(self.house.calls.sums(person)) == (balance, balance - held)
            assert 0 <= held <= balance
        assert self.run(self.house.calls.account_sum("phone_income")) == self.income
        assert self.run(self.house.calls.account_sum("carrier", owner=self.trunk)) == self.owed

    def is_sound(self, call: Call) -> None:
        states = self.house.states(call.id)
        steps = [PROGRESS.index(state) for state in states]
        assert steps == sorted(steps), "states never go back"
        row = self.run(self.house.row(call.id))
        assert states[-1] == row.state
        legs = [call.leg] if call.leg else [leg for leg in self.house.stack.legs if leg.number == call.number]
        assert len([leg for leg in legs if leg.ended is None]) <= 1, "one way at a time"
        if row.state != "ended":
            assert any(leg.ended is None for leg in legs)
            return
        assert states.count("ended") == 1
        assert all(leg.ended for leg in legs), "it is hung up"
        session = self.house.engine.sessions.get(call.id)
        assert session is None or session.is_closed
        self.costs_what_it_must(call, row, legs)
        self.settled.add(call.id)

    def costs_what_it_must(self, call: Call, row: Any, legs: list[StandInLeg]) -> None:
        assert row.reason, "why is said"
        talked = next((leg for leg in legs if leg.was_answered), None) if row.answered_at else None
        if talked is not None:
            assert row.seconds == max(1, ceil(talked.ended_at - talked.answered_at))
        if call.tariff is None:
            assert row.cost == 0
            return
        expected = costs(call.tariff, LONG)[row.seconds] if row.answered_at else 0
        assert row.cost == expected, "exactly its seconds"
        self.balance[call.person] -= row.cost
        self.income += row.cost
        if row.answered_at and row.trunk == self.trunk:
            self.owed += costs(CARRIER, LONG)[row.seconds]

    async def _ends_well(self) -> None:
        house = self.house
        await self.stack.aclose()
        assert not house.leaders
        loop = asyncio.get_running_loop()
        assert isinstance(loop, StillLoop)
        again = await self.stack.enter_async_context(open_still(self.folder, loop, reopened=True))

        def look(connection: Any) -> tuple[tuple[str, ...], int, list[str]]:
            verdict = Audit(connection, 2**50).run()
            waiting = {"phone call": waiting_holds(connection)}
            return verdict.faults, verdict.open_holds, list(faults_of(connection, waiting))

        assert await again.calls.house.store.read(look) == ((), 0, [])
        for person in self.balance:
            assert await again.held(person) == 0


LeadingMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestLeadingMachine = LeadingMachine.TestCase
