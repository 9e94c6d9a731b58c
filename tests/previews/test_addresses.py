"""What the house calls for a preview, and what it never calls."""

from collections.abc import Iterator, Sequence

import pytest

from teahouse import calling
from teahouse.previews import rules
from teahouse.previews.fetching import Fetcher
from teahouse.previews.rules import NoPreview
from teahouse.public_address import is_public
from tests.previews.site import Page, Site, head

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",  # the metadata service of clouds
    "100.64.0.1",  # carriers' own (RFC 6598)
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.1.2.3",
    "64:ff9b:1::10.1.2.3",
    "2002:7f00:1::1",
    "2001::7f00:1",
    "2001:db8::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_anybodys_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_neighbours_address_is_not(address: str) -> None:
    assert not is_public(address)


def names(*addresses: str) -> calling.Resolver:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        site.pages["/"] = Page(head(title="A secret of the neighbours"))
        yield site


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:7f00:1]"]
)
async def test_this_machine_is_not_asked_by_any_of_its_names(
    site: Site, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rules.PORTS, "http", site.port)
    with pytest.raises(NoPreview):
        await Fetcher(private_too=False).page(f"http://{host}/")
    assert site.asked == []


async def test_a_name_that_leads_to_a_private_address_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rules.PORTS, "http", site.port)
    for addresses in (("127.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("::ffff:127.0.0.1",), ()):
        with pytest.raises(NoPreview):
            await Fetcher(private_too=False, resolver=names(*addresses)).page("http://tea.example/")
    assert site.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://tea.example/",
        "file:///etc/passwd",
        "gopher://tea.example/",
        "http://tea.example:22/",
        "http://tea.example:8080/",
        "https://tea.example:80/",
        "http://ann:secret@tea.example/",
        "http:///",
        "http://[::1",
        "http://xn--/",
        "http://tea.example:99999/",
        "nonsense",
    ],
)
async def test_other_addresses_are_not_even_looked_up(url: str) -> None:
    async def resolve(host: str, _port: int) -> Sequence[str]:
        raise AssertionError(f"looked up {host}")

    with pytest.raises(NoPreview):
        await Fetcher(private_too=False, resolver=resolve).page(url)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that counts as being outside, on its own loopback address; all others are judged as ever."""
    with Site("127.0.0.2") as site:
        monkeypatch.setattr(calling, "is_public", lambda address: address == "127.0.0.2" or is_public(address))
        monkeypatch.setitem(rules.PORTS, "http", site.port)
        yield site


async def test_a_redirect_to_a_neighbour_is_not_followed(outside: Site) -> None:
    with Site() as neighbour:
        neighbour.pages["/"] = Page(head(title="A secret of the neighbours"))
        for to in (
            "http://127.0.0.1/",
            f"http://127.0.0.1:{neighbour.port}/",
            "http://169.254.169.254/latest/meta-data/",
            "file:///etc/passwd",
            "//localhost/",
        ):
            outside.pages["/"] = Page(status=302, headers={"Location": to})
            with pytest.raises(NoPreview):
                await Fetcher(private_too=False).page("http://127.0.0.2/")
        assert neighbour.asked == []
    assert len(outside.asked) == 5


async def test_a_name_is_looked_up_once_a_call_and_called_by_what_was_found(outside: Site) -> None:
    """DNS rebinding: the second answer would be this machine's own address."""
    answers = [("127.0.0.2",), ("127.0.0.1",)]

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return answers.pop(0)

    outside.pages["/"] = Page(status=301, headers={"Location": "/again"})
    outside.pages["/again"] = Page(head(title="Never seen"))
    fetcher = Fetcher(private_too=False, resolver=resolve)
    with pytest.raises(NoPreview):
        await fetcher.page("http://tea.example/")
    assert [path for path, _ in outside.asked] == ["/"]
    answers[:] = [("127.0.0.2",), ("127.0.0.2",)]
    assert (await fetcher.page("http://tea.example/")).url == "http://tea.example/again"
    assert outside.asked[-1][1]["Host"] == "tea.example"


async def test_three_redirects_are_followed_and_no_more(site: Site) -> None:
    for n in range(5):
        site.pages[f"/{n}"] = Page(status=302, headers={"Location": f"{n + 1}", "Set-Cookie": f"visit={n}"})
    site.pages["/4"] = Page(head(title="Here"))
    fetcher = Fetcher(private_too=True)
    assert (await fetcher.page(f"{site.url}/1")).url == f"{site.url}/4"
    with pytest.raises(NoPreview):
        await fetcher.page(f"{site.url}/0")
    assert all("Cookie" not in headers and "Referer" not in headers for _, headers in site.asked)
