"""The draw of red packets: nothing lost, nothing below one minor unit, no place in the queue better than another."""

from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from teahouse.errors import Refusal
from teahouse.money import AMOUNT_MAX
from teahouse.wallet.packets import rules
from teahouse.wallet.packets.rules import Split

SPLITS = 100_000
hows = st.sampled_from(("equal", "lucky"))


@given(st.data(), st.integers(1, rules.SHARES_MAX), hows, st.randoms(use_true_random=False))
def test_the_shares_are_the_sum_and_each_at_least_one(
    data: st.DataObject, count: int, how: Split, random: Random
) -> None:
    total = data.draw(st.one_of(st.integers(count, 3 * count), st.integers(count, AMOUNT_MAX)))
    shares = rules.split(total, count, how, random)
    assert len(shares) == count
    assert sum(shares) == total
    assert min(shares) >= 1
    if how == "equal":
        assert max(shares) - min(shares) <= 1


@given(st.integers(0, 2**32), st.integers(2, 100), st.integers(100, 10**9))
def test_nobody_draws_twice_the_mean_of_what_is_left(seed: int, count: int, total: int) -> None:
    """So the first cannot take nearly all, whatever the order. The last gets what the others left: up to all of it."""
    random = Random(seed)
    drawn = rules._lucky(total, count, random)
    for at, share in enumerate(drawn[:-1]):
        left = sum(drawn[at:])
        assert share < max(2, 2 * left / (count - at))


@given(st.integers(-5, 600), st.integers(-5, 600), hows)
@example(1, 2, "lucky")
@example(0, 0, "equal")
def test_too_little_for_so_many_is_refused(total: int, count: int, how: Split) -> None:
    if 1 <= count <= total:
        assert sum(rules.split(total, count, how, Random(1))) == total
    else:
        with pytest.raises(rules.ShareTooSmall):
            rules.split(total, count, how, Random(1))


@pytest.mark.parametrize(("total", "count"), [(1000, 5), (20, 6), (7, 7), (9, 8)])
def test_a_lucky_split_is_as_good_for_the_first_as_for_the_last(total: int, count: int) -> None:
    """The mean and the spread of what each place draws are the same, within four standard errors."""
    random = Random(20_261_125)
    drawn = np.array([rules.split(total, count, "lucky", random) for _ in range(SPLITS)], dtype=np.float64)
    assert drawn.min() >= 1
    assert (drawn.sum(axis=1) == total).all()
    error = drawn.std(axis=0) / SPLITS**0.5
    assert (abs(drawn.mean(axis=0) - total / count) <= 4 * error).all()
    squares = (drawn - total / count) ** 2
    error = squares.std(axis=0) / SPLITS**0.5
    assert (abs(squares.mean(axis=0) - squares.mean()) <= 4 * error).all()


def test_the_statistics_would_notice_a_draw_that_is_not_shuffled() -> None:
    random = Random(20_261_125)
    drawn = np.array([rules._lucky(1000, 5, random) for _ in range(10_000)], dtype=np.float64)
    squares = (drawn - 200) ** 2
    error = squares.std(axis=0) / 100
    assert (abs(squares.mean(axis=0) - squares.mean()) > 4 * error).any()


def test_an_equal_split_gives_the_odd_cents_to_nobody_in_particular() -> None:
    random = Random(7)
    drawn = np.array([rules.split(1003, 10, "equal", random) for _ in range(20_000)], dtype=np.float64)
    assert set(drawn[0]) == {100, 101}
    error = drawn.std(axis=0) / 20_000**0.5
    assert (abs(drawn.mean(axis=0) - 100.3) <= 4 * error).all()


def test_luck_is_luck() -> None:
    """Two packets of the same sum are hardly ever split alike, and shares range widely."""
    random = Random(3)
    splits = {rules.split(10_000, 10, "lucky", random) for _ in range(100)}
    assert len(splits) == 100
    shares = [share for each in splits for share in each]
    assert min(shares) < 100
    assert max(shares) > 2000


@given(st.lists(st.integers(1, 50), min_size=1))
def test_the_best_luck_is_the_largest_share_and_the_earliest_of_these(shares: list[int]) -> None:
    best = rules.best_of(shares)
    assert shares[best] == max(shares)
    assert best == shares.index(max(shares))


ANN, BOB, CAT, EVE = "ann", "bob", "cat", "eve"


@pytest.mark.parametrize(
    ("kind", "members", "to", "amount", "count", "expected"),
    [
        ("direct", (ANN, BOB), "", 1, 1, BOB),
        ("direct", (ANN, BOB), BOB, 1, 1, BOB),
        ("group", (ANN, BOB, CAT), "", 500, 500, ""),
        ("group", (ANN, BOB, CAT), CAT, 5, 1, CAT),
        ("direct", (ANN, BOB), "", 10, 2, rules.BadCount),
        ("direct", (ANN, BOB), EVE, 10, 1, rules.NotAMember),
        ("direct", (ANN,), "", 10, 1, rules.NotAMember),
        ("group", (ANN, BOB, CAT), CAT, 5, 2, rules.BadCount),
        ("group", (ANN, BOB, CAT), ANN, 5, 1, rules.NotAMember),
        ("group", (ANN, BOB, CAT), EVE, 5, 1, rules.NotAMember),
        ("group", (ANN, BOB, CAT), "", 501, 501, rules.BadCount),
        ("group", (ANN, BOB, CAT), "", 4, 5, rules.ShareTooSmall),
        ("channel", (ANN, BOB), "", 5, 1, rules.NotInChannels),
    ],
)
def test_who_may_send_what_to_whom(
    kind: str, members: tuple[str, ...], to: str, amount: int, count: int, expected: str | type[Refusal]
) -> None:
    if isinstance(expected, str):
        assert rules.may_send(kind, members, ANN, to, amount, count) == expected
    else:
        with pytest.raises(expected):
            rules.may_send(kind, members, ANN, to, amount, count)
