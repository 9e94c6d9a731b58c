"""Phone numbers: read in any national format, kept as E.164. Metadata of `phonenumbers` (libphonenumber) throughout."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from teahouse.calls.phone.model import NumberKind
from teahouse.errors import Refusal

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

TEXT_MAX = 64
"""Characters of what is dialled, as `Dialled` has it."""
KEPT_NUMBERS = 4096
"""Texts whose number is kept in memory: a quote, its call and its history read the same one."""
WORLD_EMERGENCY: Final = ("112", "911")
"""Mobile networks anywhere take these (3GPP TS 22.101), so people dial them anywhere."""
_SATELLITE: Final = (870, 881, 882)
"""Inmarsat; the global satellite systems; the networks of no country, which are of satellites, ships and planes."""
_EXTENSION = re.compile(r"[;,#xX]|ext", re.IGNORECASE)
_BY_TYPE: Final[tuple[NumberKind, ...]] = (
    "fixed_line",
    "mobile",
    "fixed_line_or_mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
"""By `phonenumbers.PhoneNumberType`."""


class NotANumber(Refusal):
    code = "not_a_number"
    title = "This is not a phone number that exists"


class EmergencyNumber(Refusal):
    """An emergency number of the caller's country, or of the house's: a browser is no phone, and knows no place."""

    code = "emergency_number"
    title = "Use a phone to call an emergency number"


class Number(msgspec.Struct, frozen=True):
    e164: str
    country: str
    """ISO 3166-1 alpha-2; `001` for numbers of no country."""
    kind: NumberKind
    formatted: str


def read(text: str, region: str, *, house: str) -> Number:
    """Read a number that was dialled in a region (ISO 3166-1; empty: the house's). Letters are the keys that they stand
    on; an extension is left away: the call reaches the main number. Raises `NotANumber`, `EmergencyNumber`."""
    if len(text) > TEXT_MAX:
        raise NotANumber()
    return _read(text, region, house)


@lru_cache(maxsize=KEPT_NUMBERS)
def _read(text: str, region: str, house: str) -> Number:
    import phonenumbers  # noqa: PLC0415

    known = phonenumbers.SUPPORTED_REGIONS
    regions = [each for each in dict.fromkeys((region, house)) if each in known]
    dialled = _plain(text)
    if _is_emergency(dialled, regions):
        raise EmergencyNumber()
    number = _parsed(dialled, regions[0] if regions else None)
    if number is None:
        raise NotANumber()
    if not phonenumbers.is_valid_number(number):
        if _connects_to_emergency(number):
            raise EmergencyNumber()
        raise NotANumber()
    return Number(
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        country=phonenumbers.region_code_for_number(number) or "001",
        kind=_kind_of(number),
        formatted=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
    )


def _plain(text: str) -> str:
    """Leave away what is not seen: marks of direction and joiners that come along when a number is copied."""
    return "".join(each for each in text if unicodedata.category(each) not in ("Cf", "Cc")).strip()


def _parsed(dialled: str, region: str | None) -> "PhoneNumber | None":
    """Return the number, which may be none that exists."""
    import phonenumbers  # noqa: PLC0415

    found: PhoneNumber | None = None
    for each in _ways_to_write(dialled):
        try:
            number = phonenumbers.parse(each, region)
        except phonenumbers.NumberParseException:
            continue
        number.extension = None
        if phonenumbers.is_valid_number(number):
            return number
        found = found or number
    return found


def _ways_to_write(dialled: str) -> Iterable[str]:
    """As it stands first; then with `00` as the international prefix that most of the world has, wherever one is: no
    country's own numbers begin so."""
    yield dialled
    digits = _digits(dialled)
    if digits.startswith("00") and not dialled.startswith(("+", "\uff0b")):
        yield f"+{digits[2:]}"


def _digits(text: str) -> str:
    """Return the digits of any script before an extension, as ASCII."""
    before = _EXTENSION.split(text, maxsplit=1)[0]
    return "".join(str(unicodedata.digit(each)) for each in before if unicodedata.category(each) == "Nd")


def _is_emergency(dialled: str, regions: list[str]) -> bool:
    """Whether it is an emergency number just as it stands, however it is spaced."""
    from phonenumbers import is_emergency_number  # noqa: PLC0415

    digits = _digits(dialled)
    return digits in WORLD_EMERGENCY or any(is_emergency_number(digits, each) for each in regions)


def _connects_to_emergency(number: "PhoneNumber") -> bool:
    """Whether it is an emergency number behind a country's code, which some carriers connect all the same."""
    from phonenumbers import is_emergency_number, region_codes_for_country_code  # noqa: PLC0415

    national = str(number.national_number)
    if number.italian_leading_zero:
        national = "0" * (number.number_of_leading_zeros or 1) + national
    regions = region_codes_for_country_code(number.country_code or 0)
    return national in WORLD_EMERGENCY or any(is_emergency_number(national, each) for each in regions)


def _kind_of(number: "PhoneNumber") -> NumberKind:
    from phonenumbers import number_type  # noqa: PLC0415

    if number.country_code in _SATELLITE:
        return "satellite"
    kind = number_type(number)
    return _BY_TYPE[kind] if 0 <= kind < len(_BY_TYPE) else "unknown"


def place_of(e164: str, language: str) -> str:
    """Return where a number is (`Berlin`, `Germany`), in a language where libphonenumber has it, else in
    English; empty where nobody
    knows. The first call reads libphonenumber's places, which takes a second: not in the loop."""
    import phonenumbers  # noqa: PLC0415
    from phonenumbers import geocoder  # noqa: PLC0415

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return ""
    return geocoder.description_for_number(number, language) or geocoder.description_for_number(number, "en")
