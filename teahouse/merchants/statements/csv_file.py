"""A daily bill as CSV (RFC 4180): UTF-8 with its mark, ISO 8601, plain amounts; the sums in the last lines, each in the
column `net`, so that all of that column but the opening adds up to the closing."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from teahouse.merchants.statements.model import DayBill, DayLine
from teahouse.money import plain
from teahouse.wallet.history.csv_file import as_text

COLUMNS: Final = (
    "at",
    "what",
    "order",
    "number",
    "payer",
    "counter",
    "amount",
    "discount",
    "paid",
    "fee",
    "net",
    "currency",
    "attach",
)


def written(bill: DayBill, lines: Iterable[DayLine]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    currency = bill.currency
    for line in lines:
        sums = (plain(each, currency) for each in (line.amount, line.discount, line.paid, line.fee, line.net))
        at = datetime.fromtimestamp(line.at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        people = (as_text(line.number), as_text(line.payer), as_text(line.counter))
        writer.writerow((at, line.what, line.order, *people, *sums, currency, as_text(line.attach)))
    for what, amount in (
        ("opening", bill.opening),
        ("sales", bill.sales),
        ("discounts", -bill.discounts),
        ("refunds", -bill.refunds),
        ("fees", -bill.fees),
        ("taken_out", -bill.taken_out),
        ("closing", bill.closing),
    ):
        writer.writerow(("", f"sum:{what}", *[""] * 8, plain(amount, currency), currency, ""))
    writer.writerow(("", f"sum:{'agrees' if bill.agrees else 'disagrees'}", *[""] * 11))
    return "\ufeff".encode() + text.getvalue().encode()
