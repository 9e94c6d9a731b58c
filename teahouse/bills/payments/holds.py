"""Which holds of the ledger belong to bill payments that wait for their biller."""

import sqlalchemy as sa

from teahouse.bills.payments import store


def waiting_holds(connection: sa.Connection) -> set[int]:
    return store.waiting(connection)
