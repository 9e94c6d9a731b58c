"""Calls as one would keep them on paper: who is in, since when, and what came of it. It knows nothing of the house."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

RING = 60_000
SILENT = 40_000
STARTS = 20
STARTS_WITHIN = 600_000
CALLS = 3
RINGS = 5


@dataclass
class PlainLeg:
    state: str
    device: int = -1
    rung_at: int = 0
    rings: int = 0
    seen_at: int = 0
    spared_from: int = 0
    stays: list[list[int]] = field(default_factory=list)
    """From when to when they were in; the end of the last is missing while they are."""

    @property
    def is_in(self) -> bool:
        return self.state == "joined"

    @property
    def is_active(self) -> bool:
        return self.state in ("joined", "invited")


@dataclass
class PlainCall:
    id: str
    chat: str
    direct: bool
    starter: str
    at: int
    legs: dict[str, PlainLeg]
    changed_at: int
    """When somebody came or went last."""
    answered: bool = False
    outcome: str = ""

    def people_in(self) -> list[str]:
        return [person for person, leg in self.legs.items() if leg.is_in]

    def comes(self, person: str, device: int, now: int) -> None:
        leg = self.legs.setdefault(person, PlainLeg("invited"))
        if not leg.is_in:
            leg.stays.append([now])
        leg.state, leg.device, leg.seen_at, leg.spared_from = "joined", device, now, 0
        self.changed_at = max(self.changed_at, now)
        self.answered = self.answered or len(self.people_in()) > 1

    def goes(self, person: str, at: int) -> None:
        self.changed_at = max(self.changed_at, at)
        leg = self.legs[person]
        leg.state = "left"
        leg.stays[-1].append(self.changed_at)

    def rings(self, person: str, now: int) -> None:
        leg = self.legs.setdefault(person, PlainLeg("invited"))
        leg.state, leg.rung_at, leg.rings = "invited", now, leg.rings + 1

    def passes(self, now: int) -> None:
        """What was due until now has happened."""
        at = self.changed_at
        for person, leg in self.legs.items():
            if leg.is_in and max(leg.seen_at, leg.spared_from) + SILENT <= now:
                at = max(at, leg.seen_at)
                self.goes(person, leg.seen_at)
            elif leg.state == "invited" and leg.rung_at + RING <= now:
                at = max(at, leg.rung_at + RING)
                leg.state = "missed"
        self.ends_if_alone(at)

    def ends_if_alone(self, at: int) -> None:
        inside = self.people_in()
        rung = [person for person, leg in self.legs.items() if leg.state == "invited"]
        if self.outcome or len(inside) > 1 or (inside and rung):
            return
        states = [leg.state for person, leg in self.legs.items() if person not in inside]
        if self.answered:
            self.outcome = "answered"
        elif not inside:
            self.outcome = "cancelled"
        elif "missed" in states:
            self.outcome = "no_answer"
        else:
            self.outcome = "declined" if "declined" in states else "busy"
        for person in inside:
            self.goes(person, at)
        for person in rung:
            self.legs[person].state = "missed"

    def outcome_for(self, person: str) -> str:
        leg = self.legs[person]
        if leg.is_active:
            return ""
        if person == self.starter:
            return "answered" if self.answered else self.outcome
        if leg.stays:
            return "answered"
        return "declined" if leg.state == "declined" else "missed"

    def talk(self, person: str = "") -> int:
        """Return for how many ms a person (or anybody) was in with another, instant by instant."""
        instants = sorted({instant for leg in self.legs.values() for stay in leg.stays for instant in stay})
        total = 0
        for start, end in itertools.pairwise(instants):
            inside = [
                each
                for each, leg in self.legs.items()
                if any(stay[0] <= start and (len(stay) == 1 or stay[1] >= end) for stay in leg.stays)
            ]
            if len(inside) > 1 and (not person or person in inside):
                total += end - start
        return total


class PlainHouse:
    def __init__(self) -> None:
        self.calls: dict[str, PlainCall] = {}
        self.starts: list[tuple[str, int]] = []

    def open(self) -> list[PlainCall]:
        return [call for call in self.calls.values() if not call.outcome]

    def in_chat(self, chat: str) -> PlainCall | None:
        return next((call for call in self.open() if call.chat == chat), None)

    def of(self, person: str) -> list[PlainCall]:
        """Calls that ring somebody or have them in."""
        return [call for call in self.open() if person in call.legs and call.legs[person].is_active]

    def is_full_handed(self, person: str) -> bool:
        return sum(call.legs[person].is_in for call in self.of(person)) >= CALLS

    def is_busy(self, person: str) -> bool:
        return len(self.of(person)) >= CALLS

    def may_begin(self, person: str, now: int) -> str:
        if self.is_full_handed(person):
            return "too_many_calls"
        begun = [at for who, at in self.starts if who == person and at > now - STARTS_WITHIN]
        return "rate_limited" if len(begun) >= STARTS else ""

    def may_join(self, call: PlainCall, members: list[str], person: str, device: int, take_over: bool) -> str:
        leg = call.legs.get(person)
        if call.outcome:
            return "call_over" if leg else "no_such_call"
        if leg is None and person not in members:
            return "no_such_call"
        if leg is not None and leg.is_in:
            return "" if take_over or leg.device == device else "call_elsewhere"
        return "too_many_calls" if self.is_full_handed(person) else ""

    def is_here(self, call: PlainCall, person: str, device: int) -> bool:
        leg = call.legs.get(person)
        return not call.outcome and leg is not None and leg.is_in and leg.device == device

    def begins(self, id: str, chat: str, direct: bool, person: str, device: int, others: list[str], now: int) -> None:
        busy = {other for other in others if self.is_busy(other)}
        call = self.calls[id] = PlainCall(id, chat, direct, person, now, {}, now)
        self.starts.append((person, now))
        call.comes(person, device, now)
        for other in others:
            if other in busy:
                call.legs[other] = PlainLeg("busy")
            else:
                call.rings(other, now)
        call.ends_if_alone(now)
