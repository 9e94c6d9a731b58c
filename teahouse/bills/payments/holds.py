"""Which holds of the ledger belong to bill payments that wait for their biller."""

import sqlalchemy as sa


def waiting_holds(connection: sa.Connection) -> set[int]:
    raise NotImplementedError
