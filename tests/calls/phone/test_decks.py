"""Rate decks as carriers send them: read whole, or refused with what is wrong."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.calls.phone.rates import cells
from teahouse.calls.phone.rates.csv_deck import PREFIXES_MAX, PROBLEMS_MAX, read
from teahouse.calls.phone.rates.model import RateLine
from teahouse.calls.phone.rates.problems import WHY, Problems
from teahouse.money import currencies

NOW = 1_790_000_000_000
DOCS = Path(__file__).parents[3] / "docs" / "rates.md"
CLIENT_WORDS = Path(__file__).parents[3] / "web/src/calls/setup/lines/i18n"


def ms(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1000  # type: ignore[arg-type, misc]


def lines_of(text: str, currency: str = "EUR") -> list[RateLine]:
    return read(text, currency=currency, now=NOW)


def line_of(cells_of: dict[str, str], delimiter: str = ",", currency: str = "EUR") -> RateLine:
    """Read a deck with one line."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([cells_of.keys(), cells_of.values()])
    (line,) = lines_of(written.getvalue(), currency)
    return line


def whys(text: str, currency: str = "EUR") -> list[tuple[int, str]]:
    with pytest.raises(Problems) as refused:
        lines_of(text, currency)
    return [(each.line, each.why) for each in refused.value.found]


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_the_client_has_words_for_each_problem(language: str) -> None:
    words = json.loads((CLIENT_WORDS / f"{language}.json").read_text(encoding="utf-8"))
    assert {key.removeprefix("why_") for key in words if key.startswith("why_")} == set(WHY)
    for code, english in WHY.items():
        named = words[f"why_{code}"].count("{{")
        assert named <= english.count("{}"), code


def test_a_problem_says_the_same_to_programs_and_to_people() -> None:
    with pytest.raises(Problems) as refused:
        lines_of(f"prefix,price\n49,1\n0049,1\n{'7' * 60},1\n49,2\n")
    assert [(each.line, each.code, each.values) for each in refused.value.found] == [
        (3, "zero", ("0049",)),
        (4, "long", (f"{'7' * 39}…", "15")),
        (5, "twice", ("49", "2")),
    ]
    assert all(each.why == WHY[each.code].format(*each.values) for each in refused.value.found)


def test_the_example_of_the_docs_can_be_imported() -> None:
    example = DOCS.read_text(encoding="utf-8").split("```csv\n")[1].split("```")[0]
    lines = lines_of(example)
    assert lines[0] == RateLine("49", "Germany", "EUR", 12_300, 0, 1, 1, NOW, 0)
    assert [line.prefix for line in lines] == ["49", "4915", "4916", "4917", "1", "1", "870"]
    assert lines[3] == RateLine("4917", "Germany, mobile", "EUR", 89_000, 50_000, 60, 60, NOW, 0)
    assert [(line.effective_from, line.effective_to) for line in lines[4:6]] == [
        (ms(2026, 12, 1), ms(2027, 1, 1)),
        (ms(2027, 1, 1), 0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "prefix,price,name\n49,0.0123,Germany\n",
        "name,price,prefix\r\nGermany,0.0123,49\r\n",
        "\ufeffPrefix;Price;Name\n49;0,0123;Germany",
        "sep=;\nPrefix;Price;Name\n49;0.0123;Germany",
        "PREFIX\tRate\tDestination\n+49\t0,0123\tGermany\n",
        '"Dial Code","Rate per minute","Destination, name"\n"49","0.0123","Germany"\n',
        "dial_code,Price (EUR/min),Description,Notes\n49,.012300,  Germany ,\n",
        "\n\nprefix,price,name,,\n,,,,\n49,0.0123,Germany,,\n\n",
        "prefix,price,name\n49,0.0123,Germany,,\n",
        "country code,price,name\n49,0.0123,Germany\n",
        "country code;area code;price;name\n49;;0.0123;Germany\n",
        "prefix,price,zone\n49,00.0123,Germany\n",
    ],
)
def test_one_deck_is_written_in_many_ways(text: str) -> None:
    (line,) = lines_of(text)
    assert (line.prefix, line.per_minute_e4, line.name) == ("49", 12_300, "Germany")


