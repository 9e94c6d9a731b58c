"""What a desk's pure rules say."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.wallet.cash import rules

NOW = 1_000_000


class Operation(msgspec.Struct, frozen=True):
    cashier: str = "ann"
    person: str = "bo"
    state: str = "confirm"
    expires_at: int = NOW + 1


@pytest.mark.parametrize(
    ("currency", "main", "above", "limit"),
    [
        ("EUR", "EUR", 500_00, 500_00),
        ("USD", "EUR", 500_00, 500_00),
        ("JPY", "EUR", 500_00, 500),
        ("KWD", "EUR", 500_00, 500_000),
        ("EUR", "JPY", 50_000, 50_000_00),
        ("JPY", "EUR", 50, 1),
    ],
)
def test_a_limit_is_as_many_units_in_each_currency(currency: str, main: str, above: int, limit: int) -> None:
    assert rules.limit_in(currency, main, above) == limit


def test_a_third_person_confirms() -> None:
    rules.may_confirm(Operation(), "cem", NOW)
    with pytest.raises(rules.SecondNeeded):
        rules.may_confirm(Operation(), "ann", NOW)
    with pytest.raises(rules.OwnCustomer):
        rules.may_confirm(Operation(), "bo", NOW)


@pytest.mark.parametrize("state", ["approve", "done", "refused", "expired"])
def test_what_does_not_wait_is_not_decided(state: str) -> None:
    with pytest.raises(rules.OperationOver):
        rules.may_decide(Operation(state=state), NOW)


def test_a_day_is_over_to_the_millisecond() -> None:
    rules.may_decide(Operation(), NOW)
    with pytest.raises(rules.OperationOver):
        rules.may_decide(Operation(), NOW + 1)


def test_what_is_promised_is_not_there_for_others() -> None:
    rules.must_hold(100, 40, 60)
    with pytest.raises(rules.DrawerEmpty) as refused:
        rules.must_hold(100, 40, 61)
    assert refused.value.fields == {"available": 60}
    with pytest.raises(rules.DrawerEmpty) as refused:
        rules.must_hold(10, 40, 1)
    assert refused.value.fields == {"available": 0}


sums = st.integers(0, 10**15)


@given(sums, sums, sums, sums, sums)
def test_a_count_adds_up(opening: int, gone: int, taken_in: int, paid_out: int, counted: int) -> None:
    """Whatever went through a drawer before: opening, in and out make what is expected, and the rest is difference."""
    before = (opening + gone, gone)
    count = rules.count(before[0] + taken_in, before[1] + paid_out, before, counted)
    assert (count.opening, count.taken_in, count.paid_out) == (opening, taken_in, paid_out)
    assert count.expected == opening + taken_in - paid_out
    assert count.expected + count.difference == counted
