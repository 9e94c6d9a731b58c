"""Receive codes as text: other readers can parse ours, ours parses others', and says what is wrong with one."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.errors import Refusal
from teahouse.money import currencies, plain
from teahouse.people.picture_routes import QR_TEXT_MAX
from teahouse.wallet.payments import emv, rules
from teahouse.wallet.payments.emv import ReceiveText, checksum, parse, read, split, write
from tests.docs.console import ROOT

TOKEN = "Zk3vQ0d1T2mYx5aB7cD9eA"
HOST = "tea.example"
EMVCO_SAMPLE = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN"
    "5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***"
    "0708A60086670902ME91320016A0112233449988770708123456786304A13A"
)
"""The example of EMVCo's specification."""
PIX_SAMPLE = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
"""The example of the manual of Brazil's central bank."""


def code(**fields: object) -> ReceiveText:
    """Ann's code, with what a test changes of it."""
    plain_one = {
        "house": HOST,
        "token": TOKEN,
        "currency": 978,
        "country": "DE",
        "name": "Ann Li",
        "handle": "ann",
        "city": "Old Town",
    }
    return ReceiveText(**{**plain_one, **fields})  # type: ignore[arg-type]


def sealed(text: str) -> str:
    """The same code with another inside: its checksum made right again."""
    return text[:-4] + checksum(text[:-4])


def test_the_checksum_is_the_one_of_its_published_check_value() -> None:
    assert checksum("123456789") == "29B1"


def test_emvcos_own_sample_is_read_whole() -> None:
    fields = parse(EMVCO_SAMPLE)
    assert (fields["53"], fields["54"], fields["58"], fields["59"], fields["60"]) == (
        "156",
        "23.72",
        "CN",
        "BEST TRANSPORT",
        "BEIJING",
    )
    assert split(fields["64"]) == {"00": "ZH", "01": "最佳运输", "02": "北京"}
    assert split(fields["62"]) == {"03": "1234", "06": "***", "07": "A6008667", "09": "ME"}


@pytest.mark.parametrize("sample", [EMVCO_SAMPLE, PIX_SAMPLE])
def test_a_good_code_of_another_system_is_not_ours(sample: str) -> None:
    with pytest.raises(emv.NotOurCode):
        read(sample, HOST)


def test_a_fixed_code_says_whose_it_is_and_no_amount() -> None:
    text = write(code())
    assert text == (
        f"00020101021126770032{emv.OURS}0122{TOKEN}0211{HOST}5204000053039785802DE5906Ann Li6008Old Town6304{text[-4:]}"
    )
    assert read(text, HOST) == TOKEN
    assert "54" not in parse(text)


def test_a_code_that_asks_for_an_amount_says_so_and_what_for() -> None:
    fields = parse(write(code(amount="12.50", purpose="Two teas, to go")))
    assert (fields["01"], fields["54"], fields["62"]) == ("12", "12.50", "0815Two teas, to go")


def test_a_house_that_names_no_country_writes_that_it_is_unknown() -> None:
    assert parse(write(code(country="")))["58"] == "XX"


@pytest.mark.parametrize(
    ("name", "city", "shown", "language"),
    [
        ("李明", "茶馆", ("ann", "Teahouse"), {"00": "ZH", "01": "李明", "02": "茶馆"}),
        ("Анна Ли", "Old Town", ("ann", "Old Town"), {"00": "RU", "01": "Анна Ли"}),
        ("René Müller", "Café", ("Rene Muller", "Cafe"), {"00": "EN", "01": "René Müller", "02": "Café"}),
        ("さくら", "Tea", ("ann", "Tea"), {"00": "JA", "01": "さくら"}),
        ("🦊", "Tea", ("ann", "Tea"), {"00": "EN", "01": "🦊"}),
    ],
)
def test_names_of_other_scripts_are_plain_for_old_readers_and_true_for_new_ones(
    name: str, city: str, shown: tuple[str, str], language: dict[str, str]
) -> None:
    fields = parse(write(code(name=name, city=city)))
    assert (fields["59"], fields["60"]) == shown
    assert split(fields["64"]) == language


def test_a_long_address_is_named_by_its_digest() -> None:
    long = "the.teahouse.of.a.very.small.village.example:8420"
    text = write(code(house=long))
    assert read(text, long) == TOKEN
    with pytest.raises(emv.OtherHouse):
        read(text, long + "1")


def test_another_house_is_named() -> None:
    with pytest.raises(emv.OtherHouse) as refused:
        read(write(code(house="inn.example")), HOST)
    assert refused.value.fields == {"house": "inn.example"}


@pytest.mark.parametrize("at", [0, 15, 40, 90, -1])
def test_a_changed_character_is_noticed(at: int) -> None:
    text = write(code(amount="12.50"))
    changed = text[:at] + ("7" if text[at] != "7" else "8") + (text[at + 1 :] if at != -1 else "")
    with pytest.raises(Refusal):
        read(changed, HOST)