def test_one_line_may_have_many_prefixes() -> None:
    assert [line.prefix for line in lines_of("prefix,price\n4915 4916;4917  +4918,0.1\n")] == [
        "4915",
        "4916",
        "4917",
        "4918",
    ]
    many = lines_of("country code,city codes,price\n49,30 040;089,0.1\n")
    assert [line.prefix for line in many] == ["4930", "49040", "49089"]


@pytest.mark.parametrize(
    ("price", "currency", "per_minute_e4"),
    [
        ("0.0123", "EUR", 12_300),
        ("0.000001", "EUR", 1),
        ("1", "EUR", 1_000_000),
        ("0", "EUR", 0),
        ("1000", "EUR", 1_000_000_000),
        ("12.5", "JPY", 125_000),
        ("0.0001", "JPY", 1),
        ("0.0000001", "KWD", 1),
        ("25000", "VND", 250_000_000),
        ("25000", "IDR", 25_000_000_000),
        ("0.012300000000", "EUR", 12_300),
    ],
)
def test_prices_are_exact(price: str, currency: str, per_minute_e4: int) -> None:
    assert line_of({"prefix": "49", "price": price}, currency=currency).per_minute_e4 == per_minute_e4


@pytest.mark.parametrize(
    ("given", "increments"),
    [
        ({}, (60, 60)),
        ({"increment": "60/60"}, (60, 60)),
        ({"increment": "1/1"}, (1, 1)),
        ({"increment": " 30 / 6 "}, (30, 6)),
        ({"increment": "1+1"}, (1, 1)),
        ({"billing increment": "6"}, (6, 6)),
        ({"increment": "01/01"}, (1, 1)),  # a spreadsheet was here
        ({"increment": "0/60"}, (60, 60)),
        ({"first": "30", "next": "6"}, (30, 6)),
        ({"first": "30 s", "next": "6s"}, (30, 6)),
        ({"first": "30", "next": ""}, (30, 30)),
        ({"initial increment": "", "additional increment": "6"}, (6, 6)),
    ],
)
def test_increments(given: dict[str, str], increments: tuple[int, int]) -> None:
    line = line_of({"prefix": "49", "price": "1", **given})
    assert (line.first_s, line.next_s) == increments


