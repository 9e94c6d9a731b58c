"""Reads what a page says of itself: Open Graph (ogp.me), Twitter cards, else its title and description. Pure."""

import codecs
import re
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import msgspec

TITLE_MAX: Final = 200
DESCRIPTION_MAX: Final = 400
SITE_MAX: Final = 80
SNIFFED_BYTES: Final = 4096
"""Where the encoding standard looks for a `meta` that names the charset (it asks for 1,024; many pages are later)."""
LABELS: Final = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "windows-874": "cp874",
    "iso-8859-9": "windows-1254",
    "tis-620": "cp874",
    # A page whose `meta` can be read as ASCII is not in UTF-16, whatever it says.
    "utf-16": "utf-8",
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
}
"""What browsers take these labels for (encoding.spec.whatwg.org), by the names of Python's codecs."""
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_CODECS: Final = re.compile(
    "utf-8|gb18030|big5hkscs|cp932|euc_jp|iso2022_jp|cp949|cp866|cp874|cp125[0-8]|iso8859-1?[0-9]|koi8-[ru]|mac-[a-z]+"
)
_SPACE: Final = re.compile(r"\s+")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Control characters, and those that turn the direction of what follows: a title may not rearrange the card."""


class PageWords(msgspec.Struct, frozen=True):
    title: str
    description: str
    site: str
    picture: str
    """Its address, whole; empty: none."""


def text_of(data: bytes, charset: str) -> str:
    """Return a page's text. `charset`: what its `Content-Type` said, or empty; pages say it in a `meta`, too."""
    for mark, codec in MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    for label in (charset, _in_meta(data)):
        if label and (found := _codec(label)):
            return data.decode(found, "replace")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # Not final: the bytes may end within a character.
        return decoder.decode(data)
    except UnicodeDecodeError:
        return data.decode("windows-1252", "replace")


def words_of(html: str, url: str) -> PageWords | None:
    """Return what a page at `url` says of itself; None when it does not even have a title."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - not needed for a cold start

    tree = LexborHTMLParser(html)
    meta = _metas(tree)
    title_node = tree.css_first("title")
    title = _first(meta, "og:title", "twitter:title") or _clean(title_node.text() if title_node else "")
    if not title:
        return None
    base_node = tree.css_first("base[href]")
    base = urljoin(url, base_node.attributes.get("href") or "") if base_node else url
    picture = _first(
        meta, "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
    ) or _icon(tree)
    return PageWords(
        title=_cut(title, TITLE_MAX),
        description=_cut(_first(meta, "og:description", "twitter:description", "description"), DESCRIPTION_MAX),
        site=_cut(_first(meta, "og:site_name", "application-name") or host_of(url), SITE_MAX),
        picture=_whole(base, picture) if picture else "",
    )


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _metas(tree: Any) -> dict[str, str]:
    """Return the contents of a page's `meta`s by their names; of two with one name the first counts."""
    found: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
        content = _clean(attributes.get("content") or "")
        if name and content:
            found.setdefault(name, content)
    return found


def _icon(tree: Any) -> str:
    """Return the large icon that a page has for home screens; the small one of its tab shows too little."""
    node = tree.css_first('link[rel~="apple-touch-icon"][href]') or tree.css_first(
        'link[rel~="apple-touch-icon-precomposed"][href]'
    )
    return str(node.attributes.get("href") or "").strip() if node else ""


def _whole(base: str, written: str) -> str:
    try:
        whole = urljoin(base, written)
        return whole if urlsplit(whole).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _first(meta: dict[str, str], *names: str) -> str:
    return next((meta[name] for name in names if name in meta), "")


def _clean(text: str) -> str:
    return _SPACE.sub(" ", _UNSEEN.sub(" ", text)).strip()


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _in_meta(data: bytes) -> str:
    found = _META_CHARSET.search(data[:SNIFFED_BYTES])
    return found[1].decode("ascii") if found else ""


def _codec(label: str) -> str:
    """Return the codec that a label names; empty when it is none of those that pages are written in."""
    label = label.strip().strip("\"'").lower()
    try:
        name = codecs.lookup(LABELS.get(label, label)).name
    except (LookupError, ValueError):
        return ""
    return name if _CODECS.fullmatch(name) else ""
