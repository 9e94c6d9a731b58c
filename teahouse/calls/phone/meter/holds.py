"""Which holds of the ledger belong to calls that go on."""

import sqlalchemy as sa

from teahouse.calls.phone.meter import store


def waiting_holds(connection: sa.Connection) -> set[int]:
    return store.waiting(connection)
