"""A settlement as the file that leaves: `pain.001` for the house's bank, or CSV. The same whenever it is made."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.bills.files import rules
from teahouse.money import plain
from teahouse.wallet.bank import pain
from teahouse.wallet.bank.rules import HouseAccount
from teahouse.wallet.history.csv_file import as_text

ABOUT_MAX = 140
"""Characters of unstructured remittance information (SEPA)."""


class File(msgspec.Struct, frozen=True):
    id: str
    at: int
    payments: int
    total: int


class Payment(msgspec.Struct, frozen=True):
    id: str
    amount: int
    iban: str
    name: str


def pain_001(
    settlement: sa.Row[Any], payments: Sequence[sa.Row[Any]], house: HouseAccount, iban: str, name: str
) -> bytes:
    """Raises `FileInvalid`. Slow: not for the loop."""
    file = File(settlement.id, settlement.at, settlement.payments, settlement.amount)
    about = {row.id: " ".join(filter(None, rules.said_of(row)))[:ABOUT_MAX] for row in payments}
    listed = [Payment(row.id, row.amount, iban, name) for row in payments]
    return pain.make(file, house, listed, lambda payment: about[payment.id])


def as_csv(settlement: sa.Row[Any], payments: Sequence[sa.Row[Any]]) -> bytes:
    """RFC 4180, UTF-8 with its mark; the last line is the sum."""
    text = io.StringIO(newline="")
    written = csv.writer(text, lineterminator="\r\n")
    written.writerow(("payment", "ref", "customer", "name", "amount", "currency", "paid_at", "settlement"))
    for row in payments:
        ref, customer = rules.said_of(row)
        at = datetime.fromtimestamp(row.ended_at / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        amount = plain(row.amount, row.currency)
        written.writerow(
            (row.id, as_text(ref), as_text(customer), as_text(row.name), amount, row.currency, at, settlement.id)
        )
    total = plain(settlement.amount, settlement.currency)
    written.writerow(("total", "", "", str(settlement.payments), total, settlement.currency, "", settlement.id))
    return "\ufeff".encode() + text.getvalue().encode()
