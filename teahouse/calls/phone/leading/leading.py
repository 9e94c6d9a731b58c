"""Phone calls as they go on. The one door of this room: its commands, its leaders, its part of the history."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa
import structlog

from teahouse.calls.model import CallRecord
from teahouse.calls.phone import numbers
from teahouse.calls.phone.leading import hearing as h
from teahouse.calls.phone.leading import rules, store
from teahouse.calls.phone.leading.asking import Asking
from teahouse.calls.phone.leading.booking import Booking
from teahouse.calls.phone.leading.carrying import Carrying
from teahouse.calls.phone.leading.leaders import IncomingLeader, Leader, OutgoingLeader, Tools, Way
from teahouse.calls.phone.leading.talk import Party
from teahouse.calls.phone.meter.meter import Meter
from teahouse.calls.phone.model import (
    AnswerPhone,
    Dial,
    HangUp,
    KeepPhone,
    PhoneAbout,
    PhonePlaced,
    PhoneQuote,
    RejoinPhone,
)
from teahouse.calls.phone.policy.policy import Policy
from teahouse.calls.phone.rates.rates import Rates
from teahouse.calls.phone.trunks.trunks import Trunks
from teahouse.calls.sip.model import Caller, IncomingLeg
from teahouse.commands import Actor, Done, Signed
from teahouse.storage.transaction import Tx
from teahouse.wallet.once import once
from teahouse.wallet.purse import Purse

logger = structlog.get_logger()

CLOSE_S_MAX = 5.0
"""So long the house waits at its end for calls to be hung up."""
RESTARTED_AT_ONCE = 500


class Leading:
    def __init__(
        self,
        purse: Purse,
        rates: Rates,
        meter: Meter,
        policy: Policy,
        trunks: Trunks,
    ) -> None:
        self._purse = purse
        self._store = purse.house.store
        self._trunks = trunks
        self.asking = Asking(purse, rates, policy, trunks)
        self.booking = Booking(meter, policy)
        self.carrying = Carrying(purse.house, trunks, self._incoming, self._media_lost)
        self._policy = policy
        self._leaders: dict[str, Leader] = {}
        """By call; the loop's."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def register(self) -> None:
        """Hang the commands into the house."""
        handle = self._purse.house.handle
        handle(Dial, self._dial)
        handle(AnswerPhone, self._answer)
        handle(RejoinPhone, self._rejoin)
        handle(KeepPhone, self._keep)
        handle(HangUp, self._hang_up)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Settle what a restart cut off; open SIP once there is a trunk, and tell carriers what is over."""
        self._loop = asyncio.get_running_loop()
        while found := await self._store.write(self.booking.restarted, RESTARTED_AT_ONCE):
            self.carrying.lost += [lost for lost in found if lost.trace]
        self._trunks.calls = self._calls_of
        self._purse.house.phone_calls = lambda: len(self._leaders)
        async with self.carrying.running():
            try:
                yield
            finally:
                await self._close()

    async def _close(self) -> None:
        # What is dialled from now on does not begin, and is settled by the next start; who calls in is sent away.
        self._loop = None
        for leader in self._leaders.values():
            leader.hearing.say(h.HouseCloses())
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSE_S_MAX)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=CLOSE_S_MAX)

    # --- commands: in the writer's thread ---

    def _dial(self, tx: Tx, actor: Actor, command: Dial) -> PhonePlaced:
        return once(tx, actor, command, PhonePlaced, lambda: self._place(tx, actor, command))

    def _place(self, tx: Tx, actor: Actor, command: Dial) -> PhonePlaced:
        number = self.asking.read(command.number, command.region)
        rules.check_offer(command.offer)
        open_calls = store.open_of(tx.connection, actor.person)
        if any(row.device == actor.device for row in open_calls):
            raise rules.AlreadyCalling()
        rate = self.asking.rate_of(tx.connection, number, tx.now)
        self._policy.may_call(tx, actor.person, number, rules.price_of(rate))
        ways = self.asking.ways(tx.connection, number, tx.now)
        caller = self.asking.caller(tx.connection, actor.person, hidden=command.anonymous)
        call = self.booking.place(tx, actor.person, actor.device, number, rate, caller.number, hidden=command.anonymous)
        person, device = actor.person, actor.device
        tx.after(lambda: self._soon(self._begin_out, call.id, person, device, command, ways, caller))
        return PhonePlaced(call=call)

    def _answer(self, tx: Tx, actor: Actor, command: AnswerPhone) -> PhonePlaced:
        row = self._own(tx.connection, actor.person, command.call)
        if row.ended_at or row.direction != "in":
            raise rules.PhoneCallOver()
        if row.device and row.device != actor.device:
            raise rules.CallElsewhere()
        rules.check_offer(command.offer)
        told = self.booking.taken(tx, row.id, actor.device)
        taken = h.Taken(actor.device, command.offer, command.attempt)
        tx.after(lambda: self._soon(self._say, row.id, taken))
        return PhonePlaced(call=told)

    def _rejoin(self, tx: Tx, actor: Actor, command: RejoinPhone) -> Done:
        row = self._on_device(tx.connection, actor, command.call)
        rules.check_offer(command.offer)
        tx.after(lambda: self._soon(self._say, row.id, h.Rejoined(command.offer, command.attempt)))
        return Done()

    def _keep(self, tx: Tx, actor: Actor, command: KeepPhone) -> Done:
        row = self._on_device(tx.connection, actor, command.call)
        tx.after(lambda: self._soon(self._kept, row.id))
        return Done()

    def _hang_up(self, tx: Tx, actor: Actor, command: HangUp) -> Done:
        row = self._own(tx.connection, actor.person, command.call)
        if not row.ended_at:
            tx.after(lambda: self._soon(self._say, row.id, h.HungUp()))
        return Done()

    @staticmethod
    def _own(connection: sa.Connection, person: str, call: str) -> "sa.Row[tuple[object, ...]]":
        row = store.call(connection, call)
        if row is None or row.person != person:
            raise rules.NoSuchPhoneCall()
        return row

    def _on_device(self, connection: sa.Connection, actor: Actor, call: str) -> "sa.Row[tuple[object, ...]]":
        row = self._own(connection, actor.person, call)
        if row.ended_at:
            raise rules.PhoneCallOver()
        if row.device != actor.device:
            raise rules.CallElsewhere()
        return row

    # --- leaders: in the loop ---

    def _soon(self, function: Callable[..., None], *arguments: object) -> None:
        """Call it in the loop, from the writer's thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(function, *arguments)

    def _begin_out(
        self, call: str, person: str, device: str, command: Dial, ways: Sequence[Way], caller: Caller
    ) -> None:
        party = Party(person, device, command.attempt)
        self._lead(OutgoingLeader(self._tools(), call, party, command.offer, ways, caller))

    def _tools(self) -> Tools:
        return self.carrying.tools(self.booking, self._has_room, self._policy.now.talk_minutes_max)

    def _lead(self, leader: Leader) -> None:
        self._leaders[leader.call] = leader
        if self._loop is None:
            leader.hearing.say(h.HouseCloses())
        task = asyncio.get_running_loop().create_task(leader.run(), name=f"phone-{leader.call}")
        self._tasks.add(task)

        def done(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            self._leaders.pop(leader.call, None)

        task.add_done_callback(done)

    def _say(self, call: str, heard: h.Heard) -> None:
        if leader := self._leaders.get(call):
            leader.hearing.say(heard)

    def _kept(self, call: str) -> None:
        if leader := self._leaders.get(call):
            leader.party.lives()

    def _media_lost(self, call: str) -> None:
        self._say(call, h.MediaLost())

    def _calls_of(self, trunk: str) -> int:
        return Counter(leader.trunk for leader in self._leaders.values())[trunk]

    def _has_room(self, trunk: str) -> bool:
        return self.carrying.has_room(trunk, self._calls_of(trunk))

    # --- a call that comes in ---

    def _incoming(self, leg: IncomingLeg) -> None:
        task = asyncio.get_running_loop().create_task(self._receive(leg), name=f"phone-in-{leg.call_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _receive(self, leg: IncomingLeg) -> None:
        try:
            person, number, own = await self._store.read(self.asking.whose, leg.dialled, leg.caller)
            if not person:
                leg.refuse(404)
                return
            if self._loop is None or not self._policy.now.on or not self._has_room(leg.trunk):
                leg.refuse(480)
                return
            call = await self._store.write(self.booking.receive, person, number, own, leg.trunk)
            if call is None:
                leg.refuse(486)
                return
        except Exception:
            logger.exception("phone_call_in_failed")
            leg.refuse(500)
            return
        self._lead(IncomingLeader(self._tools(), call, Party(person, "", 0), leg))

    # --- reads ---

    async def about(self, signed: Signed) -> PhoneAbout:
        def read(connection: sa.Connection) -> PhoneAbout:
            now = store.open_of(connection, signed.person)
            return self.asking.about(connection, signed.person, rules.told(now[0]) if now else None)

        return await self._store.read(read)

    async def quote(self, signed: Signed, number: str, region: str, language: str) -> PhoneQuote:
        """Raises `NotANumber`, `EmergencyNumber`."""
        found = self.asking.read(number, region)
        quote = await self._store.write(self.asking.quote, signed.person, found)
        place = await self._store.read(lambda _connection: numbers.place_of(found.e164, language))
        return self.asking.placed(quote, place)

    # --- the history ---

    def records(
        self, connection: sa.Connection, person: str, before: tuple[int, str], limit: int, *, missed: bool
    ) -> Sequence[CallRecord]:
        return [rules.record_of(row) for row in store.ended(connection, person, before, limit, missed=missed)]

    def record(self, connection: sa.Connection, person: str, call: str) -> CallRecord | None:
        row = store.call(connection, call)
        return rules.record_of(row) if row is not None and row.person == person else None

    def rate(self, tx: Tx, person: str, call: str, stars: int, troubles: Sequence[str]) -> bool:
        return store.rate(tx.connection, person, call, stars, " ".join(troubles))

    def forget(self, tx: Tx, person: str, calls: Sequence[str]) -> None:
        store.forget(tx.connection, person, calls)
