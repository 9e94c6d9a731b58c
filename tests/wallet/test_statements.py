"""A month on paper: what a plain model says of it, in every form it is given out in."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Response
from litestar.response import Stream
from pypdfium2 import PdfDocument

from teahouse.clock import DAY_MS
from teahouse.errors import Malformed, Unavailable
from teahouse.money import parse
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.history import csv_file, months, statements, sums
from teahouse.wallet.history.lines import KINDS
from teahouse.wallet.history.model import Statement
from teahouse.wallet.history.pdf import statement_pdf
from teahouse.wallet.history.sums import MonthTooLong
from teahouse.wallet.history.words import WORDS
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.model import Entry, Language
from teahouse.wallet.printing.press import WAITING_MAX, Press
from teahouse.wallet.purse import Described
from tests.wallet.books import LIVES, STEPS, Books, Line, shown
from tests.wallet.house import EUR, Payer, WalletHouse, new_key

NOVEMBER = months.start_of("2026-11")


async def body_of(response: Response[bytes]) -> bytes:
    if isinstance(response, Stream):
        return b"".join([part async for part in response.iterator])  # type: ignore[misc]
    return response.content


def read_csv(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


def months_between(first: int, last: int) -> list[str]:
    found = [months.month_of(first)]
    while found[-1] < months.month_of(last):
        found.append(months.after(found[-1]))
    return found


# --- months ---------------------------------------------------------------------------------------


@given(st.integers(months.start_of("2000-01"), months.start_of("2999-01")))
def test_every_instant_lies_in_one_month(instant: int) -> None:
    month = months.month_of(instant)
    assert months.must_be_month(month) == month
    first, following = months.bounds(month)
    assert first <= instant < following
    assert months.month_of(following) == months.after(month)
    assert months.month_of(first - 1) == months.after(month, -1)


@pytest.mark.parametrize(
    "month",
    ["", "2026-13", "2026-00", "2026-1", "1999-12", "2026-11-01", "２０２６-11", "2026-11\n"],
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(Malformed):
        months.must_be_month(month)


# --- a plain model says the same ------------------------------------------------------------------


@LIVES
@given(steps=STEPS)
async def test_statements_and_sums_are_what_the_books_say(purse: WalletHouse, steps: Any) -> None:
    books = Books(purse)
    began = purse.house.store.writer.clock()
    await books.open()
    await books.do(steps)
    now = purse.house.store.writer.clock()
    history, plain = purse.wallet.history, books.plain
    for which, account in enumerate(books.accounts[:3]):
        signed = books.signed(which)
        bars = {bar.month: bar for bar in (await history.spending(signed, EUR)).months}
        closing_before = 0
        for month in months_between(began, now):
            lines = plain.moved(account, month)
            statement = await history.statement(signed, EUR, month)
            first, following = months.bounds(month)
            assert statement.opening == plain.balance_before(account, first) == closing_before
            assert statement.closing == plain.balance_before(account, following)
            assert [shown(each) for each in statement.entries] == lines
            assert statement.total_in == sum(each.amount for each in lines if each.amount > 0)
            assert statement.total_out == -sum(each.amount for each in lines if each.amount < 0)
            assert statement.opening + statement.total_in - statement.total_out == statement.closing
            running = statement.opening
            for entry in statement.entries:
                running += entry.amount
                assert entry.balance == running
            closing_before = statement.closing
            rows = read_csv(await body_of(await history.file(signed, EUR, month, "csv", "en")))
            assert [int(row["number"]) for row in rows] == [each.number for each in lines]
            assert [cents(row["amount"]) for row in rows] == [each.amount for each in lines]
            assert [cents(row["balance"]) for row in rows] == [each.balance for each in lines]
            if month in bars:
                assert (bars[month].total_in, bars[month].total_out) == (statement.total_in, statement.total_out)
                assert bars[month].by_kind == went_out(lines)


async def test_a_month_ends_with_its_last_millisecond(purse: WalletHouse) -> None:
    ann = await purse.person("ann", pin=False)
    this = months.month_of(purse.house.store.writer.clock())
    second, third = months.after(this), months.after(this, 2)
    start, end = months.bounds(second)
    for instant, amount in ((start - 1, 1), (start, 20), (end - 1, 300), (end, 4000)):
        purse.house.store.writer.clock = lambda at=instant: at  # type: ignore[misc]
        await purse.fund(ann.id, amount)
    history, signed = purse.wallet.history, ann.guest.signed
    for month, opening, amounts in ((this, 0, [1]), (second, 1, [20, 300]), (third, 321, [4000])):
        statement = await history.statement(signed, EUR, month)
        assert (statement.opening, [each.amount for each in statement.entries]) == (opening, amounts)
        assert (statement.total_in, statement.closing) == (sum(amounts), opening + sum(amounts))
        page = await history.entries(signed, EUR, month=month)
        assert [each.amount for each in page.entries] == amounts[::-1]
    assert [bar.total_in for bar in (await history.spending(signed, EUR)).months[-3:]] == [1, 320, 4000]


def cents(amount: str) -> int:
    return -parse(amount[1:], EUR) if amount.startswith("-") else parse(amount, EUR)


def went_out(lines: list[Line]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in lines:
        if each.amount < 0:
            sums[each.kind] = sums.get(each.kind, 0) - each.amount
    return sums


async def test_spending_has_twelve_months_and_remembers_those_that_are_closed(
    purse: WalletHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await purse.person("ann", pin=False)
    await purse.fund(ann.id, 700)
    purse.passes(40 * DAY_MS)
    await purse.fund(ann.id, 7)
    history = purse.wallet.history
    first = await history.spending(ann.guest.signed, EUR)
    this = months.month_of(purse.house.store.writer.clock())
    assert [bar.month for bar in first.months] == [months.after(this, by) for by in range(-11, 1)]
    assert sum(bar.total_in for bar in first.months) == 707

    walked: list[str] = []
    add = sums._add

    def counted(connection: Any, span: sums.Span, *rest: Any) -> Any:
        walked.append(span.month)
        return add(connection, span, *rest)

    monkeypatch.setattr(sums, "_add", counted)
    await purse.fund(ann.id, 70)
    second = await history.spending(ann.guest.signed, EUR)
    assert second.months[-1].total_in == 77
    assert second.months[:-1] == first.months[:-1]
    assert walked == [this]


# --- long months ----------------------------------------------------------------------------------


async def test_a_long_month_says_what_it_does_not_list_and_the_csv_has_it(
    purse: WalletHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await purse.person("ann", pin=False)
    await crowd(purse, ann, 500)
    monkeypatch.setattr(statements, "ENTRIES_MAX", 30)
    monkeypatch.setattr(statements, "AT_ONCE", 70)
    monkeypatch.setattr(sums, "STEPS_MAX", 100)
    month = months.month_of(purse.house.store.writer.clock())
    statement = await purse.wallet.history.statement(ann.guest.signed, EUR, month)
    assert [entry.balance for entry in statement.entries] == list(range(1, 31))
    assert (statement.more, statement.total_in, statement.closing) == (470, 500, 500)
    rows = read_csv(await body_of(await purse.wallet.history.file(ann.guest.signed, EUR, month, "csv", "en")))
    assert [cents(row["balance"]) for row in rows] == list(range(1, 501))
    monkeypatch.setattr(statements, "FILE_ENTRIES_MAX", 200)
    rows = read_csv(await body_of(await purse.wallet.history.file(ann.guest.signed, EUR, month, "csv", "en")))
    assert len(rows) == 200


async def test_a_month_beyond_all_bounds_is_refused(purse: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await purse.person("ann", pin=False)
    await crowd(purse, ann, 20)
    monkeypatch.setattr(sums, "MONTH_STEPS_MAX", 10)
    month = months.month_of(purse.house.store.writer.clock())
    with pytest.raises(MonthTooLong):
        await purse.wallet.history.statement(ann.guest.signed, EUR, month)


async def crowd(purse: WalletHouse, payer: Payer, entries: int) -> None:
    def fill(tx: Tx) -> None:
        source = purse.wallet.purse.house_account(tx, "suspense", EUR)
        account = purse.wallet.purse.account(tx, payer.id, EUR)
        for _ in range(entries):
            purse.wallet.ledger.post(tx, New(new_key(), source.number, account.number, 1))

    await purse.house.store.write(fill)


# --- CSV ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "note",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        '=HYPERLINK("http://x","y")',
        "  =1",
        "\t=1",
        "=a\nb",
        'said "tea", then; left',
        "茶, чай",
    ],
)
def test_what_people_wrote_is_read_back_and_never_calculated(note: str) -> None:
    entry = Entry(5, NOVEMBER, "fee", "moved", -1205, EUR, -3, other="x", note=note)
    (row,) = read_csv(csv_file.head() + csv_file.rows((entry,), (Person("x", "ann", note),)))
    for cell in (row["note"], row["name"]):
        assert cell.removeprefix("'") == note
        assert cell.strip(" ")[0] not in "=+-@\t\r"
    assert (row["amount"], row["balance"], row["at"]) == ("-12.05", "-0.03", "2026-11-01T00:00:00.000Z")
    assert (row["kind"], row["handle"], row["currency"]) == ("fee", "ann", EUR)


@given(st.text(), st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_any_text_and_amount_comes_through_a_csv(note: str, amount: int, currency: str) -> None:
    entry = Entry(1, NOVEMBER, "fee", "moved", amount, currency, amount, note=note)
    body = csv_file.head() + csv_file.rows((entry,), ())
    (row,) = read_csv(body)
    assert row["note"] in (note, f"'{note}")
    exponent = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    assert Decimal(row["amount"]).scaleb(exponent) == amount
    assert body.endswith(b"\r\n")


# --- PDF ------------------------------------------------------------------------------------------

PEOPLE = (
    Person("a", "anna", "Анна Каренина"),
    Person("w", "wang", "王小明"),
    Person("l", "lukasz", "Łukasz Żółć"),
    Person("e", "emil", "🎉🎉"),
)
NOTES = ("за чай", "昨天的晚饭，谢谢！", "for the tea 🍵", "\u0627\u0644\u0634\u0627\u064a")


def month_of(lines: int, amount: int = 123_456) -> Statement:
    entries = tuple(
        Entry(
            number + 1,
            NOVEMBER + number * 1000,
            "contact",
            "moved",
            amount,
            EUR,
            (number + 1) * amount,
            other=PEOPLE[number % 4].id,
            note=NOTES[number % 4],
        )
        for number in range(lines)
    )
    return Statement("2026-11", EUR, 0, lines * amount, lines * amount, 0, entries, PEOPLE)


def printed(statement: Statement, language: Language, owner: str = "林美 Mei") -> tuple[str, int]:
    """Return the text of a statement's PDF, without spaces, and how many pages it has."""
    body = statement_pdf(statement, Person("m", "mei", owner), "Чайный дом 茶馆", language, NOVEMBER)
    return read_pdf(body)


