"""Bills fetched and paid; a worker brings every hold to its end. The one door of this room."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from teahouse.bills.connectors.model import BillChangedMeanwhile, Connector
from teahouse.bills.directory.directory import Directory
from teahouse.bills.payments import rules, store
from teahouse.bills.payments.booking import Booking
from teahouse.bills.payments.fetching import Fetching
from teahouse.bills.payments.health import Health
from teahouse.bills.payments.model import Bill, BillPaid, BillPayment, BillPaymentPage, FetchBill, PayBill
from teahouse.bills.payments.showing import describe, write_customer
from teahouse.bills.payments.worker import Worker
from teahouse.commands import Actor, Signed
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.once import once
from teahouse.wallet.purse import Purse, balance_of


class BillPayments:
    def __init__(self, purse: Purse, directory: Directory, connectors: dict[str, Connector]) -> None:
        self._purse = purse
        self._directory = directory
        self.connectors = connectors
        """By name: `http`, `file`."""
        health = Health(purse.house.store, directory)
        self._booking = Booking(purse, directory)
        self.worker = Worker(purse.house.store, directory, self._booking, connectors, health)
        self._booking.wake = self.worker.errands.wake
        self.fetching = Fetching(purse, directory, connectors, health)
        self.on_ended: list[Callable[[Tx, sa.Row[Any]], None]] = self._booking.on_ended
        """Told of a payment's row once it was paid, returned or reversed, in the same transaction."""

    @property
    def receipt_path(self) -> Callable[[sa.Row[Any]], str]:
        """The path under which a paid one's receipt is verified. Hung in by receipts."""
        return self._booking.receipt_path

    @receipt_path.setter
    def receipt_path(self, path: Callable[[sa.Row[Any]], str]) -> None:
        self._booking.receipt_path = path

    def register(self) -> None:
        """Hang the commands into the house."""
        self._booking.register()
        self._purse.house.handle(PayBill, self.pay)
        self._purse.describe[Purpose.BILL] = describe
        self._purse.sweeps.append(lambda tx, limit: store.drop_old_quotes(tx.connection, tx.now, limit))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Bring holds to their ends, from now on."""
        async with self.worker.running():
            yield

    # --- paying: in the writer's thread ---

    def pay(self, tx: Tx, actor: Actor, command: PayBill) -> BillPaid:
        return once(tx, actor, command, BillPaid, lambda: self._pay(tx, actor, command))

    def _pay(self, tx: Tx, actor: Actor, command: PayBill) -> BillPaid:
        purse, money = self._purse, command.amount
        biller = self._directory.open_row(tx.connection, command.biller)
        customer = write_customer(self._directory.customer_of(biller, command.customer))
        bill = rules.bill_of(biller.id, customer, command.ref)
        quote = store.quote(tx.connection, bill, actor.person)
        if quote is None or quote.until <= tx.now:
            # Whose bill is being paid has no quotes left: that says more.
            raise rules.BillUnderWay() if store.is_under_way(tx.connection, bill) else BillChangedMeanwhile()
        rules.must_take(money.amount, money.currency, quote.least, quote.most, biller.currency)
        purse.guard.spend(tx, actor, money, command.approval)
        payment = self._booking.begin(tx, actor.person, biller, customer, command.ref, quote.name, money, command.key)
        if command.ref:
            store.drop_quotes(tx.connection, bill)  # what is left of it, the biller has to say
        available = balance_of(purse.account(tx, actor.person, money.currency)).available
        return BillPaid(payment=payment, available=available)

    # --- what other rooms ask ---

    async def look(self, biller: str, customer: dict[str, str]) -> Bill:
        """Fetch for nobody in particular. Raises as `fetch`."""
        return await self.fetching.look(biller, customer)

    def pay_agreed(
        self,
        tx: Tx,
        person: str,
        biller: str,
        customer: dict[str, str],
        ref: str,
        money: Money,
        key: str,
        *,
        name: str = "",
    ) -> str:
        """Pay as was agreed with autopay: the limits count, but nobody is asked. The sum is one that the biller just
        said. Returns the payment, the same one for the same key. Raises why it cannot be."""
        if before := store.payment_of_key(tx.connection, person, key):
            return before
        row = self._directory.open_row(tx.connection, biller)
        written = write_customer(self._directory.customer_of(row, customer))
        self._purse.guard.spend_agreed(tx, person, money)
        begun = self._booking.begin(tx, person, row, written, ref, name, money, key, autopay=True)
        return begun.id

    def shown(self, connection: sa.Connection, row: sa.Row[Any]) -> BillPayment:
        return self._booking.as_told(connection, row)

    # --- reads ---

    async def fetch(self, signed: Signed, asked: FetchBill) -> Bill:
        return await self.fetching.fetch(signed.person, asked.biller, asked.customer)

    async def page(self, signed: Signed, *, before: str, limit: int) -> BillPaymentPage:
        def read(connection: sa.Connection) -> BillPaymentPage:
            rows = store.page(connection, signed.person, before, limit + 1)
            told = tuple(self._booking.as_told(connection, row) for row in rows[:limit])
            return BillPaymentPage(payments=told, more=len(rows) > limit)

        return await self._purse.house.store.read(read)

    async def payment(self, signed: Signed, payment: str) -> BillPayment:
        def read(connection: sa.Connection) -> BillPayment:
            row = self.row(connection, payment)
            if row.person != signed.person:
                raise rules.NoSuchBillPayment()
            return self._booking.as_told(connection, row)

        return await self._purse.house.store.read(read)

    def row(self, connection: sa.Connection, payment: str) -> sa.Row[Any]:
        """Return a payment's row, whosever it is. Raises `NoSuchBillPayment`."""
        row = store.payment(connection, payment)
        if row is None:
            raise rules.NoSuchBillPayment()
        return row
