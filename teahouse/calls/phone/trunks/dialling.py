"""How a carrier wants numbers to be written. Pure, beside the metadata of `phonenumbers`."""

from typing import Literal

Format = Literal["plus", "digits", "double_zero", "national"]


def as_dialled(e164: str, how: Format, country: str) -> str:
    """Return an E.164 number as a carrier wants it. `national`: as it is dialled within the country (ISO 3166-1, empty:
    none), others with `00`."""
    if how == "plus":
        return e164
    digits = e164.removeprefix("+")
    if how == "digits":
        return digits
    return (_national(e164, country) if how == "national" else "") or f"00{digits}"


def _national(e164: str, country: str) -> str:
    """Empty: it is none of the country's numbers."""
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return ""
    if not country or number.country_code != phonenumbers.country_code_for_region(country):
        return ""
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.normalize_digits_only(written)
