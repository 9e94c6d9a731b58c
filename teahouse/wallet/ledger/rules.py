"""The ledger's rules. Pure: an account's sums and an amount go in, a refusal or nothing comes out."""

from typing import Protocol

from teahouse.errors import Conflict, NotFound, Refusal
from teahouse.money import AMOUNT_MAX
from teahouse.wallet.ledger.model import SIGNS, AccountKind, Kind, New, Sign, Transfer

KEY_MAX = 80
CHAIN_MAX = 500
TOTAL_MAX = 2**62
"""Of an account's posted sums: everything stays within signed 64 bits."""


class InsufficientFunds(Conflict):
    code = "insufficient_funds"
    title = "There is not enough money for this"


class BadAmount(Refusal):
    code = "bad_amount"
    title = "This is not an amount that can be moved"


class SameAccount(Refusal):
    code = "same_account"
    title = "Money cannot move from an account to itself"


class CurrencyMismatch(Refusal):
    code = "currency_mismatch"
    title = "The accounts have different currencies"


class KeyReused(Conflict):
    """The idempotency key was used for something else before."""

    code = "key_reused"
    title = "This key was used for another command"


class NoSuchAccount(NotFound):
    code = "no_such_account"
    title = "There is no such account"


class NoSuchTransfer(NotFound):
    code = "no_such_transfer"
    title = "There is no such transfer"


class HoldOver(Conflict):
    """It was posted or voided before, or its time is up."""

    code = "hold_over"
    title = "This hold is over"


class AlreadyReversed(Conflict):
    code = "already_reversed"
    title = "This transfer was reversed already"


class Sums(Protocol):
    """What the rules need of an account."""

    @property
    def sign(self) -> str: ...

    number: int
    currency: int
    credits: int
    debits: int
    held_in: int
    held_out: int


def must_be_amount(amount: int) -> None:
    if not 1 <= amount <= AMOUNT_MAX:
        raise BadAmount(f"An amount is between 1 and {AMOUNT_MAX} minor units.")


def may_move(debit: Sums, credit: Sums, amount: int) -> None:
    """May the amount go from one account to the other (or be held between them)?"""
    if debit.number == credit.number:
        raise SameAccount()
    if debit.currency != credit.currency:
        raise CurrencyMismatch()
    if debit.sign == "credit":
        available = debit.credits - debit.debits - debit.held_out
        if amount > available:
            raise InsufficientFunds(available=available)
    if credit.sign == "debit":
        owed = credit.debits - credit.credits - credit.held_in
        if amount > owed:
            raise InsufficientFunds(available=owed)
    if debit.debits + debit.held_out + amount > TOTAL_MAX or credit.credits + credit.held_in + amount > TOTAL_MAX:
        raise BadAmount("The account's sums would grow too large.")


def may_end(kind: Kind, is_open: bool, expires_at: int, now: int) -> None:
    """May a hold be posted, voided or expired at `now`? Its time is up at `expires_at` (Unix ms, 0: never)."""
    if not is_open:
        raise HoldOver()
    is_due = 0 < expires_at <= now
    if kind == Kind.POST and is_due:
        raise HoldOver("Its time is up.")
    if kind == Kind.EXPIRE and not is_due:
        raise HoldOver("Its time is not up yet.")


def must_be_part(amount: int, held: int) -> None:
    if not 1 <= amount <= held:
        raise BadAmount(f"Of this hold 1 to {held} can be posted.")


def may_reverse(kind: int, is_reversed: bool) -> None:
    if kind not in (Kind.TRANSFER, Kind.POST):
        raise NoSuchTransfer("Only what was moved can be moved back.")
    if is_reversed:
        raise AlreadyReversed()


def is_repeat(new: New, before: Transfer) -> bool:
    """Does the transfer recorded under this key say what is asked for now?"""
    if new.kind != before.kind or new.purpose != before.purpose or new.subject != before.subject:
        return False
    if new.kind in (Kind.TRANSFER, Kind.HOLD):
        return (new.debit, new.credit, new.amount, new.expires_at) == (
            before.debit,
            before.credit,
            before.amount,
            before.expires_at,
        )
    return new.refers == before.refers and (new.kind != Kind.POST or new.amount in (0, before.amount))


def sign_of(kind: AccountKind) -> Sign:
    return SIGNS[kind]
