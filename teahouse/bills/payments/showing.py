"""Bills and payments as they are told."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.bills.directory.model import Biller
from teahouse.bills.payments import rules, store
from teahouse.bills.payments.model import BillPayment
from teahouse.wallet.purse import Described

read_customer = msgspec.json.Decoder(dict[str, str]).decode


def write_customer(customer: dict[str, str]) -> str:
    """Return a customer's values as they are kept: the same text for the same customer."""
    return msgspec.json.encode(customer, order="sorted").decode()


def shown(row: sa.Row[Any], biller: Biller, receipt: str = "") -> BillPayment:
    return BillPayment(
        id=row.id,
        biller=biller,
        customer={name: rules.masked(value) for name, value in read_customer(row.customer).items()},
        ref=row.ref,
        name=row.name,
        amount=row.amount,
        currency=row.currency,
        at=row.at,
        state=row.state,
        ended_at=row.ended_at,
        returns_at=row.deadline_at if row.state == "held" else 0,
        reference=row.reference,
        reason=row.reason,
        autopay=bool(row.autopay),
        receipt=receipt,
    )


def describe(connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
    """What a history shows of bill payments: the biller, and the number of the bill."""
    rows = store.payments_among(connection, person, subjects)
    return {row.id: Described(note=row.ref, other=row.biller) for row in rows}
