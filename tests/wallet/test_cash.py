"""The cash desk: money in, money out, and the end of the day."""

import asyncio
from typing import Any

import pytest

from teahouse import ids
from teahouse.clock import DAY_MS
from teahouse.errors import Refusal
from teahouse.money import Money
from teahouse.operator.model import ChangeHouse
from teahouse.wallet.cash import rules
from teahouse.wallet.cash.model import CashDone, CashOperation, CloseDay, ConfirmCash, PayOutCash, RefuseCash, TopUpCash
from teahouse.wallet.guard.model import VerifyPerson
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.payments.model import DeclineCharge, PayCharge
from tests.wallet.house import Payer, WalletHouse, eur, new_key


async def cashier(purse: WalletHouse, handle: str) -> Payer:
    person = await purse.person(handle)
    await purse.wallet.guard.make_cashier(purse.operator, person.id)
    return person


async def customer(by: Payer, handle: str) -> Payer:
    """Somebody who showed a document at the desk, and may have large sums."""
    person = await by.purse.person(handle)
    await by.does(VerifyPerson(person=person.id, level=2, real_name=handle.title()))
    return person


async def takes_in(at: Payer, person: Payer, amount: int, *, key: str = "", note: str = "") -> CashOperation:
    done: CashDone = await at.does(TopUpCash(key=key or new_key(), person=person.id, amount=eur(amount), note=note))
    return done.operation


async def pays_out(at: Payer, person: Payer, amount: int, *, key: str = "") -> CashOperation:
    """The person shows their code, and the cashier begins."""
    code = await at.purse.wallet.codes.pay_code(person.guest.signed)
    done: CashDone = await at.does(PayOutCash(key=key or new_key(), code=code.code, amount=eur(amount)))
    return done.operation


async def asked(person: Payer) -> Any:
    """Return the charge that waits for a person's yes."""
    (charge,) = await person.purse.house.store.read(person.purse.wallet.charges.waiting, person.id)
    return charge


async def says_yes(person: Payer) -> None:
    charge = await asked(person)
    await person.does(PayCharge(charge=charge.id, approval=await person.approves(charge.amount)))


async def drawer(at: Payer) -> int:
    """Return what the ledger says is in the drawer."""
    return -await at.purse.account_sum("cash_desk", owner=at.id)


async def receipt(of: Payer, operation: str) -> CashOperation:
    return await of.purse.wallet.cash.receipt(of.guest.signed, operation)


# --- in and out ---