def test_an_amount_that_was_changed_has_a_wrong_checksum() -> None:
    with pytest.raises(emv.BadChecksum):
        parse(write(code(amount="12.50")).replace("540512.50", "540592.50"))


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", emv.NotACode),
        ("https://example.org", emv.NotACode),
        ("4006381333931", emv.NotACode),
        ("0002", emv.BadLength),
        ("000201", emv.BadField),
        ("0002026304FFFF", emv.BadField),
        ("0002015", emv.BadLength),
        ("000201599", emv.BadLength),
        ("00020159x4abcd", emv.BadLength),
        ("0002015900", emv.BadLength),
        ("00020159٠4abcd", emv.BadLength),
        ("00020101021101021163041234", emv.BadField),
        (EMVCO_SAMPLE[:-2], emv.BadLength),
        (EMVCO_SAMPLE + "5901A", emv.BadField),
        (EMVCO_SAMPLE[:-4] + "A13B", emv.BadChecksum),
        ("000201" + "9999" + "x" * 99 + "9899" + "x" * 99 + "9799" + "x" * 99 + "9699" + "x" * 99 + "9599" + "x" * 99,
         emv.BadLength),
        ("000201" + "5901\ud800" + "63041234", emv.NotACode),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        parse(text)


def test_a_checksum_in_small_letters_and_a_line_end_do_not_matter() -> None:
    text = write(code())
    assert parse(f"{text[:-4]}{text[-4:].lower()}\r\n") == {**parse(text), "63": text[-4:].lower()}


def test_our_template_without_a_token_is_no_code() -> None:
    broken = sealed(write(code()).replace(f"0122{TOKEN}", "0122" + "!" * 22))
    with pytest.raises(emv.BadField):
        read(broken, HOST)


def test_what_does_not_fit_is_not_written() -> None:
    with pytest.raises(emv.BadField):
        write(code(amount="12345678901.23"))
    with pytest.raises(emv.BadField):
        write(code(token="short"))


def test_the_examples_of_the_papers_are_good() -> None:
    page = (ROOT / "docs" / "payment-codes.md").read_text("utf-8")
    fixed, asking = [line for line in page.splitlines() if line.startswith("000201")]
    assert read(fixed, HOST) == read(asking, HOST) == TOKEN
    assert fixed == write(code(city="Bamboo Grove"))
    assert asking == write(code(city="Bamboo Grove", amount="12.50", purpose="Two teas"))
    told = {each.code for each in (emv.NotACode, emv.BadLength, emv.BadField, emv.BadChecksum)}
    told |= {each.code for each in (emv.NotOurCode, emv.OtherHouse, rules.NoSuchCode, rules.NotPayable)}
    assert all(f"`{each}`" in page for each in told)


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=64)
hosts = st.text(string.ascii_lowercase + string.digits + ".-:", min_size=1, max_size=80)
tokens = st.text(string.ascii_letters + string.digits + "-_", min_size=22, max_size=22)


@given(name=texts, city=texts, purpose=texts, host=hosts, token=tokens, amount=st.integers(1, 10**10),
       currency=st.sampled_from(sorted(currencies())))  # fmt: skip
def test_whatever_is_written_is_read_again(
    name: str, city: str, purpose: str, host: str, token: str, amount: int, currency: str
) -> None:
    numeric = currencies()[currency].numeric
    asked = code(name=name, city=city, purpose=purpose, house=host, token=token, currency=numeric)
    text = write(asked)
    assert len(text) <= emv.TEXT_MAX
    assert read(text, host) == token
    fields = parse(text)
    assert fields["59"].isascii()
    assert fields["59"]
    assert len(fields["59"]) <= emv.NAME_MAX
    assert fields["60"]
    assert len(fields["60"]) <= emv.CITY_MAX
    written = plain(amount, currency)
    if len(written) <= emv.AMOUNT_MAX:
        dynamic = parse(write(code(amount=written, currency=numeric)))
        assert (dynamic["01"], dynamic["54"], int(dynamic["53"])) == ("12", written, numeric)


@given(texts)
def test_no_text_brings_the_reader_down(text: str) -> None:
    for each in (text, "0002" + text, "000201" + text, sealed("000201" + text + "63040000")):
        with pytest.raises(Refusal):
            read(each, HOST)


@given(at=st.integers(0, 100), other=st.characters(exclude_categories=("Cs",)))
def test_no_single_change_passes(at: int, other: str) -> None:
    text = write(code(amount="12.50", purpose="Tea"))
    changed = text[: at % len(text)] + other + text[at % len(text) + 1 :]
    if changed.strip() == text or changed.upper() == text:
        return
    with pytest.raises(Refusal):
        read(changed, HOST)


def test_the_longest_code_can_be_drawn(tmp_path: Path) -> None:
    import segno  # noqa: PLC0415 - only here

    long = code(name="李" * 64, city="茶" * 64, purpose="x" * 140, amount="9999999999.99", house="h" * 90)
    text = write(long)
    assert len(text) <= QR_TEXT_MAX
    segno.make(text, error="m", micro=False).save(tmp_path / "code.svg")
