"""How orders are shown, and who is told of them. Only staff see the fee and what the merchant attached."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.orders import codes, store
from teahouse.merchants.orders.model import Order, OrderChanged, Refund
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.payments.rows import gone
from teahouse.wallet.purse import Described, Purse

IN_AT_ONCE = 500


class Showing:
    def __init__(self, purse: Purse, accounts: Accounts) -> None:
        self._purse = purse
        self._accounts = accounts

    def all(self, connection: sa.Connection, rows: Sequence[sa.Row[Any]], *, staff: bool) -> tuple[Order, ...]:
        """Show orders, with their people and refunds read once for all."""
        sides = {side for row in rows for side in (row.merchant, row.payer) if side}
        people = self._purse.people.people_by_id(connection, sides)
        refunds: dict[str, list[sa.Row[Any]]] = {}
        for refund in store.refunds_of(connection, [row.id for row in rows if row.refunded or row.state == "refunded"]):
            refunds.setdefault(refund.sale, []).append(refund)
        return tuple(self._shown(row, people, refunds.get(row.id, ()), staff) for row in rows)

    def one(self, connection: sa.Connection, row: sa.Row[Any], *, staff: bool) -> Order:
        return self.all(connection, (row,), staff=staff)[0]

    def tell(self, tx: Tx, row: sa.Row[Any]) -> Order:
        """Tell the staff and the payer how an order stands; return it as the staff see it."""
        staff = self._accounts.staff_ids(tx.connection, row.merchant)
        seen = self.one(tx.connection, row, staff=True)
        tx.tell(OrderChanged(order=seen), staff)
        if row.payer and row.payer not in staff:
            tx.tell(OrderChanged(order=self.one(tx.connection, row, staff=False)), (row.payer,))
        return seen

    def _shown(self, row: sa.Row[Any], people: dict[str, Person], refunds: Iterable[sa.Row[Any]], staff: bool) -> Order:
        house, url = self._purse.operator.settings, self._purse.house.settings.public_url
        merchant = people.get(row.merchant) or gone(row.merchant)
        back = sum(each.fee for each in refunds)
        return Order(
            id=row.id,
            merchant=merchant,
            number=row.number,
            amount=row.amount,
            currency=row.currency,
            state=row.state,
            description=row.description,
            created_at=row.at,
            expires_at=row.expires_at,
            url=codes.url_of(url, row.id),
            qr=codes.text_of(
                url, house.country, house.name, merchant, row.id, row.amount, row.currency, row.description
            ),
            discount=row.discount,
            coupon=row.coupon,
            paid=row.paid,
            paid_at=row.paid_at,
            closed_at=row.closed_at,
            refunded=row.refunded,
            fee=row.fee - back if staff else 0,
            payer=(people.get(row.payer) or gone(row.payer)) if row.payer else None,
            counter=row.counter,
            attach=row.attach if staff else "",
            charge=row.charge,
            refunds=tuple(Refund(each.id, each.number, each.amount, each.at, each.reason) for each in refunds),
        )


def describe(connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
    """What a history shows of orders: what they were for, and who was on the other side."""
    found: dict[str, Described] = {}
    for at in range(0, len(subjects), IN_AT_ONCE):
        for row in store.orders_among(connection, person, subjects[at : at + IN_AT_ONCE]):
            other = row.payer if row.merchant == person else row.merchant
            found[row.id] = Described(note=row.description, other=other)
    return found
