"""The meter: no call leaves without a hold, none costs more than was used. The one door of this room.

`begin`, `answered`, `advance` and `settle` are called in the writer's thread, in the transactions of the room that
leads the call. A call has one hold at a time: more is held by letting go of it and holding the larger sum in the same
transaction. Every step of the ledger has a key of the call's own, so that none happens twice.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.calls.phone.meter import store
from teahouse.calls.phone.meter.rules import TALK_S_MAX, cost_of, seconds_for
from teahouse.calls.phone.rates.model import Rate
from teahouse.errors import Conflict
from teahouse.money import AMOUNT_MAX
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.books import AccountState
from teahouse.wallet.ledger.model import Kind, New, Purpose, Transfer
from teahouse.wallet.ledger.rules import InsufficientFunds
from teahouse.wallet.purse import Described, Purse

HOLD_S: Final = 60
"""Seconds of talk that are held before a call leaves, where the balance allows; and by which more is held."""
EXTEND_BEFORE_S: Final = 60
"""More is held when what is held lasts for less than this."""
KNOWN_EVERY_S: Final = 10
"""How often what was used is written down while a call goes on. After a crash it is charged by the last seconds known,
which were used: never more than that and the interval begun."""
HOLD_LASTS_MS: Final = 26 * 3_600_000
"""Longer than any call: who still holds then has died and not come back."""


class NotMetered(Conflict):
    """It was never begun, or is settled."""

    code = "not_metered"
    title = "This call is over"


class Running(msgspec.Struct, frozen=True):
    """How a call stands with its money."""

    cost: int
    """Minor units for what was used so far."""
    covered_s: int
    """Seconds of talk that the money held pays for."""
    left_s: int
    """Seconds of talk in all, from its beginning, that the money held and the balance would pay for."""
    next_s: int
    """When (second of talk) `advance` must be called again at the latest; 0: it is not answered yet."""


class Meter:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang in what is swept and described."""
        self._purse.describe[Purpose.CALL] = describe
        self._purse.ledger.on_expired[Purpose.CALL] = self._expired

    def begin(self, tx: Tx, call: str, person: str, number: str, rate: Rate, *, room: int | None = None) -> Running:
        """Hold the price of the first interval (at least `HOLD_S` of talk where the balance allows) before the INVITE
        leaves. `room`: minor units that the operator's ceilings leave (`Policy.room`); None: there are none. Raises
        `InsufficientFunds`."""
        found = store.meter(tx.connection, call)
        if found is not None:
            return self._running(tx, found, room)
        account = self._purse.account(tx, person, rate.currency)
        available = account.credits - account.debits - account.held_out
        seconds = seconds_for(rate, _within(available, room))
        if not seconds:
            raise InsufficientFunds(available=available)
        values = {
            "call": call,
            "person": person,
            "number": number,
            "currency": rate.currency,
            "rate": msgspec.json.encode(rate).decode(),
            "steps": 0,
            "hold": 0,
            "held": 0,
            "expires_at": 0,
            "began_at": tx.now,
            "answered_at": 0,
            "known_s": 0,
            "settled_at": 0,
            "cost": 0,
            "trunk": "",
            "carrier_rate": "",
            "carrier_cost": 0,
        }
        store.add(tx.connection, values)
        self._hold(tx, _row(tx, call), cost_of(rate, min(seconds, max(rate.first_s, HOLD_S))))
        return self._running(tx, _row(tx, call), room)

    def answered(
        self, tx: Tx, call: str, *, cost: Rate | None = None, trunk: str = "", room: int | None = None
    ) -> Running:
        """The talk begins at `tx.now`, and with it its first second, which is paid. `cost` and `trunk`, where they are
        known: what the carrier asks, should a restart have to settle this. Raises `NotMetered`."""
        row = _going(tx, call)
        if not row.answered_at:
            carrier = msgspec.json.encode(cost).decode() if cost is not None else ""
            store.change(tx.connection, call, answered_at=max(1, tx.now), known_s=1, trunk=trunk, carrier_rate=carrier)
        return self._running(tx, _row(tx, call), room)

    def advance(self, tx: Tx, call: str, seconds: int, *, room: int | None = None) -> Running:
        """It goes on: `seconds` of talk are known to have been used. Holds more where what is held runs out within a
        minute. When `covered_s` is reached and no more could be held, the caller of this must end the call. Before it
        was answered nothing is used, and nothing changes. Raises `NotMetered`."""
        row = _going(tx, call)
        if not row.answered_at:
            return self._running(tx, row, room)
        seconds = max(row.known_s, seconds)
        if seconds > row.known_s:
            store.change(tx.connection, call, known_s=seconds)
        rate = _rate(row.rate)
        covered = seconds_for(rate, row.held)
        if covered < TALK_S_MAX and covered - seconds < EXTEND_BEFORE_S:
            wanted = max(covered, seconds) + max(HOLD_S, rate.next_s)
            lasts = seconds_for(rate, self._funds(tx, row, room))
            amount = cost_of(rate, min(wanted, lasts, TALK_S_MAX))
            if amount > row.held:
                self._hold(tx, row, amount)
        return self._running(tx, _row(tx, call), room)

    def settle(self, tx: Tx, call: str, seconds: int, cost: Rate | None, trunk: str) -> int:
        """Post the exact cost of these seconds (0: it was never answered) and free the rest; book what the carrier
        asks. Returns minor units. Again: the same. It never posts more than is held, and nothing for a call that
        `answered` was not said of; a call that was never begun costs nothing."""
        row = store.meter(tx.connection, call)
        if row is None:
            return 0
        if row.settled_at:
            return int(row.cost)
        return self._settle(tx, row, seconds if row.answered_at else 0, cost, trunk)

    def settle_known(self, tx: Tx, call: str) -> tuple[int, int]:
        """After a restart: settle a call that was cut off, by the last seconds known. Returns them and what they cost:
        again, or where the hold had run out before, the same; (0, 0) for a call that was never begun."""
        row = store.meter(tx.connection, call)
        if row is None:
            return 0, 0
        return int(row.known_s), int(row.cost) if row.settled_at else self._settle_known(tx, row)

    # --- within ---

    def _hold(self, tx: Tx, row: sa.Row[Any], amount: int) -> None:
        """Hold this much instead of what is held. It must be there."""
        if not amount:
            return
        ledger, call, step = self._purse.ledger, row.call, row.steps + 1
        account = self._account(tx, row)
        if row.hold:
            ledger.post(tx, _new(row, f"void/{step}", kind=Kind.VOID, refers=row.hold))
        income = self._purse.house_account(tx, "phone_income", row.currency)
        expires_at = tx.now + HOLD_LASTS_MS
        hold = ledger.post(
            tx,
            _new(
                row,
                f"hold/{step}",
                debit=account.number,
                credit=income.number,
                amount=amount,
                kind=Kind.HOLD,
                expires_at=expires_at,
            ),
        )
        store.change(tx.connection, call, steps=step, hold=hold, held=amount, expires_at=expires_at)
        self._purse.tell(tx, account)

    def _settle_known(self, tx: Tx, row: sa.Row[Any], *, is_free: bool = False) -> int:
        carrier = _rate(row.carrier_rate) if row.carrier_rate else None
        return self._settle(tx, row, row.known_s, carrier, row.trunk, is_free=is_free)

    def _settle(
        self, tx: Tx, row: sa.Row[Any], seconds: int, carrier: Rate | None, trunk: str, *, is_free: bool = False
    ) -> int:
        """End the hold, which `is_free` when it expired before."""
        cost = min(cost_of(_rate(row.rate), seconds), int(row.held))
        if row.hold:
            self._pay(tx, row, cost, is_free)
        asked = self._book_carrier(tx, row, seconds, carrier, trunk)
        store.change(
            tx.connection,
            row.call,
            known_s=max(0, seconds),
            settled_at=tx.now,
            cost=cost,
            trunk=trunk,
            carrier_rate=msgspec.json.encode(carrier).decode() if carrier is not None else "",
            carrier_cost=asked,
        )
        return cost

    def _pay(self, tx: Tx, row: sa.Row[Any], cost: int, is_free: bool) -> None:
        ledger, account = self._purse.ledger, self._account(tx, row)
        is_due = tx.now >= row.expires_at
        if cost and not is_free and not is_due:
            ledger.post(tx, _new(row, "post", kind=Kind.POST, refers=row.hold, amount=cost))
        else:
            if not is_free:
                ledger.post(tx, _new(row, "void", kind=Kind.VOID, refers=row.hold))
            if cost:
                # The house was away for longer than the hold lasts. What it held is free in this very transaction, so
                # it is there.
                income = self._purse.house_account(tx, "phone_income", row.currency)
                ledger.post(tx, _new(row, "late", debit=account.number, credit=income.number, amount=cost))
        self._purse.tell(tx, account)

    def _book_carrier(self, tx: Tx, row: sa.Row[Any], seconds: int, carrier: Rate | None, trunk: str) -> int:
        amount = min(cost_of(carrier, seconds), AMOUNT_MAX) if carrier is not None else 0
        if carrier is not None and amount:
            debit = self._purse.house_account(tx, "phone_cost", carrier.currency)
            credit = self._purse.house_account(tx, "carrier", carrier.currency, trunk)
            self._purse.ledger.post(tx, _new(row, "cost", debit=debit.number, credit=credit.number, amount=amount))
        return amount

    def _expired(self, tx: Tx, hold: Transfer) -> None:
        """The ledger let go of a hold that nobody ended: what is known to have been used is paid all the same."""
        row = store.meter(tx.connection, hold.subject)
        if row is not None and not row.settled_at and row.hold == hold.number:
            self._settle_known(tx, row, is_free=True)

    def _running(self, tx: Tx, row: sa.Row[Any], room: int | None) -> Running:
        rate, seconds = _rate(row.rate), row.known_s
        covered = seconds_for(rate, row.held)
        return Running(
            cost=min(cost_of(rate, seconds), int(row.held)),
            covered_s=covered,
            left_s=max(covered, seconds_for(rate, self._funds(tx, row, room))),
            next_s=min(covered, (seconds // KNOWN_EVERY_S + 1) * KNOWN_EVERY_S) if row.answered_at else 0,
        )

    def _funds(self, tx: Tx, row: sa.Row[Any], room: int | None) -> int:
        """What a call could have held in all."""
        account = self._account(tx, row)
        return int(row.held) + _within(account.credits - account.debits - account.held_out, room)

    def _account(self, tx: Tx, row: sa.Row[Any]) -> AccountState:
        """Whose currency the house may have given up since, or whose owner is no member any more."""
        return self._purse.ledger.open(tx, row.person, "member", row.currency)


def describe(connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
    """What a history says of one's calls: the number."""
    rows = store.meters_among(connection, person, subjects)
    return {row.call: Described(note=_formatted(row.number)) for row in rows}


def _formatted(e164: str) -> str:
    import phonenumbers  # noqa: PLC0415 - it reads its metadata

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _within(available: int, room: int | None) -> int:
    return max(0, min(available, AMOUNT_MAX if room is None else room, AMOUNT_MAX))


def _new(row: sa.Row[Any], step: str, **fields: Any) -> New:
    return New(f"{row.call}/{step}", purpose=Purpose.CALL, subject=row.call, **fields)


def _rate(text: str) -> Rate:
    return msgspec.json.decode(text, type=Rate)


def _row(tx: Tx, call: str) -> sa.Row[Any]:
    row = store.meter(tx.connection, call)
    assert row is not None
    return row


def _going(tx: Tx, call: str) -> sa.Row[Any]:
    row = store.meter(tx.connection, call)
    if row is None or row.settled_at:
        raise NotMetered()
    return row
