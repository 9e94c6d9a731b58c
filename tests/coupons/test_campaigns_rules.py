"""Campaigns by their pure rules: what an offer is made of, how a campaign changes, what a coupon is good for."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.clock import DAY_MS
from teahouse.coupons.campaigns import rules
from teahouse.coupons.campaigns.model import Hours, Worth
from teahouse.coupons.campaigns.state import day_of

GOOD = (
    Worth("amount_off", "EUR", amount=1),
    Worth("amount_off", "EUR", amount=500, min_spend=2000),
    Worth("percent_off", "EUR", percent=1),
    Worth("percent_off", "EUR", percent=100, amount=500),
    Worth("free_item", "EUR", item="Bun", amount=120),
    Worth("buy_x_get_y", "EUR", item="Bun", amount=120, buy=2, get=1),
    Worth("cash", "EUR", amount=1000),
)
BAD = (
    (Worth("amount_off", "EUR"), "amount"),
    (Worth("amount_off", "EUR", amount=1, percent=5), "percent"),
    (Worth("percent_off", "EUR", amount=100), "percent"),
    (Worth("free_item", "EUR", item=" ", amount=1), "item"),
    (Worth("free_item", "EUR", item="Bun"), "amount"),
    (Worth("buy_x_get_y", "EUR", item="Bun", amount=120, buy=2), "get"),
    (Worth("buy_x_get_y", "EUR", item="Bun", amount=120, get=2), "buy"),
    (Worth("cash", "EUR", amount=100, item="Bun"), "item"),
)


@pytest.mark.parametrize("worth", GOOD)
def test_an_offer_with_its_own_figures_is_good(worth: Worth) -> None:
    rules.must_be_worth(worth)


@pytest.mark.parametrize(("worth", "field"), BAD)
def test_an_offer_that_lacks_one_or_has_anothers_is_refused_by_its_name(worth: Worth, field: str) -> None:
    with pytest.raises(rules.BadWorth) as refused:
        rules.must_be_worth(worth)
    assert refused.value.fields["field"] == field


@pytest.mark.parametrize(
    ("was", "to", "error"),
    [
        ("draft", "live", None),
        ("live", "paused", None),
        ("paused", "live", None),
        ("draft", "ended", None),
        ("live", "ended", None),
        ("paused", "ended", None),
        ("draft", "paused", rules.BadMove),
        ("ended", "live", rules.BadMove),
        ("ended", "paused", rules.BadMove),
    ],
)
def test_a_campaign_moves_only_forward_but_for_a_pause(was: Any, to: Any, error: Any) -> None:
    if error is None:
        rules.may_move(was, to, valid_to=10, now=5)
        return
    with pytest.raises(error):
        rules.may_move(was, to, valid_to=10, now=5)


def test_one_whose_days_are_past_goes_live_no_more_but_may_be_ended() -> None:
    with pytest.raises(rules.CampaignOver):
        rules.may_move("draft", "live", valid_to=5, now=5)
    rules.may_move("draft", "ended", valid_to=5, now=5)


@pytest.mark.parametrize("timezone", ["Europe/Atlantis", "", "../etc/passwd", "/etc/passwd", "Europe", "UTC\x00"])
def test_no_time_zone_is_refused_whatever_it_looks_like(timezone: str) -> None:
    with pytest.raises(rules.BadTimezone):
        rules.must_be_hours((), timezone)


def test_hours_may_go_past_midnight_but_not_be_none_at_all() -> None:
    rules.must_be_hours((Hours((4, 5), 1320, 120),), "Asia/Shanghai")
    with pytest.raises(rules.BadHours):
        rules.must_be_hours((Hours((0,), 600, 600),), "UTC")


@given(
    changed=st.sets(st.sampled_from(["title", "terms", "colour", "stock", "valid_to", "worth", "per_person", "hours"])),
    more=st.booleans(),
    later=st.booleans(),
)
def test_what_was_live_keeps_its_word(changed: set[str], more: bool, later: bool) -> None:
    rules.may_change(changed, was_live=False, state="draft", more_stock=more, later=later)
    breaks = changed & {"worth", "per_person", "hours"}
    breaks |= {"stock"} & changed if not more else set()
    breaks |= {"valid_to"} & changed if not later else set()
    if not breaks:
        rules.may_change(changed, was_live=True, state="paused", more_stock=more, later=later)
        return
    with pytest.raises(rules.CampaignFixed) as refused:
        rules.may_change(changed, was_live=True, state="live", more_stock=more, later=later)
    assert refused.value.fields["fields"] == sorted(breaks)


@given(begins=st.integers(0, 2**40), lasts=st.integers(1, 2**38), days=st.integers(0, 3650), now=st.integers(0, 2**41))
def test_a_coupon_is_good_within_its_campaign_and_never_before_it_was_claimed(
    begins: int, lasts: int, days: int, now: int
) -> None:
    ends = begins + lasts
    now = min(now, ends - 1)
    starts_at, expires_at = rules.good_for(begins, ends, days, now)
    assert max(begins, now) == starts_at < expires_at <= ends
    if days:
        assert expires_at - starts_at <= days * DAY_MS
    else:
        assert expires_at == ends


@given(
    now=st.integers(0, 4 * 10**12),
    timezone=st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]),
)
def test_a_day_ends_where_the_next_one_begins(now: int, timezone: str) -> None:
    assert ZoneInfo(timezone)
    day, ends = day_of(timezone, now)
    assert ends > now
    assert day_of(timezone, ends - 1)[0] == day
    assert day_of(timezone, ends)[0] > day
