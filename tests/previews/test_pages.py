"""What is read of pages: their words, in whatever charset, and never more bytes than fit."""

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.previews.fetching import PAGE_BYTES_MAX, PICTURE_BYTES_MAX, Fetcher
from teahouse.previews.page import DESCRIPTION_MAX, TITLE_MAX, text_of, words_of
from teahouse.previews.rules import NoPreview
from tests.previews.site import Page, Site, head

URL = "https://www.tea.example/leaves/green"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(private_too=True)


@pytest.mark.parametrize(
    ("label", "codec", "title"),
    [
        ("gbk", "gbk", "龙井茶的故事"),
        ("gb2312", "gb18030", "镕记茶馆"),
        ("windows-1251", "windows-1251", "Чайная на углу"),
        ("koi8-r", "koi8-r", "Чайная на углу"),
        ("Shift_JIS", "cp932", "抹茶の点て方①"),
        ("euc-jp", "euc-jp", "抹茶の点て方"),
        ("euc-kr", "cp949", "녹차 이야기"),
        ("big5", "big5", "烏龍茶"),
        ("iso-8859-1", "windows-1252", "Café – “thé”"),
        ("utf-8", "utf-8", "茶 · Tee · чай"),
    ],
)
def test_a_charset_is_believed_from_the_header_and_from_the_page(label: str, codec: str, title: str) -> None:
    plain = f"<html><head><title>{title}</title></head>"
    named = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={label}"><title>{title}</title>'
    short = f"<html><head><meta charset='{label}'><title>{title}</title>"
    for html, charset in ((plain, label), (named, ""), (short, "")):
        words = words_of(text_of(html.encode(codec), charset), URL)
        assert words is not None
        assert words.title == title


def test_a_charset_that_nobody_named_is_guessed_and_a_wrong_name_is_passed_over() -> None:
    assert text_of("Grüße".encode(), "") == "Grüße"
    assert text_of("Grüße".encode("windows-1252"), "") == "Grüße"
    assert text_of("Grüße".encode(), "no-such-charset") == "Grüße"
    assert text_of("Grüße".encode(), "base64") == "Grüße"
    assert text_of("茶".encode()[:-1], "") == ""
    assert text_of("\ufeff茶".encode("utf-16-le"), "") == "茶"


def test_open_graph_comes_before_what_the_page_says_otherwise() -> None:
    words = words_of(
        """<title>Plain</title><meta name=description content="Plain words">
        <meta property="og:title" content="  Green \n tea "><meta property="og:title" content="Second">
        <meta property="og:description" content="Fresh &amp; grassy"><meta property="og:site_name" content="Leaves">
        <meta property="og:image" content="/cups/1.jpg">""",
        URL,
    )
    assert words is not None
    assert (words.title, words.description, words.site) == ("Green tea", "Fresh & grassy", "Leaves")
    assert words.picture == "https://www.tea.example/cups/1.jpg"


def test_a_plain_page_has_a_title_a_site_and_its_large_icon() -> None:
    words = words_of(
        '<base href="/static/"><title>Plain</title><meta name="description" content="Words">'
        '<link rel="icon" href="tiny.ico"><link rel="apple-touch-icon" href="icon.png">',
        URL,
    )
    assert words is not None
    assert (words.title, words.description, words.site) == ("Plain", "Words", "tea.example")
    assert words.picture == "https://www.tea.example/static/icon.png"


def test_a_page_without_a_title_shows_nothing() -> None:
    assert words_of("<p>Tea</p>", URL) is None
    assert words_of("", URL) is None
    assert words_of("<title> \u202e </title>", URL) is None


def test_words_are_cut_and_cannot_rearrange_the_card() -> None:
    words = words_of(
        f'<title>Safe\u202egpj.exe {"x" * 500}</title><meta name=description content="{"y " * 900}">'
        '<meta property="og:image" content="javascript:alert(1)">',
        URL,
    )
    assert words is not None
    assert words.title.startswith("Safe gpj.exe x")
    assert len(words.title) == TITLE_MAX
    assert len(words.description) <= DESCRIPTION_MAX
    assert words.picture == ""


@given(st.binary(max_size=2000), st.sampled_from(["", "utf-8", "gbk", "utf-16", "shift_jis", "\x00", "idna", "zlib"]))
def test_no_bytes_are_too_strange(data: bytes, charset: str) -> None:
    for html in (data, b"<title>" + data, b"<meta property=og:image content='" + data + b"'><title>x</title>"):
        words_of(text_of(html, charset), URL)


async def test_a_page_is_read_to_the_end_of_its_head(site: Site, fetcher: Fetcher) -> None:
    site.pages["/"] = Page(head(title="Tea") + b"x" * 2 * PAGE_BYTES_MAX)
    found = await fetcher.page(site.url + "/")
    assert (found.type, found.charset) == ("text/html", "utf-8")
    assert len(found.data) < PAGE_BYTES_MAX
    site.pages["/"] = Page(b"<title>Tea</title>" + b" " * 4 * PAGE_BYTES_MAX)
    assert len((await fetcher.page(site.url + "/")).data) == PAGE_BYTES_MAX


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
async def test_a_packed_page_is_unpacked_and_a_bomb_is_not(site: Site, fetcher: Fetcher, pack: object) -> None:
    encoding = {"Content-Encoding": "gzip" if pack is gzip.compress else "deflate"}
    site.pages["/"] = Page(pack(head(title="Tea")), headers=encoding)  # type: ignore[operator]
    assert (await fetcher.page(site.url + "/")).data.endswith(b"</html>")
    site.pages["/"] = Page(pack(b" " * 200 * 1024 * 1024), headers=encoding)  # type: ignore[operator]
    assert len((await fetcher.page(site.url + "/")).data) == PAGE_BYTES_MAX
    for body, name in ((b"not packed at all", encoding["Content-Encoding"]), (b"x", "br")):
        site.pages["/"] = Page(body, headers={"Content-Encoding": name})
        with pytest.raises(NoPreview):
            await fetcher.page(site.url + "/")


async def test_only_pages_and_pictures_are_taken(site: Site, fetcher: Fetcher) -> None:
    for page in (
        Page(b"%PDF", type="application/pdf"),
        Page(b"{}", type="application/json"),
        Page(head(), type=""),
        Page(head(), status=500),
        Page(head(), status=204),
        Page(b"GIF89a" + b"x" * PICTURE_BYTES_MAX, type="image/gif"),
    ):
        site.pages["/"] = page
        with pytest.raises(NoPreview):
            await fetcher.page(site.url + "/")
    site.pages["/"] = Page(head())
    with pytest.raises(NoPreview):
        await fetcher.picture(site.url + "/")


async def test_a_site_that_is_away_shows_nothing(fetcher: Fetcher) -> None:
    with Site() as gone:
        pass
    with pytest.raises(NoPreview):
        await fetcher.page(gone.url + "/")
