"""What a merchant's staff may do, and how many of each there may be. Pure."""

from collections.abc import Mapping
from typing import Final

from teahouse.errors import Conflict, Forbidden, NotFound
from teahouse.merchants.accounts.model import Role, State

STAFF_MAX: Final = 100
COUNTERS_MAX: Final = 200
KEYS_MAX: Final = 20
"""API keys of a merchant: one more is refused, for a program that is signed out unasked stands still."""
OWNED_MAX: Final = 20
"""Merchants of one owner."""
WAITING_MAX: Final = 3
"""… of which so many may wait for an operator, so that nobody fills their list or takes many handles."""
_RANK: Final[dict[Role, int]] = {"cashier": 0, "manager": 1, "owner": 2}


class NoSuchMerchant(NotFound):
    """There is none, or the person may not know more of it than everybody does."""

    code = "no_such_merchant"
    title = "There is no such merchant of yours"


class MerchantClosed(Conflict):
    """`fields["state"]`: it waits for an operator, or one suspended it."""

    code = "merchant_closed"
    title = "This merchant takes no payments at the moment"


class NotYourRole(Forbidden):
    """`fields["least"]`: the role that may do this."""

    code = "not_your_role"
    title = "Your role at this merchant does not allow this"


class OperatorsOnly(Forbidden):
    code = "operators_only"
    title = "Only operators of this house do this"


class NoSuchCounter(NotFound):
    """Never there, or removed: its code ended with it."""

    code = "no_such_counter"
    title = "There is no such counter, or not any more"


class NotStaff(NotFound):
    code = "not_staff"
    title = "This person does not work here"


class NoStaffToBe(NotFound):
    """Unknown, a service account, or one of the two blocked the other (which is not said)."""

    code = "no_staff_to_be"
    title = "This person cannot become staff"


class LastOwner(Conflict):
    code = "last_owner"
    title = "A merchant needs an owner: make somebody else one first"


class TooManyMerchants(Conflict):
    code = "too_many_merchants"
    title = "There are too many merchants of yours, or too many wait for an operator"


class TooManyStaff(Conflict):
    code = "too_many_staff"
    title = "There are too many people on the staff"


class TooManyCounters(Conflict):
    code = "too_many_counters"
    title = "There are too many counters: remove one first"


class TooManyKeys(Conflict):
    code = "too_many_keys"
    title = "There are too many API keys: revoke one first"


class NotEnoughTakings(Conflict):
    """`fields["available"]`: what there is, in minor units."""

    code = "not_enough_takings"
    title = "The takings are less than that"


def must_be_at_least(role: Role, least: Role) -> None:
    if _RANK[role] < _RANK[least]:
        raise NotYourRole(least=least)


def must_sell(state: State) -> None:
    if state != "open":
        raise MerchantClosed(state=state)


def may_open(owned: int, waiting: int, *, is_operator: bool) -> None:
    """May somebody who has so many merchants open another?"""
    if owned >= OWNED_MAX or (waiting >= WAITING_MAX and not is_operator):
        raise TooManyMerchants(max=OWNED_MAX, waiting_max=WAITING_MAX)


def may_set(staff: Mapping[str, Role], person: str, role: Role) -> None:
    """May this person have this role now? An owner stays, whatever is asked for."""
    if person not in staff and len(staff) >= STAFF_MAX:
        raise TooManyStaff(max=STAFF_MAX)
    if role != "owner":
        _must_leave_an_owner(staff, person)


def may_remove(staff: Mapping[str, Role], person: str) -> None:
    if person not in staff:
        raise NotStaff()
    _must_leave_an_owner(staff, person)


def _must_leave_an_owner(staff: Mapping[str, Role], without: str) -> None:
    if staff.get(without) == "owner" and sum(role == "owner" for role in staff.values()) == 1:
        raise LastOwner()


def may_take(takings: int, amount: int) -> None:
    if amount > takings:
        raise NotEnoughTakings(available=max(0, takings))
