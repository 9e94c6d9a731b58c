"""How a customer's value is checked: by a rule that the operator writes in one line. Pure.

A pattern is of a small language of its own (characters, classes, counts, alternatives; no groups), so that no pattern
can take long on any value: a regular expression as such could take for ever.
"""

import importlib
import re
from collections.abc import Callable
from functools import lru_cache

from teahouse.wallet.notes import clean

VALUE_MAX = 64
PATTERN_MAX = 100
VARIABLE_MAX = 3
"""Counts that are not fixed, in one alternative: each may double the work, or more."""

Checked = Callable[[str], str]
"""Returns the value as the biller writes it. Raises `ValueError`."""

_DIGITS = re.compile(r"digits:(\d{1,2})(?:-(\d{1,2}))?")
_STDNUM = re.compile(r"stdnum:([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_BETWEEN = re.compile(r"[\s./()\u2010-\u2015-]+")
"""What people write between the digits of a number."""
_ATOM = r"(?:[A-Za-z0-9 _/:@#-]|\\[dw.\\+*?()\[\]{}|^$/-]|\.|\[(?:[A-Za-z0-9 _./:@#-]|\\[dw.\\/-])+\])"
_COUNT = r"(?:\?|\*|\+|\{\d{1,2}(?:,\d{1,2})?\})"
_PART = re.compile(rf"(?P<atom>{_ATOM})(?P<count>{_COUNT})?")


class BadCheck(ValueError):
    """The rule itself cannot be used."""


@lru_cache(maxsize=500)
def compiled(check: str) -> Checked:
    """Return what a rule does with a value. Raises `BadCheck`."""
    if not check:
        return _any
    if check == "phone":
        return _phone
    if found := _DIGITS.fullmatch(check):
        return _digits(int(found[1]), int(found[2] or found[1]))
    if found := _STDNUM.fullmatch(check):
        return _stdnum(found[1])
    if check.startswith("pattern:"):
        return _pattern(check.removeprefix("pattern:"))
    raise BadCheck(f"There is no such check: {check}")


def _any(value: str) -> str:
    return value


def _phone(value: str) -> str:
    number = _BETWEEN.sub("", value)
    if not _PHONE.fullmatch(number):
        raise ValueError("not a telephone number")
    return number


def _digits(least: int, most: int) -> Checked:
    if not 1 <= least <= most <= VALUE_MAX:
        raise BadCheck(f"A number has 1 to {VALUE_MAX} digits.")

    def checked(value: str) -> str:
        number = _BETWEEN.sub("", value)
        if not (number.isascii() and number.isdigit() and least <= len(number) <= most):
            raise ValueError("not that many digits")
        return number

    return checked


def _pattern(pattern: str) -> Checked:
    if not 1 <= len(pattern) <= PATTERN_MAX:
        raise BadCheck(f"A pattern has up to {PATTERN_MAX} characters.")
    for alternative in _alternatives(pattern):
        variable, at = 0, 0
        while at < len(alternative):
            part = _PART.match(alternative, at)
            if part is None:
                raise BadCheck(f"This is no part of a pattern: {alternative[at:]}")
            count = part["count"] or ""
            variable += bool(count) and not re.fullmatch(r"\{\d+\}", count)
            at = part.end()
        if variable > VARIABLE_MAX:
            raise BadCheck(f"A pattern has at most {VARIABLE_MAX} counts that vary.")
    try:
        expression = re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise BadCheck(str(error)) from None

    def checked(value: str) -> str:
        if len(value) > VALUE_MAX or not expression.fullmatch(value):
            raise ValueError("not of this pattern")
        return value

    return checked


def _alternatives(pattern: str) -> list[str]:
    """Split at the bars that stand for themselves (a class has none)."""
    return re.split(r"(?<!\\)\|", pattern)


def _stdnum(name: str) -> Checked:
    """Use a module of python-stdnum: whichever has a `validate` that says yes or no to a number alone."""
    try:
        module = importlib.import_module(f"stdnum.{name}")
        validate = module.validate
        compact = getattr(module, "compact", None)
    except (ImportError, AttributeError):
        raise BadCheck(f"python-stdnum has no such number: {name}") from None
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    try:
        validate("0")
    except ValidationError:
        pass
    except Exception as error:
        raise BadCheck(f"This module of python-stdnum checks no numbers: {name} ({error})") from None

    def checked(value: str) -> str:
        try:
            # What has no way of writing of its own is digits with a check digit.
            return str(validate(value if compact else _BETWEEN.sub("", value)))
        except ValidationError as error:
            raise ValueError(str(error)) from None
        except Exception:
            raise ValueError("not such a number") from None  # some modules stumble over what is no number at all

    return checked


def apply(check: str, value: str) -> str:
    """Return a value as the biller writes it. Raises `ValueError`."""
    made = compiled(check)(clean(value))
    if not 1 <= len(made) <= VALUE_MAX:
        raise ValueError("empty")
    return made
