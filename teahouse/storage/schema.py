"""What every table is made of. Features declare their tables in their own `store.py`, on this `metadata`."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""64 bits. As a primary key in SQLite it is the rowid itself."""
Id = sa.String(16)
Instant = sa.BigInteger
"""Unix time in milliseconds."""


ROWS_AT_ONCE = (256, 64, 16, 4, 1)
"""Rows in one statement: few sizes, so that the driver keeps each prepared."""


class Append:
    """Puts many rows in a table by few statements of many rows each.

    Not `executemany`: the SQLite driver gives the interpreter's lock away once a statement, and while another thread
    works it gets it back only after the switch interval (measured with a busy thread: 325 rows/s, and 15 times that
    with 50 rows a statement). PostgreSQL gets one array a column: a few parameters instead of thousands, and one
    statement to prepare. With `renew`, a row whose `key` is there already gets these columns of the new one.
    """

    def __init__(
        self, table: sa.Table, columns: Sequence[str] = (), *, key: str = "", renew: Sequence[str] = ()
    ) -> None:
        self._columns = [table.c[name] for name in columns] or list(table.c)
        self._start = f"INSERT INTO {table.name} ({', '.join(column.name for column in self._columns)}) "
        renewed = ", ".join(f"{name} = excluded.{name}" for name in renew)
        self._end = f" ON CONFLICT ({key}) DO UPDATE SET {renewed}" if renew else ""
        self._made: dict[int, str] = {}
        self._from_arrays = ""

    def __call__(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Append rows, each with its values in the order of the columns."""
        if not rows:
            return
        cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        try:
            if connection.dialect.name == "postgresql":
                arrays = [list(column) for column in zip(*rows, strict=True)]
                cursor.execute(self._by_arrays(connection.dialect), arrays)
                return
            at = 0
            for size in ROWS_AT_ONCE:
                while len(rows) - at >= size:
                    values = [value for row in rows[at : at + size] for value in row]
                    cursor.execute(self._by_rows(size), values)
                    at += size
        finally:
            cursor.close()

    def _by_rows(self, size: int) -> str:
        found = self._made.get(size)
        if found is None:
            row = f"({', '.join(['?'] * len(self._columns))})"
            found = self._made[size] = f"{self._start}VALUES {', '.join([row] * size)}{self._end}"
        return found

    def _by_arrays(self, dialect: sa.Dialect) -> str:
        if not self._from_arrays:
            arrays = ", ".join(f"%s::{column.type.compile(dialect)}[]" for column in self._columns)
            self._from_arrays = f"{self._start}SELECT * FROM unnest({arrays}){self._end}"
        return self._from_arrays


class Lookup:
    """Finds a row by its key, for hot commands: for so small a statement SQLAlchemy's own work takes several times as
    long as the store's."""

    def __init__(self, table: sa.Table, columns: Sequence[str], key: Sequence[str]) -> None:
        names = [table.c[name].name for name in columns]
        where = " AND ".join(f"{table.c[name].name} = ?" for name in key)
        self._text = f"SELECT {', '.join(names)} FROM {table.name} WHERE {where}"
        self._text_pg = self._text.replace("?", "%s")

    def __call__(self, connection: sa.Connection, *key: Any) -> tuple[Any, ...] | None:
        """Return the columns' values as the driver gives them, None when there is no such row."""
        cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        try:
            cursor.execute(self._text_pg if connection.dialect.name == "postgresql" else self._text, key)
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found
        finally:
            cursor.close()
