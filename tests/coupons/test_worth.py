"""What a coupon is worth: each offer by its word, never more than the basket, at the hours on the wall there."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.coupons.campaigns.model import Hours, Worth
from teahouse.coupons.counter import rules, worth
from teahouse.money import AMOUNT_MAX

amounts = st.one_of(st.integers(0, 5000), st.integers(0, AMOUNT_MAX))
counts = st.integers(0, 100)
worths = st.builds(
    Worth,
    offer=st.sampled_from(["amount_off", "percent_off", "free_item", "buy_x_get_y", "cash"]),
    currency=st.just("EUR"),
    amount=amounts,
    percent=counts,
    buy=counts,
    get=counts,
    min_spend=amounts,
)
ALL_DAYS = (0, 1, 2, 3, 4, 5, 6)


class Terms(msgspec.Struct):
    worth: Worth
    hours: tuple[Hours, ...] = ()
    timezone: str = "UTC"
    counters: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("offer", "basket", "quantity", "off"),
    [
        (Worth("amount_off", "EUR", amount=300), 1000, 0, 300),
        (Worth("amount_off", "EUR", amount=300), 200, 0, 200),
        (Worth("percent_off", "EUR", percent=15), 999, 0, 149),
        (Worth("percent_off", "EUR", percent=50, amount=200), 1000, 0, 200),
        (Worth("percent_off", "EUR", percent=100), 1000, 0, 1000),
        (Worth("free_item", "EUR", amount=350, item="Latte"), 1000, 0, 350),
        (Worth("free_item", "EUR", amount=350, item="Latte"), 300, 0, 300),
        (Worth("buy_x_get_y", "EUR", amount=200, buy=2, get=1), 1400, 7, 400),
        (Worth("buy_x_get_y", "EUR", amount=200, buy=2, get=1), 400, 2, 0),
        (Worth("buy_x_get_y", "EUR", amount=200, buy=1, get=2), 600, 3, 400),
        (Worth("cash", "EUR", amount=500), 450, 0, 450),
    ],
)
def test_each_offer_takes_off_what_its_word_says(offer: Worth, basket: int, quantity: int, off: int) -> None:
    assert worth.discount(offer, basket, quantity) == off


@given(worths, amounts, st.integers(0, 1000))
def test_a_discount_is_never_below_nothing_nor_above_the_basket(offer: Worth, basket: int, quantity: int) -> None:
    assert 0 <= worth.discount(offer, basket, quantity) <= basket


@given(worths, st.lists(amounts, min_size=2).map(sorted), st.integers(0, 1000))
def test_more_in_the_basket_never_takes_off_less(offer: Worth, baskets: list[int], quantity: int) -> None:
    off = [worth.discount(offer, basket, quantity) for basket in baskets]
    assert all(less <= more for less, more in pairwise(off))


@given(st.integers(1, 100), amounts, amounts)
def test_a_share_is_rounded_down_and_ends_at_its_ceiling(percent: int, ceiling: int, basket: int) -> None:
    off = worth.discount(Worth("percent_off", "EUR", percent=percent, amount=ceiling), basket)
    exact = basket * percent
    assert off == ceiling or exact - 100 < off * 100 <= exact
    assert not ceiling or off <= ceiling


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 1000))
def test_of_buy_and_get_only_whole_dozens_count(buy: int, get: int, quantity: int) -> None:
    offer = Worth("buy_x_get_y", "EUR", amount=1, buy=buy, get=get)
    free = worth.discount(offer, AMOUNT_MAX, quantity)
    paid = quantity - free
    assert free % get == 0
    assert paid >= free // get * buy
    assert quantity - free // get * (buy + get) < buy + get


def test_a_basket_must_be_in_its_currency_big_enough_and_take_something_off() -> None:
    offer = Worth("amount_off", "EUR", amount=300, min_spend=1000)
    assert worth.must_take_off(offer, 1000, "EUR") == 300
    with pytest.raises(rules.OtherCurrency):
        worth.must_take_off(offer, 1000, "CNY")
    with pytest.raises(rules.BelowMinSpend) as refused:
        worth.must_take_off(offer, 999, "EUR")
    assert refused.value.fields == {"min_spend": 1000}
    with pytest.raises(rules.NothingOff):
        worth.must_take_off(Worth("buy_x_get_y", "EUR", amount=200, buy=2, get=1), 1000, "EUR", quantity=2)


def test_a_coupon_is_good_from_its_start_on() -> None:
    terms = Terms(Worth("cash", "EUR", amount=1))
    worth.must_be_now(terms, 100, 100)
    with pytest.raises(rules.TooEarly):
        worth.must_be_now(terms, 100, 99)


def test_outside_its_hours_it_is_refused() -> None:
    terms = Terms(Worth("cash", "EUR", amount=1), hours=(Hours(days=ALL_DAYS, start=60, end=120),))
    worth.must_be_now(terms, 0, 60 * 60_000)
    with pytest.raises(rules.NotAtThisHour):
        worth.must_be_now(terms, 0, 120 * 60_000)


def test_counters_that_are_named_are_the_only_ones() -> None:
    worth.must_be_here(Terms(Worth("cash", "EUR")), "")
    here = Terms(Worth("cash", "EUR"), counters=("a", "b"))
    worth.must_be_here(here, "b")
    for elsewhere in ("c", ""):
        with pytest.raises(rules.NotAtThisCounter):
            worth.must_be_here(here, elsewhere)


def at(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-03-02T08:59:59", False),  # a Monday
        ("2026-03-02T09:00", True),
        ("2026-03-02T11:59:59", True),
        ("2026-03-02T12:00", False),
        ("2026-03-03T10:00", False),  # Tuesday
        ("2026-03-06T21:59", False),
        ("2026-03-06T22:00", True),  # Friday night …
        ("2026-03-07T01:59", True),  # … goes into Saturday
        ("2026-03-07T02:00", False),
        ("2026-03-08T01:00", False),
    ],
)
def test_hours_are_those_of_the_wall_there(when: str, is_open: bool) -> None:
    hours = (Hours(days=(0,), start=540, end=720), Hours(days=(4,), start=1320, end=120))
    for zone in ("Europe/Berlin", "Asia/Shanghai", "America/New_York", "UTC"):
        assert worth.is_within(hours, zone, at(when, zone)) is is_open


def test_the_hour_on_the_wall_moves_with_summer_time() -> None:
    hours = (Hours(days=ALL_DAYS, start=540, end=541),)
    assert worth.is_within(hours, "Europe/Berlin", at("2026-01-15T08:00", "UTC"))
    assert not worth.is_within(hours, "Europe/Berlin", at("2026-07-15T08:00", "UTC"))
    assert worth.is_within(hours, "Europe/Berlin", at("2026-07-15T07:00", "UTC"))


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]))
def test_hours_and_the_hours_between_them_never_overlap_and_leave_no_gap(now: int, zone: str) -> None:
    by_day = (Hours(days=ALL_DAYS, start=480, end=1200),)
    by_night = (Hours(days=ALL_DAYS, start=1200, end=480),)
    assert worth.is_within(by_day, zone, now) is not worth.is_within(by_night, zone, now)
