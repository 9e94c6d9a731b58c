"""What an audit asks beyond the ledger: does what the rooms keep agree with it? Every hold belongs to something that
waits, and what lies in escrow is what the open red packets still have."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from teahouse.wallet.bank.store import withdrawals
from teahouse.wallet.card.store import refunds
from teahouse.wallet.ledger import store as ledger
from teahouse.wallet.packets.packets import ESCROW
from teahouse.wallet.packets.store import left_by_currency
from teahouse.wallet.payments.rows import waiting_holds

SHOWN_MAX = 5


def faults_of(connection: sa.Connection, others: Mapping[str, set[int]]) -> list[str]:
    """Return what does not agree, in words; nothing when all does. `others`: the holds that other rooms wait for, by
    what waits."""
    return [*_holds(connection, others), *_escrow(connection)]


def _holds(connection: sa.Connection, others: Mapping[str, set[int]]) -> Iterable[str]:
    w, r = withdrawals.c, refunds.c
    waiting = {
        "transfer": waiting_holds(connection),
        "withdrawal": _numbers(connection, sa.select(w.hold).where(w.state.in_(("waiting", "in_file")))),
        "card refund": _numbers(connection, sa.select(r.hold).where(r.state == "held")),
        **others,
    }
    known: set[int] = set()
    kept = _numbers(connection, sa.select(ledger.holds.c.number))
    for what, holds in waiting.items():
        known |= holds
        for number in sorted(holds - kept)[:SHOWN_MAX]:
            yield f"a {what} waits, but its hold {number} is not open"
    for number in sorted(kept - known)[:SHOWN_MAX]:
        yield f"hold {number} is open, and nothing waits for it"


def _numbers(connection: sa.Connection, query: sa.Select[int]) -> set[int]:
    return set(connection.execute(query).scalars())


def _escrow(connection: sa.Connection) -> Iterable[str]:
    left = left_by_currency(connection)
    for account in ledger.accounts_of(connection, ESCROW):
        expected = left.pop(account.currency, 0)
        if account.balance != expected:
            yield f"red packets in {account.currency}: {account.balance} in escrow, and {expected} not opened"
    for currency, amount in left.items():
        if amount:
            yield f"red packets in {currency}: nothing in escrow, and {amount} not opened"
