"""The rotating code that a coupon is shown as: made on the holder's device without a network, good for a minute.

`TC1.<coupon>.<step>.<tag>`: the step is the quarter of a minute since 1970, in base 36; the tag is the first ten base32
characters (50 bits) of HMAC-SHA256 over all that stands before it. Pure.
"""

import base64
import hmac
import re
from typing import NamedTuple

from teahouse import ids

VERSION = "TC1"
STEP_S = 15
TAG_LENGTH = 10
OLD_STEPS = 4
"""A code is good for a minute: that of now, and the four steps before."""
EARLY_STEPS = 2
"""Clocks of phones may be fast by half a minute."""
_FORM = re.compile(
    rf"{VERSION}\.([{ids.ALPHABET}]{{{ids.LENGTH}}})\.([1-9a-z][0-9a-z]{{0,9}})\.([A-Z2-7]{{{TAG_LENGTH}}})", re.ASCII
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Code(NamedTuple):
    coupon: str
    step: int
    tag: str


def step_at(now: int) -> int:
    """Return the step of an instant (Unix ms)."""
    return now // 1000 // STEP_S


def made(secret: bytes, coupon: str, step: int) -> str:
    """Return what the holder's device shows."""
    said = f"{VERSION}.{coupon}.{base36(step)}"
    return f"{said}.{_tag(secret, said)}"


def read(text: str) -> Code | None:
    """Take a code apart, if it has the form of one."""
    found = _FORM.fullmatch(text)
    return Code(found[1], int(found[2], 36), found[3]) if found is not None else None


def is_by(code: Code, secret: bytes) -> bool:
    """Whether the holder of this secret made it."""
    return hmac.compare_digest(made(secret, code.coupon, code.step).rpartition(".")[2], code.tag)


def is_fresh(step: int, now: int) -> bool:
    return -EARLY_STEPS <= step_at(now) - step <= OLD_STEPS


def base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _tag(secret: bytes, said: str) -> str:
    return base64.b32encode(hmac.digest(secret, said.encode(), "sha256")).decode()[:TAG_LENGTH]
