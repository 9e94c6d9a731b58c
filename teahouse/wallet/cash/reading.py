"""What is read at the cash desk: one's own desk, a customer, a receipt."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from teahouse.commands import Signed
from teahouse.errors import NotFound
from teahouse.money import Money
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.cash import closing, rules, store
from teahouse.wallet.cash.model import CashOperation, Customer, Desk
from teahouse.wallet.model import Balance
from teahouse.wallet.purse import Purse, balance_of

DAY_SHOWN_MS = 36 * 60 * 60 * 1000
"""A desk shows so much of its past: the whole of today, in whichever time zone it is."""
OPERATIONS_MAX = 500
WAITING_MAX = 100
CLOSINGS_MAX = 30


class DeskReads:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    async def desk(self, signed: Signed) -> Desk:
        """Cashiers only: one's own desk, and what waits for a second cashier at all desks."""

        def drawers(tx: Tx) -> tuple[Money, ...]:
            self._must_be_cashier(tx.connection, signed.person)
            found = [self._purse.ledger.find(tx, signed.person, "cash_desk", code) for code in self._currencies()]
            return tuple(
                Money(amount, drawer.code) for drawer in found if drawer and (amount := closing.in_drawer(drawer))
            )

        def read(connection: sa.Connection, have: tuple[Money, ...]) -> Desk:
            now = self._purse.house.store.writer.clock()
            operations = store.of_cashier(connection, signed.person, now - DAY_SHOWN_MS, OPERATIONS_MAX)
            closed = store.closings_of(connection, signed.person, CLOSINGS_MAX)
            cashier = self._purse.people.person(connection, signed.person)
            assert cashier is not None
            return Desk(
                drawers=have,
                operations=self._shown(connection, operations),
                waiting=self._shown(connection, store.waiting(connection, now, WAITING_MAX)),
                closings=tuple(closing.shown(row, cashier) for row in closed),
                confirm_above=tuple(Money(self._limit(code), code) for code in self._currencies()),
            )

        house = self._purse.house.store
        return await house.read(read, await house.write(drawers))

    async def customer(self, signed: Signed, who: str) -> Customer:
        """Cashiers only: a person by id or handle. That one looked is durable before it is answered."""

        def look(tx: Tx) -> Customer:
            self._must_be_cashier(tx.connection, signed.person)
            person = self._find(tx.connection, who)
            guard = self._purse.guard
            guard.note_look(tx, person.id, signed.person, "balance")
            standing = guard.standing(tx, person.id)
            balances = [self._balance(tx, person.id, code) for code in self._currencies()]
            return Customer(person, standing.real_name, standing.level, tuple(balances))

        return await self._purse.house.store.write(look)

    async def receipt(self, signed: Signed, operation: str) -> CashOperation:
        """For the person, the cashiers who did it, and operators; that an operator looked is told to the person."""

        def look(tx: Tx) -> CashOperation:
            row = store.operation(tx.connection, operation)
            if row is None:
                raise rules.NoSuchOperation()
            if signed.person not in (row.person, row.cashier, row.second):
                if not signed.is_operator:
                    raise rules.NoSuchOperation()
                self._purse.guard.note_look(tx, row.person, signed.person, "receipt")
            return self._shown(tx.connection, [row])[0]

        return await self._purse.house.store.write(look)

    # --- within ---

    def _must_be_cashier(self, connection: sa.Connection, person: str) -> None:
        if not self._purse.guard.is_cashier(connection, person):
            raise rules.NotCashier()

    def _currencies(self) -> tuple[str, ...]:
        return self._purse.operator.settings.currencies

    def _limit(self, currency: str) -> int:
        """Return above which sum a second cashier confirms, in minor units."""
        settings = self._purse.operator.settings
        main = settings.currencies[0] if settings.currencies else currency
        return rules.limit_in(currency, main, settings.cash_confirm_above)

    def _find(self, connection: sa.Connection, who: str) -> Person:
        people = self._purse.people
        if (found := people.person(connection, who)) is not None:
            return found
        try:
            return people.by_handle(connection, who.removeprefix("@").lower())
        except NotFound:
            raise rules.NoSuchCustomer() from None

    def _balance(self, tx: Tx, person: str, currency: str) -> Balance:
        account = self._purse.ledger.find(tx, person, "member", currency)
        return balance_of(account) if account else Balance(currency, 0, 0)

    def _shown(self, connection: sa.Connection, rows: Iterable[sa.Row[Any]]) -> tuple[CashOperation, ...]:
        rows = list(rows)
        named = {who for row in rows for who in (row.cashier, row.person, row.second) if who}
        people = self._purse.people.people_by_id(connection, named)
        return tuple(_as_seen(row, people) for row in rows)


def _as_seen(row: sa.Row[Any], people: dict[str, Person]) -> CashOperation:
    return CashOperation(
        id=row.id,
        receipt=row.receipt or 0,
        kind=row.kind,
        cashier=_person(people, row.cashier),
        person=_person(people, row.person),
        amount=row.amount,
        currency=row.currency,
        at=row.at,
        state=row.state,
        note=row.note,
        second=_person(people, row.second) if row.second else None,
    )


def _person(people: dict[str, Person], identifier: str) -> Person:
    return people.get(identifier) or Person(id=identifier, handle="", name="")
