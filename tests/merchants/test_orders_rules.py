"""The sums of orders by themselves: fees, what comes back of them, and what a scanned text says."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse import ids
from teahouse.merchants.orders import codes, rules
from teahouse.money import AMOUNT_MAX
from teahouse.people.model import Person
from teahouse.wallet.payments import emv

AMOUNTS = st.one_of(st.integers(1, 500), st.integers(1, AMOUNT_MAX))
SHARES = st.integers(0, 10_000)
HOUSE = "https://tea.example:8420"


@given(AMOUNTS, SHARES, st.one_of(st.just(0), st.integers(0, 10**9)))
def test_a_fee_is_the_share_rounded_half_to_even_and_never_above_the_payment(paid: int, share: int, fixed: int) -> None:
    fee = rules.fee_of(paid, share, fixed)
    # Python rounds a fraction half to even: the same rule, by other means.
    assert fee == min(paid, round(Fraction(paid * share, 10_000)) + fixed)


def test_halves_go_to_the_even_neighbour() -> None:
    assert [rules.fee_of(paid, 5_000, 0) for paid in (1, 3, 5, 7)] == [0, 2, 2, 4]
    assert rules.fee_of(0, 500, 50) == 0


@given(AMOUNTS, SHARES, st.integers(0, 500), st.lists(st.fractions(0, 1, max_denominator=1_000), max_size=9))
def test_refunds_in_parts_give_back_the_whole_fee(paid: int, share: int, fixed: int, cuts: list[Fraction]) -> None:
    fee, before, back = rules.fee_of(paid, share, fixed), 0, 0
    for refunded in sorted({int(paid * cut) for cut in cuts} | {paid}):
        part_back = rules.fee_back(fee, paid, refunded) - back
        assert 0 <= part_back <= refunded - before, "no part gives back more than itself"
        before, back = refunded, back + part_back
        assert abs(back - Fraction(fee * refunded, paid)) <= Fraction(1, 2), "never off by more than half a unit"
    assert back == fee


@given(st.integers(0, AMOUNT_MAX), st.integers(0, AMOUNT_MAX))
def test_a_subsidy_never_rises_above_zero(given: int, back: int) -> None:
    settled = rules.unsettled(-given, back)
    assert 0 <= settled <= back
    assert -given - settled + back <= 0


@pytest.mark.parametrize(
    ("state", "paid", "refunded", "asked", "outcome"),
    [
        ("paid", 100, 0, None, 100),
        ("paid", 100, 30, None, 70),
        ("paid", 100, 30, 70, 70),
        ("paid", 0, 0, None, 0),
        ("paid", 100, 30, 71, rules.RefundTooMuch),
        ("paid", 0, 0, 1, rules.RefundTooMuch),
        ("refunded", 100, 100, None, rules.RefundTooMuch),
        ("refunded", 0, 0, None, rules.RefundTooMuch),
        ("created", 0, 0, None, rules.NotPaid),
        ("closed", 0, 0, 1, rules.NotPaid),
    ],
)
def test_what_may_be_refunded(
    state: str, paid: int, refunded: int, asked: int | None, outcome: int | type[Exception]
) -> None:
    if isinstance(outcome, int):
        assert rules.refundable(state, paid, refunded, asked) == outcome
    else:
        with pytest.raises(outcome):
            rules.refundable(state, paid, refunded, asked)


@given(st.text(max_size=40), st.text(max_size=140), AMOUNTS)
def test_an_orders_text_leads_back_to_it(name: str, what: str, amount: int) -> None:
    order = ids.new_id()
    merchant = Person(id=ids.new_id(), handle="bakery", name=name)
    text = codes.text_of(HOUSE, "DE", "Tea", merchant, order, amount, "EUR", what)
    assert len(text) <= emv.TEXT_MAX
    assert codes.read(text, HOUSE) == codes.Scanned(order=order)
    with pytest.raises(emv.OtherHouse):
        codes.read(text, "https://elsewhere.example")
    assert codes.read(codes.url_of(HOUSE, order), HOUSE) == codes.Scanned(order=order)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for said in (text, f"/o/{text}", f"/m/{text}", f"{HOUSE}/m/{text}"):
        try:
            found = codes.read(said, HOUSE)
        except (emv.NotACode, emv.OtherHouse, emv.BadLength, emv.BadField, emv.BadChecksum, emv.NotOurCode):
            continue
        assert bool(found.order) != bool(found.counter)
