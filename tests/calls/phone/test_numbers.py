"""Numbers as people write them, wherever they are."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from teahouse.calls.phone.numbers import TEXT_MAX, EmergencyNumber, NotANumber, Number, place_of, read

REGIONS = ("DE", "US", "GB", "FR", "IT", "IN", "BR", "NG", "CN", "JP", "AU", "MX", "AR", "EG", "VA", "KZ")
KINDS = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
}


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("030 901820", "DE", "+4930901820"),
        ("030/90 18-20", "DE", "+4930901820"),
        ("+49 (0)30-90 18 20", "DE", "+4930901820"),
        ("+49 (0)30-90 18 20", "JP", "+4930901820"),
        ("004930901820", "DE", "+4930901820"),
        ("00 49 30 901820", "FR", "+4930901820"),
        ("00 49 30 901820", "US", "+4930901820"),
        ("011 49 30 901820", "US", "+4930901820"),
        ("tel:+49-30-901820", "BR", "+4930901820"),
        ("\u202d+49 30 901820\u202c", "US", "+4930901820"),  # copied from a page with marks of direction
        ("０３０ ９０１８２０", "DE", "+4930901820"),
        ("＋４９ ３０ ９０１８２０", "JP", "+4930901820"),
        ("030 901820", "", "+4930901820"),
        ("030 901820", "AQ", "+4930901820"),  # nobody numbers Antarctica: it is read as at home
        ("(415) 555-2671", "US", "+14155552671"),
        ("1 415 555 2671", "US", "+14155552671"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("06 6982", "IT", "+39066982"),  # Italy keeps its zero
        ("02 27950000", "EG", "+20227950000"),
        ("٠٢ ٢٧٩٥٠٠٠٠", "EG", "+20227950000"),
    ],
)
def test_one_number_is_written_in_many_ways(text: str, region: str, e164: str) -> None:
    assert read(text, region, house="DE").e164 == e164


@pytest.mark.parametrize("text", ["030 901820 ext. 12", "030 901820 x12", "tel:+4930901820;ext=12", "030 901820;12"])
def test_an_extension_is_left_away(text: str) -> None:
    assert read(text, "DE", house="DE").e164 == "+4930901820"


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("112", "DE"),
        ("1 1 2", "DE"),
        (" 1-1-2 ", "DE"),
        ("１１２", "DE"),
        ("112", "US"),  # mobile networks anywhere take it
        ("911", "DE"),
        ("110", "DE"),
        ("110", ""),
        ("999", "GB"),
        ("000", "AU"),
        ("190", "BR"),
        ("１１９", "JP"),
        ("110", "GB"),  # an emergency number of the house's country
        ("+49 112", "DE"),
        ("+49 110", "FR"),
        ("0049 112", "DE"),
        ("+44 999", "DE"),
        ("+1 911", "DE"),
        ("+49 911", "DE"),
        ("112;ext=4", "DE"),
        ("112 ext 4", "DE"),
    ],
)
def test_an_emergency_number_is_for_a_phone(text: str, region: str) -> None:
    with pytest.raises(EmergencyNumber) as refused:
        read(text, region, house="DE")
    assert refused.value.problem().code == "emergency_number"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "++",
        "hello",
        "7",
        "12",
        "110115",  # a service within the country
        "115",
        "22833",
        "*100#",
        "*31#030901820",
        "#31#",
        "+49",
        "+999 123456789",
        "030 9018201234567890",
        "+1 415 555 26",
        "+4930901820" * 6,
        "☎",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        read(text, "DE", house="DE")


def test_a_house_without_a_country_reads_only_whole_numbers() -> None:
    assert read("+4930901820", "", house="").country == "DE"
    with pytest.raises(NotANumber):
        read("030901820", "", house="")
    with pytest.raises(EmergencyNumber):
        read("112", "", house="")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+870773111632", "satellite"),  # Inmarsat
        ("+881612345678", "satellite"),  # Iridium
        ("+88216123456", "satellite"),  # Thuraya
        ("+8823421234", "satellite"),
        ("+883510012345", "voip"),
        ("+979123456789", "premium_rate"),
        ("+80012345678", "toll_free"),
        ("+80812345678", "shared_cost"),
        ("+878101234567890", "voip"),
    ],
)
def test_numbers_of_no_country(text: str, kind: str) -> None:
    number = read(text, "DE", house="DE")
    assert (number.country, number.kind, number.e164) == ("001", kind, text)


@pytest.mark.parametrize("region", REGIONS)
def test_every_kind_of_number_of_a_country_is_known_for_what_it_is(region: str) -> None:
    kinds = 0
    for number_type, kind in KINDS.items():
        example = phonenumbers.example_number_for_type(region, number_type)
        if example is None or phonenumbers.number_type(example) != number_type:
            continue
        kinds += 1
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        for form in range(4):  # E.164, international, national, as a `tel:` URI
            written = phonenumbers.format_number(example, form)
            number = read(written, region, house="DE")
            assert (number.e164, number.kind) == (e164, kind), written
            assert number.country == phonenumbers.region_code_for_number(example)
    assert kinds >= 2


@given(st.text(max_size=TEXT_MAX + 2), st.sampled_from([*REGIONS, "", "XX"]), st.sampled_from(["DE", "US", ""]))
def test_any_text_is_a_number_or_refused(text: str, region: str, house: str) -> None:
    _read_or_refused(text, region, house)


@given(
    st.text("0123456789+ ()-/.;,#*xeEtT=A０１９", max_size=TEXT_MAX),
    st.sampled_from([*REGIONS, ""]),
    st.sampled_from(["DE", "US"]),
)
def test_a_number_that_was_read_reads_back_to_itself(text: str, region: str, house: str) -> None:
    number = _read_or_refused(text, region, house)
    if number is not None:
        for other in ("", "US", "CN"):
            assert read(number.e164, other, house=house) == number
            assert read(number.formatted, other, house=house) == number


@given(st.sampled_from(REGIONS), st.data())
def test_real_numbers_survive_any_spacing(region: str, data: st.DataObject) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    gaps = data.draw(st.lists(st.sampled_from(["", " ", "-", ".", "\u00a0"]), min_size=len(e164), max_size=len(e164)))
    spaced = "".join(digit + gap for digit, gap in zip(e164, gaps, strict=True))
    assert read(spaced, "US", house="DE").e164 == e164


def _read_or_refused(text: str, region: str, house: str) -> Number | None:
    try:
        number = read(text, region, house=house)
    except (NotANumber, EmergencyNumber):
        return None
    assert number.e164.startswith("+")
    assert number.e164.isascii()
    assert number.e164[1:].isdigit()
    assert 4 <= len(number.e164) <= 16
    return number


def test_where_a_number_is() -> None:
    assert place_of("+4930901820", "en") == "Berlin"
    assert place_of("+4915112345678", "de") == "Deutschland"
    assert place_of("+4915112345678", "xx") == "Germany"  # a language that it has not
    assert place_of("+870773111632", "en") == ""
    assert place_of("hello", "en") == ""
