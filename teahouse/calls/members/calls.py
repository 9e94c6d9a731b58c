"""Member calls as they go on. The one door of this room."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa
from msgspec.structs import replace

from teahouse import ids
from teahouse.calls.history.rules import NoSuchCall
from teahouse.calls.members import model, records, refusals, rules, store
from teahouse.calls.members.book import Book
from teahouse.calls.members.partings import Partings
from teahouse.calls.members.state import CallState, Leg
from teahouse.calls.members.watch import Watch
from teahouse.calls.model import CallRecord
from teahouse.chat.cards import Cards
from teahouse.chat.state import ChatState
from teahouse.commands import Actor, Done, Signed
from teahouse.errors import RateLimited, Refusal, Unavailable
from teahouse.house import House
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx

_DONE = Done()
LAST_SEQ = 2**53
"""Every member may read what comes at a chat's very end."""


class MemberCalls:
    def __init__(self, house: House, people: PeopleService, cards: Cards) -> None:
        self._house = house
        self._people = people
        self._cards = cards
        self._watch = Watch(house, self._expire)
        self._book = Book(self._watch.wake)
        self._partings = Partings(house, people, self._book, self._part)

    def register(self) -> None:
        """Hang the commands into the house."""
        house = self._house
        house.handle(model.StartCall, self.start)
        house.handle(model.RingCall, self.ringing)
        house.handle(model.JoinCall, self.join)
        house.handle(model.DeclineCall, self.decline)
        house.handle(model.LeaveCall, self.leave)
        house.handle(model.InviteToCall, self.invite)
        house.handle(model.SetLeg, self.set_leg)
        house.handle(model.SignalCall, self.signal, hot=True)
        house.handle(model.KeepCall, self.keep, hot=True)
        self._partings.register()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """End calls that nobody answers, and legs that are gone, from now on."""
        async with self._watch.running(), self._partings.running():
            yield

    async def sweep(self) -> None:
        """End all that is due now."""
        await self._watch.sweep()

    async def open(self, signed: Signed) -> model.OpenCalls:
        calls = await self._house.store.read(store.going_on_for, signed.person)
        return model.OpenCalls(tuple(call.shown() for call in calls))

    # --- to begin ---

    def start(self, tx: Tx, actor: Actor, command: model.StartCall) -> model.CallStarted:
        book, person = self._read(tx), actor.person
        if known := store.by_nonce(tx.connection, person, command.nonce):
            return self._started_before(tx, actor, command, known)
        chat = self._cards.may_send(tx, person, command.chat)
        if call := book.in_chat(chat.id):
            if mine := call.joined_on(person, actor.device):
                return model.CallStarted(call=call.shown(), leg=mine.leg)
            return self._join(tx, actor, call, nonce=command.nonce)
        named = rules.whom_to_ring(chat.kind, chat.members, person, command.people)
        rung = self._reachable(tx, chat, person, named)
        if not rung:
            raise refusals.NobodyToRing()
        self._may_begin(tx, person)
        new = rules.joining(person, actor.device, ids.new_id(), tx.now, camera=command.video)
        call = rules.begin(
            ids.new_id(),
            chat.id,
            replace(new, nonce=command.nonce),
            rung,
            tx.now,
            busy=[each for each in rung if len(book.of(each)) >= rules.OF_PERSON_MAX],
            direct=chat.kind == "direct",
            video=command.video,
        )
        return model.CallStarted(call=self._put(tx, None, call).shown(), leg=new.leg)

    def _started_before(self, tx: Tx, actor: Actor, command: model.StartCall, known: str) -> model.CallStarted:
        call = self._book.get(known) or store.call(tx.connection, known)
        assert call is not None
        if call.chat != command.chat:
            raise refusals.InAnotherChat()
        mine = call.of(actor.person)
        return model.CallStarted(call=call.shown(), leg=mine.leg if mine and mine.device == actor.device else "")

    def _reachable(self, tx: Tx, chat: ChatState, person: str, others: Sequence[str]) -> list[str]:
        """Return those of them whose devices may ring: nobody who blocked the caller, and no program."""
        if chat.kind == "direct":
            faces = self._people.people_by_id(tx.connection, others)
            if any(face.service for face in faces.values()):
                raise refusals.NoCallsHere()
            return list(others)  # who blocked the other was refused as they may not write
        apart = self._people.blocked_among(tx.connection, person, others)
        return [each for each in others if each not in apart]

    def _may_begin(self, tx: Tx, person: str) -> None:
        """Raises `Unavailable`, `TooManyCalls`, `RateLimited`."""
        if len(self._book) >= rules.OPEN_MAX:
            raise Unavailable("As many calls as this house carries go on now.", retry_after_ms=rules.RING_MS)
        self._has_a_hand_free(person)
        begun = store.starts_since(tx.connection, person, tx.now - rules.STARTS_MS)
        if len(begun) >= rules.STARTS_MAX:
            raise RateLimited(
                "Wait a little before you call again.", retry_after_ms=begun[0] + rules.STARTS_MS - tx.now
            )

    def _has_a_hand_free(self, person: str) -> None:
        mine = (call.of(person) for call in self._book.of(person))
        if sum(leg is not None and leg.is_joined for leg in mine) >= rules.OF_PERSON_MAX:
            raise refusals.TooManyCalls(limit=rules.OF_PERSON_MAX)

    # --- to come and go ---

    def join(self, tx: Tx, actor: Actor, command: model.JoinCall) -> model.CallStarted:
        call = self._going_on(tx, actor.person, command.call)
        self._must_be_in_chat(tx, call, actor.person)
        return self._join(tx, actor, call, take_over=command.take_over)

    def _join(
        self, tx: Tx, actor: Actor, call: CallState, *, take_over: bool = False, nonce: str = ""
    ) -> model.CallStarted:
        rules.may_join(call, actor.person, actor.device, take_over=take_over)
        mine = call.of(actor.person)
        if mine is None or not mine.is_joined:
            self._has_a_hand_free(actor.person)
        new = replace(rules.joining(actor.person, actor.device, ids.new_id(), tx.now), nonce=nonce)
        return model.CallStarted(call=self._put(tx, call, rules.join(call, new, tx.now)).shown(), leg=new.leg)

    def ringing(self, tx: Tx, actor: Actor, command: model.RingCall) -> Done:
        call = self._of(tx, actor.person, command.call)
        self._put(tx, call, rules.rings(call, actor.person))
        return _DONE

    def decline(self, tx: Tx, actor: Actor, command: model.DeclineCall) -> Done:
        call = self._of(tx, actor.person, command.call)
        self._put(tx, call, rules.decline(call, actor.person, tx.now, busy=command.busy))
        return _DONE

    def leave(self, tx: Tx, actor: Actor, command: model.LeaveCall) -> Done:
        call = self._of(tx, actor.person, command.call)
        mine = call.of(actor.person)
        if mine is not None and mine.is_joined:
            if mine.device != actor.device:
                raise refusals.NotInCall()
            self._put(tx, call, rules.leave(call, actor.person, tx.now))
        return _DONE

    def invite(self, tx: Tx, actor: Actor, command: model.InviteToCall) -> Done:
        call = self._going_on(tx, actor.person, command.call)
        self._here(call, actor)
        chat = self._cards.may_send(tx, actor.person, call.chat)
        rules.must_be_members(chat.members, command.people)
        reachable = self._reachable(tx, chat, actor.person, list(dict.fromkeys(command.people)))
        free = rules.may_ring(call, reachable)
        busy = [each for each in free if len(self._book.of(each)) >= rules.OF_PERSON_MAX]
        called = rules.ring(call, free, tx.now)
        for person in busy:
            called = rules.decline(called, person, tx.now, busy=True)
        self._put(tx, call, called)
        return _DONE

    # --- within a call ---

    def set_leg(self, tx: Tx, actor: Actor, command: model.SetLeg) -> Done:
        call = self._going_on(tx, actor.person, command.call)
        self._here(call, actor)
        shown = rules.show(
            call,
            actor.person,
            muted=command.muted,
            camera=command.camera,
            screen=command.screen,
            held=command.held,
        )
        self._put(tx, call, shown)
        return _DONE

    def signal(self, tx: Tx, actor: Actor, command: model.SignalCall) -> Done:
        """Hot: it is passed on and forgotten."""
        call = self._read(tx).get(command.call)
        mine = self._here(call, actor)
        assert call is not None
        self._must_be_member(tx, call, actor.person)
        to = next((leg for leg in call.joined if leg.leg == command.to and leg is not mine), None)
        if to is None:
            raise refusals.NoSuchLeg()
        told = model.CallSignal(
            call=call.id,
            sender=mine.leg,
            to=to.leg,
            description=command.description,
            candidates=command.candidates,
        )
        tx.tell(told, (to.person,))
        return _DONE

    def keep(self, tx: Tx, actor: Actor, command: model.KeepCall) -> Done:
        """Hot: every leg says so every ten seconds."""
        call = self._read(tx).get(command.call)
        self._here(call, actor)
        assert call is not None
        self._must_be_member(tx, call, actor.person)
        self._book.put(tx, rules.seen(call, actor.person, tx.now))
        kept: store.Seen = tx.gathered(store.Seen)
        kept.at[call.id, actor.person] = tx.now
        return _DONE

    # --- the history ---

    def records(
        self, connection: sa.Connection, person: str, before: tuple[int, str], limit: int, *, missed: bool
    ) -> Sequence[CallRecord]:
        return records.records(connection, person, before, limit, missed=missed)

    def record(self, connection: sa.Connection, person: str, call: str) -> CallRecord | None:
        return records.record(connection, person, call)

    def rate(self, tx: Tx, person: str, call: str, stars: int, troubles: Sequence[str]) -> bool:
        return records.rate(tx, person, call, stars, troubles)

    def forget(self, tx: Tx, person: str, calls: Sequence[str]) -> None:
        records.forget(tx, person, calls)

    # --- what nobody asked for ---

    def _expire(self, tx: Tx, limit: int) -> tuple[int, int, int]:
        book = self._read(tx)
        due = book.due(tx, limit)
        for call in due:
            self._put(tx, call, rules.expire(call, tx.now))
        return len(due), book.next_due(), tx.now

    def _part(self, tx: Tx, call: CallState, person: str) -> None:
        """Take a person out of a call: their device was signed out, or they may not be in that chat any more."""
        self._put(tx, call, rules.withdraw(call, person, tx.now), also=person)

    # --- within ---

    def _read(self, tx: Tx) -> Book:
        self._book.read(tx)
        return self._book

    def _of(self, tx: Tx, person: str, identifier: str) -> CallState:
        """Return a call that rang the person or had them in, whether it goes on or not. Raises `NoSuchCall`."""
        call = self._read(tx).get(identifier) or store.call(tx.connection, identifier)
        if call is None or call.of(person) is None:
            raise NoSuchCall()
        return call

    def _going_on(self, tx: Tx, person: str, identifier: str) -> CallState:
        """Raises `CallOver`, `NoSuchCall` (for who is neither in it nor in its chat, too)."""
        call = self._read(tx).get(identifier)
        if call is None:
            self._of(tx, person, identifier)
            raise refusals.CallOver()
        if call.of(person) is None and not self._is_member(tx, call, person):
            raise NoSuchCall()
        return call

    @staticmethod
    def _here(call: CallState | None, actor: Actor) -> Leg:
        """Return the leg on this device. Raises `NotInCall`."""
        mine = call.joined_on(actor.person, actor.device) if call is not None else None
        if mine is None:
            raise refusals.NotInCall()
        return mine

    def _must_be_in_chat(self, tx: Tx, call: CallState, person: str) -> None:
        """Raises as `Cards.may_send` where one blocked the other, `NotFound` for who left the chat. Whoever lost their
        voice in a group may still listen to it."""
        if call.direct:
            self._cards.may_send(tx, person, call.chat)
        else:
            self._must_be_member(tx, call, person)

    def _must_be_member(self, tx: Tx, call: CallState, person: str) -> None:
        self._cards.may_open(tx, person, call.chat, LAST_SEQ)

    def _is_member(self, tx: Tx, call: CallState, person: str) -> bool:
        try:
            self._must_be_member(tx, call, person)
        except Refusal:
            return False
        return True

    def _put(self, tx: Tx, before: CallState | None, after: CallState, also: str = "") -> CallState:
        """Keep a call as it is now, with its card, and tell who is or was rung by it and is in its chat still. What is
        as it was is not told again."""
        if after == before:
            return after
        after = self._with_card(tx, before, after)
        store.save(tx.connection, before, after)
        self._book.put(tx, after)
        told = [leg.person for leg in after.legs if leg.person == also or self._is_member(tx, after, leg.person)]
        tx.tell(model.CallChanged(call=after.shown()), told)
        return after

    def _with_card(self, tx: Tx, before: CallState | None, after: CallState) -> CallState:
        """A direct chat shows a call once it ended, a group from its beginning."""
        card = rules.card_of(after)
        if after.seq:
            if before is None or rules.card_of(before) != card:
                self._cards.revise(tx, after.chat, after.seq, card)
            return after
        if after.ended_at or (before is None and not after.direct):
            try:
                others = [person for person in card.people if person != after.started_by] if after.ended_at else []
                seq = self._cards.post(tx, after.started_by, after.chat, card, seen_by=others)
                return replace(after, seq=seq)
            except Refusal:
                pass  # the caller may not write there any more
        return after
