"""The rules of pay-outs to banks. Pure: which accounts and names a SEPA payment can carry, and what may happen when."""

import re
from typing import Final

import msgspec

from teahouse.errors import Conflict, NotFound, Refusal

CURRENCY: Final = "EUR"
"""SEPA pays in euros only, from the house's one account."""
AMOUNT_MAX: Final = 999_999_999_99
"""The largest payment that SEPA knows, in cents."""
FILE_MAX: Final = 5000
"""Withdrawals of one file."""
WAITING_MAX: Final = 20
"""Withdrawals of one person that are in no file yet."""
NAME_MAX: Final = 70
_COUNTRIES: Final = (
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE "
    "SI SK SM VA"
)
SEPA: Final = frozenset(_COUNTRIES.split())
"""Countries whose accounts a SEPA payment reaches, as their IBANs begin."""
_NOT_ALLOWED: Final = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")
_KIN: Final = str.maketrans({"&": "+", "_": "-", "[": "(", "{": "(", "]": ")", "}": ")", ";": ",", '"': "'", "`": "'"})


class BankOff(Conflict):
    code = "bank_off"
    title = "This house pays nothing out to banks"


class NotPaidOut(Refusal):
    code = "currency_not_paid_out"
    title = "Only euros are paid out to banks"


class TooMuch(Refusal):
    code = "too_much_for_bank"
    title = "This is more than one bank payment can carry"


class BadIban(Refusal):
    code = "bad_iban"
    title = "This is not an IBAN"


class NotSepa(Refusal):
    code = "iban_not_sepa"
    title = "The banks of this country cannot be paid by SEPA"


class BadBic(Refusal):
    code = "bad_bic"
    title = "This is not a BIC"


class BadName(Refusal):
    code = "bad_bank_name"
    title = "Nothing of this name can be written for a bank"


class TooManyWaiting(Conflict):
    code = "too_many_withdrawals"
    title = "Too many withdrawals are waiting"


class NoSuchWithdrawal(NotFound):
    code = "no_such_withdrawal"
    title = "There is no such withdrawal"


class WithdrawalOver(Conflict):
    """It is in a file for the bank, or over."""

    code = "withdrawal_over"
    title = "This withdrawal does not wait any more"


class NothingWaits(Conflict):
    code = "nothing_waits"
    title = "Nothing waits to be paid out"


class NoSuchFile(NotFound):
    code = "no_such_file"
    title = "There is no such bank file"


class FileSettled(Conflict):
    code = "file_settled"
    title = "This file was settled already, in another way"


class FileInvalid(Conflict):
    """What would be offered to the bank is not what its schema or our own sums say."""

    code = "bank_file_invalid"
    title = "This file does not hold against the bank's schema"


class HouseAccount(msgspec.Struct, frozen=True):
    """From where it is paid."""

    name: str
    iban: str
    bic: str


def iban_of(text: str) -> str:
    """Return an IBAN as banks want it: no blanks, capitals, all digits checked. Raises `BadIban`, `NotSepa`."""
    from stdnum import iban  # noqa: PLC0415
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    if not text.isascii():
        raise BadIban()
    try:
        number = iban.validate(text)
    except ValidationError:
        raise BadIban() from None
    if number[:2] not in SEPA:
        raise NotSepa()
    return str(number)


def bic_of(text: str) -> str:
    """Raises `BadBic`."""
    from stdnum import bic  # noqa: PLC0415
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    try:
        return str(bic.validate(text))
    except ValidationError:
        raise BadBic() from None


def name_of(text: str) -> str:
    """Write a name in the letters that every SEPA bank takes. Raises `BadName` when none are left."""
    from text_unidecode import unidecode  # noqa: PLC0415

    plain = _NOT_ALLOWED.sub(" ", unidecode(text).translate(_KIN))
    plain = " ".join(re.sub(r"/+", "/", plain).strip(" /").split())[:NAME_MAX].rstrip(" /")
    if not any(each.isalnum() for each in plain):
        raise BadName()
    return plain


def masked(iban: str) -> str:
    """Leave of an IBAN its country and the last four digits."""
    return f"{iban[:2]}{'*' * (len(iban) - 6)}{iban[-4:]}"


def house_account(name: str, iban: str, bic: str) -> HouseAccount | None:
    """Return the house's account; None when nothing of it is set. Raises `BadIban`, `NotSepa`, `BadBic`, `BadName`."""
    if not (name or iban or bic):
        return None
    return HouseAccount(name_of(name), iban_of(iban), bic_of(bic))


def must_be_payable(amount: int, currency: str) -> None:
    if currency != CURRENCY:
        raise NotPaidOut()
    if amount > AMOUNT_MAX:
        raise TooMuch()
