"""How a member call goes on. Pure: a call and what happens to it go in, the call as it is then comes out.

Talk is counted while two or more are in; a call in which one is left alone, with nobody rung, ends.
"""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec.structs import replace

from teahouse.calls.members import refusals
from teahouse.calls.members.state import CallState, Leg
from teahouse.calls.model import PEOPLE_MAX, Outcome
from teahouse.chat.content import CallCard
from teahouse.clock import MINUTE_MS, SECOND_MS

RING_MS = 60 * SECOND_MS
SILENT_MS = 40 * SECOND_MS
"""Devices report every 10 s; a leg that was silent for so long has left."""
OPEN_MAX: Final = 10_000
"""Calls that go on in the house."""
OF_PERSON_MAX: Final = 3
"""Calls that one person is in or is rung by."""
STARTS_MAX: Final = 20
"""Calls that a person may begin within `STARTS_MS`."""
STARTS_MS: Final = 10 * MINUTE_MS
LEGS_MAX: Final = 50
"""People who were rung by one call or in it, ever."""
RINGS_MAX: Final = 5
"""How often one call may ring the same person."""


# --- who is called ----------------------------------------------------------------------------------


def whom_to_ring(kind: str, members: Collection[str], person: str, named: Sequence[str]) -> list[str]:
    """Return the others whom a call that somebody begins in a chat rings. Raises the `Refusal` of why not."""
    if kind not in ("direct", "group"):
        raise refusals.NoCallsHere()
    must_be_members(members, named)
    if not named and len(members) > PEOPLE_MAX:
        raise refusals.ChatTooLarge(limit=PEOPLE_MAX)
    return [each for each in dict.fromkeys(named or members) if each != person]


def must_be_members(members: Collection[str], people: Sequence[str]) -> None:
    for person in people:
        if person not in members:
            raise refusals.NotAMember(person=person)


# --- what happens to a call -------------------------------------------------------------------------


def begin(
    id: str,
    chat: str,
    starter: Leg,
    others: Sequence[str],
    now: int,
    *,
    busy: Collection[str] = (),
    direct: bool,
    video: bool,
) -> CallState:
    """Begin a call with its starter in it. Others who are `busy` are not rung."""
    legs = [starter]
    for person in others:
        if person in busy:
            legs.append(Leg(person, "busy", left_at=now))
        else:
            legs.append(Leg(person, "invited", rung_at=now, rings=1))
    call = CallState(id, chat, direct, starter.person, now, video, tuple(legs), counted_at=now)
    return _settled(call, now)


def joining(person: str, device: str, leg: str, now: int, *, camera: bool = False) -> Leg:
    """Return the leg of somebody who comes in on a device."""
    return Leg(person, "joined", leg=leg, device=device, joined_at=now, seen_at=now, camera=camera)


def may_join(call: CallState, person: str, device: str, *, take_over: bool) -> None:
    """Raises `CallElsewhere`, `CallCrowded`."""
    mine = call.of(person)
    if mine is not None and mine.is_joined:
        if mine.device != device and not take_over:
            raise refusals.CallElsewhere()
        return
    if len(call.joined) >= PEOPLE_MAX or (mine is None and len(call.legs) >= LEGS_MAX):
        raise refusals.CallCrowded(limit=PEOPLE_MAX)


def join(call: CallState, new: Leg, now: int) -> CallState:
    """Put a leg in the place of the person's own, if they have one: an older joining has left then."""
    call = _counted(call, now)
    mine = call.of(new.person)
    if mine is None:
        call = replace(call, legs=(*call.legs, new))
    else:
        kept = {"rings": mine.rings, "rung_at": mine.rung_at, "talked_ms": mine.talked_ms}
        call = _with(call, replace(new, nonce=new.nonce or mine.nonce, **kept))
    if not call.answered_at and len(call.joined) >= 2:
        call = replace(call, answered_at=now)
    return call


def rings(call: CallState, person: str) -> CallState:
    """A device of the person's rings."""
    leg = call.of(person)
    return _with(call, replace(leg, state="ringing")) if leg is not None and leg.state == "invited" else call


def decline(call: CallState, person: str, now: int, *, busy: bool) -> CallState:
    leg = call.of(person)
    if leg is None or not leg.is_rung:
        return call
    return _settled(_with(call, replace(leg, state="busy" if busy else "declined", left_at=now)), now)


def leave(call: CallState, person: str, at: int) -> CallState:
    """Who is in leaves; for all others nothing changes."""
    return _settled(_left(call, person, at), at)


def withdraw(call: CallState, person: str, now: int) -> CallState:
    """Take a person out, whether they are in or rung."""
    return leave(decline(call, person, now, busy=False), person, now)


