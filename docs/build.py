"""`make docs`: the papers and `docs/` as HTML in `build/docs/`. A link that leads nowhere ends it with 1."""

from __future__ import annotations

import html
import re
import shutil
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT: Final = Path(__file__).resolve().parents[1]
OUT: Final = ROOT / "build" / "docs"
PAGES: Final = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
STYLE: Final = """
:root { color-scheme: light dark } body { font: 1rem/1.6 system-ui, sans-serif; max-width: 52rem; margin: auto;
padding: 1rem } img { max-width: 100% } pre { overflow: auto; padding: .8rem; background: #8881; border-radius: .4rem }
table { border-collapse: collapse } th, td { border: 1px solid #8885; padding: .3rem .6rem; text-align: start }
nav a { margin-inline-end: 1rem }"""

markdown: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def anchor(heading: str) -> str:
    """The id that forges give a heading: lower case, words joined with hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def tokens_of(page: Path) -> list[Token]:
    tokens = markdown.parse(page.read_text("utf-8"))
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            text = "".join(child.content for child in inline.children or [] if child.type in {"text", "code_inline"})
            opening.attrSet("id", anchor(text))
    return tokens


def links_in(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        for child in token.children or []:
            target = child.attrGet("href") or child.attrGet("src")
            if isinstance(target, str):
                yield target


def broken_links(page: Path) -> Iterator[str]:
    for link in links_in(tokens_of(page)):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        shown = f"{page.relative_to(ROOT)}: {link}"
        if not target.exists():
            yield f"{shown} (no such file)"
        elif parts.fragment and target.suffix == ".md":
            anchors = {token.attrGet("id") for token in tokens_of(target) if token.type == "heading_open"}
            if parts.fragment not in anchors:
                yield f"{shown} (no such heading)"


def render(page: Path) -> str:
    tokens = tokens_of(page)
    for token in tokens:
        for child in token.children or []:
            href = child.attrGet("href")
            if isinstance(href, str) and not urlsplit(href).scheme:
                child.attrSet("href", re.sub(r"^(?:\./|\.\./|docs/)*([\w-]+)\.md", r"\1.html", href))
            source = child.attrGet("src")
            if isinstance(source, str):
                child.attrSet("src", source.removeprefix("docs/"))
    menu = " ".join(f'<a href="{other.stem}.html">{other.stem}</a>' for other in PAGES)
    body = markdown.renderer.render(tokens, markdown.options, {})
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
    title = html.escape(page.stem)
    return f'<!doctype html><html lang="en">{head}<title>{title}</title><nav>{menu}</nav><main>{body}</main></html>\n'


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        (OUT / f"{page.stem}.html").write_text(render(page), "utf-8")
    if (ROOT / "docs" / "images").is_dir():
        shutil.copytree(ROOT / "docs" / "images", OUT / "images", dirs_exist_ok=True)
    broken = [fault for page in PAGES for fault in broken_links(page)]
    print("\n".join(broken) or f"{len(PAGES)} pages in {OUT.relative_to(ROOT)}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
