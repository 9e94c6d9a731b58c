"""The rules of merchants, by themselves: whatever is asked, an owner stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.errors import Refusal
from teahouse.merchants.accounts import rules
from teahouse.merchants.accounts.model import Role

PEOPLE = st.sampled_from("abcd")
ROLES: st.SearchStrategy[Role] = st.sampled_from(("owner", "manager", "cashier"))
MOVES = st.lists(st.tuples(PEOPLE, st.one_of(st.none(), ROLES)), max_size=30)


@given(MOVES)
def test_there_is_always_an_owner(moves: list[tuple[str, Role | None]]) -> None:
    staff: dict[str, Role] = {"a": "owner"}
    for person, role in moves:
        before = dict(staff)
        try:
            if role is None:
                rules.may_remove(staff, person)
                del staff[person]
            else:
                rules.may_set(staff, person, role)
                staff[person] = role
        except rules.LastOwner:
            assert before[person] == "owner"
            assert list(before.values()).count("owner") == 1
        except rules.NotStaff:
            assert person not in before
        assert "owner" in staff.values()


def test_a_staff_has_a_bound() -> None:
    staff: dict[str, Role] = {"owner": "owner", **{str(each): "cashier" for each in range(rules.STAFF_MAX - 1)}}
    rules.may_set(staff, "0", "manager")
    with pytest.raises(rules.TooManyStaff):
        rules.may_set(staff, "new", "cashier")


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_nobody_takes_out_more_than_there_is(takings: int, amount: int) -> None:
    if amount <= takings:
        rules.may_take(takings, amount)
        return
    with pytest.raises(rules.NotEnoughTakings) as refused:
        rules.may_take(takings, amount)
    assert refused.value.fields == {"available": max(0, takings)}


@given(st.integers(0, 30), st.integers(0, 30), st.booleans())
def test_how_many_one_may_open(owned: int, waiting: int, is_operator: bool) -> None:
    try:
        rules.may_open(owned, waiting, is_operator=is_operator)
    except Refusal:
        assert owned >= rules.OWNED_MAX or (not is_operator and waiting >= rules.WAITING_MAX)
    else:
        assert owned < rules.OWNED_MAX