def may_ring(call: CallState, people: Sequence[str]) -> list[str]:
    """Return those of them who can be rung (again). Raises `CallCrowded` when there is no place for all who would be
    in or rung then."""
    free = []
    for person in people:
        leg = call.of(person)
        if leg is None or (not leg.is_active and leg.rings < RINGS_MAX):
            free.append(person)
    new = sum(call.of(person) is None for person in free)
    if len(call.joined) + len(call.rung) + len(free) > PEOPLE_MAX or len(call.legs) + new > LEGS_MAX:
        raise refusals.CallCrowded(limit=PEOPLE_MAX)
    return free


def ring(call: CallState, people: Sequence[str], now: int) -> CallState:
    for person in people:
        leg = call.of(person)
        if leg is None:
            call = replace(call, legs=(*call.legs, Leg(person, "invited", rung_at=now, rings=1)))
        else:
            call = _with(call, replace(leg, state="invited", rung_at=now, rings=leg.rings + 1))
    return call


def show(call: CallState, person: str, *, muted: bool, camera: bool, screen: bool, held: bool) -> CallState:
    """Change what others see of a leg."""
    leg = call.of(person)
    if leg is None:
        return call
    return _with(call, replace(leg, muted=muted, camera=camera, screen=screen, held=held))


def seen(call: CallState, person: str, now: int) -> CallState:
    leg = call.of(person)
    return call if leg is None else _with(call, replace(leg, seen_at=now))


def spare(call: CallState, now: int) -> CallState:
    """The house comes back: whoever is in has from now on to say so."""
    return replace(call, legs=tuple(replace(leg, spared_from=now) for leg in call.legs))


# --- time -------------------------------------------------------------------------------------------


def due(call: CallState) -> int:
    """Return when `expire` has something to do at the earliest; 0: never."""
    return min(map(_due, (leg for leg in call.legs if leg.is_active)), default=0) if not call.ended_at else 0


def _due(leg: Leg) -> int:
    return max(leg.seen_at, leg.spared_from) + SILENT_MS if leg.is_joined else leg.rung_at + RING_MS


def expire(call: CallState, now: int) -> CallState:
    """End what has waited too long: rings that nobody answers, and legs that are silent. They left when they were last
    heard of."""
    at = call.counted_at
    for leg in call.legs:
        if not leg.is_active or _due(leg) > now:
            continue
        if leg.is_joined:
            call = _left(call, leg.person, leg.seen_at)
            at = max(at, leg.seen_at)
        else:
            missed_at = leg.rung_at + RING_MS
            call = _with(call, replace(leg, state="missed", left_at=missed_at))
            at = max(at, missed_at)
    return _settled(call, at)


# --- what it came to --------------------------------------------------------------------------------


def outcome_of(call: CallState, leg: Leg) -> Outcome:
    """Return how a call went for one person; empty while they are in it or rung."""
    if leg.is_active:
        return ""
    if leg.person == call.started_by:
        return "answered" if call.answered_at else call.outcome
    if leg.joined_at:
        return "answered"
    return "declined" if leg.state == "declined" else "missed"


def card_of(call: CallState) -> CallCard:
    """Return what the chat shows of it."""
    return CallCard(
        call=call.id,
        outcome=call.outcome,
        video=call.video,
        seconds=call.talked_ms // SECOND_MS if call.ended_at else 0,
        people=call.people,
    )


# --- within -----------------------------------------------------------------------------------------


def _with(call: CallState, leg: Leg) -> CallState:
    return replace(call, legs=tuple(leg if each.person == leg.person else each for each in call.legs))


def _left(call: CallState, person: str, at: int) -> CallState:
    leg = call.of(person)
    if leg is None or not leg.is_joined:
        return call
    call = _counted(call, at)
    leg = call.of(person)
    assert leg is not None
    return _with(
        call,
        replace(leg, state="left", left_at=call.counted_at, muted=False, camera=False, screen=False, held=False),
    )


def _counted(call: CallState, at: int) -> CallState:
    """Count the talk of all who are in, up to an instant (which never goes back)."""
    at = max(at, call.counted_at)
    if len(call.joined) < 2:
        return replace(call, counted_at=at)
    spent = at - call.counted_at
    legs = tuple(replace(leg, talked_ms=leg.talked_ms + spent) if leg.is_joined else leg for leg in call.legs)
    return replace(call, legs=legs, talked_ms=call.talked_ms + spent, counted_at=at)


def _settled(call: CallState, at: int) -> CallState:
    """End the call if nobody is left to talk to."""
    joined, rung = call.joined, call.rung
    if call.ended_at or len(joined) >= 2 or (joined and rung):
        return call
    outcome = _outcome(call)
    for leg in joined:
        call = _left(call, leg.person, at)
    at = max(at, call.counted_at)
    for leg in rung:
        call = _with(call, replace(leg, state="missed", left_at=at))
    return replace(call, ended_at=at, outcome=outcome)


def _outcome(call: CallState) -> Outcome:
    if call.answered_at:
        return "answered"
    if not call.joined:
        return "cancelled"
    refused = {leg.state for leg in call.legs if not leg.is_joined}
    if "missed" in refused:
        return "no_answer"
    return "busy" if refused == {"busy"} else "declined"
