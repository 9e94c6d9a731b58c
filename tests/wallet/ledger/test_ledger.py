"""The ledger: money moves whole, once, and only where there is enough."""

from __future__ import annotations

import pytest

from teahouse.errors import Refusal
from teahouse.money import AMOUNT_MAX
from teahouse.wallet.ledger import rules
from teahouse.wallet.ledger.model import Kind, New
from tests.wallet.ledger.books import Books

DAY = 86_400_000


async def test_money_moves_from_one_to_the_other(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    number = await books.post(New("k1", ann, bob, 300))
    assert number == 2
    assert (await books.account(ann)).available == 700
    assert (await books.account(bob)).available == 300
    assert (await books.audit()).is_clean


async def test_nobody_spends_more_than_they_have(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    with pytest.raises(rules.InsufficientFunds) as refused:
        await books.post(New("k1", ann, bob, 1001))
    assert refused.value.fields == {"available": 1000}
    await books.post(New("k2", ann, bob, 1000))
    assert (await books.account(ann)).available == 0


async def test_a_drawer_gives_no_more_than_is_in_it(books: Books) -> None:
    ann, drawer = await books.member("ann", 1000), await books.open("cashier", "cash_desk")
    with pytest.raises(rules.InsufficientFunds):
        await books.post(New("k1", ann, drawer, 1))
    await books.post(New("k2", drawer, ann, 50))
    await books.post(New("k3", ann, drawer, 50))
    assert (await books.account(drawer)).balance == 0


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MAX + 1, 2**63])
async def test_what_is_no_amount_is_refused(books: Books, amount: int) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    for kind in (Kind.TRANSFER, Kind.HOLD):
        with pytest.raises(rules.BadAmount):
            await books.post(New(f"k{kind}", ann, bob, amount, kind))
    assert (await books.account(ann)).entries == 1