@pytest.mark.parametrize(
    ("begins", "ends", "validity"),
    [
        ("", "", (NOW, 0)),
        ("2026-12-01", "", (ms(2026, 12, 1), 0)),
        ("01.12.2026", "31.12.2026", (ms(2026, 12, 1), ms(2027, 1, 1))),
        ("1.12.2026 08:30", "31.12.2026 18:00", (ms(2026, 12, 1, 8, 30), ms(2026, 12, 31, 18))),
        ("2026-12-01T08:30", "2026-12-31 18:00:00", (ms(2026, 12, 1, 8, 30), ms(2026, 12, 31, 18))),
        ("2026-12-01T08:30+01:00", "2026-12-31T18:00Z", (ms(2026, 12, 1, 7, 30), ms(2026, 12, 31, 18))),
        ("2026-12-01", "2026-12-01", (ms(2026, 12, 1), ms(2026, 12, 2))),
        ("", "2099-12-31", (NOW, ms(2100, 1, 1))),
    ],
)
def test_when_a_line_is_in_force(begins: str, ends: str, validity: tuple[int, int]) -> None:
    line = line_of({"prefix": "49", "price": "1", "effective from": begins, "valid until": ends})
    assert (line.effective_from, line.effective_to) == validity


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"prefix": ""}, "there is no prefix"),
        ({"prefix": "0049"}, "begins with 0"),
        ({"prefix": "4930-4940"}, "is not a prefix"),
        ({"prefix": "4.93E+10"}, "is not a prefix"),
        ({"prefix": "49x"}, "is not a prefix"),
        ({"prefix": "４９"}, "is not a prefix"),
        ({"prefix": "1234567890123456"}, "more than 15 digits"),
        ({"prefix": " ".join(str(each) for each in range(1000, 1001 + PREFIXES_MAX))}, "prefixes in one line"),
        ({"price": ""}, "there is no price"),
        ({"price": "-1"}, "is not a price"),
        ({"price": "free"}, "is not a price"),
        ({"price": "1,000.5"}, "is not a price"),
        ({"price": "0,0123"}, "is not a price"),
        ({"price": "1e3"}, "is not a price"),
        ({"price": "0.0000001"}, "more than 6 decimals"),
        ({"price": "1000.01"}, "more than 1000 EUR"),
        ({"price": "0.00001", "currency": "JPY"}, "more than 4 decimals"),
        ({"price": "9" * 13}, "is not a price"),
        ({"connection fee": "1001"}, "more than 1000 EUR"),
        ({"currency": "XYZ"}, "there is no currency"),
        ({"increment": "1/1/1"}, "is not an increment"),
        ({"increment": "60/0"}, "1 to 3600 seconds"),
        ({"increment": "0"}, "1 to 3600 seconds"),
        ({"increment": "9999/1"}, "1 to 3600 seconds"),
        ({"first": "x"}, "are not seconds"),
        ({"from": "12/01/2026"}, "is not a day"),
        ({"from": "2026-13-01"}, "is not a day"),
        ({"from": "31.02.2026"}, "is not a day"),
        ({"from": "1969-12-31"}, "before 1970"),
        ({"to": "9999-12-31 25:00"}, "is not a day"),
        ({"from": "2026-12-02", "to": "2026-12-01"}, "before it begins"),
        ({"to": "1999-12-31"}, "before it begins (now)"),
        ({"name": "x" * 121}, "the name is longer"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(given: dict[str, str], why: str) -> None:
    row = {"prefix": "49", "price": "0.01", **given}
    written = io.StringIO()
    csv.writer(written).writerows([row.keys(), ["1", "0.01", *[""] * (len(row) - 2)], row.values()])
    ((line, said),) = whys(written.getvalue())
    assert line == 3
    assert why in said


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "there is nothing in it"),
        ("\n \n", 1, "there is nothing in it"),
        ("hello", 1, "no column “prefix”"),
        ("49,0.01\n50,0.02\n", 1, "no column “prefix”"),
        ("prefix,name\n49,Germany\n", 1, "no column “price”"),
        ("prefix,price\n", 1, "no line after the header"),
        ("prefix,code,price\n49,49,1\n", 1, "two columns are the same"),
        ("prefix,price\n49\n", 2, "1 cells in 2 columns"),
        ("prefix,price\n49,1,2\n", 2, "3 cells in 2 columns"),
        ('prefix,price,name\n49,1,"Ger\nmany\n', 3, "this is no CSV"),
        ('prefix,price\n49,"1"2\n', 2, "this is no CSV"),
        ("prefix,price,name\n49,1," + "x" * 140_000, 2, "this is no CSV"),
    ],
)
def test_a_file_that_is_no_deck(text: str, line: int, why: str) -> None:
    found = whys(text)
    assert found[0][0] == line
    assert why in found[0][1]


def test_a_deck_without_currencies_needs_one_given() -> None:
    assert whys("prefix,price\n49,1\n", currency="") == [(2, "it does not say in which currency the price is")]
    assert lines_of("prefix,price,ccy\n49,1,usd\n", currency="")[0].currency == "USD"


