"""Payments that are made: gathered during a group, and shown to their two sides."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.payments import store
from teahouse.wallet.payments.model import Payment
from teahouse.wallet.purse import Described


class NewPayments:
    """The group's payments at once, until they are written together."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []

    def flush(self, tx: Tx) -> None:
        if self.rows:
            rows, self.rows = self.rows, []
            store.append_paid(tx.connection, rows)

    def forget(self) -> None:
        self.rows.clear()


def gone(person: str) -> Person:
    """Whoever has left the house, in what is kept of their payments."""
    return Person(id=person, handle="", name="")


def shown(row: sa.Row[Any], people: dict[str, Person]) -> Payment:
    return Payment(
        id=row.id,
        payer=people.get(row.payer) or gone(row.payer),
        payee=people.get(row.payee) or gone(row.payee),
        amount=row.amount,
        currency=row.currency,
        at=row.at,
        state=row.state,
        note=row.note,
        settled_at=row.settled_at,
        expires_at=row.expires_at,
        chat=row.chat,
        seq=row.seq,
        charge=row.charge,
    )


def describe(connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
    """What a history shows of payments: their notes, who was on the other side, and the card in the chat."""
    return {
        row.id: Described(
            note=row.note, other=row.payee if row.payer == person else row.payer, chat=row.chat, seq=row.seq
        )
        for row in store.payments_among(connection, person, subjects)
    }


def waiting_holds(connection: sa.Connection) -> set[int]:
    """Return the ledger's numbers of the holds behind transfers that nobody has accepted yet."""
    p = store.payments.c
    return set(connection.execute(sa.select(p.hold).where(p.state == "waiting")).scalars())
