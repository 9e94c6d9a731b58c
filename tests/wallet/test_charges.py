"""Pay codes and charges: the payer shows a code, the payee asks for a sum, the payer says yes on their own device."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.errors import RateLimited
from teahouse.operator.model import ChangeHouse
from teahouse.people.model import Block
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import WalletSettings
from teahouse.wallet.guard.rules import ApprovalNeeded, WalletFull
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.ledger.rules import InsufficientFunds, KeyReused
from teahouse.wallet.payments import rules, store
from teahouse.wallet.payments.model import Charge, ChargeMade, DeclineCharge, MakeCharge, Paid, PayCharge
from teahouse.wallet.purse import NoWallet
from tests.wallet.house import Payer, WalletHouse, eur, new_key, open_wallet_house, reopen_wallet_house


async def shows_code(payer: Payer) -> str:
    return (await payer.purse.wallet.codes.pay_code(payer.guest.signed)).code


async def charges(payee: Payer, code: str, amount: int, **fields: Any) -> Charge:
    made: ChargeMade = await payee.does(MakeCharge(**{"key": new_key(), "code": code, "amount": eur(amount), **fields}))
    return made.charge


async def pays(payer: Payer, charge: Charge, approval: str | None = None) -> Paid:
    yes = await payer.approves(charge.amount) if approval is None else approval
    paid: Paid = await payer.does(PayCharge(charge=charge.id, approval=yes))
    return paid


async def state(person: Payer, charge: Charge) -> str:
    return (await person.purse.wallet.charges.charge(person.guest.signed, charge.id)).state


async def waits_for(person: Payer) -> list[str]:
    return [each.id for each in await person.purse.house.store.read(person.purse.wallet.charges.waiting, person.id)]


def states_told(person: Payer) -> list[str]:
    return [each["charge"]["state"] for each in person.told("charge.changed")]


async def test_the_payer_shows_a_code_and_says_yes_to_the_sum(purse: WalletHouse) -> None:
    ann, shop = await purse.people("ann", "shop")
    await shop.does(WalletSettings(real_name="Tea Shop"))
    charge = await charges(shop, await shows_code(ann), 450, note="Cake")
    assert (charge.state, charge.payer.handle, charge.payee.handle) == ("waiting", "ann", "shop")
    assert (charge.amount, charge.currency, charge.note, charge.cash) == (450, "EUR", "Cake", False)
    assert charge.masked_name == "T** S***"
    assert (await ann.has(), await shop.has()) == (10_000, 10_000)
    assert await waits_for(ann) == [charge.id]
    assert await waits_for(shop) == []

    paid = await pays(ann, charge)
    assert paid.available == 9_550
    assert (await ann.has(), await shop.has()) == (9_550, 10_450)
    assert (states_told(ann), states_told(shop)) == (["waiting", "paid"],) * 2
    assert shop.told("wallet.changed")[-1]["balance"]["available"] == 10_450
    assert await waits_for(ann) == []

    payment = await purse.wallet.payments.payment(shop.guest.signed, paid.payment)
    assert (payment.amount, payment.state, payment.note, payment.charge) == (450, "paid", "Cake", charge.id)


async def test_a_charge_is_paid_once(purse: WalletHouse) -> None:
    ann, shop = await purse.people("ann", "shop")
    charge = await charges(shop, await shows_code(ann), 450)
    first = await pays(ann, charge)
    again = await pays(ann, charge, approval="")
    assert (again.payment, again.at, again.available) == (first.payment, first.at, 9_550)
    racing = await charges(shop, await shows_code(ann), 100)
    yes = await ann.approves(1_000, uses=10)
    answers = await asyncio.gather(*(pays(ann, racing, yes) for _ in range(10)))
    assert len({each.payment for each in answers}) == 1
    assert (await ann.has(), await shop.has()) == (9_450, 10_550)
    with pytest.raises(rules.ChargeOver) as over:
        await shop.does(DeclineCharge(charge=charge.id))
    assert over.value.fields == {"state": "paid"}


async def test_a_code_has_the_form_that_tills_know(purse: WalletHouse) -> None:
    (ann,) = await purse.people("ann")
    shown = [await purse.wallet.codes.pay_code(ann.guest.signed) for _ in range(20)]
    assert all(rules.is_pay_code(each.code) for each in shown)
    assert len({each.code for each in shown}) == 20
    code = shown[0].code
    assert not rules.is_pay_code(code[:-1] + str((int(code[-1]) + 1) % 10))
    assert not rules.is_pay_code("29" + code[2:])
    assert not rules.is_pay_code(code + "0")
    assert rules.luhn("7992739871") == "3"


async def test_codes_are_kept_hashed(purse: WalletHouse) -> None:
    (ann,) = await purse.people("ann")
    code = await shows_code(ann)
    (row,) = await purse.rows(sa.select(store.pay_codes))
    assert code.encode() not in bytes(row.digest)
    assert code not in str(row)


async def test_a_code_is_good_once_for_a_minute_and_only_the_newest(purse: WalletHouse) -> None:
    ann, shop, other = await purse.people("ann", "shop", "other")
    used = await shows_code(ann)
    await charges(shop, used, 100)
    replaced, late = await shows_code(ann), await shows_code(ann)
    for code in (used, replaced):
        with pytest.raises(rules.WrongPayCode):
            await charges(other, code, 100)
    purse.passes(rules.PAY_CODE_MS)
    with pytest.raises(rules.WrongPayCode):
        await charges(shop, late, 100)


async def test_one_code_of_two_shops_at_once_serves_one(purse: WalletHouse) -> None:
    ann, shop, other = await purse.people("ann", "shop", "other")
    code = await shows_code(ann)
    answers = await asyncio.gather(charges(shop, code, 100), charges(other, code, 100), return_exceptions=True)
    assert {type(each) for each in answers} == {Charge, rules.WrongPayCode}


async def test_guessing_codes_is_slow(purse: WalletHouse) -> None:
    ann, shop, thief = await purse.people("ann", "shop", "thief")
    for _ in range(10):
        digits = f"28{secrets.randbelow(10**15):015}"
        with pytest.raises(rules.WrongPayCode):
            await charges(thief, digits + rules.luhn(digits), 100)
    code = await shows_code(ann)
    with pytest.raises(RateLimited):
        await charges(thief, code, 100)
    # Others are not slowed, nor who scans many right ones.
    for _ in range(15):
        await shop.does(DeclineCharge(charge=(await charges(shop, code, 100)).id))
        code = await shows_code(ann)


async def test_a_charge_is_made_once_by_its_key(purse: WalletHouse) -> None:
    ann, shop = await purse.people("ann", "shop")
    code, key = await shows_code(ann), new_key()
    first = await charges(shop, code, 100, key=key)
    assert (await charges(shop, code, 100, key=key)).id == first.id
    with pytest.raises(KeyReused):
        await charges(shop, code, 200, key=key)
    assert await waits_for(ann) == [first.id]


async def test_nobody_charges_themselves_or_who_blocked_them(purse: WalletHouse) -> None:
    ann, shop = await purse.people("ann", "shop")
    code = await shows_code(ann)
    with pytest.raises(rules.PayYourself):
        await charges(ann, code, 100)
    await ann.does(Block(person=shop.id))
    with pytest.raises(rules.NotPayable):
        await charges(shop, code, 100)
    # What was refused used up nothing.
    (other,) = await purse.people("other")
    await charges(other, code, 100)


async def test_only_the_payer_pays_and_only_with_a_yes(purse: WalletHouse) -> None:
    ann, shop, cat = await purse.people("ann", "shop", "cat")
    charge = await charges(shop, await shows_code(ann), 100)
    with pytest.raises(rules.NotYours):
        await pays(shop, charge)
    for act in (pays(cat, charge), cat.does(DeclineCharge(charge=charge.id)), state(cat, charge)):
        with pytest.raises(rules.NoSuchCharge):
            await act
    with pytest.raises(ApprovalNeeded):
        await pays(ann, charge, approval="x" * 43)
    with pytest.raises(ApprovalNeeded):
        await pays(ann, charge, approval=await ann.approves(99))
    assert await state(ann, charge) == "waiting"
    assert (await ann.has(), await shop.has()) == (10_000, 10_000)


async def test_a_poor_payer_may_pay_later_and_a_full_payee_not_at_all(purse: WalletHouse) -> None:
    ann, shop = await purse.people("ann", "shop", funds=100)
    charge = await charges(shop, await shows_code(ann), 200)
    with pytest.raises(InsufficientFunds):
        await pays(ann, charge)
    await purse.fund(ann.id, 100)
    await purse.fund(shop.id, 49_800)
    with pytest.raises(WalletFull):
        await pays(ann, charge)
    await shop.does(WalletSettings(real_name="Tea Shop"))
    await pays(ann, charge)
    assert (await ann.has(), await shop.has()) == (0, 50_100)


@pytest.mark.parametrize("by", ["ann", "shop"])
async def test_either_side_may_decline(purse: WalletHouse, by: str) -> None:
    ann, shop = await purse.people("ann", "shop")
    charge = await charges(shop, await shows_code(ann), 100)
    who = ann if by == "ann" else shop
    await who.does(DeclineCharge(charge=charge.id))
    await who.does(DeclineCharge(charge=charge.id))
    assert (states_told(ann), states_told(shop)) == (["waiting", "declined"],) * 2
    with pytest.raises(rules.ChargeOver):
        await pays(ann, charge)
    assert await ann.has() == 10_000


async def test_a_charge_that_nobody_answers_ends(purse: WalletHouse) -> None:
    ann, shop = await purse.people("ann", "shop")
    charge = await charges(shop, await shows_code(ann), 100)
    purse.passes(rules.CHARGE_MS)
    for act in (pays(ann, charge), ann.does(DeclineCharge(charge=charge.id))):
        with pytest.raises(rules.ChargeOver) as over:
            await act
        assert over.value.fields == {"state": "expired"}
    assert await waits_for(ann) == []
    await purse.wallet.due.sweep()
    assert await state(shop, charge) == "expired"
    assert (states_told(ann)[-1], states_told(shop)[-1]) == ("expired", "expired")
    assert await ann.has() == 10_000


async def test_only_so_many_charges_wait_for_one_payer(purse: WalletHouse) -> None:
    ann, shop = await purse.people("ann", "shop")
    for _ in range(rules.WAITING_MAX):
        await charges(shop, await shows_code(ann), 1)
    with pytest.raises(rules.TooManyCharges):
        await charges(shop, await shows_code(ann), 1)
    purse.passes(rules.CHARGE_MS)
    await charges(shop, await shows_code(ann), 1)


async def test_another_room_asks_for_an_account_of_its_own(purse: WalletHouse) -> None:
    """As the cash desk does: the money goes where it says, and it is told how each charge ended."""
    ann, teller = await purse.people("ann", "teller")
    ended: list[tuple[str, str]] = []
    purse.wallet.charges.on_paid[Purpose.CASH_OUT] = lambda tx, row: ended.append(("paid", row.subject))
    purse.wallet.charges.on_ended[Purpose.CASH_OUT] = lambda tx, row: ended.append(("ended", row.subject))

    async def asks(subject: str) -> Charge:
        def ask(tx: Tx) -> Charge:
            drawer = purse.wallet.purse.house_account(tx, "suspense", "EUR", "drawer")
            money = eur(300)
            return purse.wallet.charges.ask(
                tx, ann.id, teller.id, money, "Cash", purpose=Purpose.CASH_OUT, subject=subject, credit=drawer
            )

        return await purse.house.store.write(ask)

    paid, declined, expired, cancelled = [await asks(each) for each in ("paid", "declined", "expired", "cancelled")]
    assert paid.cash
    await pays(ann, paid)
    await ann.does(DeclineCharge(charge=declined.id))
    await purse.house.store.write(purse.wallet.charges.cancel, cancelled.id)
    await purse.house.store.write(purse.wallet.charges.cancel, paid.id)
    purse.passes(rules.CHARGE_MS)
    await purse.wallet.due.sweep()
    assert ended == [("paid", "paid"), ("ended", "declined"), ("ended", "expired")]
    assert [await state(ann, each) for each in (paid, declined, expired, cancelled)] == [
        "paid",
        "declined",
        "expired",
        "declined",
    ]
    assert await purse.account_sum("suspense", owner="drawer") == 300
    assert (await ann.has(), await teller.has()) == (9_700, 10_000)
    with pytest.raises(rules.NoSuchPayment):
        await purse.wallet.payments.payment(ann.guest.signed, paid.id)


async def test_a_charge_outlives_the_house(tmp_path: Path) -> None:
    async with open_wallet_house(tmp_path) as purse:
        ann, shop = await purse.people("ann", "shop")
        charge = await charges(shop, await shows_code(ann), 450)
        code = await shows_code(ann)
    async with reopen_wallet_house(tmp_path) as purse:
        ann, shop = await purse.again(ann), await purse.again(shop)
        assert await waits_for(ann) == [charge.id]
        await pays(ann, charge)
        await charges(shop, code, 1)
        assert (await ann.has(), await shop.has()) == (9_550, 10_450)


async def test_a_house_without_a_wallet_has_no_codes(purse: WalletHouse) -> None:
    (ann,) = await purse.people("ann")
    await purse.tea.opened.operator.change(purse.operator, ChangeHouse(currencies=()))
    with pytest.raises(NoWallet):
        await shows_code(ann)
