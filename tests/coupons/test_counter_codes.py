"""The rotating code: made without a network, read back, good for a minute, and forged by nobody."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse import ids
from teahouse.coupons.counter import codes
from tests.docs.console import ROOT

coupons = st.text(ids.ALPHABET, min_size=ids.LENGTH, max_size=ids.LENGTH)
steps = st.integers(1, 2**40)
secrets = st.binary(min_size=32, max_size=32)


def test_the_vectors_that_clients_hold_themselves_to_are_true() -> None:
    page = (ROOT / "docs" / "coupons.md").read_text("utf-8")
    rows = re.findall(r"^\| (?:`([A-Z2-7]+)`.*?|the same) \| `(\w{16})` \| (\d+) \| `(TC1\S+)` \|$", page, re.MULTILINE)
    assert len(rows) == 3
    secret = ""
    for base32, coupon, step, code in rows:
        secret = base32 or secret
        assert codes.made(base64.b32decode(secret + "===="), coupon, int(step)) == code


@given(secrets, coupons, steps)
def test_a_code_is_read_as_it_was_made(secret: bytes, coupon: str, step: int) -> None:
    code = codes.read(codes.made(secret, coupon, step))
    assert code is not None
    assert (code.coupon, code.step) == (coupon, step)
    assert codes.is_by(code, secret)


@given(secrets, secrets, coupons, steps, steps)
def test_a_code_of_another_secret_coupon_or_step_is_found_out(
    secret: bytes, other: bytes, coupon: str, step: int, later: int
) -> None:
    code = codes.read(codes.made(secret, coupon, step))
    assert code is not None
    assert codes.is_by(code, other) is (other == secret)
    assert codes.is_by(code._replace(step=later), secret) is (later == step)
    swapped = coupon[::-1]
    assert codes.is_by(code._replace(coupon=swapped), secret) is (swapped == coupon)


@given(st.text(max_size=64))
def test_what_is_no_code_is_not_taken_for_one(text: str) -> None:
    assert codes.read(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "TC1.aaaaaaaaaaaaaaaa.1Y95DS.PNZD4KZVBU",
        "TC1.aaaaaaaaaaaaaaaa.01y95ds.PNZD4KZVBU",
        "TC1.aaaaaaaaaaaaaaaa.1y95ds.pnzd4kzvbu",
        "TC1.aaaaaaaaaaaaaaaa.1y95ds.PNZD4KZVBU\n",
        "TC1.aaaaaaaaaaaaaaaa.1y95ds.PNZD4KZVB",
        "TC2.aaaaaaaaaaaaaaaa.1y95ds.PNZD4KZVBU",
        "TC1.aaaaaaaaaaaaaaaa.٣٣.PNZD4KZVBU",
    ],
)
def test_a_step_has_one_way_of_writing_so_that_a_code_has_one_too(text: str) -> None:
    assert codes.read(text) is None


def test_a_code_is_good_for_a_minute_and_clocks_may_be_fast_by_half_of_one() -> None:
    step, made_at = 118_000_000, 118_000_000 * 15_000
    assert [second for second in range(-60, 120) if codes.is_fresh(step, made_at + second * 1000)] == list(
        range(-30, 75)
    )
