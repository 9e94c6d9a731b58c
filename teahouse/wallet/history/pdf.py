"""A statement as PDF: what a person gives to whoever asks what they had."""

from datetime import UTC, datetime, timedelta
from time import sleep

from babel.dates import format_date, format_time

from teahouse.people.model import Person
from teahouse.wallet.history import months
from teahouse.wallet.history.model import Statement
from teahouse.wallet.history.words import WORDS
from teahouse.wallet.model import Entry, Language
from teahouse.wallet.printing.sheet import ACCENT, BOTTOM, GROUND, INK, LEFT, LINE, RIGHT, SOFT, Sheet

DETAILS, AMOUNT, BALANCE = 44.0, 158.0, RIGHT
"""Where the details begin, and where amounts and balances end."""
DETAILS_WIDTH = 84.0
ROW, ROW_OF_TWO, NOTE_LINE = 8.4, 12.4, 4.2
BREATH_S = 0.0002


def statement_pdf(statement: Statement, owner: Person, house: str, language: Language, now: int) -> bytes:
    """Draw a statement in a language. Takes seconds for thousands of lines: not for the loop."""
    return _Sheets(statement, owner, house, language, now).drawn()


class _Sheets(Sheet):
    def __init__(self, statement: Statement, owner: Person, house: str, language: Language, now: int) -> None:
        super().__init__(language)
        self._statement = statement
        self._people = {each.id: each for each in statement.people}
        self._words = WORDS[language]
        self._now = now
        self._owner = self._text(owner.name) or f"@{owner.handle}"
        self._handle = owner.handle
        self._house = self._text(house) or "Teahouse"

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

    def _head(self) -> None:
        words = self._words
        self._band(self._house, words.title)
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
            (words.opening, self._sum(statement.opening)),
            (words.total_in, self._sum(statement.total_in, sign=True)),
            (words.total_out, self._sum(-statement.total_out, sign=True)),
            (words.closing, self._sum(statement.closing)),
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
        lines = self._wrapped(beneath, 8.5, DETAILS_WIDTH)
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
        self._put(AMOUNT, y, self._sum(entry.amount, sign=True), 10, ACCENT if is_in else INK, right=True, bold=is_in)
        self._put(BALANCE, y, self._sum(entry.balance), 10, INK, right=True)
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
        self._put(BALANCE, self._y, self._sum(statement.closing), 10, ACCENT, right=True, bold=True)
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

    # --- what is written ---

    def _sum(self, amount: int, *, sign: bool = False) -> str:
        return self._amount(amount, self._statement.currency, sign=sign)

    def _day_form(self) -> str:
        return "M月d日" if self._language == "zh" else "d MMM"
