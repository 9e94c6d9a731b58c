"""The rules of daily bills, by themselves: a bill agrees exactly when each order did what the ledger says."""

from hypothesis import given
from hypothesis import strategies as st

from teahouse.clock import DAY_MS
from teahouse.merchants.statements import rules
from teahouse.merchants.statements.model import DayLine

SUMS = st.integers(0, 10_000)


def line(what: str, order: str, amount: int, discount: int, fee: int) -> DayLine:
    paid = amount - discount if what == "payment" else amount
    fields = {"at": 0, "what": what, "order": order, "number": order, "payer": "", "counter": ""}
    return DayLine(**fields, amount=amount, discount=discount, paid=paid, fee=fee, net=paid - fee)  # type: ignore[arg-type]


@st.composite
def days(draw: st.DrawFn) -> list[DayLine]:
    lines = []
    for number in range(draw(st.integers(0, 6))):
        discount, rest, fee = draw(SUMS), draw(SUMS), draw(SUMS)
        what = draw(st.sampled_from(("payment", "refund", "take_out")))
        order = str(draw(st.integers(0, number)))
        if what == "payment":
            lines.append(line(what, order, discount + rest, discount, fee))
        elif what == "refund":
            lines.append(line(what, order, -rest, -discount, -fee))
        else:
            lines.append(line(what, f"out {number}", -rest, 0, 0))
    return lines


@given(days(), st.integers(0, 10**6))
def test_a_true_day_agrees_and_its_sums_lead_from_opening_to_closing(lines: list[DayLine], opening: int) -> None:
    change = sum(each.net for each in lines)
    assert rules.sums_of(lines).change == change
    assert rules.agrees(lines, rules.moved_by(lines), opening, opening + change)


@given(days(), st.data())
def test_one_changed_number_anywhere_is_seen(lines: list[DayLine], data: st.DataObject) -> None:
    if not lines:
        return
    ledger, change = rules.moved_by(lines), sum(each.net for each in lines)
    at = data.draw(st.integers(0, len(lines) - 1))
    field = data.draw(st.sampled_from(("amount", "discount", "paid", "fee", "net")))
    by = data.draw(st.integers(-50, 50).filter(bool))
    values = {name: getattr(lines[at], name) for name in DayLine.__struct_fields__}
    values[field] += by
    changed = [*lines[:at], DayLine(**values), *lines[at + 1 :]]
    assert not rules.agrees(changed, ledger, 0, change)


@given(days(), st.data())
def test_a_line_too_few_is_seen(lines: list[DayLine], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, max(0, len(lines) - 1)))
    left = [*lines[:at], *lines[at + 1 :]]
    if rules._something(rules.moved_by(left)) != rules._something(rules.moved_by(lines)):
        assert not rules.agrees(left, rules.moved_by(lines), 0, sum(each.net for each in lines))


def test_a_day_is_a_day_of_utc() -> None:
    start, end = rules.bounds("1970-01-02")
    assert (start, end) == (DAY_MS, 2 * DAY_MS)