async def test_currencies_never_mix(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob", 0, "USD")
    with pytest.raises(rules.CurrencyMismatch):
        await books.post(New("k1", ann, bob, 1))
    with pytest.raises(rules.CurrencyMismatch):
        await books.open("ann", "member", "QQQ")


async def test_an_account_cannot_pay_itself_nor_one_that_is_not_there(books: Books) -> None:
    ann = await books.member("ann", 1000)
    with pytest.raises(rules.SameAccount):
        await books.post(New("k1", ann, ann, 1))
    with pytest.raises(rules.NoSuchAccount):
        await books.post(New("k2", ann, 99, 1))


async def test_a_repeat_moves_nothing_and_tells_the_first_number(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    first = await books.post(New("k1", ann, bob, 1000))
    assert await books.post(New("k1", ann, bob, 1000)) == first, "even though there would not be enough now"
    with pytest.raises(rules.KeyReused):
        await books.post(New("k1", ann, bob, 999))
    with pytest.raises(rules.KeyReused):
        await books.post(New("k1", bob, ann, 1000))
    assert (await books.account(bob)).balance == 1000


async def test_repeats_within_one_group_and_across_groups(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    new, other = New("k1", ann, bob, 100), New("k1", ann, bob, 200)
    first, again, wrong, fresh = await books.hot([new, new, other, New("k2", ann, bob, 1)])
    assert first == again
    assert isinstance(wrong, rules.KeyReused)
    assert fresh == first + 1
    assert await books.hot([new, New("k3", ann, bob, 1)]) == [first, fresh + 1]
    assert (await books.account(bob)).balance == 102
    assert (await books.audit()).is_clean


async def test_two_hundred_race_for_one_balance(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    outcomes = await books.hot([New(f"k{number}", ann, bob, 10) for number in range(200)])
    assert sum(isinstance(each, int) for each in outcomes) == 100
    assert all(isinstance(each, int | rules.InsufficientFunds) for each in outcomes)
    assert (await books.account(ann)).available == 0
    assert (await books.audit()).is_clean


async def test_a_hold_is_set_aside_then_posted_in_part(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    hold = await books.post(New("k1", ann, bob, 600, Kind.HOLD))
    assert (await books.account(ann)).available == 400
    assert (await books.account(bob)).available == 0
    with pytest.raises(rules.InsufficientFunds):
        await books.post(New("k2", ann, bob, 401))
    with pytest.raises(rules.BadAmount):
        await books.post(New("k3", kind=Kind.POST, refers=hold, amount=601))
    await books.post(New("k4", kind=Kind.POST, refers=hold, amount=250))
    assert (await books.account(ann)).available == 750
    assert (await books.account(bob)).available == 250
    for kind in (Kind.POST, Kind.VOID):
        with pytest.raises(rules.HoldOver):
            await books.post(New(f"again/{kind}", kind=kind, refers=hold))
    assert (await books.audit()).is_clean


async def test_a_hold_that_is_voided_moves_nothing(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    hold = await books.post(New("k1", ann, bob, 600, Kind.HOLD))
    assert await books.post(New("k2", kind=Kind.VOID, refers=hold)) == await books.post(
        New("k2", kind=Kind.VOID, refers=hold)
    )
    assert (await books.account(ann)).available == 1000
    assert (await books.account(bob)).balance == 0


async def test_a_hold_ends_when_its_time_is_up_and_not_before(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    told: list[int] = []
    books.ledger.on_expired[0] = lambda tx, hold: told.append(hold.number)
    hold = await books.post(New("k1", ann, bob, 600, Kind.HOLD, expires_at=books.now + DAY))
    books.now += DAY - 1
    assert await books.expire() == 0
    with pytest.raises(rules.HoldOver):
        await books.post(New("early", kind=Kind.EXPIRE, refers=hold))
    books.now += 1
    with pytest.raises(rules.HoldOver):
        await books.post(New("late", kind=Kind.POST, refers=hold))
    assert await books.expire() == 1
    assert told == [hold]
    assert (await books.account(ann)).available == 1000
    assert await books.expire() == 0
    assert (await books.audit()).is_clean


async def test_a_transfer_is_corrected_only_by_one_that_moves_it_back(books: Books) -> None:
    ann, bob = await books.member("ann", 1000), await books.member("bob")
    first = await books.post(New("k1", ann, bob, 300))
    back = await books.post(New("k2", kind=Kind.REVERSE, refers=first))
    assert (await books.account(ann)).balance == 1000
    with pytest.raises(rules.AlreadyReversed):
        await books.post(New("k3", kind=Kind.REVERSE, refers=first))
    with pytest.raises(rules.NoSuchTransfer):
        await books.post(New("k4", kind=Kind.REVERSE, refers=back))
    spent = await books.post(New("k5", ann, bob, 300))
    await books.post(New("k6", bob, ann, 200))
    with pytest.raises(rules.InsufficientFunds):
        await books.post(New("k7", kind=Kind.REVERSE, refers=spent))
    assert (await books.audit()).is_clean


async def test_a_chain_happens_whole_or_not_at_all(books: Books) -> None:
    ann, bob, cat = await books.member("ann", 1000), await books.member("bob"), await books.member("cat")
    steps = (New("c1", ann, bob, 1000), New("c2", bob, cat, 900), New("c3", cat, ann, 1))
    numbers = await books.chain(*steps)
    assert numbers == (2, 3, 4), "each saw what the one before it brought"
    assert await books.chain(*steps) == numbers
    with pytest.raises(rules.InsufficientFunds):
        await books.chain(New("d1", cat, bob, 899), New("d2", cat, bob, 1))
    with pytest.raises(rules.KeyReused):
        await books.chain(New("c1", ann, bob, 1000), New("e2", ann, cat, 1))
    with pytest.raises(rules.KeyReused):
        await books.chain(New("f1", cat, bob, 1), New("f1", cat, bob, 1))
    with pytest.raises(rules.BadAmount):
        await books.chain()
    assert [(await books.account(each)).balance for each in (ann, bob, cat)] == [1, 100, 899]
    assert (await books.audit()).is_clean


async def test_a_refused_command_leaves_the_numbers_without_gaps(books: Books) -> None:
    ann, bob = await books.member("ann", 10), await books.member("bob")

    def half(tx, _: object) -> None:  # type: ignore[no-untyped-def]
        books.ledger.post(tx, New("h1", ann, bob, 5))
        books.ledger.open(tx, "new", "member", "EUR")
        raise Refusal("after all not")

    with pytest.raises(Refusal):
        await books.store.write(half, None)
    assert (await books.account(ann)).available == 10
    assert await books.open("dan") == 4
    assert await books.post(New("k2", ann, bob, 5)) == 2
    assert (await books.audit()).is_clean


async def test_time_in_the_ledger_never_goes_back(books: Books) -> None:
    ann, bob = await books.member("ann", 10), await books.member("bob")
    one = await books.post(New("k1", ann, bob, 1))
    books.now -= 500_000
    two = await books.post(New("k2", ann, bob, 1))
    read = [await books.store.write(books.ledger.transfer, number) for number in (one, two)]
    assert read[0].at == read[1].at
    assert (await books.audit()).is_clean
