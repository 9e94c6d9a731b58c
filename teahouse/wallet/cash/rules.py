"""The cash desk's rules. Pure: who may do what at a desk, and what a closing says."""

from typing import Protocol

import msgspec

from teahouse.clock import DAY_MS
from teahouse.errors import Conflict, Forbidden, NotFound, Refusal
from teahouse.money import currencies

CONFIRM_MS = DAY_MS
"""How long an operation waits for a second cashier."""
ALONE_MS = DAY_MS
"""Within this time, what one cashier does for one person counts as one sum: a large one is not cut into small ones."""


class NotCashier(Forbidden):
    code = "not_a_cashier"
    title = "Only cashiers do this"


class OwnCustomer(Forbidden):
    code = "own_customer"
    title = "Nobody serves themselves at the desk"


class SecondNeeded(Forbidden):
    code = "second_cashier_needed"
    title = "Another cashier has to confirm this"


class DrawerEmpty(Conflict):
    """`available`: what the drawer has for this, in minor units."""

    code = "drawer_empty"
    title = "There is not enough money in the drawer"


class SafeEmpty(Conflict):
    code = "safe_empty"
    title = "There is not enough money in the safe"


class OperationOver(Conflict):
    """It was done, refused or expired before."""

    code = "operation_over"
    title = "This does not wait for a second cashier"


class NoSuchOperation(NotFound):
    code = "no_such_operation"
    title = "There is no such operation"


class NoSuchCustomer(NotFound):
    code = "no_such_customer"
    title = "Nobody has this handle or id"


class DeskBusy(Conflict):
    code = "desk_busy"
    title = "Somebody is being asked for a pay-out from this drawer"


class BadTake(Refusal):
    code = "bad_take"
    title = "There is not as much in the drawer as should go to the safe"


class Operation(Protocol):
    """What the rules need of an operation."""

    @property
    def cashier(self) -> str: ...

    @property
    def person(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def expires_at(self) -> int: ...


def limit_in(currency: str, main: str, above: int) -> int:
    """Return the limit in minor units of a currency: as many units as it is in the main one."""
    known = currencies()
    return max(1, above * int(10 ** known[currency].exponent) // int(10 ** known[main].exponent))


def may_serve(cashier: str, person: str) -> None:
    if cashier == person:
        raise OwnCustomer()


def may_decide(operation: Operation, now: int) -> None:
    """Does it still wait for a second cashier?"""
    if operation.state != "confirm" or operation.expires_at <= now:
        raise OperationOver()


def may_confirm(operation: Operation, second: str, now: int) -> None:
    """May this (other) cashier confirm it? Neither who began it nor whom it is for."""
    if second == operation.cashier:
        raise SecondNeeded()
    if second == operation.person:
        raise OwnCustomer()
    may_decide(operation, now)


def must_hold(drawer: int, promised: int, amount: int) -> None:
    """Is there enough in the drawer, less what it owes to pay-outs under way?"""
    if amount > drawer - promised:
        raise DrawerEmpty(available=max(0, drawer - promised))


class Count(msgspec.Struct, frozen=True):
    """A drawer at the end of a day, in minor units."""

    opening: int
    taken_in: int
    paid_out: int
    expected: int
    difference: int


def count(debits: int, credits: int, last: tuple[int, int], counted: int) -> Count:
    """Hold what was counted against the ledger: the drawer's sums now, and those after the closing before."""
    debits_before, credits_before = last
    expected = debits - credits
    return Count(
        opening=debits_before - credits_before,
        taken_in=debits - debits_before,
        paid_out=credits - credits_before,
        expected=expected,
        difference=counted - expected,
    )
