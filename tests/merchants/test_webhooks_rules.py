"""When a webhook is tried again, and where one may go: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.clock import HOUR_MS, MINUTE_MS
from teahouse.merchants.webhooks import rules

SOON = st.integers(0, 2 * rules.LASTS_MS)
FAILURES = st.sampled_from([0, 301, 307, 400, 404, 429, 500, 503])


def test_it_is_tried_for_a_day() -> None:
    assert rules.LASTS_MS == 24 * HOUR_MS + 4 * MINUTE_MS


@given(at=SOON, lates=st.lists(st.integers(0, 10_000), min_size=16, max_size=16), status=FAILURES)
def test_every_delivery_ends_after_at_most_sixteen_attempts(at: int, lates: list[int], status: int) -> None:
    now, attempts = at, 0
    while True:
        attempts += 1
        then = rules.after(attempts, at, now, status)
        assert then.state != "delivered"
        if then.state == "given_up":
            break
        assert then.next_at > now
        now = then.next_at + lates[attempts - 1]
    assert attempts in (15, 16), "late attempts may use up the day before the last"
    assert now - at >= rules.LASTS_MS - rules.DELAYS_MS[-1]


@given(attempts=st.integers(1, 16), age=SOON, status=st.integers(200, 299))
def test_any_success_is_one(attempts: int, age: int, status: int) -> None:
    assert rules.after(attempts, 0, age, status).state == "delivered"


@given(attempts=st.integers(1, 16), age=SOON)
def test_a_receiver_that_is_gone_is_left_alone(attempts: int, age: int) -> None:
    assert rules.after(attempts, 0, age, 410).state == "given_up"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://shop.example/hooks?a=1", ("shop.example", 443)),
        ("https://shop.example:8443/", ("shop.example", 8443)),
        ("https://[2606:4700::1111]/", ("2606:4700::1111", 443)),
    ],
)
def test_addresses_that_are_called(url: str, found: tuple[str, int]) -> None:
    assert rules.must_be_callable(url, private_too=False) == found


def test_at_home_others_too() -> None:
    assert rules.must_be_callable("http://10.0.0.1:80/", private_too=True) == ("10.0.0.1", 80)
    assert rules.must_be_callable("http://till.local/x", private_too=True) == ("till.local", 80)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "https://",
        "https:///hooks",
        "https://ann:secret@shop.example/",
        "https://shop.example:25/",
        "https://shop.example:99999/",
        "https://shop.example/#part",
        "https://shop.example/a b",
        "https://[::1",
        "https://shop.example/\r\nX: y",
        "https://tée.example/",
        "nonsense",
    ],
)
def test_addresses_that_are_not(url: str) -> None:
    with pytest.raises(rules.WrongWebhookUrl):
        rules.must_be_callable(url, private_too=False)
