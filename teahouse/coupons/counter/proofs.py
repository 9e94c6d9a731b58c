"""Proofs that a coupon's code was scanned here: the house signs what it read, for two minutes. Pure.

`<coupon>.<custody>.<step>.<end>.<tag>`: the tag is over the merchant and the staff person too: it is good for
them alone.
"""

import base64
import hmac
import re
from typing import NamedTuple

from teahouse import clock, ids
from teahouse.coupons.counter import rules
from teahouse.coupons.counter.codes import base36

LASTS_MS = 2 * clock.MINUTE_MS
_BYTES = 15
_FORM = re.compile(
    rf"([{ids.ALPHABET}]{{{ids.LENGTH}}})\.([0-9a-z]{{1,10}})\.([0-9a-z]{{1,10}})\.([0-9a-z]{{1,12}})\.([\w-]{{20}})",
    re.ASCII,
)


class Proof(NamedTuple):
    coupon: str
    custody: int
    """The number of its holder then: it is nothing worth once they have given it away."""
    step: int
    """Of the code that was scanned."""


def made(key: bytes, proof: Proof, merchant: str, staff: str, now: int) -> str:
    said = ".".join((proof.coupon, base36(proof.custody), base36(proof.step), base36(now + LASTS_MS)))
    return f"{said}.{_tag(key, said, merchant, staff)}"


def read(key: bytes, text: str, merchant: str, staff: str, now: int) -> Proof:
    """Raises `WrongProof`."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise rules.WrongProof()
    said, tag = text.rsplit(".", 1)
    if not hmac.compare_digest(tag, _tag(key, said, merchant, staff)) or now >= int(found[4], 36):
        raise rules.WrongProof()
    return Proof(found[1], int(found[2], 36), int(found[3], 36))


def _tag(key: bytes, said: str, merchant: str, staff: str) -> str:
    digest = hmac.digest(key, f"proof|{said}|{merchant}|{staff}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_BYTES]).decode()