async def test_money_goes_in_over_the_desk_and_out_again(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    taken = await takes_in(ann, bo, 80_00, note="Two notes")
    assert (taken.state, taken.receipt, taken.kind, taken.note) == ("done", 1, "in", "Two notes")
    assert (taken.cashier.id, taken.person.id, taken.second) == (ann.id, bo.id, None)
    assert (await bo.balance(), await drawer(ann)) == (80_00, 80_00)
    assert bo.told("wallet.changed")[-1]["entry"]["note"] == "Receipt 1"

    begun = await pays_out(ann, bo, 30_00)
    assert (begun.state, begun.receipt) == ("approve", 0)
    charge = await asked(bo)
    assert (charge.cash, charge.amount, charge.payee.id) == (True, 30_00, ann.id)
    assert (await bo.balance(), await drawer(ann)) == (80_00, 80_00)  # nothing moved before the yes
    await says_yes(bo)
    done = await receipt(bo, begun.id)
    assert (done.state, done.receipt) == ("done", 2)
    assert (await bo.balance(), await drawer(ann)) == (50_00, 50_00)
    assert ann.told("cash.changed")[-1]["operation"]["state"] == "done"
    assert bo.told("cash.changed")[-1]["operation"]["receipt"] == 2


async def test_the_history_names_the_receipt(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    taken = await takes_in(ann, bo, 10_00)
    begun = await pays_out(ann, bo, 1_00)
    await says_yes(bo)
    describe = purse.wallet.purse.describe
    for purpose, operation, number in ((Purpose.CASH_IN, taken, 1), (Purpose.CASH_OUT, begun, 2)):
        described = await purse.house.store.read(describe[purpose], bo.id, [operation.id, ids.new_id()])
        assert {key: each.note for key, each in described.items()} == {operation.id: f"Receipt {number}"}
    assert await purse.house.store.read(describe[Purpose.CASH_IN], ann.id, [taken.id]) == {}


async def test_a_person_who_says_no_keeps_their_money(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    await takes_in(ann, bo, 40_00)
    begun = await pays_out(ann, bo, 30_00)
    await bo.does(DeclineCharge(charge=(await asked(bo)).id))
    assert (await receipt(ann, begun.id)).state == "refused"
    assert (await bo.balance(), await drawer(ann)) == (40_00, 40_00)
    assert ann.told("cash.changed")[-1]["operation"]["state"] == "refused"


async def test_a_person_who_does_not_answer_is_asked_no_more(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    await takes_in(ann, bo, 40_00)
    begun = await pays_out(ann, bo, 30_00)
    charge = await asked(bo)
    purse.passes(DAY_MS)
    await purse.wallet.due.sweep()
    assert (await receipt(ann, begun.id)).state == "expired"
    with pytest.raises(Refusal):
        await bo.does(PayCharge(charge=charge.id, approval=await bo.approves(30_00)))
    assert await drawer(ann) == 40_00


async def test_the_cashier_takes_a_pay_out_back(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    await takes_in(ann, bo, 40_00)
    begun = await pays_out(ann, bo, 30_00)
    charge = await asked(bo)
    with pytest.raises(rules.OperationOver):  # it is no business of another's
        await (await cashier(purse, "ben")).does(RefuseCash(operation=begun.id))
    taken_back = await ann.does(RefuseCash(operation=begun.id))
    assert taken_back.operation.state == "refused"
    with pytest.raises(Refusal):
        await bo.does(PayCharge(charge=charge.id, approval=await bo.approves(30_00)))
    assert (await bo.balance(), await drawer(ann)) == (40_00, 40_00)


async def test_a_drawer_pays_out_only_what_is_in_it(purse: WalletHouse) -> None:
    """Also what is promised to somebody who has not said yes yet is not there for the next."""
    ann = await cashier(purse, "ann")
    bo, cem = await purse.people("bo", "cem", funds=100_00)
    with pytest.raises(rules.DrawerEmpty) as empty:
        await pays_out(ann, bo, 1)
    assert empty.value.fields == {"available": 0}
    await takes_in(ann, bo, 50_00)
    await pays_out(ann, bo, 30_00)
    with pytest.raises(rules.DrawerEmpty) as short:
        await pays_out(ann, cem, 20_01)
    assert short.value.fields == {"available": 20_00}
    await pays_out(ann, cem, 20_00)
    await asyncio.gather(says_yes(bo), says_yes(cem))
    assert await drawer(ann) == 0


async def test_one_who_cannot_pay_does_not_empty_the_drawer(purse: WalletHouse) -> None:
    ann, bo, cem = await cashier(purse, "ann"), await purse.person("bo"), await purse.person("cem", 5_00)
    await takes_in(ann, bo, 50_00)
    begun = await pays_out(ann, cem, 20_00)
    with pytest.raises(Refusal, match="not enough"):
        await says_yes(cem)
    assert (await receipt(ann, begun.id)).state == "approve"
    assert (await cem.balance(), await drawer(ann)) == (5_00, 50_00)


# --- a second cashier ---


async def test_above_the_limit_a_second_cashier_confirms(purse: WalletHouse) -> None:
    ann, ben = await cashier(purse, "ann"), await cashier(purse, "ben")
    bo = await customer(ann, "bo")
    begun = await takes_in(ann, bo, 500_01)
    assert (begun.state, begun.receipt) == ("confirm", 0)
    assert (await bo.balance(), await drawer(ann)) == (0, 0)
    assert ben.told("cash.changed")[-1]["operation"]["id"] == begun.id
    desk = await purse.wallet.cash.desk(ben.guest.signed)
    assert [each.id for each in desk.waiting] == [begun.id]

    confirmed: CashDone = await ben.does(ConfirmCash(operation=begun.id))
    done = confirmed.operation
    assert done.second is not None
    assert (done.state, done.receipt, done.second.id, done.cashier.id) == ("done", 1, ben.id, ann.id)
    assert (await bo.balance(), await drawer(ann), await drawer(ben)) == (500_01, 500_01, 0)
    assert (await purse.wallet.cash.desk(ben.guest.signed)).waiting == ()
    again: CashDone = await ben.does(ConfirmCash(operation=begun.id))
    assert again == confirmed
    assert await bo.balance() == 500_01
    assert (await takes_in(ann, bo, 1_00)).state == "done"  # what two did is not counted to what one may do alone


async def test_a_large_pay_out_needs_both(purse: WalletHouse) -> None:
    """A second cashier first, then the person: their code was used up when it was begun."""
    ann, ben = await cashier(purse, "ann"), await cashier(purse, "ben")
    bo = await customer(ann, "bo")
    await ben.does(ConfirmCash(operation=(await takes_in(ann, bo, 900_00)).id))
    begun = await pays_out(ann, bo, 600_00)
    assert begun.state == "confirm"
    assert await purse.house.store.read(purse.wallet.charges.waiting, bo.id) == ()
    confirmed: CashDone = await ben.does(ConfirmCash(operation=begun.id))
    assert confirmed.operation.state == "approve"
    await says_yes(bo)
    done = await receipt(ben, begun.id)
    assert (done.state, done.receipt) == ("done", 2)
    assert (await bo.balance(), await drawer(ann), await drawer(ben)) == (300_00, 300_00, 0)


async def test_a_drawer_that_was_emptied_meanwhile_pays_nothing_out(purse: WalletHouse) -> None:
    ann, ben = await cashier(purse, "ann"), await cashier(purse, "ben")
    bo = await customer(ann, "bo")
    await ben.does(ConfirmCash(operation=(await takes_in(ann, bo, 900_00)).id))
    begun = await pays_out(ann, bo, 600_00)
    await ann.does(CloseDay(key=new_key(), counted=900_00, currency="EUR", take=400_00))
    with pytest.raises(rules.DrawerEmpty) as empty:
        await ben.does(ConfirmCash(operation=begun.id))
    assert empty.value.fields == {"available": 500_00}
    assert (await receipt(bo, begun.id)).state == "confirm"
    await ann.does(CloseDay(key=new_key(), counted=500_00, currency="EUR", take=-100_00))
    await ben.does(ConfirmCash(operation=begun.id))
    await says_yes(bo)
    assert (await bo.balance(), await drawer(ann)) == (300_00, 0)


async def test_nobody_is_their_own_second(purse: WalletHouse) -> None:
    ann, ben, bo = await cashier(purse, "ann"), await cashier(purse, "ben"), await cashier(purse, "bo")
    await ann.does(VerifyPerson(person=bo.id, level=2, real_name="Bo"))
    begun = await takes_in(ann, bo, 800_00)
    with pytest.raises(rules.SecondNeeded):
        await ann.does(ConfirmCash(operation=begun.id))
    with pytest.raises(rules.OwnCustomer):  # bo is a cashier too, but it is for bo
        await bo.does(ConfirmCash(operation=begun.id))
    with pytest.raises(rules.OwnCustomer):
        await takes_in(ann, ann, 1)
    await purse.wallet.guard.unmake_cashier(purse.operator, ben.id)
    with pytest.raises(rules.NotCashier):
        await ben.does(ConfirmCash(operation=begun.id))
    assert (await receipt(bo, begun.id)).state == "confirm"
    assert await bo.balance() == 0


async def test_a_cashier_cannot_pay_themselves_out(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    await purse.fund(ann.id, 50_00)
    await takes_in(ann, bo, 50_00)
    code = await purse.wallet.codes.pay_code(ann.guest.signed)
    with pytest.raises(rules.OwnCustomer):
        await ann.does(PayOutCash(key=new_key(), code=code.code, amount=eur(10_00)))
    assert await drawer(ann) == 50_00


async def test_what_an_ex_cashier_began_is_not_finished(purse: WalletHouse) -> None:
    ann, ben = await cashier(purse, "ann"), await cashier(purse, "ben")
    bo, cem = await customer(ann, "bo"), await purse.person("cem", 100_00)
    await takes_in(ann, bo, 50_00)
    large = await takes_in(ann, bo, 800_00)
    await pays_out(ann, cem, 50_00)
    await purse.wallet.guard.unmake_cashier(purse.operator, ann.id)
    with pytest.raises(rules.NotCashier):
        await takes_in(ann, bo, 1_00)
    with pytest.raises(rules.NotCashier):
        await ben.does(ConfirmCash(operation=large.id))
    with pytest.raises(rules.NotCashier):
        await says_yes(cem)
    assert (await bo.balance(), await cem.balance(), await drawer(ann)) == (50_00, 100_00, 50_00)


async def test_a_large_sum_is_not_cut_into_small_ones(purse: WalletHouse) -> None:
    """What one cashier does for one person alone counts as one sum for a day."""
    ann, ben = await cashier(purse, "ann"), await cashier(purse, "ben")
    bo, cem = await customer(ann, "bo"), await customer(ann, "cem")
    assert (await takes_in(ann, bo, 300_00)).state == "done"
    assert (await takes_in(ann, bo, 200_00)).state == "done"
    waits = await takes_in(ann, bo, 1)
    assert waits.state == "confirm"
    assert (await takes_in(ann, cem, 400_00)).state == "done"
    await ben.does(ConfirmCash(operation=waits.id))
    purse.passes(DAY_MS)
    assert (await takes_in(ann, bo, 500_00)).state == "done"


async def test_the_operator_says_the_limit(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    changed = ChangeHouse(cash_confirm_above=10_00, currencies=("EUR", "JPY"))
    await purse.tea.opened.operator.change(purse.operator, changed)
    desk = await purse.wallet.cash.desk(ann.guest.signed)
    assert desk.confirm_above == (Money(10_00, "EUR"), Money(10, "JPY"))
    assert (await takes_in(ann, bo, 10_01)).state == "confirm"
    yen: CashDone = await ann.does(TopUpCash(key=new_key(), person=bo.id, amount=Money(10, "JPY")))
    assert yen.operation.state == "done"
    assert await bo.balance("JPY") == 10


async def test_a_second_cashier_refuses(purse: WalletHouse) -> None:
    ann, ben = await cashier(purse, "ann"), await cashier(purse, "ben")
    bo = await customer(ann, "bo")
    begun = await takes_in(ann, bo, 800_00)
    refused: CashDone = await ben.does(RefuseCash(operation=begun.id))
    assert refused.operation.state == "refused"
    assert await ann.does(RefuseCash(operation=begun.id)) == refused
    with pytest.raises(rules.OperationOver):
        await ben.does(ConfirmCash(operation=begun.id))
    assert await bo.balance() == 0


async def test_what_nobody_confirms_is_over_after_a_day(purse: WalletHouse) -> None:
    ann, ben = await cashier(purse, "ann"), await cashier(purse, "ben")
    bo = await customer(ann, "bo")
    begun = await takes_in(ann, bo, 800_00)
    purse.passes(DAY_MS)
    with pytest.raises(rules.OperationOver):  # even before a sweep
        await ben.does(ConfirmCash(operation=begun.id))
    await purse.wallet.due.sweep()
    assert (await receipt(bo, begun.id)).state == "expired"
    assert await bo.balance() == 0


async def test_a_wallet_that_filled_up_meanwhile_takes_no_more(purse: WalletHouse) -> None:
    """The limit is asked again when it moves; what was refused still waits."""
    ann, ben, bo = await cashier(purse, "ann"), await cashier(purse, "ben"), await purse.person("bo")
    await purse.tea.opened.operator.change(purse.operator, ChangeHouse(cash_confirm_above=1_00))
    begun = await takes_in(ann, bo, 400_00)
    await purse.fund(bo.id, 200_00)
    with pytest.raises(Refusal) as full:
        await ben.does(ConfirmCash(operation=begun.id))
    assert full.value.code == "wallet_full"
    waits = await receipt(bo, begun.id)
    assert (waits.state, waits.second, waits.receipt) == ("confirm", None, 0)
    assert (await bo.balance(), await drawer(ann)) == (200_00, 0)


async def test_of_racing_confirms_one_counts(purse: WalletHouse) -> None:
    ann = await cashier(purse, "ann")
    bo = await customer(ann, "bo")
    seconds = [await cashier(purse, f"second{n}") for n in range(5)]
    begun = await takes_in(ann, bo, 800_00)
    every = [each.does(ConfirmCash(operation=begun.id)) for each in seconds for _ in range(3)]
    answers = await asyncio.gather(*every, return_exceptions=True)
    done = [each for each in answers if isinstance(each, CashDone)]
    assert len(done) == 3  # one of them, each time they asked
    assert len({each.operation.second for each in done}) == 1
    assert all(isinstance(each, CashDone | rules.OperationOver) for each in answers)
    assert (await bo.balance(), await drawer(ann)) == (800_00, 800_00)


# --- replays and crowds ---


async def test_a_repeat_gets_the_first_answer(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    key = new_key()
    first = await takes_in(ann, bo, 20_00, key=key)
    assert await takes_in(ann, bo, 20_00, key=key) == first
    with pytest.raises(KeyReused):
        await takes_in(ann, bo, 20_01, key=key)
    assert await bo.balance() == 20_00

    code = await purse.wallet.codes.pay_code(bo.guest.signed)
    command = PayOutCash(key=new_key(), code=code.code, amount=eur(5_00))
    begun = await ann.does(command)
    assert await ann.does(command) == begun
    await says_yes(bo)
    assert await ann.does(command) == begun
    with pytest.raises(Refusal):  # a code is good once
        await ann.does(PayOutCash(key=new_key(), code=code.code, amount=eur(5_00)))
    assert await bo.balance() == 15_00


async def test_receipts_of_a_hundred_at_once_have_no_gap(purse: WalletHouse) -> None:
    cashiers = [await cashier(purse, f"cashier{n}") for n in range(4)]
    people = await purse.people(*[f"person{n}" for n in range(5)], funds=0)
    every = [takes_in(cashiers[n % 4], people[n % 5], 1_00 + n) for n in range(100)]
    refused = [takes_in(cashiers[n % 4], cashiers[n % 4], 1_00) for n in range(20)]
    answers = await asyncio.gather(*every, *refused, return_exceptions=True)
    done = [each for each in answers if isinstance(each, CashOperation)]
    assert sorted(each.receipt for each in done) == list(range(1, 101))
    assert sum([await drawer(each) for each in cashiers]) == sum(1_00 + n for n in range(100))


async def test_a_hundred_yeses_at_once_never_overdraw_a_drawer(purse: WalletHouse) -> None:
    ann, filler = await cashier(purse, "ann"), await purse.person("filler")
    people = await purse.people(*[f"person{n}" for n in range(10)], funds=100_00)
    await takes_in(ann, filler, 50_00)
    begun = await asyncio.gather(*[pays_out(ann, each, 10_00) for each in people], return_exceptions=True)
    granted = [each for each, answer in zip(people, begun, strict=True) if isinstance(answer, CashOperation)]
    assert len(granted) == 5
    await asyncio.gather(*[says_yes(each) for each in granted])
    assert await drawer(ann) == 0


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
async def test_amounts_that_are_none_are_refused(purse: WalletHouse, amount: int) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    with pytest.raises(Refusal):
        await takes_in(ann, bo, amount)
    assert (await bo.balance(), await drawer(ann)) == (0, 0)


async def test_a_currency_of_nobody_is_refused(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    with pytest.raises(Refusal) as refused:
        await ann.does(TopUpCash(key=new_key(), person=bo.id, amount=Money(1_00, "USD")))
    assert refused.value.code == "no_such_currency"


# --- what is read ---


async def test_a_cashier_sees_a_customer_and_the_customer_sees_that(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo", 12_00)
    for who in (bo.id, "bo", "@Bo"):
        seen = await purse.wallet.cash.customer(ann.guest.signed, who)
        assert (seen.person.id, seen.balances[0].balance, seen.level) == (bo.id, 12_00, 0)
    looks = (await purse.wallet.guard.looks(bo.guest.signed)).looks
    assert [(each.by.id, each.what) for each in looks] == [(ann.id, "balance")] * 3
    with pytest.raises(rules.NoSuchCustomer):
        await purse.wallet.cash.customer(ann.guest.signed, "nobody")
    with pytest.raises(rules.NotCashier):
        await purse.wallet.cash.customer(bo.guest.signed, "ann")
    with pytest.raises(rules.NotCashier):
        await purse.wallet.cash.desk(bo.guest.signed)


async def test_a_receipt_is_for_who_was_there(purse: WalletHouse) -> None:
    ann, bo, cem = await cashier(purse, "ann"), await purse.person("bo"), await cashier(purse, "cem")
    taken = await takes_in(ann, bo, 10_00)
    assert await receipt(ann, taken.id) == await receipt(bo, taken.id) == taken
    with pytest.raises(rules.NoSuchOperation):
        await receipt(cem, taken.id)
    assert await purse.wallet.cash.receipt(purse.operator, taken.id) == taken
    looks = (await purse.wallet.guard.looks(bo.guest.signed)).looks
    assert [(each.by.id, each.what) for each in looks] == [(purse.operator.person, "receipt")]
    with pytest.raises(rules.NoSuchOperation):
        await receipt(ann, ids.new_id())


async def test_who_is_no_cashier_does_nothing(purse: WalletHouse) -> None:
    bo, cem = await purse.people("bo", "cem", funds=100_00)
    code = await purse.wallet.codes.pay_code(bo.guest.signed)
    for command in (
        TopUpCash(key=new_key(), person=bo.id, amount=eur(1)),
        PayOutCash(key=new_key(), code=code.code, amount=eur(1)),
        ConfirmCash(operation=ids.new_id()),
        RefuseCash(operation=ids.new_id()),
    ):
        with pytest.raises(rules.NotCashier):
            await cem.does(command)