def read_pdf(body: bytes) -> tuple[str, int]:
    pages = [page.get_textpage().get_text_range() for page in PdfDocument(body)]
    return "".join("".join(pages).split()), len(pages)


@pytest.mark.parametrize(
    ("language", "closing", "date"),
    [("en", "+1,234.56", "30Nov2026"), ("zh", "+1,234.56", "2026年11月30日"), ("ru", "+1234,56", "30нояб.2026")],
)
def test_a_pdf_says_all_names_notes_and_sums_in_ones_language(language: Language, closing: str, date: str) -> None:
    text, pages = printed(month_of(4), language)
    assert pages == 1
    for said in ("АннаКаренина", "王小明", "ŁukaszŻółć", "@emil", "зачай", "昨天的晚饭，谢谢！", "forthetea"):
        assert said in text
    for said in ("林美Mei", "@mei", "Чайныйдом茶馆", closing, date, WORDS[language].closing, WORDS[language].title):
        assert "".join(said.split()) in text


def test_the_closing_balance_is_the_statements_own() -> None:
    text, _ = printed(msgspec.structs.replace(month_of(3), closing=987_654_321), "en")
    assert text.count("9,876,543.21") == 2  # above and below


def test_a_long_statement_numbers_its_pages_and_lists_every_line() -> None:
    text, pages = printed(month_of(200), "en")
    assert pages > 5
    for page in range(1, pages + 1):
        assert f"Page{page}of{pages}" in text
    assert text.count("+1,234.56") == 200
    assert "Further" not in text
    text, _ = printed(msgspec.structs.replace(month_of(3), more=41), "en")
    assert "Furtherentriesthatarenotlistedhere:41." in text


