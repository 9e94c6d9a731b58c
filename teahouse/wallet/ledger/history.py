"""Walking an account's history: a chain of numbers through the ledger, so it costs what is read of it and no more.

Each record names the transfer before it of both its accounts. The store follows that chain itself, many steps to a
statement, each by the primary key: no index over accounts, no scan, and one answer for all steps. (Step by step from
here, each would wait for the interpreter's lock or for the network.) Marks, one in 64 entries, lead into a long chain.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from teahouse.wallet.ledger import record, store
from teahouse.wallet.ledger.model import Account, Transfer

STEPS_MAX: Final = 20_000
"""Of one walk; a longer one goes on where it stopped."""
STEPS_FIRST: Final = 64
STEPS_AT_ONCE: Final = 1024
"""Of one statement."""
BYTES_OF_NUMBER: Final = 7
"""Of eight: 2**56 transfers are enough, and SQLite's shifts stay positive."""
_DEBIT, _DEBIT_BEFORE, _CREDIT_BEFORE = 16, 56, 64
"""Where these are in a record (`record.FORMAT`)."""

_m = store.marks.c


class Place(NamedTuple):
    """A place in an account's history: after so many of its entries, the newest of which has this number."""

    entries: int
    number: int


START: Final = Place(0, 0)


def end_of(account: Account) -> Place:
    return Place(account.entries, account.last)


def walk(
    connection: sa.Connection, account: int, number: int, steps_max: int = STEPS_MAX
) -> Iterator[tuple[Transfer, ...]]:
    """Yield an account's transfers, the newest first, from this number on (0: none), some at a time."""
    size = STEPS_FIRST
    while number and steps_max > 0:
        found = steps(connection, account, number, min(size, steps_max))
        if not found:
            return
        yield found
        steps_max -= len(found)
        number = before(found[-1], account)
        size = min(size * 2, STEPS_AT_ONCE)


def steps(connection: sa.Connection, account: int, number: int, count: int) -> tuple[Transfer, ...]:
    """Return at most so many transfers of an account, from this number back. The number is one of the account's."""
    values = (account.to_bytes(8, "little"), number, count)
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    try:
        if connection.dialect.name == "sqlite":
            cursor.execute(_SQLITE, values)
            packed = bytes.fromhex(cursor.fetchone()[0] or "")
        else:
            # Planned each time: a plan kept from when the table was small would scan it.
            cursor.execute(_POSTGRESQL, values, prepare=False)
            packed = cursor.fetchone()[0] or b""
    finally:
        cursor.close()
    found = [record.read(packed[at : at + record.SIZE]) for at in range(0, len(packed), record.SIZE)]
    # The order of an aggregate is nobody's promise.
    found.sort(key=lambda each: -each.number)
    return tuple(found)


def forward(connection: sa.Connection, account: int, after: Place, upto: Place) -> tuple[Transfer, ...]:
    """Return the transfers after a place, the oldest first: some, or none when `upto` is reached."""
    end = upto.entries
    if end - after.entries > STEPS_AT_ONCE:
        end = (after.entries + STEPS_AT_ONCE) // store.MARK_EVERY * store.MARK_EVERY
    if end <= after.entries:
        return ()
    number = upto.number if end == upto.entries else _mark(connection, account, end).number
    return steps(connection, account, number, end - after.entries)[::-1]


def at_or_before(connection: sa.Connection, account: Account, instant: int) -> Place:
    """Return the account's place at an instant (Unix ms): after its last transfer until then, that instant included."""
    return _last_place(connection, account, lambda each: each.at <= instant, lambda mark: mark.at <= instant)


def ahead_of(connection: sa.Connection, account: Account, number: int) -> Place:
    """Return the account's place before a transfer of this number, whoever's it is."""
    return _last_place(connection, account, lambda each: each.number < number, lambda mark: mark.number < number)


def before(transfer: Transfer, account: int) -> int:
    """Return the number of the account's transfer before this one, 0 for none."""
    return transfer.debit_before if transfer.debit == account else transfer.credit_before


def balance_after(transfer: Transfer, account: int) -> int:
    """Return what the account had after this transfer of its."""
    return transfer.debit_balance if transfer.debit == account else transfer.credit_balance


def _last_place(
    connection: sa.Connection,
    account: Account,
    is_within: Callable[[Transfer], bool],
    is_mark_within: Callable[[Any], bool],
) -> Place:
    """Return the place after the last transfer that is within; all before it are. By halving the marks, then a
    statement of at most 64 steps."""
    low, high = 0, account.entries // store.MARK_EVERY + 1
    above = end_of(account)
    while high - low > 1:
        middle = (low + high) // 2
        mark = _mark(connection, account.number, middle * store.MARK_EVERY)
        if is_mark_within(mark):
            low = middle
        else:
            high = middle
            above = Place(middle * store.MARK_EVERY, mark.number)
    if not above.number:
        return START
    found = steps(connection, account.number, above.number, store.MARK_EVERY)
    for back, each in enumerate(found):
        if is_within(each):
            return Place(above.entries - back, each.number)
    if low:
        return Place(low * store.MARK_EVERY, _mark(connection, account.number, low * store.MARK_EVERY).number)
    return START


def _mark(connection: sa.Connection, account: int, entries: int) -> Any:
    query = sa.select(_m.number, _m.at).where(_m.account == account, _m.entries == entries)
    return connection.execute(query).one()


def _nibble(place: int) -> str:
    return f"(instr('0123456789ABCDEF', substr(walk.back, {place}, 1)) - 1)"


_NUMBER_SQLITE = " | ".join(
    f"({_nibble(2 * byte + 1)} << {8 * byte + 4}) | ({_nibble(2 * byte + 2)} << {8 * byte})"
    for byte in range(BYTES_OF_NUMBER)
)
_NUMBER_POSTGRESQL = " | ".join(
    f"(get_byte(walk.back, {byte})::bigint << {8 * byte})" for byte in range(BYTES_OF_NUMBER)
)


_BACK = (
    f"CASE WHEN substr(record, {_DEBIT + 1}, 8) = account "
    f"THEN substr(record, {_DEBIT_BEFORE + 1}, 8) ELSE substr(record, {_CREDIT_BEFORE + 1}, 8) END"
)
"""The part of a record that names the one before it."""
_SQLITE: Final = f"""
    WITH RECURSIVE walk(step, steps, account, record, back) AS (
        SELECT 1, ?3, ?1, record, hex({_BACK.replace("account", "?1")}) FROM ledger_transfer WHERE number = ?2
        UNION ALL
        SELECT step + 1, steps, account, transfer.record, hex({_BACK.replace("record", "transfer.record")})
        FROM walk CROSS JOIN ledger_transfer AS transfer
        WHERE step < steps AND transfer.number = ({_NUMBER_SQLITE})
    )
    SELECT group_concat(hex(record), '') FROM walk
"""
_POSTGRESQL: Final = f"""
    WITH RECURSIVE asked(account, number, steps) AS (SELECT %s::bytea, %s::bigint, %s::integer),
    walk(step, steps, account, record, back) AS (
        SELECT 1, steps, account, record, {_BACK} FROM asked JOIN ledger_transfer USING (number)
        UNION ALL
        SELECT step + 1, steps, account, transfer.record, {_BACK.replace("record", "transfer.record")}
        FROM walk CROSS JOIN LATERAL
            (SELECT record FROM ledger_transfer WHERE number = ({_NUMBER_POSTGRESQL}) LIMIT 1) AS transfer
        WHERE step < steps
    )
    SELECT string_agg(record, ''::bytea) FROM walk
"""
