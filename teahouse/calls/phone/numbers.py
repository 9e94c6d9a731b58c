"""Phone numbers: read in any national format, kept as E.164. Metadata of `phonenumbers` (libphonenumber) throughout."""

import msgspec

from teahouse.calls.phone.model import NumberKind
from teahouse.errors import Refusal


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
    """Read a number that was dialled in a region (ISO 3166-1; empty: the house's). Raises `NotANumber`,
    `EmergencyNumber`."""
    raise NotImplementedError


def place_of(e164: str, language: str) -> str:
    """Return where a number is (`Berlin`, `Germany`), in a language where libphonenumber has it."""
    raise NotImplementedError
