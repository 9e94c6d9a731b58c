"""Whoever calls whom, on whichever device, in whatever order, across crashes: the house, the cards in the chats and the
histories say what a plain model says.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import itertools
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from teahouse.calls.members import model
from teahouse.clock import now_ms
from teahouse.commands import Command
from teahouse.errors import Refusal
from tests.calls.members.calling import Calling, Phone, new_nonce, open_calling
from tests.calls.members.plain import RINGS, PlainCall, PlainHouse
from tests.harness.machine import HouseMachine

EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "20"))
STEPS = 40
HANDLES = ("ann", "bob", "cat", "dan")
DEVICES = 2


class CallMachine(HouseMachine):
    def __init__(self) -> None:
        super().__init__()
        self.plain = PlainHouse()
        self.now = now_ms()
        self.people: dict[str, list[Phone]] = {}
        self.chats: dict[str, list[str]] = {}
        """Members by chat; those of two are direct."""
        self.begun: list[tuple[str, int, str, str, model.CallStarted]] = []
        """Who began which call on which device, in which chat, with which nonce."""

    def ends_well(self) -> None:
        self.cards_say_what_came_of_calls()

    @initialize()
    def open(self) -> None:
        async def begin() -> None:
            self.calling: Calling = await self.stack.enter_async_context(
                open_calling(self.folder, clock=lambda: self.now)
            )
            people = await self.calling.friends(*HANDLES)
            for one, other in itertools.combinations(people, 2):
                self.chats[await one.meets(other)] = [one.id, other.id]
            group = await people[0].opens("group", *people[1:])
            self.chats[group] = [each.id for each in people]
            for each in people:
                self.people[each.id] = [each, *[await each.another() for _ in range(DEVICES - 1)]]

        self.run(begin())
        # Hypothesis leaves some rules out of each run: there are calls in all of them.
        for chat, members in list(self.chats.items())[:1] + list(self.chats.items())[-1:]:
            self.begins(members[0], 0, model.StartCall(chat=chat, nonce=new_nonce()))

    # --- what they do ---

    def does(self, person: str, device: int, command: Command, expected: str = "") -> Any:
        """Do it, and hold the outcome against what should come of it. Returns the answer, or None."""
        try:
            answer, outcome = self.run(self.people[person][device].does(command)), ""
        except Refusal as refusal:
            answer, outcome = None, refusal.code
        assert outcome == expected, command
        return answer

    def somebody(self, data: st.DataObject, among: list[str] | None = None) -> tuple[str, int]:
        person = data.draw(st.sampled_from(among or list(self.people)), label="person")
        return person, data.draw(st.integers(0, DEVICES - 1), label="device")

    def some_call(self, data: st.DataObject) -> PlainCall | None:
        """One that goes on, most of the time."""
        going_on = self.plain.open()
        an_open_one = data.draw(st.integers(0, 4), label="an open one") > 0
        among = going_on if going_on and an_open_one else list(self.plain.calls.values())
        return data.draw(st.sampled_from(among), label="call") if among else None

    @rule(data=st.data(), named=st.booleans())
    def start(self, data: st.DataObject, named: bool) -> None:
        chat = data.draw(st.sampled_from(list(self.chats)), label="chat")
        members = self.chats[chat]
        person, device = self.somebody(data, members)
        others = [each for each in members if each != person]
        people = others[:2] if named else []
        there = self.plain.in_chat(chat)
        if there is None:
            expected = self.plain.may_begin(person, self.now)
        else:
            expected = self.plain.may_join(there, members, person, device, take_over=False)
        command = model.StartCall(chat=chat, nonce=new_nonce(), people=tuple(people))
        started: model.CallStarted | None = self.does(person, device, command, expected)
        if started is None:
            return
        if there is None:
            assert {leg.person for leg in started.call.legs} == {person, *(people or others)}
            self.has_begun(person, device, command, started)
        else:
            assert started.call.id == there.id
            if not there.legs.get(person) or not there.legs[person].is_in:
                there.comes(person, device, self.now)

    def begins(self, person: str, device: int, command: model.StartCall) -> None:
        self.has_begun(person, device, command, self.does(person, device, command))

    def has_begun(self, person: str, device: int, command: model.StartCall, started: model.CallStarted) -> None:
        # In the house's order: the members of a chat have none of their own.
        rung = [leg.person for leg in started.call.legs if leg.person != person]
        is_direct = len(self.chats[command.chat]) == 2
        self.plain.begins(started.call.id, command.chat, is_direct, person, device, rung, self.now)
        self.begun.append((person, device, command.chat, command.nonce, started))

    @rule(data=st.data())
    def start_again(self, data: st.DataObject) -> None:
        """A client that was cut off asks once more: it is the same call."""
        if self.begun:
            person, device, chat, nonce, first = data.draw(st.sampled_from(self.begun), label="begun")
            again = self.does(person, device, model.StartCall(chat=chat, nonce=nonce))
            assert again.call.id == first.call.id

    @rule(data=st.data(), take_over=st.booleans())
    def join(self, data: st.DataObject, take_over: bool) -> None:
        call = self.some_call(data)
        if call is None:
            return
        person, device = self.somebody(data)
        expected = self.plain.may_join(call, self.chats[call.chat], person, device, take_over)
        joined = self.does(person, device, model.JoinCall(call=call.id, take_over=take_over), expected)
        if joined is not None:
            call.comes(person, device, self.now)
            mine = next(leg for leg in joined.call.legs if leg.person == person)
            assert (mine.leg, mine.state) == (joined.leg, "joined")

    @rule(data=st.data(), busy=st.booleans())
    def decline(self, data: st.DataObject, busy: bool) -> None:
        call = self.some_call(data)
        if call is None:
            return
        person, device = self.somebody(data)
        leg = call.legs.get(person)
        self.does(person, device, model.DeclineCall(call=call.id, busy=busy), "" if leg else "no_such_call")
        if leg is not None and leg.state == "invited":
            leg.state = "busy" if busy else "declined"
            call.ends_if_alone(self.now)

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        call = self.some_call(data)
        if call is None:
            return
        person, device = self.somebody(data)
        leg = call.legs.get(person)
        expected = "" if leg else "no_such_call"
        if leg is not None and leg.is_in and leg.device != device:
            expected = "not_in_call"
        self.does(person, device, model.LeaveCall(call=call.id), expected)
        if leg is not None and leg.is_in and not expected:
            call.goes(person, self.now)
            call.ends_if_alone(self.now)

    @rule(data=st.data())
    def invite(self, data: st.DataObject) -> None:
        call = self.some_call(data)
        if call is None:
            return
        members = self.chats[call.chat]
        person, device = self.somebody(data)
        whom = data.draw(st.sampled_from(members), label="whom")
        expected = ""
        if not self.plain.is_here(call, person, device):
            known = person in call.legs or (not call.outcome and person in members)
            expected = ("call_over" if call.outcome else "not_in_call") if known else "no_such_call"
        self.does(person, device, model.InviteToCall(call=call.id, people=(whom,)), expected)
        leg = call.legs.get(whom)
        if not expected and (leg is None or (not leg.is_active and leg.rings < RINGS)):
            busy = self.plain.is_busy(whom)
            call.rings(whom, self.now)
            if busy:
                call.legs[whom].state = "busy"
                call.ends_if_alone(self.now)

    @rule(data=st.data())
    def everybody_in_a_call_reports(self, data: st.DataObject) -> None:
        """All but one, perhaps."""
        silent = data.draw(st.sampled_from(["", *self.people]), label="silent")
        for call in self.plain.open():
            for person in call.people_in():
                if person != silent:
                    leg = call.legs[person]
                    self.does(person, 1 - leg.device, model.KeepCall(call=call.id), "not_in_call")
                    self.does(person, leg.device, model.KeepCall(call=call.id))
                    leg.seen_at = self.now

    @rule(milliseconds=st.sampled_from([1, 4_000, 15_000, 39_999, 40_000, 60_000, 700_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.now += milliseconds
        self.run(self.calling.house.calls.members.sweep())
        for call in self.plain.open():
            call.passes(self.now)

    @rule(milliseconds=st.sampled_from([0, 20_000, 300_000]))
    def the_house_dies_and_comes_back(self, milliseconds: int) -> None:
        """Whoever is in a call has from then on to say so."""

        async def again() -> None:
            await self.stack.aclose()
            self.now += milliseconds
            self.calling = await self.stack.enter_async_context(
                open_calling(self.folder, clock=lambda: self.now, new=False)
            )
            for phones in self.people.values():
                phones[:] = [await self.calling.again(phone) for phone in phones]
            await self.calling.house.calls.members.sweep()

        self.run(again())
        for call in self.plain.open():
            for leg in call.legs.values():
                leg.spared_from = self.now
            call.passes(self.now)

    # --- what must hold ---

    @invariant()
    def everybody_sees_the_calls_that_go_on(self) -> None:
        for person, phones in self.people.items():
            found = self.run(phones[0].open_calls())
            assert {call.id for call in found} == {call.id for call in self.plain.of(person)}
            for call in found:
                plain = self.plain.calls[call.id]
                assert {leg.person: leg.state for leg in call.legs} == {
                    who: leg.state for who, leg in plain.legs.items()
                }
                assert [bool(leg.leg) for leg in call.legs] == [leg.state == "joined" for leg in call.legs]
                assert bool(call.answered_at) == plain.answered
        chats = [call.chat for call in self.plain.open()]
        assert len(chats) == len(set(chats)), "a chat has one call"

    @invariant()
    def everybody_has_their_history(self) -> None:
        for person, phones in self.people.items():
            records = {record.id: record for record in self.run(phones[0].history(limit=100))}
            mine = {call.id: call for call in self.plain.calls.values() if person in call.legs}
            assert set(records) == set(mine) or len(mine) > 100
            for record in records.values():
                call = mine[record.id]
                assert record.outcome == call.outcome_for(person)
                assert record.direction == ("out" if call.starter == person else "in")
                assert set(record.people) == set(call.legs) - {person}
                if call.outcome:
                    assert record.seconds == call.talk(person) // 1000

    def cards_say_what_came_of_calls(self) -> None:
        for chat, members in self.chats.items():
            cards = {card.call: card for card in self.run(self.people[members[0]][0].cards(chat))}
            calls = [call for call in self.plain.calls.values() if call.chat == chat]
            shown = [call for call in calls if call.outcome or not call.direct][-50:]
            assert list(cards)[-len(shown) :] == [call.id for call in shown] or not shown
            for call in shown:
                card = cards[call.id]
                assert card.outcome == call.outcome
                assert set(card.people) == {person for person, leg in call.legs.items() if leg.stays}
                if call.outcome:
                    assert card.seconds == call.talk() // 1000


CallMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestCallMachine = CallMachine.TestCase