def test_a_prefix_has_one_price_at_a_time() -> None:
    twice = "prefix,price,from,to\n49 1,1,2026-01-01,2026-01-31\n49,2,2026-01-31,\n1,3,2026-02-01,\n"
    assert whys(twice) == [(3, "prefix 49 has another price at the same time in line 2")]
    assert len(lines_of(twice.replace("2026-01-31,\n1", "2026-02-01,\n1"))) == 4
    assert whys("prefix,price\n49,1\n1,1\n49,1\n") == [(4, "prefix 49 has another price at the same time in line 2")]
    within = "prefix,price,from,to\n49,1,2026-06-01,2026-06-02\n49,2,2026-01-01,\nx,3,,\n49,4,2027-01-01,\n"
    assert [line for line, _ in whys(within)] == [3, 4, 5], "whichever comes first, and beside other problems"


def test_only_the_first_problems_are_told() -> None:
    found = whys("prefix,price\n" + "x,1\n" * 1000)
    assert [line for line, _ in found] == list(range(2, 2 + PROBLEMS_MAX))


def test_a_deck_has_a_bound() -> None:
    text = "prefix,price\n1,1\n2 3,1\n"
    assert len(read(text, currency="EUR", now=NOW, lines_max=3)) == 3
    with pytest.raises(Problems) as refused:
        read(text, currency="EUR", now=NOW, lines_max=2)
    assert refused.value.found[0].line == 3


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[1-9][0-9]{0,14}", fullmatch=True),
            st.integers(0, 10**9),
            st.integers(0, 10**6),
            st.integers(1, 3600),
            st.integers(1, 3600),
            st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Zs")), max_size=120),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda row: row[0],
    ),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from(",;\t"),
    st.randoms(use_true_random=False),
)
def test_what_is_written_is_read(
    rows: list[tuple[str, int, int, int, int, str]], currency: str, delimiter: str, random: object
) -> None:
    finest = currencies()[currency].exponent + cells.FINER
    titles = ["Prefix", "Rate", "Setup fee", "First", "Next", "Destination"]
    order = list(range(len(titles)))
    random.shuffle(order)  # type: ignore[attr-defined]

    def plain(amount: int) -> str:
        return f"{amount // 10**finest}.{amount % 10**finest:0{finest}}"

    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow([titles[each] for each in order])
    for prefix, price, fee, first, following, name in rows:
        price_text = plain(price) if delimiter == "," else plain(price).replace(".", ",")
        row = [prefix, price_text, plain(fee), str(first), str(following), name]
        writer.writerow([row[each] for each in order])
    lines = lines_of(written.getvalue(), currency)
    assert [
        (line.prefix, Fraction(line.per_minute_e4), line.connection_e4, line.first_s, line.next_s, line.name)
        for line in lines
    ] == [(prefix, Fraction(price), fee, first, following, name) for prefix, price, fee, first, following, name in rows]


@given(st.lists(st.tuples(st.sampled_from("12"), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=5))
def test_overlaps_are_found_wherever_they_are(rows: list[tuple[str, int, int]]) -> None:
    spans = [(prefix, min(days), max(days)) for prefix, *days in rows]
    text = "prefix,price,from,to\n" + "".join(
        f"{prefix},1,2026-01-0{first},2026-01-0{last}\n" for prefix, first, last in spans
    )
    days = [(prefix, day) for prefix, first, last in spans for day in range(first, last + 1)]
    if len(set(days)) == len(days):
        assert len(lines_of(text)) == len(rows)
    else:
        assert all("another price" in why for _, why in whys(text))


@given(st.text(max_size=300), st.sampled_from(["", "prefix,price\n", "prefix;price;from;to;increment\n"]))
def test_any_text_is_a_deck_or_refused(text: str, header: str) -> None:
    problems: list[object] = []
    lines: list[RateLine] = []
    try:
        lines = lines_of(header + text)
    except Problems as refused:
        problems += refused.found
    assert bool(lines) != bool(problems)
    assert len(problems) <= PROBLEMS_MAX
