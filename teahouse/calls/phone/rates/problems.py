"""What can be wrong with a rate deck: a code for programs, and plain words. Pure."""

from typing import Final

import msgspec

SHOWN_MAX: Final = 40
"""Characters of what was written that are shown again."""
WHY: Final = {
    "no_prefix": "there is no prefix",
    "areas": "area codes are of one country code, not of several",
    "zero": "the prefix “{}” begins with 0: write the country code first, without 00",
    "long": "the prefix “{}” has more than {} digits",
    "digits": "“{}” is not a prefix: only digits, several with spaces or semicolons between",
    "many_prefixes": "more than {} prefixes in one line",
    "currency_missing": "it does not say in which currency the price is",
    "currency": "there is no currency “{}”",
    "no_price": "there is no price",
    "price": "“{}” is not a price as {}",
    "decimals": "the price “{}” has more than {} decimals",
    "dear": "the price “{}” is more than {}",
    "increment": "“{}” is not an increment as 60/60",
    "seconds": "“{}” and “{}” are not seconds of increments",
    "increment_range": "an increment is of 1 to {} seconds",
    "day": "“{}” is not a day as 2026-12-31 or 31.12.2026",
    "old": "“{}” is before 1970",
    "ends": "it ends (“{}”) before it begins ({})",
    "name": "the name is longer than {} characters",
    "cells": "{} cells in {} columns",
    "column_twice": "two columns are the same: {}",
    "column_missing": "the header line has no column “{}”",
    "twice": "prefix {} has another price at the same time in line {}",
    "empty": "there is nothing in it",
    "only_header": "there is no line after the header line",
    "too_long": "a rate deck has at most {} prefixes",
    "csv": "this is no CSV: {}",
}
"""By code; the client says the same in other languages, with the same values."""


class Problem(msgspec.Struct, frozen=True):
    """`values` are what the words of `code` name, in their order; `why` is the whole in English."""

    line: int
    code: str
    values: tuple[str, ...]
    why: str


class CellError(ValueError):
    """What is wrong with a line: one of `WHY`, and the values that it names."""

    def __init__(self, code: str, *values: object) -> None:
        self.code = code
        self.values = tuple(shown(str(value)) for value in values)
        super().__init__(WHY[code].format(*self.values))

    def on(self, line: int) -> Problem:
        return Problem(line, self.code, self.values, str(self))


class Problems(Exception):
    """The deck is refused, for these reasons."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(f"{len(found)} problems")
        self.found = found


def problem(line: int, code: str, *values: object) -> Problem:
    return CellError(code, *values).on(line)


def shown(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"
