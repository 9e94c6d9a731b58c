"""A statement as CSV (RFC 4180): UTF-8 with its mark, so that spreadsheets read it, ISO 8601, plain amounts."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from teahouse.money import plain
from teahouse.people.model import Person
from teahouse.wallet.model import Entry

TYPE: Final = "text/csv; charset=utf-8"
COLUMNS: Final = ("number", "at", "kind", "amount", "balance", "currency", "name", "handle", "note", "subject")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def head() -> bytes:
    return "\ufeff".encode() + _written([COLUMNS])


def rows(entries: Iterable[Entry], people: Iterable[Person]) -> bytes:
    known = {each.id: each for each in people}
    nobody = Person("", "", "")
    written = []
    for entry in entries:
        other = known.get(entry.other, nobody)
        written.append(
            (
                str(entry.number),
                datetime.fromtimestamp(entry.at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                entry.kind,
                plain(entry.amount, entry.currency),
                plain(entry.balance, entry.currency),
                entry.currency,
                as_text(other.name),
                other.handle,
                as_text(entry.note),
                entry.subject,
            )
        )
    return _written(written)


def as_text(cell: str) -> str:
    """Return what people wrote so that no spreadsheet calculates it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell


def _written(lines: Iterable[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()
