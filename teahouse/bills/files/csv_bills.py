"""Open bills as CSV: `ref`, the biller's own fields, `name`, `amount`, `due`, and whatever else is worth showing."""

import csv
import io
from collections.abc import Callable
from typing import Final

import msgspec

from teahouse.bills.files.rules import BILLS_MAX, LINES_MAX, Faults, NewBill, UnknownFile, instant_of
from teahouse.bills.payments.model import BillLine
from teahouse.errors import Refusal
from teahouse.money import parse

NEEDED: Final = ("ref", "name", "amount", "due")
KNOWN: Final = (*NEEDED, "currency")
DELIMITERS: Final = ",;\t"
Customer = Callable[[dict[str, str]], dict[str, str]]
"""Checks a customer's values; raises a `Refusal`."""


def read(data: bytes, fields: tuple[str, ...], currency: str, customer_of: Customer, faults: Faults) -> list[NewBill]:
    """Return the bills that can be read, and note what is wrong with the others. UTF-8, with or without its mark;
    amounts with a point or a comma. Raises `UnknownFile` without the columns that are needed."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnknownFile("The file is not UTF-8.") from None
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    # No row of a file that fits is longer than this; the reader refuses longer fields by itself.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    head = [cell.strip().casefold() for cell in next(rows, [])]
    missing = [name for name in (*NEEDED, *fields) if name not in head]
    if missing or len(set(head)) < len(head):
        raise UnknownFile(f"These columns are missing, or a column comes twice: {', '.join(missing) or 'twice'}.")
    bills: list[NewBill] = []
    try:
        for number, row in enumerate(rows, 2):
            if not any(cell.strip() for cell in row):
                continue
            if len(bills) + faults.count >= BILLS_MAX:
                faults.add(number, f"a file has at most {BILLS_MAX} bills")
                break
            if len(row) != len(head):
                faults.add(number, f"{len(row)} cells in {len(head)} columns")
                continue
            bill = _bill(number, dict(zip(head, (cell.strip() for cell in row), strict=True)), fields, currency)
            if isinstance(bill, str):
                faults.add(number, bill)
                continue
            try:
                bills.append(msgspec.structs.replace(bill, customer=customer_of(bill.customer)))
            except Refusal as refusal:
                faults.add(number, refusal.detail or refusal.title)
    except csv.Error as error:
        faults.add(rows.line_num, str(error))
    return bills


def _bill(number: int, cells: dict[str, str], fields: tuple[str, ...], currency: str) -> NewBill | str:
    """Return a bill, or what is wrong with it."""
    try:
        amount = parse(cells["amount"].replace(",", "."), currency)
    except ValueError:
        return f"not an amount of {currency}: {cells['amount'][:40]}"
    try:
        due_at = instant_of(cells["due"]) if cells["due"] else 0
    except ValueError:
        return f"not a day (2026-12-31): {cells['due'][:40]}"
    others = [name for name in cells if name not in KNOWN and name not in fields and cells[name]]
    return NewBill(
        line=number,
        ref=cells["ref"],
        customer={name: cells[name] for name in fields},
        name=cells["name"][:120],
        amount=amount,
        currency=cells.get("currency") or currency,
        due_at=due_at,
        lines=tuple(BillLine(label=name[:60], value=cells[name][:200]) for name in others[:LINES_MAX]),
    )
