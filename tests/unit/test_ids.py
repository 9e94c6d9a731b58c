"""Ids sort by birth and never repeat."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from teahouse import ids


def test_ids_are_unique_ordered_and_well_formed() -> None:
    made = [ids.new_id() for _ in range(5000)]
    assert len(set(made)) == len(made)
    assert made == sorted(made)
    assert all(re.fullmatch(ids.PATTERN, each) for each in made)


def test_an_id_tells_its_birth() -> None:
    before = time.time_ns() // 1_000_000
    born = ids.milliseconds(ids.new_id())
    assert before <= born <= time.time_ns() // 1_000_000 + 1


@given(st.integers(0, 2**80 - 1), st.integers(0, 2**80 - 1))
def test_text_order_is_number_order(one: int, other: int) -> None:
    assert (one < other) == (ids.encode(one) < ids.encode(other))


def test_tokens_are_stored_hashed() -> None:
    token = ids.new_token()
    assert len(token) >= 43
    assert token.encode() not in ids.hash_token(token)
    assert ids.hash_token(token) == ids.hash_token(token)
