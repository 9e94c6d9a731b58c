"""Months of UTC, as statements and bars count them. Pure."""

from datetime import UTC, datetime
from re import compile as compiled
from typing import Final

from teahouse.errors import Malformed

_MONTH: Final = compiled(r"2[0-9]{3}-(0[1-9]|1[0-2])")


def must_be_month(month: str) -> str:
    """Raises `Malformed` unless it is one of 2000 to 2999, as `2026-11`."""
    if not _MONTH.fullmatch(month):
        raise Malformed("A month is written as 2026-11.")
    return month


def month_of(instant: int) -> str:
    """Return the month of an instant (Unix ms)."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m")


def start_of(month: str) -> int:
    """Return the first millisecond of a month, as Unix ms."""
    return int(datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC).timestamp()) * 1000


def after(month: str, by: int = 1) -> str:
    """Return the month that many later (or, negative, earlier)."""
    months = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{months // 12:04}-{months % 12 + 1:02}"


def bounds(month: str) -> tuple[int, int]:
    """Return a month's first millisecond and that of the next one."""
    return start_of(month), start_of(after(month))
