"""Receive codes as text: EMV QR Code Specification for Payment Systems, Merchant-Presented Mode, version 1.1.

Pure: it writes and reads text and knows no store. Numbers in comments are the specification's data objects; what is in
our own template (26) is said in docs/payment-codes.md.
"""

import re
import unicodedata
from binascii import crc_hqx
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec

from teahouse.errors import Refusal

OURS: Final = "e6f47067abc04540a824b018c2a57f9f"
"""The globally unique identifier of our template: a UUID without its hyphens (4.7.10 allows it), the same for every
house, for nobody need own a domain to run one."""
TEXT_MAX: Final = 512
"""Characters of a whole code: more than that no scanner should be asked to read (the specification's advice)."""
VALUE_MAX: Final = 99
NAME_MAX: Final = 25
CITY_MAX: Final = 15
AMOUNT_MAX: Final = 13
PURPOSE_MAX: Final = 25
TOKEN_SIZE: Final = 22
"""128 random bits in base64url."""
HOUSE_MAX: Final = VALUE_MAX - (4 + len(OURS)) - (4 + TOKEN_SIZE) - 4
_AMOUNT = re.compile(rf"(?=.{{1,{AMOUNT_MAX}}}$)[0-9]+(\.[0-9]+)?")
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_SIZE}}}")
_TEMPLATES = frozenset(f"{number:02}" for number in range(26, 52))
"""Where merchant account information with an identifier of its own may stand."""
_SCRIPTS: Final = (
    ("HIRAGANA", "JA"),
    ("KATAKANA", "JA"),
    ("HANGUL", "KO"),
    ("CJK", "ZH"),
    ("CYRILLIC", "RU"),
    ("GREEK", "EL"),
    ("ARABIC", "AR"),
    ("HEBREW", "HE"),
    ("THAI", "TH"),
    ("DEVANAGARI", "HI"),
)


class NotACode(Refusal):
    code = "not_a_code"
    title = "This is not a payment code"


class BadLength(Refusal):
    """A data object is cut off, empty, or says a length that is none."""

    code = "code_length"
    title = "This payment code is cut off or garbled"


class BadField(Refusal):
    """A data object is missing, twice there, or not of its form; `fields["object"]` is its number."""

    code = "code_field"
    title = "This payment code is not as the standard wants it"


class BadChecksum(Refusal):
    code = "code_checksum"
    title = "This payment code was misread or changed: its checksum is wrong"


class NotOurCode(Refusal):
    """A good code, but of another payment system."""

    code = "not_our_code"
    title = "This code belongs to another payment system"


class OtherHouse(Refusal):
    """`fields["house"]` is its host, as the code says it."""

    code = "other_house"
    title = "This code belongs to another house"


class ReceiveText(msgspec.Struct, frozen=True, kw_only=True):
    """What a code says. `amount` is written as `money.plain` does, or empty."""

    house: str
    """The house's host and port."""
    token: str
    currency: int
    country: str
    name: str
    """As they call themselves, in any script."""
    handle: str
    """In ASCII, for a name that has nothing of it."""
    city: str
    """The house's name."""
    amount: str = ""
    purpose: str = ""


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


# --- writing --------------------------------------------------------------------------------------


def write(code: ReceiveText) -> str:
    """Raises `BadField` for what does not fit: a token or an amount that is too long."""
    if not is_token(code.token):
        raise BadField(object="26")
    if code.amount and not _AMOUNT.fullmatch(code.amount):
        raise BadField(f"An amount has at most {AMOUNT_MAX} characters.", object="54")
    name, city = ascii_of(code.name, NAME_MAX) or code.handle[:NAME_MAX], ascii_of(code.city, CITY_MAX) or "Teahouse"
    fields = [
        ("00", "01"),
        ("01", "12" if code.amount else "11"),
        ("26", _join((("00", OURS), ("01", code.token), ("02", house_of(code.house))))),
        ("52", "0000"),
        ("53", f"{code.currency:03}"),
    ]
    if code.amount:
        fields.append(("54", code.amount))
    fields += [("58", code.country or "XX"), ("59", name), ("60", city)]
    if purpose := ascii_of(code.purpose, PURPOSE_MAX):
        fields.append(("62", _join((("08", purpose),))))
    if not code.name.isascii() or not code.city.isascii():
        fields.append(("64", _in_their_script(code.name, code.city, city)))
    text = _join(fields) + "6304"
    return text + checksum(text)


