"""How Stripe counts the world's money (docs.stripe.com/currencies), and what can go back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse import clock
from teahouse.money import AMOUNT_MAX, currencies, parse
from teahouse.wallet.card import rules
from teahouse.wallet.ledger.rules import BadAmount

codes = st.sampled_from(sorted(currencies()))
ZERO_DECIMAL = ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF", "MGA")


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [
        ("10", "USD", 1000),
        ("12.34", "EUR", 1234),
        ("500", "JPY", 500),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("10.45", "HUF", 1045),
        ("800.45", "TWD", 80045),
        ("5", "MGA", 5),
        ("5.12", "KWD", 5120),
        ("5.130", "TND", 5130),
    ],
)
def test_amounts_as_stripe_counts_them(text: str, currency: str, units: int) -> None:
    amount = parse(text, currency)
    assert rules.to_stripe(amount, currency) == units
    assert rules.from_stripe(units, currency) == amount


@pytest.mark.parametrize(("text", "currency"), [("5.124", "KWD"), ("0.001", "JOD"), ("5.50", "MGA")])
def test_what_cards_cannot_pay(text: str, currency: str) -> None:
    with pytest.raises(BadAmount):
        rules.to_stripe(parse(text, currency), currency)


@pytest.mark.parametrize("currency", ZERO_DECIMAL)
def test_currencies_without_decimals_are_sent_whole(currency: str) -> None:
    assert rules.to_stripe(parse("7", currency), currency) == 7


@pytest.mark.parametrize("currency", ["ISK", "UGX"])
def test_a_fraction_that_cannot_be_is_refused(currency: str) -> None:
    with pytest.raises(rules.CardDiffers):
        rules.from_stripe(550, currency)


@given(st.integers(1, AMOUNT_MAX), codes)
def test_there_and_back_again(amount: int, currency: str) -> None:
    amount -= amount % rules.step_of(currency)
    assert rules.from_stripe(rules.to_stripe(amount, currency), currency) == amount


money = st.integers(0, 10**9)


@given(money, money, money, codes)
def test_what_can_go_back(amount: int, gone_back: int, available: int, currency: str) -> None:
    back = rules.refundable(amount, gone_back, available, currency)
    assert 0 <= back <= available
    assert back == 0 or back + gone_back <= amount
    rules.to_stripe(back, currency)
    assert min(amount - gone_back, available) - back < rules.step_of(currency) or amount < gone_back


@given(st.integers(0, 90 * clock.DAY_MS))
def test_stripe_is_asked_ever_more_rarely_but_within_the_month(age: int) -> None:
    asked = rules.next_check(age, 0)
    assert asked - age >= rules.CHECK_AFTER_MS
    assert asked - age <= max(rules.CHECK_AFTER_MS, 30 * clock.DAY_MS)
