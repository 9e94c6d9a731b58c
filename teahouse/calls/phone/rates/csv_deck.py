"""Reads a rate deck from CSV, whole or not at all. Pure. How one is written: docs/rates.md."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final

from teahouse.calls.phone.rates.cells import Cells
from teahouse.calls.phone.rates.columns import Column, column_of
from teahouse.calls.phone.rates.problems import CellError, Problem, Problems, problem
from teahouse.calls.phone.rates.rules import LINES_MAX, Line

PROBLEMS_MAX = 50
"""The first ones are told; then reading stops."""
PREFIXES_MAX = 2000
"""In one cell."""
CELL_MAX: Final = 131_072
"""Characters, as `csv` has it."""
_DELIMITERS: Final = ",;\t"
_NEEDED: Final[tuple[tuple[Column, ...], ...]] = (("prefix", "country"), ("price",))
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""What spreadsheets write before the header."""


class _Table:
    """The columns of a deck, and where each stands."""

    def __init__(self, titles: list[str], delimiter: str, line: int) -> None:
        self.delimiter = delimiter
        self.width = len(titles)
        self.at: dict[Column, int] = {}
        for index, title in enumerate(titles):
            column = column_of(title)
            if column is None:
                continue
            if column in self.at:
                raise Problems([problem(line, "column_twice", title)])
            self.at[column] = index
        for names in _NEEDED:
            if not any(name in self.at for name in names):
                raise Problems([problem(line, "column_missing", names[0])])


def read(text: str, *, currency: str, now: int, lines_max: int = LINES_MAX) -> list[Line]:
    """Return a deck's lines. Where they do not say, they are in this currency (empty: each must say), and in force from
    now on (Unix ms). Raises `Problems`, with the first `PROBLEMS_MAX`."""
    text = text.removeprefix("\ufeff")
    skipped = 0
    delimiter = ""
    if found := _SEPARATOR_LINE.match(text):
        text, skipped, delimiter = text[found.end() :], 1, found[1]
    table, rows = _begin(text, delimiter, skipped)
    return _Reading(table, Cells(currency, now, decimal_comma=table.delimiter != ","), lines_max).read(rows)


def _begin(text: str, delimiter: str, skipped: int) -> tuple[_Table, Iterator[tuple[int, list[str]]]]:
    """Read the header line by the delimiter that finds most columns in it."""
    chosen = delimiter or max(_DELIMITERS, key=lambda each: _known(text, each))
    rows = _rows(text, chosen, skipped)
    header = next(rows, None)
    if header is None:
        raise Problems([problem(1, "empty")])
    return _Table(header[1], chosen, header[0]), rows


def _known(text: str, delimiter: str) -> int:
    """Return how many columns of the header line are known if this delimits them."""
    try:
        _, titles = next(_rows(text, delimiter, 0), (0, []))
    except Problems:
        return 0
    return sum(column_of(title) is not None for title in titles)


def _rows(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not empty, each with the number of the line that it ends in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(row) and any(cell.strip() for cell in row):
                yield reader.line_num + skipped, row
    except csv.Error as error:
        raise Problems([problem(reader.line_num + skipped, "csv", error)]) from None


class _Reading:
    """One deck under way."""

    def __init__(self, table: _Table, cells: Cells, lines_max: int) -> None:
        self._table = table
        self._cells = cells
        self._lines_max = lines_max
        self._lines: list[Line] = []
        self._problems: list[Problem] = []
        self._numbers: list[int] = []
        """The line of the file that each came from."""

    def read(self, rows: Iterable[tuple[int, list[str]]]) -> list[Line]:
        try:
            for number, row in rows:
                try:
                    self._add(number, row)
                except CellError as error:
                    self._problems.append(error.on(number))
                    if len(self._problems) >= PROBLEMS_MAX:
                        break
        except Problems as error:
            self._problems += error.found
        self._problems += self._overlaps()
        if not self._lines and not self._problems:
            self._problems.append(problem(1, "only_header"))
        if self._problems:
            raise Problems(sorted(self._problems, key=lambda each: each.line)[:PROBLEMS_MAX])
        return self._lines

    def _add(self, number: int, row: list[str]) -> None:
        table, cells = self._table, self._cells
        if len(row) < table.width or any(row[table.width :]):
            raise CellError("cells", len(row), table.width)
        given = {column: row[index].strip() for column, index in table.at.items()}
        prefixes = cells.prefixes(given)
        if len(prefixes) > PREFIXES_MAX:
            raise CellError("many_prefixes", PREFIXES_MAX)
        currency = cells.currency(given.get("currency", ""))
        name = cells.name(given.get("name", ""))
        per_minute = cells.price(given["price"], currency)
        connection = cells.price(given.get("connection", "") or "0", currency)
        first, following = cells.increments(given)
        begins, ends = cells.validity(given.get("from", ""), given.get("to", ""))
        if len(self._lines) + len(prefixes) > self._lines_max:
            raise Problems([problem(number, "too_long", self._lines_max)])
        for prefix in prefixes:
            self._lines.append(Line(prefix, name, currency, per_minute, connection, first, following, begins, ends))
            self._numbers.append(number)

    def _overlaps(self) -> Iterator[Problem]:
        """Find prefixes with two prices at the same time."""
        lines, numbers = self._lines, self._numbers
        before: int | None = None
        for this in sorted(range(len(lines)), key=lambda each: (lines[each].prefix, lines[each].effective_from)):
            line = lines[this]
            if before is None or lines[before].prefix != line.prefix:
                before = this
                continue
            end = lines[before].effective_to
            if not end or line.effective_from < end:
                earlier, later = sorted((numbers[before], numbers[this]))
                yield problem(later, "twice", line.prefix, earlier)
            if end and (not line.effective_to or line.effective_to > end):
                before = this  # the one that lasts longest
