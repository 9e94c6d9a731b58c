"""Where a request comes from: what proxies of ours say is believed, what clients say of themselves is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.address import client_address
from teahouse.config import Settings

PROXIED = Settings(proxies="127.0.0.1, 10.1.0.0/16")


def address(client: str, *forwarded: str, settings: Settings = PROXIED) -> str:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    return client_address({"client": (client, 4242), "headers": headers}, settings)


@pytest.mark.parametrize(
    ("client", "forwarded", "expected"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("127.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("1.2.3.4, 203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("203.0.113.9, 10.1.2.3",), "203.0.113.9"),
        ("127.0.0.1", ("1.2.3.4", "203.0.113.9, 10.1.2.3"), "203.0.113.9"),
        ("10.1.9.9", ("2001:DB8::0:1",), "2001:db8::1"),
        ("10.2.0.1", ("203.0.113.9",), "10.2.0.1"),
        ("127.0.0.1", ("nonsense",), "127.0.0.1"),
        ("127.0.0.1", ("nonsense, 10.1.2.3",), "10.1.2.3"),
        ("127.0.0.1", ("10.1.0.1, 10.1.0.2",), "10.1.0.1"),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours(client: str, forwarded: tuple[str, ...], expected: str) -> None:
    assert address(client, *forwarded) == expected


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_a_client_cannot_choose_its_address(written: str) -> None:
    assert address("127.0.0.1", f"{written},203.0.113.9") == "203.0.113.9"


def test_no_proxy_is_believed_when_none_is_named() -> None:
    assert address("127.0.0.1", "203.0.113.9", settings=Settings(proxies="")) == "127.0.0.1"
    assert client_address({"client": None, "headers": []}, PROXIED) == ""
