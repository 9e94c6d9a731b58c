"""What follows from a biller's answers, by the thousand: no order of answers leaves money in the air, or pays twice."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from teahouse.bills.connectors.model import FoundBill, Said
from teahouse.bills.payments import rules
from teahouse.bills.payments.rules import Known
from teahouse.bills.saved import rules as saved
from teahouse.clock import DAY_MS, HOUR_MS

STATES = st.sampled_from(["paid", "refused", "pending", "unknown", "reversed"])
AFTER: dict[str, Any] = {"post": "paid", "void": "returned", "give_back": "reversed"}


@given(st.lists(STATES, min_size=1, max_size=400), st.integers(60, 14 * 86_400))
def test_every_payment_ends_and_moves_once(answers: list[Any], deadline_s: int) -> None:
    now, deadline_at = 0, deadline_s * 1000
    known = Known("held", "pay", 0, deadline_at, deadline_at + rules.HOLD_MARGIN_MS)
    done: list[str] = []
    asked = 0
    while known.step:
        asked += 1
        assert asked < 5_000, "it ends"
        ask = rules.ask_of(known, now)
        following = rules.follows(known, ask, Said(answers[asked % len(answers)]), now)
        if following.do:
            done.append(following.do)
        assert bool(following.step) == bool(following.at), "what is to be asked has its time"
        assert following.at == 0 or following.at >= now
        if following.do == "give_back":
            break  # the biller's account had it
        state = AFTER.get(following.do, known.state)
        if state == "held":
            assert following.step, "money that is held is asked about"
            assert following.at <= deadline_at
        known = Known(state, following.step, following.tries, known.deadline_at, known.expires_at)
        now = max(now, following.at)
        assert known.state != "held" or now <= deadline_at
    assert tuple(done) in {("post",), ("post", "give_back"), ("void",)}
    assert now <= deadline_at + rules.UNDO_FOR_MS + rules.UNDO_LAST_MS or "post" in done


@given(
    st.sampled_from(["exact", "partial", "over", "any"]), st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)
)
def test_a_biller_takes_what_it_was_set_up_to_take(accepts: Any, amount: int, least: int, most: int) -> None:
    found = FoundBill("r", "n", amount, least, most, 0)
    low, high = rules.bounds(accepts, False, found)
    if not high:
        assert low == 0
        return
    assert 1 <= low <= high
    assert least <= low and high <= most  # noqa: PT018 - one thought
    if accepts in ("exact", "over"):
        assert low >= amount
    if accepts in ("exact", "partial"):
        assert high <= amount


@given(st.text(min_size=1, max_size=64))
def test_no_value_is_shown_whole(value: str) -> None:
    hidden = rules.masked(value)
    shown = hidden.lstrip("*")
    assert len(shown) <= 4
    assert value.endswith(shown)
    assert hidden[0] == "*"


@given(
    st.integers(0, 10_000),
    st.integers(0, 60).map(lambda days: days * DAY_MS),
    st.integers(0, 28),
    st.integers(0, 10_000),
    st.lists(st.integers(1, 72), max_size=300),
)
def test_a_saved_bill_is_told_of_and_paid_once(
    amount: int, due_at: int, remind_days: int, ceiling: int, hours: list[int]
) -> None:
    now, done = 10 * DAY_MS, []
    known = saved.Known("r", amount, due_at and now + due_at, remind_days, ceiling)
    for each in hours:
        do = saved.follows(known, now)
        marks = {"remind": {"told_due": "r"}, "above": {"told_above": "r"}, "pay": {"paid_ref": "r"}}.get(do, {})
        known = saved.Known(**{**{name: getattr(known, name) for name in known.__struct_fields__}, **marks})
        done += [do] if do else []
        following = saved.next_fetch(known, now, "a name")
        assert now < following <= now + DAY_MS + 2 * HOUR_MS
        now += each * HOUR_MS
    assert len(done) == len(set(done))
    if "pay" in done:
        assert done == ["pay"]
        assert 0 < amount <= ceiling
    if not ceiling:
        assert set(done) <= {"remind"}
