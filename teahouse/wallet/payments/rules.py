"""What may be paid, accepted and charged. Pure: the instant is a parameter."""

from collections.abc import Container
from typing import Final

from teahouse import clock
from teahouse.errors import Conflict, Forbidden, NotFound, Refusal

TRANSFER_MS: Final = 24 * clock.HOUR_MS
"""What was not accepted by then goes back, as in WeChat."""
PAY_CODE_MS: Final = clock.MINUTE_MS
PAY_CODE_DIGITS: Final = 18
PAY_CODE_BEGINS: Final = "28"
"""As payment codes do, so that a till knows what it scanned."""
CHARGE_MS: Final = 5 * clock.MINUTE_MS
RECEIVE_CODE_MS: Final = 30 * clock.DAY_MS
"""Of codes that ask for an amount."""
RECEIVE_CODES_MAX: Final = 100
"""Codes with an amount that one person may have at a time; the oldest end first."""
WAITING_MAX: Final = 20
"""Charges that may wait for one payer."""


class PayYourself(Refusal):
    code = "pay_yourself"
    title = "You cannot pay yourself"


class NotPayable(Forbidden):
    """They are no contact and showed no code, or one blocked the other (who did is not said)."""

    code = "not_payable"
    title = "You can pay your contacts, and who shows you their code"


class NotAMember(Refusal):
    code = "not_a_member"
    title = "Money in a chat is for another member of it"


class NotYours(Forbidden):
    code = "not_yours"
    title = "Only the one whom it is for may do this"


class NoSuchPayment(NotFound):
    code = "no_such_payment"
    title = "There is no such payment of yours"


class TransferOver(Conflict):
    """`fields["state"]` says how it ended: accepted, returned or expired."""

    code = "transfer_over"
    title = "This transfer is over"


class NoSuchCode(NotFound):
    """Never made, ended, or its owner is gone."""

    code = "no_such_code"
    title = "This code does not work, or not any more"


class CodeDiffers(Conflict):
    """It belongs to somebody else, or asks for another sum."""

    code = "code_differs"
    title = "This is not what the code asks for"


class NotWritable(Refusal):
    code = "code_amount"
    title = "This amount has too many digits for a code"


class WrongPayCode(NotFound):
    """Forged, used before, or its minute is over."""

    code = "wrong_pay_code"
    title = "This pay code does not work; ask for a new one"


class NoSuchCharge(NotFound):
    code = "no_such_charge"
    title = "There is no such charge of yours"


class ChargeOver(Conflict):
    """`fields["state"]` says how it ended: paid, declined or expired."""

    code = "charge_over"
    title = "This charge is over"


class TooManyCharges(Conflict):
    code = "too_many_charges"
    title = "Too many charges wait for this person already"


def may_pay(relation: str, code: str) -> None:
    """May somebody be paid at once, by one who stands so to them and who scanned this code of theirs, if any?"""
    if relation == "blocked" or (relation == "strangers" and not code):
        raise NotPayable()


def may_give(kind: str, members: Container[str], payer: str, payee: str) -> None:
    """May a member give money to another one in this chat? Readers of a channel do not know each other."""
    if payer == payee:
        raise PayYourself()
    if kind == "channel":
        raise NotPayable("Money is given in direct chats and in groups.")
    if payee not in members:
        raise NotAMember()


def must_not_be_apart(standing: str) -> None:
    if standing == "blocked":
        raise NotPayable()


def must_wait(state: str, expires_at: int, now: int) -> None:
    """May this transfer still be accepted or returned?"""
    if state != "waiting":
        raise TransferOver(state=state)
    if now >= expires_at:
        raise TransferOver("Its day is over.", state="expired")


def must_be_good(expires_at: int, now: int) -> None:
    """May this receive code still be paid by?"""
    if expires_at and now >= expires_at:
        raise NoSuchCode("Its thirty days are over.")


def charge_must_wait(state: str, expires_at: int, now: int) -> None:
    """May this charge still be paid or declined?"""
    if state != "waiting":
        raise ChargeOver(state=state)
    if now >= expires_at:
        raise ChargeOver("Its minutes are over.", state="expired")


def luhn(digits: str) -> str:
    """Return the check digit that follows these digits (ISO/IEC 7812-1, annex B)."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


def is_pay_code(text: str) -> bool:
    """Whether it has the form of one: eighteen digits that begin with 28 and end with their check digit."""
    return (
        len(text) == PAY_CODE_DIGITS
        and text.isascii()
        and text.isdigit()
        and text.startswith(PAY_CODE_BEGINS)
        and text[-1] == luhn(text[:-1])
    )
