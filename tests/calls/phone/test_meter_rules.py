"""What a call costs, held against a slow model that counts second by second in fractions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.calls.phone.meter.rules import TALK_S_MAX, billed_s, cost_of, seconds_for
from tests.calls.phone.slow_tariff import Tariff, costs, longest

INCREMENTS = st.sampled_from([(1, 1), (6, 6), (60, 60), (30, 6), (180, 60), (1, 60), (7, 5)])
PRICES = st.one_of(st.just(0), st.integers(1, 50), st.integers(0, 5_000_000), st.integers(10**12, 10**14))
TARIFFS = st.builds(
    lambda price, connection, increments: Tariff(price, connection, *increments),
    PRICES,
    st.one_of(st.just(0), PRICES),
    INCREMENTS,
)
SECONDS = st.one_of(st.integers(0, 400), st.integers(0, 4_000))


@given(TARIFFS, SECONDS)
def test_a_call_costs_what_the_slow_model_says(tariff: Tariff, seconds: int) -> None:
    assert cost_of(tariff, seconds) == costs(tariff, seconds)[-1]


@given(TARIFFS, st.integers(1, 130), st.integers(-1, 1))
def test_a_sum_lasts_as_long_as_the_slow_model_says(tariff: Tariff, about: int, more: int) -> None:
    upto = 600
    amount = max(0, costs(tariff, upto)[about] + more)
    assert min(seconds_for(tariff, amount), upto) == longest(tariff, amount, upto)


@given(TARIFFS, st.integers(0, TALK_S_MAX), st.integers(0, TALK_S_MAX))
def test_a_longer_call_never_costs_less(tariff: Tariff, one: int, other: int) -> None:
    short, long = sorted((one, other))
    assert cost_of(tariff, short) <= cost_of(tariff, long)
    assert billed_s(tariff, short) <= billed_s(tariff, long)


@given(TARIFFS, st.integers(0, 10**18), st.integers(0, 10**18))
def test_more_money_never_lasts_shorter(tariff: Tariff, one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert seconds_for(tariff, less) <= seconds_for(tariff, more) <= TALK_S_MAX


@given(TARIFFS, st.integers(1, TALK_S_MAX))
def test_what_a_call_costs_pays_for_it(tariff: Tariff, seconds: int) -> None:
    assert seconds_for(tariff, cost_of(tariff, seconds)) >= seconds


@given(TARIFFS, st.integers(0, 10**18))
def test_a_sum_is_never_exceeded_and_the_next_second_would(tariff: Tariff, amount: int) -> None:
    longest = seconds_for(tariff, amount)
    assert cost_of(tariff, longest) <= amount
    if longest < TALK_S_MAX:
        assert cost_of(tariff, longest + 1) > amount


@given(TARIFFS, st.integers(1, TALK_S_MAX))
def test_no_more_is_billed_than_was_used_and_one_increment(tariff: Tariff, seconds: int) -> None:
    billed = billed_s(tariff, seconds)
    assert billed >= seconds
    assert billed == tariff.first_s or billed - seconds < tariff.next_s


@given(INCREMENTS, st.integers(0, 10**9))
def test_a_free_destination_lasts_a_day_with_nothing(increments: tuple[int, int], amount: int) -> None:
    free = Tariff(0, 0, *increments)
    assert seconds_for(free, amount) == TALK_S_MAX
    assert cost_of(free, TALK_S_MAX) == 0


@pytest.mark.parametrize(
    ("seconds", "billed", "cost"),
    [(0, 0, 0), (1, 30, 7), (30, 30, 7), (31, 36, 8), (36, 36, 8), (37, 42, 9), (60, 60, 13), (61, 66, 14)],
)
def test_a_tariff_by_hand(seconds: int, billed: int, cost: int) -> None:
    """11 cents a minute in 30/6 and 1.23 cents for the connection, rounded up once: 31 s are 1.23 + 6.6."""
    tariff = Tariff(110_000, 12_300, 30, 6)
    assert (billed_s(tariff, seconds), cost_of(tariff, seconds)) == (billed, cost)


@pytest.mark.parametrize(
    ("amount", "seconds"), [(0, 0), (6, 0), (7, 30), (8, 36), (9, 42), (10, 42), (1_000_000, 86_400)]
)
def test_what_a_sum_is_good_for_by_hand(amount: int, seconds: int) -> None:
    assert seconds_for(Tariff(110_000, 12_300, 30, 6), amount) == seconds
