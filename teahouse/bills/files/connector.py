"""The connector of billers without a server: it answers from the bills that came as files."""

import sqlalchemy as sa

from teahouse.bills.connectors.masking import masked
from teahouse.bills.connectors.model import Asked, FoundBill, NoSuchCustomer, Reach, Said
from teahouse.bills.files import store
from teahouse.bills.payments.showing import write_customer
from teahouse.house import House
from teahouse.money import AMOUNT_MAX
from teahouse.storage.transaction import Tx


class FileConnector:
    def __init__(self, house: House) -> None:
        self._store = house.store

    async def fetch(self, reach: Reach, customer: dict[str, str]) -> FoundBill:
        """What is due first; how much of it may be paid, the biller's own setting says."""
        named = write_customer(customer)

        def read(connection: sa.Connection) -> FoundBill:
            found = store.open_bill(connection, reach.biller, named)
            if found is None:
                if not reach.open_amount and not store.knows(connection, reach.biller, named):
                    raise NoSuchCustomer()
                return FoundBill(ref="", name="", amount=0, least=1, most=AMOUNT_MAX, due_at=0)
            return FoundBill(
                ref=found.ref,
                name=masked(found.name),
                amount=found.amount,
                least=1,
                most=AMOUNT_MAX,
                due_at=found.due_at,
                lines=store.read_lines(found.lines),
            )

        return await self._store.read(read)

    async def pay(self, reach: Reach, asked: Asked) -> Said:
        """Mark it as paid here; the money leaves with the next settlement. A repeat changes nothing."""

        def take(tx: Tx) -> Said:
            known = store.payment(tx.connection, asked.id)
            if known is not None:
                return Said(known.state, asked.id)
            if asked.ref:
                bill = store.bill(tx.connection, reach.biller, asked.ref)
                if bill is None or bill.state != "open":
                    return Said("refused", reason="This bill is not open any more.")
                store.take_off(tx.connection, reach.biller, asked.ref, asked.amount)
            values = {"payment": asked.id, "biller": reach.biller, "ref": asked.ref, "amount": asked.amount}
            tx.connection.execute(sa.insert(store.paid).values(**values, state="paid"))
            return Said("paid", asked.id)

        return await self._store.write(take)

    async def status(self, reach: Reach, payment: str) -> Said:
        def read(connection: sa.Connection) -> Said:
            known = store.payment(connection, payment)
            return Said("unknown") if known is None else Said(known.state, payment)

        return await self._store.read(read)

    async def reverse(self, reach: Reach, asked: Asked) -> Said:
        """What is on its way to the biller's bank is not called back."""

        def undo(tx: Tx) -> Said:
            known = store.payment(tx.connection, asked.id)
            if known is None:
                return Said("unknown")
            if known.state == "paid":
                if store.is_settled(tx.connection, asked.id):
                    return Said("refused", reason="It has left for the biller's bank.")
                where = store.paid.c.payment == asked.id
                tx.connection.execute(sa.update(store.paid).where(where).values(state="reversed"))
                if known.ref:
                    store.take_off(tx.connection, reach.biller, known.ref, -known.amount)
            return Said("reversed", asked.id)

        return await self._store.write(undo)