def test_an_empty_month_and_a_name_that_no_font_has_are_printed_too() -> None:
    text, _ = printed(month_of(0), "en", owner="🎉")
    assert "Nothingcameorwent" in text
    assert "@mei" in text


@pytest.mark.parametrize(("currency", "shows"), [("JPY", "+123,456"), ("KWD", "+123.456")])
def test_amounts_have_their_currencys_decimals(currency: str, shows: str) -> None:
    text, _ = printed(msgspec.structs.replace(month_of(1), currency=currency), "en")
    assert shows in text


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=140), min_size=1, max_size=40), st.text(min_size=1, max_size=64))
def test_whatever_people_write_can_be_printed(notes: list[str], name: str) -> None:
    entries = tuple(Entry(1, NOVEMBER, "fee", "moved", -5, EUR, 5, other="x", note=note) for note in notes)
    statement = Statement("2026-11", EUR, 10, 5, 0, 5, entries, (Person("x", "ann", name),))
    assert statement_pdf(statement, Person("m", "mei", name), name, "ru", NOVEMBER).startswith(b"%PDF")


def test_every_kind_has_its_word_in_every_language() -> None:
    assert all(set(words.kinds) == KINDS for words in WORDS.values())


async def test_a_statement_comes_as_a_file_of_ones_own(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob", funds=0)
    await purse.fund(ann.id, 123_456)

    def pay(tx: Tx) -> None:
        debit, credit = (purse.wallet.purse.account(tx, each.id, EUR).number for each in (ann, bob))
        new = New(new_key(), debit, credit, 100, purpose=Purpose.MERCHANT, subject="s" * 16)
        purse.wallet.ledger.post(tx, new)

    purse.wallet.purse.describe[Purpose.MERCHANT] = lambda *_: {"s" * 16: Described(note="две чашки 茶")}
    await purse.house.store.write(pay)
    month = months.month_of(purse.house.store.writer.clock())
    made = await purse.wallet.history.file(ann.guest.signed, EUR, month, "pdf", "en")
    assert made.media_type == "application/pdf"
    assert f"statement-EUR-{month}.pdf" in made.headers["Content-Disposition"]
    text, _ = read_pdf(made.content)
    for said in ("Ann", "Bob", "Merchantpayment·двечашки茶", "1,234.56", "1,233.56", "−1.00"):
        assert said in text
    made = await purse.wallet.history.file(bob.guest.signed, EUR, month, "csv", "en")
    (row,) = read_csv(await body_of(made))
    assert (row["name"], row["note"], row["amount"], row["kind"]) == ("Ann", "две чашки 茶", "1.00", "merchant")


async def test_too_many_that_wait_for_a_pdf_are_asked_to_come_again() -> None:
    press = Press()

    def draw() -> bytes:
        return statement_pdf(month_of(1), Person("m", "mei", "Mei"), "House", "en", NOVEMBER)

    press._waiting = WAITING_MAX
    with pytest.raises(Unavailable):
        await press.make(draw)
    press._waiting -= 1
    assert (await press.make(draw)).startswith(b"%PDF")
