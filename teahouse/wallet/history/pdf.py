"""A statement as PDF: what a person gives to whoever asks what they had. Drawn by fpdf2 in fonts of three scripts:
Source Sans (Latin, Cyrillic, Greek) and, drawn to go with it, Noto Sans SC (Chinese). What neither has falls away."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from time import sleep
from typing import Any, Final

import font_source_sans_pro  # type: ignore[import-untyped]
import pylopdf_fonts_zh_cn
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from fpdf import FPDF
from fpdf.fonts import TTFFont

from teahouse.money import currencies
from teahouse.people.model import Person
from teahouse.wallet.history import months
from teahouse.wallet.history.model import Statement
from teahouse.wallet.history.words import WORDS, Language
from teahouse.wallet.model import Entry

logging.getLogger("fontTools").setLevel(logging.WARNING)

INK: Final = (38, 35, 29)
SOFT: Final = (107, 100, 85)
LINE: Final = (226, 218, 203)
GROUND: Final = (246, 242, 233)
ACCENT: Final = (34, 112, 90)

LEFT, RIGHT, TOP, BOTTOM = 18.0, 192.0, 16.0, 274.0
"""Of what is printed on an A4 page, in mm."""
DETAILS, AMOUNT, BALANCE = 44.0, 158.0, RIGHT
"""Where the details begin, and where amounts and balances end."""
DETAILS_WIDTH = 84.0
ROW, ROW_OF_TWO, NOTE_LINE = 8.4, 12.4, 4.2
FIRST_CHINESE: Final = "\u2e80"
CLOSING: Final = "，。、；：？！）」』》〉】”’…"
LINES_MAX = 3
BREATH_S = 0.0002


def statement_pdf(statement: Statement, owner: Person, house: str, language: Language, now: int) -> bytes:
    """Draw a statement in a language. Takes seconds for thousands of lines: not for the loop."""
    return _Sheets(statement, owner, house, language, now).drawn()


def _may_break(text: str, at: int) -> bool:
    """May a line begin here? After a space, and between Chinese characters, but not with what closes a clause."""
    before, after = text[at - 1 : at], text[at : at + 1]
    return before == " " or (max(before, after) >= FIRST_CHINESE and after not in CLOSING)


def _characters(pdf: FPDF, font: str) -> frozenset[int]:
    found = pdf.fonts[font]
    assert isinstance(found, TTFFont)
    return frozenset(found.cmap)


class _Sheets:
    def __init__(self, statement: Statement, owner: Person, house: str, language: Language, now: int) -> None:
        self._statement = statement
        self._people = {each.id: each for each in statement.people}
        self._language = language
        self._words = WORDS[language]
        self._now = now
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_auto_page_break(False)
        pdf.set_lang(language)
        fonts = font_source_sans_pro.font_files_ttf
        pdf.add_font("sans", "", fonts["SourceSansPro"])
        pdf.add_font("sans", "B", fonts["SourceSansProSemibold"])
        pdf.add_font("chinese", "", str(pylopdf_fonts_zh_cn.sans_path()))
        self._western, self._chinese = (_characters(pdf, each) for each in ("sans", "chinese"))
        self._owner = self._text(owner.name) or f"@{owner.handle}"
        self._handle = owner.handle
        self._house = self._text(house) or "Teahouse"
        self._y = TOP

    def drawn(self) -> bytes:
        pdf, words = self._pdf, self._words
        pdf.set_title(f"{words.title} {self._statement.currency} {self._statement.month}")
        pdf.set_author(self._house)
        self._page()
        self._head()
        self._sums()
        self._table_head()
        for entry in self._statement.entries:
            self._entry(entry)
            # Hand the interpreter over after each: those who serve would else wait for its switch interval each time.
            sleep(BREATH_S)
        self._end()
        for number in range(1, pdf.pages_count + 1):
            pdf.page = number
            self._foot(number)
        return bytes(pdf.output())

    # --- parts ---

    def _page(self) -> None:
        self._pdf.add_page()
        self._y = TOP

    def _head(self) -> None:
        pdf, words = self._pdf, self._words
        pdf.set_fill_color(*ACCENT)
        pdf.rect(0, 0, 210, 3, style="F")
        self._put(LEFT, self._y, self._cut(self._house, 16, 110, bold=True), 16, ACCENT, bold=True)
        self._put(RIGHT, self._y, words.title, 16, right=True)
        self._y += 16
        first, following = (
            datetime.fromtimestamp(each / 1000, UTC).date() for each in months.bounds(self._statement.month)
        )
        period = f"{self._date(first)} – {self._date(following - timedelta(days=1))}"
        facts = (
            (words.account, self._cut(self._owner, 10.5, 66), f"@{self._handle}"),
            (words.period, period, ""),
            (words.currency, self._statement.currency, ""),
            (words.made, self._date(datetime.fromtimestamp(self._now / 1000, UTC).date()), ""),
        )
        lefts = (LEFT, LEFT + 70, LEFT + 132, RIGHT)
        for left, (label, value, beneath) in zip(lefts, facts, strict=True):
            right = left == RIGHT
            self._put(left, self._y, label, 8, SOFT, right=right)
            self._put(left, self._y + 4.4, value, 10.5, right=right)
            self._put(left, self._y + 9.6, beneath, 8.5, SOFT, right=right)
        self._y += 19

    def _sums(self) -> None:
        statement, words = self._statement, self._words
        pdf, height = self._pdf, 19.0
        pdf.set_fill_color(*GROUND)
        pdf.rect(LEFT, self._y, RIGHT - LEFT, height, style="F", round_corners=True, corner_radius=2.5)
        sums = (
            (words.opening, self._amount(statement.opening)),
            (words.total_in, self._amount(statement.total_in, sign=True)),
            (words.total_out, self._amount(-statement.total_out, sign=True)),
            (words.closing, self._amount(statement.closing)),
        )
        size = 13.0
        while size > 7 and max(self._width(value, size, bold=True) for _, value in sums) > 39:
            size -= 0.5
        for place, (label, value) in enumerate(sums):
            left = LEFT + 5 + place * (RIGHT - LEFT - 4) / 4
            self._put(left, self._y + 3.4, label, 8, SOFT)
            self._put(left, self._y + 8.4, value, size, ACCENT if place == 3 else INK, bold=True)
        self._y += height + 9

    def _table_head(self) -> None:
        words = self._words
        self._put(LEFT, self._y, words.date, 8, SOFT)
        self._put(DETAILS, self._y, words.details, 8, SOFT)
        self._put(AMOUNT, self._y, words.amount, 8, SOFT, right=True)
        self._put(BALANCE, self._y, words.balance, 8, SOFT, right=True)
        self._y += 5.6
        self._rule(ACCENT, 0.35)
        self._y += 1.2

    def _entry(self, entry: Entry) -> None:
        other = self._people.get(entry.other)
        kind = self._words.kinds[entry.kind]
        name = (self._text(other.name) or f"@{other.handle}") if other else ""
        note = self._text(entry.note)
        beneath = " · ".join(each for each in (kind if name else "", note) if each)
        lines = self._wrapped(beneath, 8.5)
        height = ROW if not lines else ROW_OF_TWO + NOTE_LINE * (len(lines) - 1)
        if self._y + height > BOTTOM:
            self._page()
            self._table_head()
        at = datetime.fromtimestamp(entry.at / 1000, UTC)
        y = self._y + 1.4
        self._put(LEFT, y, format_date(at, self._day_form(), locale=self._language), 10)
        time_left = LEFT + 16.5
        self._put(time_left, y + 0.5, format_time(at, "HH:mm", tzinfo=UTC, locale="en"), 8, SOFT)
        self._put(DETAILS, y, self._cut(name or kind, 10, DETAILS_WIDTH), 10)
        for place, line in enumerate(lines):
            self._put(DETAILS, y + 5.2 + place * NOTE_LINE, line, 8.5, SOFT)
        is_in = entry.amount > 0
        self._put(
            AMOUNT, y, self._amount(entry.amount, sign=True), 10, ACCENT if is_in else INK, right=True, bold=is_in
        )
        self._put(BALANCE, y, self._amount(entry.balance), 10, INK, right=True)
        self._y += height
        self._rule(LINE, 0.15)

    def _end(self) -> None:
        statement, words = self._statement, self._words
        if self._y + 26 > BOTTOM:
            self._page()
        self._y += 2.4
        if not statement.entries:
            self._put(LEFT, self._y, words.nothing, 10, SOFT)
            self._y += 8
        if statement.more:
            self._put(LEFT, self._y, words.more.format(count=statement.more), 8.5, SOFT)
            self._y += 7
        self._put(DETAILS if statement.entries else LEFT, self._y, words.closing, 10, bold=True)
        self._put(BALANCE, self._y, self._amount(statement.closing), 10, ACCENT, right=True, bold=True)
        self._y += 12
        for line in self._wrapped(words.fine_print.format(house=self._house), 7.5, RIGHT - LEFT):
            self._put(LEFT, self._y, line, 7.5, SOFT)
            self._y += 3.8

    def _foot(self, page: int) -> None:
        words, statement = self._words, self._statement
        said = words.page.format(page=page, pages=self._pdf.pages_count)
        y = 283.0
        owner = self._cut(self._owner, 7.5, 60)
        self._put(LEFT, y, f"{owner} · {statement.currency} · {statement.month}", 7.5, SOFT)
        self._put(RIGHT, y, said, 7.5, SOFT, right=True)

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

    def _wrapped(self, text: str, size: float, width: float = DETAILS_WIDTH) -> list[str]:
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

    def _amount(self, amount: int, *, sign: bool = False) -> str:
        exponent = currencies()[self._statement.currency].exponent
        form = "#,##0" + ("." + "0" * exponent if exponent else "")
        written = format_decimal(abs(Decimal(amount).scaleb(-exponent)), form, locale=self._language)
        return ("−" if amount < 0 else "+" if sign and amount else "") + written

    def _date(self, date: Any) -> str:
        return str(format_date(date, "long" if self._language == "zh" else "d MMM y", locale=self._language))

    def _day_form(self) -> str:
        return "M月d日" if self._language == "zh" else "d MMM"
