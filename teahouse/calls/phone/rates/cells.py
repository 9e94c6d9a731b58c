"""What stands in the cells of a rate deck. Pure; remembers what it read, for a deck says the same many times."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from teahouse.calls.phone.rates.columns import Column
from teahouse.calls.phone.rates.problems import CellError
from teahouse.calls.phone.rates.rules import PREFIX_MAX
from teahouse.money import currencies
from teahouse.wallet.notes import clean

FINER = 4
"""Decimals of a minor unit that a price may have."""
PRICE_MAX = 1_000
"""Of a currency's units, a minute: nobody asks so much, so a decimal point is missing."""
SMALL_UNIT_PRICE_MAX = 100_000_000
_SMALL = "COP CRC HUF IDR IQD IRR KHR KZT LAK LBP LKR MGA MMK MNT MWK MZN NGN PKR RSD RUB SOS SYP TZS UZS YER"
SMALL_UNITS: Final = frozenset(_SMALL.split())
"""Currencies of whose whole units a thousand are little, though they have minor ones; those without are all so."""
INCREMENT_MAX_S = 3600
DEFAULT_INCREMENTS = (60, 60)
NAME_MAX = 120
_PRICE = re.compile(r"(\d{1,12})(?:\.(\d{1,20}))?|\.(\d{1,20})", re.ASCII)
_INCREMENTS = re.compile(r"(\d{1,5})(?:\s*[/+:-]\s*(\d{1,5}))?", re.ASCII)
_SECONDS = re.compile(r"(\d{1,5})\s*s?", re.ASCII)
_BETWEEN = re.compile(r"[\s;,]+")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?", re.ASCII)
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s+(\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII)
_A_DAY = timedelta(days=1)


class Cells:
    def __init__(self, currency: str, now: int, *, decimal_comma: bool) -> None:
        self._currency = currency
        self._now = now
        self._decimal_comma = decimal_comma
        self._prices: dict[tuple[str, str], int] = {}
        self._names: dict[str, str] = {}
        self._instants: dict[str, tuple[int, bool]] = {}
        self._increments: dict[tuple[str, str, str], tuple[int, int]] = {}

    def prefixes(self, given: dict[Column, str]) -> list[str]:
        """Return the line's prefixes: those of its own column, or of a country's code with area codes."""
        if given.get("prefix"):
            return _codes(given["prefix"])
        country = given.get("country", "")
        if not country:
            raise CellError("no_prefix")
        codes = _codes(country)
        areas = given.get("area", "")
        if not areas:
            return codes
        if len(codes) > 1:
            raise CellError("areas")
        return [_prefix(codes[0] + _digits(area)) for area in _BETWEEN.split(areas) if area]

    def currency(self, text: str) -> str:
        code = text.upper() or self._currency
        if not code:
            raise CellError("currency_missing")
        if code not in currencies():
            raise CellError("currency", text)
        return code

    def name(self, text: str) -> str:
        found = self._names.get(text)
        if found is None:
            found = self._names[text] = clean(text)
            if len(found) > NAME_MAX:
                raise CellError("name", NAME_MAX)
        return found

    def price(self, text: str, currency: str) -> int:
        """Return ten-thousandths of a minor unit."""
        found = self._prices.get((text, currency))
        if found is None:
            found = self._prices[text, currency] = self._price(text, currency)
        return found

    def _price(self, text: str, currency: str) -> int:
        if not text:
            raise CellError("no_price")
        plain = text.replace(",", ".") if self._decimal_comma else text
        read = _PRICE.fullmatch(plain)
        if read is None:
            how = "0.0123 or 0,0123" if self._decimal_comma else "0.0123"
            raise CellError("price", text, how)
        info = currencies()[currency]
        decimals = (read[2] or read[3] or "").rstrip("0")
        finest = info.exponent + FINER
        if len(decimals) > finest:
            raise CellError("decimals", text, finest)
        most = SMALL_UNIT_PRICE_MAX if not info.exponent or currency in SMALL_UNITS else PRICE_MAX
        price = int((read[1] or "0") + decimals.ljust(finest, "0"))
        if price > most * 10**finest:
            raise CellError("dear", text, f"{most} {currency}")
        return price

    def increments(self, given: dict[Column, str]) -> tuple[int, int]:
        """Return seconds: the first, and each further ones."""
        key = given.get("increment", ""), given.get("first", ""), given.get("next", "")
        found = self._increments.get(key)
        if found is None:
            found = self._increments[key] = _increments(*key)
        return found

    def validity(self, begins: str, ends: str) -> tuple[int, int]:
        """Return Unix ms: from when, and until when it is no more (0: without end)."""
        start = self._instant(begins)[0] if begins else self._now
        if not ends:
            return start, 0
        end, is_day = self._instant(ends)
        if is_day:
            end += _A_DAY // timedelta(milliseconds=1)
        if end <= start:
            raise CellError("ends", ends, begins or "now")
        return start, end

    def _instant(self, text: str) -> tuple[int, bool]:
        """Return Unix ms, and whether it is a day without a time."""
        found = self._instants.get(text)
        if found is None:
            found = self._instants[text] = _instant(text)
        return found


def _codes(text: str) -> list[str]:
    return [_prefix(each) for each in _BETWEEN.split(text) if each]


def _prefix(text: str) -> str:
    code = _digits(text)
    if code.startswith("0"):
        raise CellError("zero", text)
    if len(code) > PREFIX_MAX:
        raise CellError("long", text, PREFIX_MAX)
    return code


def _digits(text: str) -> str:
    code = text.removeprefix("+")
    if not (code.isascii() and code.isdigit()):
        raise CellError("digits", text)
    return code


def _increments(both: str, first: str, following: str) -> tuple[int, int]:
    begin, then = DEFAULT_INCREMENTS
    if both:
        read = _INCREMENTS.fullmatch(both)
        if read is None:
            raise CellError("increment", both)
        begin, then = int(read[1]), int(read[2] or read[1])
    elif first or following:
        seconds = [_SECONDS.fullmatch(each) for each in (first or following, following or first)]
        if seconds[0] is None or seconds[1] is None:
            raise CellError("seconds", first, following)
        begin, then = int(seconds[0][1]), int(seconds[1][1])
    if not 1 <= then <= INCREMENT_MAX_S or begin > INCREMENT_MAX_S:
        raise CellError("increment_range", INCREMENT_MAX_S)
    return begin or then, then  # nothing first means that the first is as the others


def _instant(text: str) -> tuple[int, bool]:
    try:
        moment, is_day = _moment(text)
        milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise CellError("day", text) from None
    if milliseconds <= 0:
        raise CellError("old", text)
    return milliseconds, is_day


def _moment(text: str) -> tuple[datetime, bool]:
    """In UTC, unless it says otherwise. Raises `ValueError`, `OverflowError`."""
    if found := _DAY.fullmatch(text):
        day, month, year, hour, minute, second = (int(each) if each else 0 for each in found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC), found[4] is None
    if not _ISO_DAY.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return aware, len(text) == len("2026-12-31")
