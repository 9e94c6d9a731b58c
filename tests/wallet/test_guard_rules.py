"""The guard's rules, by themselves."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.clock import DAY_MS, HOUR_MS, MINUTE_MS
from teahouse.money import AMOUNT_MAX, currencies
from teahouse.wallet import masking
from teahouse.wallet.guard import rules
from teahouse.wallet.guard.model import SpendingLimits

sums = st.integers(0, AMOUNT_MAX)
NOW = 1_764_000_000_000


# --- the PIN --------------------------------------------------------------------------------------


@given(st.integers(0, 9), st.sampled_from([0, 1, -1]))
def test_runs_of_digits_are_too_easy(first: int, step: int) -> None:
    with pytest.raises(rules.PinTooEasy):
        rules.must_be_hard("".join(str((first + at * step) % 10) for at in range(6)))


def test_few_pins_are_too_easy() -> None:
    easy = 0
    for number in range(10**6):
        try:
            rules.must_be_hard(f"{number:06}")
        except rules.PinTooEasy:
            easy += 1
    assert easy == 30


@given(st.integers(0, 200))
def test_every_fifth_wrong_pin_locks_it_and_never_for_a_shorter_time(failures: int) -> None:
    until, left = rules.locked_until(failures, NOW), rules.tries_left(failures)
    assert (until > 0) == (failures > 0 and failures % 5 == 0) == (left == 0)
    assert rules.locked_until(failures + left, NOW) - NOW in (15 * MINUTE_MS, HOUR_MS, DAY_MS)
    assert rules.locked_until(failures + left + 5, NOW) >= rules.locked_until(failures + left, NOW)


def test_a_year_of_guessing_is_hopeless() -> None:
    """As fast as the locks allow: fewer than one in five hundred PINs is tried."""
    now, failures = 0, 0
    while now < 365 * DAY_MS:
        failures += 1
        now = max(now, rules.locked_until(failures, now))
    assert failures < 10**6 / 500


# --- limits ---------------------------------------------------------------------------------------


@given(payment=sums, day=sums, spent=sums, amount=st.integers(1, AMOUNT_MAX))
def test_what_may_be_spent_is_within_both_limits(payment: int, day: int, spent: int, amount: int) -> None:
    limits = SpendingLimits(0, "EUR", payment, day, 0)
    if amount <= payment and spent + amount <= day:
        rules.may_spend(limits, spent, amount)
        return
    with pytest.raises(rules.LimitExceeded) as refused:
        rules.may_spend(limits, spent, amount)
    which, left = refused.value.fields["which"], refused.value.fields["left"]
    assert (which, refused.value.fields["max"]) == (("payment", payment) if amount > payment else ("day", day))
    assert 0 <= left < amount
    if which == "day" and left:
        rules.may_spend(limits, spent, left)  # so much would have gone


@given(most=sums, has=sums, amount=st.integers(1, AMOUNT_MAX))
def test_a_balance_stays_within_its_limit(most: int, has: int, amount: int) -> None:
    try:
        rules.may_hold(SpendingLimits(0, "EUR", 0, 0, most), has, amount)
    except rules.WalletFull:
        assert has + amount > most
    else:
        assert has + amount <= most


@given(st.sampled_from(sorted(currencies())))
def test_every_currency_has_defaults_that_grow_with_the_level(currency: str) -> None:
    limits = tuple(rules.default_limits(level, currency) for level in rules.LEVELS)
    rules.must_be_limits(limits)
    for each in limits:
        assert 0 < each.payment_max <= each.day_max <= each.balance_max
    for lower, higher in pairwise(limits):
        assert lower.payment_max < higher.payment_max
        assert lower.day_max < higher.day_max
        assert lower.balance_max < higher.balance_max


@pytest.mark.parametrize(
    ("currency", "payment_max"),
    [("EUR", 100_00), ("CNY", 1_000_00), ("RUB", 10_000_00), ("JPY", 10_000), ("KWD", 100_000), ("VND", 1_000_000)],
)
def test_the_defaults_are_of_about_the_same_worth(currency: str, payment_max: int) -> None:
    assert rules.default_limits(0, currency).payment_max == payment_max


def test_every_known_worth_is_of_a_currency_that_a_house_may_use() -> None:
    assert set(rules.WORTH) <= set(currencies())


def test_the_page_says_the_defaults() -> None:
    page = (Path(__file__).parents[2] / "docs" / "wallet-guard.md").read_text("utf-8")
    listed = re.findall(r"^\| (\d) \| [^|]+ \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert len(listed) == len(rules.LEVELS)
    for level, *most in listed:
        each = rules.default_limits(int(level), "EUR")
        assert [int(one) * 100 for one in most] == [each.payment_max, each.day_max, each.balance_max]


@given(st.integers(-(10**13), 10**13))
def test_a_day_has_24_hours_of_utc(at: int) -> None:
    day = rules.day_of(at)
    assert day * DAY_MS <= at < (day + 1) * DAY_MS


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Ada Lovelace", "A** L******"),
        ("Ada Lovelaces", "A** L******"),
        ("Ada King Lovelace", "A** K*** L******"),
        ("Иван Петров", "И*** П*****"),
        ("王小明", "**明"),
        ("王明", "*明"),
        ("王 明", "*明"),
        ("山田たろう", "****う"),
        ("김민수", "**수"),
        ("迪丽热巴·迪力木拉提", "******提"),
        ("Li 明", "L* 明"),
        ("Zoe\u0308 O'Neil", "Z** O*****"),
        ("E\u0301va", "E\u0301**"),
        ("X", "X"),
        ("", ""),
    ],
)
def test_a_masked_name(name: str, masked: str) -> None:
    assert masking.masked(name) == masked


@given(st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"]), max_size=80))
def test_a_masked_name_shows_one_letter_a_word_at_most(name: str) -> None:
    masked = masking.masked(name)
    shown = [each for each in masked if each != "*" and not each.isspace() and not unicodedata.combining(each)]
    assert len(shown) <= len(name.split())
    assert set(shown) <= set(name)
    assert all(len(word) - len(word.lstrip("*")) <= masking.STARS_MAX for word in masked.split())
    assert masked.count("*") <= masking.STARS_MAX * max(1, len(name.split()))
