"""A sheet of A4 for what people are given on paper. Drawn by fpdf2 in fonts of three scripts: Source Sans (Latin,
Cyrillic, Greek) and, drawn to go with it, Noto Sans SC (Chinese). What neither has falls away."""

import logging
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

import font_source_sans_pro  # type: ignore[import-untyped]
import pylopdf_fonts_zh_cn
from babel.dates import format_date
from babel.numbers import format_decimal
from fpdf import FPDF
from fpdf.fonts import TTFFont

from teahouse.money import currencies
from teahouse.wallet.model import Language

logging.getLogger("fontTools").setLevel(logging.WARNING)

INK: Final = (38, 35, 29)
SOFT: Final = (107, 100, 85)
LINE: Final = (226, 218, 203)
GROUND: Final = (246, 242, 233)
ACCENT: Final = (34, 112, 90)

LEFT, RIGHT, TOP, BOTTOM = 18.0, 192.0, 16.0, 274.0
"""Of what is printed on an A4 page, in mm."""
FIRST_CHINESE: Final = "\u2e80"
CLOSING: Final = "，。、；：？！）」』》〉】”’…"
LINES_MAX = 3


def _may_break(text: str, at: int) -> bool:
    """May a line begin here? After a space, and between Chinese characters, but not with what closes a clause."""
    before, after = text[at - 1 : at], text[at : at + 1]
    return before == " " or (max(before, after) >= FIRST_CHINESE and after not in CLOSING)


def _characters(pdf: FPDF, font: str) -> frozenset[int]:
    found = pdf.fonts[font]
    assert isinstance(found, TTFFont)
    return frozenset(found.cmap)


class Sheet:
    def __init__(self, language: Language) -> None:
        self._language = language
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_auto_page_break(False)
        pdf.set_lang(language)
        fonts = font_source_sans_pro.font_files_ttf
        pdf.add_font("sans", "", fonts["SourceSansPro"])
        pdf.add_font("sans", "B", fonts["SourceSansProSemibold"])
        pdf.add_font("chinese", "", str(pylopdf_fonts_zh_cn.sans_path()))
        self._western, self._chinese = (_characters(pdf, each) for each in ("sans", "chinese"))
        self._y = TOP

    def _page(self) -> None:
        self._pdf.add_page()
        self._y = TOP

    def _band(self, house: str, title: str) -> None:
        """The head of a first page: whose paper it is, and what."""
        self._pdf.set_fill_color(*ACCENT)
        self._pdf.rect(0, 0, 210, 3, style="F")
        self._put(LEFT, self._y, self._cut(house, 16, 110, bold=True), 16, ACCENT, bold=True)
        self._put(RIGHT, self._y, title, 16, right=True)
        self._y += 16

    # --- strokes ---

    def _put(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: tuple[int, int, int] = INK,
        *,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """Write a line whose top is at y, from x on or (right) up to it."""
        if right:
            x -= self._width(text, size, bold=bold)
        pdf = self._pdf
        pdf.set_text_color(*colour)
        for font, run in self._runs(text, bold):
            pdf.set_font(*font, size)
            pdf.text(x, y + size * 0.34, run)
            x += pdf.get_string_width(run)

    def _runs(self, text: str, bold: bool) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield a text in pieces of one font each."""
        western = self._western
        for is_western, run in groupby(text, lambda each: ord(each) in western):
            yield ("sans", "B" if bold else "") if is_western else ("chinese", ""), "".join(run)

    def _rule(self, colour: tuple[int, int, int], width: float) -> None:
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(width)
        self._pdf.line(LEFT, self._y, RIGHT, self._y)

    def _width(self, text: str, size: float, *, bold: bool = False) -> float:
        width = 0.0
        for font, run in self._runs(text, bold):
            self._pdf.set_font(*font, size)
            width += self._pdf.get_string_width(run)
        return width

    def _cut(self, text: str, size: float, width: float, *, bold: bool = False) -> str:
        """Return as much of a text as the width takes."""
        if self._width(text, size, bold=bold) <= width:
            return text
        fits = self._fitting(text, size, width - self._width("…", size, bold=bold), bold=bold)
        return text[:fits].rstrip() + "…"

    def _wrapped(self, text: str, size: float, width: float) -> list[str]:
        """Return a text in at most `LINES_MAX` lines."""
        lines: list[str] = []
        while text and len(lines) < LINES_MAX - 1 and self._width(text, size) > width:
            fits = self._fitting(text, size, width)
            end = next((each for each in range(fits, 0, -1) if _may_break(text, each)), fits)
            lines.append(text[:end].rstrip())
            text = text[end:].lstrip()
        return [*lines, self._cut(text, size, width)] if text else lines

    def _fitting(self, text: str, size: float, width: float, *, bold: bool = False) -> int:
        """Return how many characters the width takes, one at least."""
        low, high = 1, len(text) + 1
        while high - low > 1:
            middle = (low + high) // 2
            if self._width(text[:middle], size, bold=bold) <= width:
                low = middle
            else:
                high = middle
        return low

    # --- what is written ---

    def _text(self, text: str) -> str:
        """Return what people wrote as far as the fonts have it, on one line."""
        western, chinese = self._western, self._chinese
        drawn = [each if ord(each) in western or ord(each) in chinese else " " for each in text]
        return " ".join("".join(drawn).split())

    def _amount(self, amount: int, currency: str, *, sign: bool = False) -> str:
        exponent = currencies()[currency].exponent
        form = "#,##0" + ("." + "0" * exponent if exponent else "")
        written = format_decimal(abs(Decimal(amount).scaleb(-exponent)), form, locale=self._language)
        return ("−" if amount < 0 else "+" if sign and amount else "") + written

    def _date(self, date: Any) -> str:
        return str(format_date(date, "long" if self._language == "zh" else "d MMM y", locale=self._language))
