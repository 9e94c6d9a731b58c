"""The end of a day at a desk: what was counted is held against the ledger, and the difference is booked openly.

The safe is the drawer that nobody owns: what a closing takes goes there, and nothing else does.
"""

from typing import Any

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Actor
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.cash import rules, store
from teahouse.wallet.cash.model import CloseDay, DayClosing
from teahouse.wallet.ledger.books import AccountState
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.notes import clean
from teahouse.wallet.purse import NoSuchCurrency, Purse


def drawer_of(tx: Tx, purse: Purse, cashier: str, currency: str) -> AccountState:
    """Return a cashier's drawer, a new one if need be. Raises `NoSuchCurrency`."""
    found = purse.ledger.find(tx, cashier, "cash_desk", currency)
    if found is None:
        if currency not in purse.operator.settings.currencies:
            raise NoSuchCurrency()
        found = purse.house_account(tx, "cash_desk", currency, cashier)
    return found


def in_drawer(drawer: AccountState) -> int:
    return drawer.debits - drawer.credits


def close_day(tx: Tx, purse: Purse, actor: Actor, command: CloseDay) -> DayClosing:
    if command.take > command.counted:
        raise rules.BadTake()
    drawer = drawer_of(tx, purse, actor.person, command.currency)
    last = store.last_closing(tx.connection, actor.person, command.currency)
    sums = (last.debits, last.credits) if last is not None else (0, 0)
    count = rules.count(drawer.debits, drawer.credits, sums, command.counted)
    closing = ids.new_id()
    _book_difference(tx, purse, drawer, closing, count.difference)
    _move_to_safe(tx, purse, drawer, closing, command.take)
    tx.connection.execute(
        sa.insert(store.closings).values(
            id=closing,
            cashier=actor.person,
            currency=command.currency,
            at=tx.now,
            opening=count.opening,
            taken_in=count.taken_in,
            paid_out=count.paid_out,
            expected=count.expected,
            counted=command.counted,
            difference=count.difference,
            to_safe=command.take,
            note=clean(command.note),
            debits=drawer.debits,
            credits=drawer.credits,
        )
    )
    row = store.last_closing(tx.connection, actor.person, command.currency)
    cashier = purse.people.person(tx.connection, actor.person)
    assert row is not None
    assert cashier is not None
    return shown(row, cashier)


def shown(row: sa.Row[Any], cashier: Person) -> DayClosing:
    return DayClosing(
        id=row.id,
        cashier=cashier,
        at=row.at,
        currency=row.currency,
        opening=row.opening,
        taken_in=row.taken_in,
        paid_out=row.paid_out,
        expected=row.expected,
        counted=row.counted,
        difference=row.difference,
        note=row.note,
        to_safe=row.to_safe,
    )


def _book_difference(tx: Tx, purse: Purse, drawer: AccountState, closing: str, difference: int) -> None:
    if not difference:
        return
    suspense = purse.house_account(tx, "suspense", drawer.code)
    more, less = (drawer, suspense) if difference > 0 else (suspense, drawer)
    purse.ledger.post(
        tx,
        New(
            f"{closing}/difference",
            debit=more.number,
            credit=less.number,
            amount=abs(difference),
            purpose=Purpose.CASH_DIFFERENCE,
            subject=closing,
        ),
    )


def _move_to_safe(tx: Tx, purse: Purse, drawer: AccountState, closing: str, take: int) -> None:
    """Raises `SafeEmpty` when the safe has less than should come from it."""
    if not take:
        return
    safe = purse.house_account(tx, "cash_desk", drawer.code)
    if take < 0 and in_drawer(safe) < -take:
        raise rules.SafeEmpty(available=in_drawer(safe))
    gets, gives = (safe, drawer) if take > 0 else (drawer, safe)
    purse.ledger.post(
        tx, New(f"{closing}/safe", debit=gets.number, credit=gives.number, amount=abs(take), subject=closing)
    )
