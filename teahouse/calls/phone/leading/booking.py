"""What becomes of a phone call, written down and told: in the writer's thread, each step with its money."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from teahouse import ids
from teahouse.calls.phone.leading import rules, store
from teahouse.calls.phone.meter.meter import Meter, Running
from teahouse.calls.phone.model import PhoneCall, PhoneChanged, PhoneMedia, PhoneReason, PhoneState, Price
from teahouse.calls.phone.numbers import Number
from teahouse.calls.phone.policy.policy import Policy
from teahouse.calls.phone.rates.model import Rate
from teahouse.storage.transaction import Tx

UNKNOWN = Number(e164="", country="", kind="unknown", formatted="")


class Lost(NamedTuple):
    """A call that was open when the house died."""

    trunk: str
    trace: bytes
    """Of SIP's; empty: it was not answered."""


class Booking:
    def __init__(self, meter: Meter, policy: Policy) -> None:
        self._meter = meter
        self._policy = policy

    def place(
        self, tx: Tx, person: str, device: str, number: Number, rate: Rate, caller: str, hidden: bool
    ) -> PhoneCall:
        """A call goes out: its first interval is held. Raises `InsufficientFunds`."""
        call = ids.new_id()
        price = msgspec.json.encode(rules.price_of(rate))
        self._add(tx, call, person, "out", number, caller, state="placing", device=device, hidden=hidden, price=price)
        room = self._policy.room(tx, person, rate.currency)
        self._meter.begin(tx, call, person, number.e164, rate, room=room)
        return self._tell(tx, call)

    def receive(self, tx: Tx, person: str, number: Number, own: str, trunk: str) -> str | None:
        """A call came in for a person: it rings on all their devices. While they are in another it is just kept as
        missed, and nothing is returned."""
        call = ids.new_id()
        is_busy = bool(store.open_of(tx.connection, person))
        self._add(tx, call, person, "in", number, own, state="ringing", trunk=trunk)
        if is_busy:
            store.change(tx.connection, call, state="ended", ended_at=tx.now, reason="busy")
        self._tell(tx, call)
        return None if is_busy else call

    def becomes(self, tx: Tx, call: str, state: PhoneState, trunk: str = "") -> None:
        """It went further: never back."""
        row = self._row(tx, call)
        if row.ended_at:
            return
        values: dict[str, Any] = {}
        if rules.PROGRESS.index(state) > rules.PROGRESS.index(row.state):
            values["state"] = state
        if trunk != row.trunk:
            values["trunk"] = trunk
        if values:
            store.change(tx.connection, call, **values)
            self._tell(tx, call)

    def answered(self, tx: Tx, call: str, cost: Rate | None, *, dtmf: bool, trace: bytes = b"") -> Running | None:
        """The talk begins now; `cost` is what its carrier asks, `trace` how to end it after a crash. Nothing is
        returned for a call that costs its person nothing."""
        row = self._row(tx, call)
        store.change(tx.connection, call, state="answered", answered_at=tx.now, dtmf=dtmf, trace=trace)
        running = None
        if row.price:
            running = self._meter.answered(tx, call, cost=cost, trunk=row.trunk, room=self._room(tx, row))
        self._tell(tx, call, running)
        return running

    def metered(self, tx: Tx, call: str, seconds: int, before: Running) -> Running:
        """So much was used; tell when the money grew short, or lasts longer than was told."""
        running = self._meter.advance(tx, call, seconds, room=self._room(tx, self._row(tx, call)))
        if running.left_s != before.left_s or rules.is_low(running, seconds):
            self._tell(tx, call, running, seconds)
        return running

    def ended(self, tx: Tx, call: str, reason: PhoneReason, seconds: int, cost: Rate | None) -> None:
        """It is over: what was used is paid, the rest is free. Once; again changes nothing."""
        row = self._row(tx, call)
        if row.ended_at:
            return
        paid = self._meter.settle(tx, call, seconds, cost, row.trunk) if row.price else 0
        store.change(
            tx.connection,
            call,
            state="ended",
            ended_at=max(tx.now, row.at),
            reason=reason,
            seconds=seconds,
            cost=paid,
            trace=b"",
        )
        self._tell(tx, call)

    def restarted(self, tx: Tx, limit: int) -> Sequence[Lost]:
        """End what was open when the house went down, with the money as it was last known. Returns them: the carrier
        may still hold them open."""
        rows = store.all_open(tx.connection, limit)
        for row in rows:
            # One that came in has no meter: nobody pays for it, and how long it was is not known.
            seconds, cost = self._meter.settle_known(tx, row.id)
            store.change(
                tx.connection,
                row.id,
                state="ended",
                ended_at=max(tx.now, row.at),
                reason="restarted",
                seconds=seconds,
                cost=cost,
                trace=b"",
            )
            self._tell(tx, row.id)
        return [Lost(row.trunk, row.trace) for row in rows]

    def media(self, tx: Tx, person: str, call: str, device: str, attempt: int, answer: str) -> None:
        tx.tell(PhoneMedia(call=call, device=device, attempt=attempt, answer=answer), (person,))

    def taken(self, tx: Tx, call: str, device: str) -> PhoneCall:
        """A device took a call that came in: the others ring no more."""
        store.change(tx.connection, call, device=device)
        return self._tell(tx, call)

    def _room(self, tx: Tx, row: sa.Row[Any]) -> int | None:
        price = msgspec.json.decode(row.price, type=Price)
        return self._policy.room(tx, row.person, price.currency)

    def _row(self, tx: Tx, call: str) -> sa.Row[Any]:
        row = store.call(tx.connection, call)
        if row is None:
            raise rules.NoSuchPhoneCall()
        return row

    def _tell(self, tx: Tx, call: str, running: Running | None = None, used: int = 0) -> PhoneCall:
        row = self._row(tx, call)
        told = rules.told(row, running, used)
        tx.tell(PhoneChanged(call=told), (row.person,))
        return told

    def _add(self, tx: Tx, call: str, person: str, direction: str, number: Number, own: str, **values: Any) -> None:
        row: dict[str, Any] = {
            "id": call,
            "person": person,
            "device": "",
            "direction": direction,
            "number": number.e164,
            "formatted": number.formatted,
            "country": number.country,
            "own": own,
            "hidden": False,
            "price": b"",
            "at": tx.now,
            "state": "placing",
            "answered_at": 0,
            "ended_at": 0,
            "reason": "",
            "trunk": "",
            "dtmf": False,
            "seconds": 0,
            "cost": 0,
            "stars": 0,
            "troubles": "",
            "forgotten": False,
            "trace": b"",
        }
        store.add(tx.connection, {**row, **values})