def checksum(text: str) -> str:
    """Return CRC-16/CCITT-FALSE (polynomial 1021, start FFFF) of a text in UTF-8, as four hexadecimal digits."""
    return f"{crc_hqx(text.encode(), 0xFFFF):04X}"


def house_of(host: str) -> str:
    """Return what a code says of its house: its host and port, or `~` and the beginning of their SHA-256 in hex when
    they have no room in the template."""
    host = host.lower()
    if host.isascii() and 1 <= len(host) <= HOUSE_MAX:
        return host
    return "~" + sha256(host.encode()).hexdigest()[: HOUSE_MAX - 1]


def ascii_of(text: str, most: int) -> str:
    """Return what can be shown of a text in printable ASCII, accents taken away; empty when that is nothing."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join("".join(each for each in plain if each.isprintable()).split())[:most].strip()


def _in_their_script(name: str, city: str, plain_city: str) -> str:
    """The language template (64): the name and the house in the script that they are written in."""
    parts = [("00", language_of(name + city)), ("01", _one_line(name)[:NAME_MAX])]
    if city != plain_city:
        parts.append(("02", _one_line(city)[:CITY_MAX]))
    return _join([part for part in parts if part[1]])


def language_of(text: str) -> str:
    """Return a guess at a name's language by its script: two letters of ISO 639."""
    names = " ".join(unicodedata.name(each, "") for each in text)
    return next((language for script, language in _SCRIPTS if script in names), "EN")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _join(fields: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{number}{len(value):02}{value}" for number, value in fields)


# --- reading --------------------------------------------------------------------------------------


def parse(text: str) -> dict[str, str]:
    """Return the data objects of any system's code. Raises `NotACode`, `BadLength`, `BadField`, `BadChecksum`."""
    text = text.strip("\r\n\t ")
    if not text.startswith("0002"):
        raise NotACode()
    if len(text) > TEXT_MAX:
        raise BadLength(f"A code has at most {TEXT_MAX} characters.")
    fields = split(text)
    if fields["00"] != "01":
        raise BadField("Only version 01 of the format is known.", object="00")
    if list(fields)[-1] != "63" or len(fields["63"]) != 4:
        raise BadField("Its last data object must be the checksum.", object="63")
    try:
        right = checksum(text[:-4])
    except UnicodeEncodeError:
        raise NotACode() from None
    if fields["63"].upper() != right:
        raise BadChecksum()
    return fields


def split(text: str) -> dict[str, str]:
    """Take a code or a template apart: two digits, two digits of length (in characters), the value, and so on."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        number, length = text[at : at + 2], text[at + 2 : at + 4]
        if len(length) < 2 or not (number + length).isascii() or not (number + length).isdigit() or length == "00":
            raise BadLength(f"At character {at} there is no data object.")
        value = text[at + 4 : at + 4 + int(length)]
        if len(value) < int(length):
            raise BadLength(f"Data object {number} is cut off.", object=number)
        if number in fields:
            raise BadField(f"Data object {number} is there twice.", object=number)
        fields[number] = value
        at += 4 + int(length)
    return fields


def read(text: str, house: str) -> str:
    """Return the token in a code of this house: all else the house knows better by that. Raises as `parse`,
    `NotOurCode` and `OtherHouse`."""
    fields = parse(text)
    for number in _TEMPLATES & fields.keys():
        try:
            template = split(fields[number])
        except Refusal:
            continue  # other systems' templates may be anything
        if template.get("00", "").lower() != OURS:
            continue
        if not is_token(template.get("01", "")):
            raise BadField("Our template has no token.", object=number)
        if template.get("02") != house_of(house):
            raise OtherHouse(house=template.get("02", ""))
        return template["01"]
    raise NotOurCode()
