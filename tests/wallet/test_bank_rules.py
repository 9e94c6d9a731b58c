"""Which accounts and names go to a bank, and what its file says."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from xmlschema import XMLSchemaValidationError

from teahouse.wallet.bank import pain, rules
from tests.wallet.bank_file import SPACE, holds, read_file

HOUSE = rules.HouseAccount("Tea House", "DE89370400440532013000", "COBADEFFXXX")
NOON = 1_795_608_000_000  # 2026-11-25 12:00 UTC


class File(msgspec.Struct, frozen=True):
    payments: int
    total: int
    id: str = "01kax2p3v4w5x6y7"
    at: int = NOON


class Payment(msgspec.Struct, frozen=True):
    id: str
    amount: int
    iban: str = "NL91ABNA0417164300"
    name: str = "Bo Berg"


def payments(*amounts: int) -> list[Payment]:
    return [Payment(f"{number:016}", amount) for number, amount in enumerate(amounts)]


@pytest.mark.parametrize(
    ("text", "iban"),
    [
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("gb82west12345698765432", "GB82WEST12345698765432"),
        ("FR14-2004-1010-0505-0001-3M02-606", "FR1420041010050500013M02606"),
        ("MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
    ],
)
def test_an_iban_is_read_as_people_write_it(text: str, iban: str) -> None:
    assert rules.iban_of(text) == iban


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DE89370400440532013001",  # a digit is wrong
        "DE8937040044053201300",  # one is missing
        "ED89370400440532013000",  # two are swapped
        "ES9121000418450200051333",  # the country's own digits are wrong, too
        "XX89370400440532013000",
        "\uff24\uff2589370400440532013000",  # wide letters
        "DE89370400440532013000<x/>",
        "4111111111111111",
    ],
)
def test_what_is_no_iban_is_refused(text: str) -> None:
    with pytest.raises(rules.BadIban):
        rules.iban_of(text)


def test_the_countrys_own_digits_are_checked() -> None:
    """A Belgian account whose IBAN digits hold and whose own do not."""
    from stdnum import iban  # noqa: PLC0415

    wrong = "BE" + iban.calc_check_digits("BExx435411161156") + "435411161156"
    assert iban.is_valid(wrong, check_country=False)
    with pytest.raises(rules.BadIban):
        rules.iban_of(wrong)


def test_an_account_that_sepa_does_not_reach_is_refused() -> None:
    with pytest.raises(rules.NotSepa):
        rules.iban_of("SA0380000000608010167519")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Bo Berg", "Bo Berg"),
        ("Žofie Müller-Ørsted", "Zofie Muller-Orsted"),
        ("王小明", "Wang Xiao Ming"),
        ("Иван Щукин", "Ivan Shchukin"),
        ("Smith & Söhne", "Smith + Sohne"),
        ("//a//b/", "a/b"),
        ("Bo\n<b>Berg</b>\x00", "Bo b Berg /b"),
        ("x" * 80, "x" * 70),
        ("\u5f20" * 30, ("Zhang " * 12)[:70]),
    ],
)
def test_a_name_is_written_as_banks_take_it(name: str, written: str) -> None:
    assert rules.name_of(name) == written


@pytest.mark.parametrize("name", ["", "  ", "🍵", "???", "\u200b"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(rules.BadName):
        rules.name_of(name)


@given(st.text(max_size=70))
@example("茶" * 70)  # three letters each
def test_whatever_the_name_the_file_holds(name: str) -> None:
    """What a name becomes stays so, and lies within what SEPA knows."""
    try:
        written = rules.name_of(name)
    except rules.BadName:
        return
    allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ "
    assert set(written) <= set(allowed)
    assert any(letter.isalnum() for letter in written)
    assert len(written) <= rules.NAME_MAX
    assert "//" not in written
    assert written == written.strip(" /")
    assert rules.name_of(written) == written


def test_of_an_iban_little_is_shown() -> None:
    assert rules.masked("DE89370400440532013000") == "DE****************3000"


def test_a_house_has_a_whole_account_or_none() -> None:
    assert rules.house_account("", "", "") is None
    assert rules.house_account("Tea Höuse", "DE89 3704 0044 0532 0130 00", "cobadeff") == rules.HouseAccount(
        "Tea House", "DE89370400440532013000", "COBADEFF"
    )
    with pytest.raises(rules.BadBic):
        rules.house_account("Tea", "DE89370400440532013000", "")
    with pytest.raises(rules.BadIban):
        rules.house_account("Tea", "", "COBADEFFXXX")
    with pytest.raises(rules.BadName):
        rules.house_account("", "DE89370400440532013000", "COBADEFFXXX")


# --- the file ---


def test_a_file_says_what_the_rows_say() -> None:
    rows = payments(1, 99, 100, 123_456_789)
    made = pain.make(File(4, 123_456_989), HOUSE, rows)
    holds(made)
    file = read_file(made)
    assert (file.message, file.made_at, file.execution) == ("01kax2p3v4w5x6y7", "2026-11-25T12:00:00Z", "2026-11-25")
    assert (file.count, file.total) == ("4", "1234569.89")
    assert (file.name, file.iban, file.bic) == ("Tea House", "DE89370400440532013000", "COBADEFFXXX")
    assert [each.amount for each in file.payments] == ["0.01", "0.99", "1.00", "1234567.89"]
    assert [each.id for each in file.payments] == [row.id for row in rows]
    assert {(each.iban, each.name, each.currency) for each in file.payments} == {
        ("NL91ABNA0417164300", "Bo Berg", "EUR")
    }


def test_a_file_is_the_same_whenever_it_is_made() -> None:
    rows = payments(10, 20)
    assert pain.make(File(2, 30), HOUSE, rows) == pain.make(File(2, 30), HOUSE, rows)


@pytest.mark.parametrize("file", [File(1, 30), File(3, 30), File(2, 29), File(2, 31)])
def test_a_file_whose_sums_are_not_the_books_is_not_offered(file: File) -> None:
    with pytest.raises(rules.FileInvalid):
        pain.make(file, HOUSE, payments(10, 20))


@pytest.mark.parametrize(
    "broken",
    [
        Payment("0" * 36, 10),  # a reference has 35 characters at most
        Payment("0" * 16, 10, iban="NL91 ABNA"),
        Payment("0" * 16, 10, name=""),
        Payment("0" * 16, 10, name="x" * 141),
        Payment("0" * 16, -10),
        Payment("0" * 16, 10**20 + 1),
    ],
)
def test_a_file_that_breaks_the_schema_is_not_offered(broken: Payment) -> None:
    rows = [Payment("1" * 16, 20), broken]
    with pytest.raises(rules.FileInvalid):
        pain.make(File(2, 20 + broken.amount), HOUSE, rows)


def test_the_tests_own_reader_sees_a_broken_file() -> None:
    made = pain.make(File(1, 10), HOUSE, payments(10))
    document = etree.fromstring(made)
    document.find(".//p:EndToEndId", SPACE).text = "x" * 36
    with pytest.raises(XMLSchemaValidationError):
        holds(etree.tostring(document))


def test_nothing_in_a_file_is_markup() -> None:
    """What the rules let through cannot break out, and neither can what they would not."""
    made = pain.make(File(1, 10), HOUSE, [Payment("0" * 16, 10, name="a<b>&c")])
    holds(made)
    assert [each.name for each in read_file(made).payments] == ["a<b>&c"]
