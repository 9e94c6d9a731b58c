"""Payments at once: to contacts and to who shows a code, decided once, and never more than there is."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec import ValidationError
from msgspec.json import decode

from teahouse import ids
from teahouse.errors import NotFound
from teahouse.money import AMOUNT_MAX, Money
from teahouse.people.model import Block, RemoveContact, Unblock
from teahouse.storage.store import settle
from teahouse.wallet.guard.model import VerifyPerson, WalletSettings
from teahouse.wallet.guard.rules import ApprovalNeeded, WalletFull
from teahouse.wallet.ledger.rules import BadAmount, InsufficientFunds, KeyReused
from teahouse.wallet.payments import rules, store
from teahouse.wallet.payments.model import MakeReceiveCode, Paid, Pay
from teahouse.wallet.payments.rows import describe
from teahouse.wallet.purse import Described, NoSuchCurrency
from tests.wallet.house import EUR, Payer, WalletHouse, eur, new_key


async def payment_to(payer: Payer, payee: Payer, amount: int, **fields: Any) -> Pay:
    """Make a payment that its payer has said yes to."""
    money = Money(amount, fields.pop("currency", EUR))
    if "approval" not in fields:
        fields["approval"] = await payer.approves(amount)
    return Pay(**{"key": new_key(), "to": payee.id, "amount": money, **fields})


async def pays(payer: Payer, payee: Payer, amount: int, **fields: Any) -> Paid:
    paid: Paid = await payer.does(await payment_to(payer, payee, amount, **fields))
    return paid


async def at_once(payer: Payer, *commands: Pay) -> list[Paid | Exception]:
    """Send commands in one instant; return what each was answered."""
    house, loop = payer.purse.house, asyncio.get_running_loop()
    answers = [loop.create_future() for _ in commands]
    jobs = [house.job(payer.guest.signed, each, settle(answer)) for each, answer in zip(commands, answers, strict=True)]
    house.submit(jobs)
    return await asyncio.gather(*answers, return_exceptions=True)


async def payments(purse: WalletHouse) -> list[Any]:
    return await purse.rows(sa.select(store.payments).order_by(store.payments.c.id))


def wallets_told(payer: Payer) -> list[int]:
    """What a person's devices were told that they may spend, after each change."""
    return [each["balance"]["available"] for each in payer.told("wallet.changed") if "balance" in each]


async def test_a_contact_is_paid_at_once_and_both_are_told(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    paid = await pays(ann, bob, 1250, note="Two teas")
    assert paid.available == 8750
    assert (await ann.has(), await bob.has()) == (8750, 11250)
    assert (wallets_told(ann)[-1], wallets_told(bob)[-1]) == (8750, 11250)

    seen = await purse.wallet.payments.payment(bob.guest.signed, paid.payment)
    assert (seen.payer.handle, seen.payee.handle) == ("ann", "bob")
    assert (seen.amount, seen.currency, seen.state, seen.note) == (1250, EUR, "paid", "Two teas")
    assert seen == await purse.wallet.payments.payment(ann.guest.signed, paid.payment)


async def test_nobody_else_sees_a_payment(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    paid = await pays(ann, bob, 100)
    with pytest.raises(rules.NoSuchPayment):
        await purse.wallet.payments.payment(cat.guest.signed, paid.payment)
    with pytest.raises(rules.NoSuchPayment):
        await purse.wallet.payments.payment(ann.guest.signed, ids.new_id())


async def test_histories_say_who_and_what_for(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    paid = await pays(ann, bob, 100, note="Tea")

    async def described(person: Payer) -> dict[str, Described]:
        return await purse.house.store.read(describe, person.id, [paid.payment, ids.new_id()])

    assert await described(ann) == {paid.payment: Described(note="Tea", other=bob.id)}
    assert await described(bob) == {paid.payment: Described(note="Tea", other=ann.id)}
    assert await described(cat) == {}


async def test_a_note_is_one_clean_line(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    for note in ("  Two\n\n teas\0\u202e ", " 👨‍👩‍👧 茶 "):
        await pays(ann, bob, 100, note=note)
    with pytest.raises(rules.NoSuchCode):
        await pays(ann, bob, 100, code="a\0b")
    assert [each.note for each in await payments(purse)] == ["Two teas", "👨‍👩‍👧 茶"]


async def test_strangers_blocked_people_oneself_and_nobody_are_not_paid(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    with pytest.raises(rules.NotPayable):
        await pays(ann, bob, 100)
    await ann.meets(bob)
    await pays(ann, bob, 100)
    await bob.does(Block(person=ann.id))
    for payer, payee in ((ann, bob), (bob, ann)):
        with pytest.raises(rules.NotPayable):
            await pays(payer, payee, 100)
    await bob.does(Unblock(person=ann.id))
    await pays(ann, bob, 100)
    await ann.does(RemoveContact(person=bob.id))
    with pytest.raises(rules.NotPayable):
        await pays(ann, bob, 100)
    with pytest.raises(rules.PayYourself):
        await pays(ann, ann, 100)
    nobody = Pay(key=new_key(), to=ids.new_id(), amount=eur(100), approval=await ann.approves(100))
    with pytest.raises(NotFound):
        await ann.does(nobody)
    assert await ann.has() == 9800


async def test_who_shows_a_code_is_paid_by_strangers(purse: WalletHouse) -> None:
    ann, shop, thief = await purse.people("ann", "shop", "thief")
    fixed = await purse.wallet.codes.make(shop.guest.signed, MakeReceiveCode())
    await pays(ann, shop, 100, code=fixed.code)
    asking = await purse.wallet.codes.make(shop.guest.signed, MakeReceiveCode(amount=eur(450), note="Cake"))
    await pays(ann, shop, 450, code=asking.code)
    kept = [(each.code, each.note) for each in await payments(purse)]
    assert kept == [(fixed.code, ""), (asking.code, "Cake")]

    with pytest.raises(rules.CodeDiffers):
        await pays(ann, shop, 451, code=asking.code)
    with pytest.raises(rules.CodeDiffers):
        await pays(ann, thief, 450, code=asking.code)
    with pytest.raises(rules.NoSuchCode):
        await pays(ann, shop, 450, code="A" * 22)
    await shop.does(Block(person=ann.id))
    with pytest.raises(rules.NotPayable):
        await pays(ann, shop, 450, code=asking.code)
    assert await shop.has() == 10_550


async def test_a_code_with_an_amount_ends_after_thirty_days(purse: WalletHouse) -> None:
    ann, shop = await purse.people("ann", "shop")
    fixed = await purse.wallet.codes.make(shop.guest.signed, MakeReceiveCode())
    asking = await purse.wallet.codes.make(shop.guest.signed, MakeReceiveCode(amount=eur(450)))
    await pays(ann, shop, 450, code=asking.code)
    purse.passes(rules.RECEIVE_CODE_MS)
    with pytest.raises(rules.NoSuchCode):
        await pays(ann, shop, 450, code=asking.code)
    await pays(ann, shop, 450, code=fixed.code)


async def test_no_payment_without_a_yes_to_this_sum(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    yes = await ann.approves(100)
    for approval in ("", "x" * 43, await bob.approves(100)):
        with pytest.raises(ApprovalNeeded):
            await pays(ann, bob, 100, approval=approval)
    with pytest.raises(ApprovalNeeded):
        await pays(ann, bob, 101, approval=yes)
    await pays(ann, bob, 100, approval=yes)
    with pytest.raises(ApprovalNeeded):
        await pays(ann, bob, 100, approval=yes)
    assert (await ann.has(), await bob.has()) == (9900, 10_100)


async def test_a_refused_payment_uses_up_no_approval(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob", funds=100)
    yes = await ann.approves(200)
    with pytest.raises(InsufficientFunds) as refused:
        await pays(ann, bob, 200, approval=yes)
    assert refused.value.fields == {"available": 100}
    await purse.fund(ann.id, 100)
    await pays(ann, bob, 200, approval=yes)
    assert (await ann.has(), await bob.has()) == (0, 300)


async def test_a_full_wallet_takes_no_more_and_tells_only_who_may_pay(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    await purse.fund(bob.id, 39_950)
    with pytest.raises(ApprovalNeeded):
        await pays(ann, bob, 100, approval="x" * 43)
    yes = await ann.approves(100)
    with pytest.raises(WalletFull):
        await pays(ann, bob, 100, approval=yes)
    await bob.does(WalletSettings(real_name="Bob Ross"))
    await pays(ann, bob, 100, approval=yes)
    assert await bob.has() == 50_050


async def test_a_repeat_is_answered_as_the_first_and_moves_nothing(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    command = await payment_to(ann, bob, 9_000)
    first = await ann.does(command)
    assert await ann.does(command) == first
    # With a new yes, as after a cut; and when there is not enough money for another.
    renewed = Pay(key=command.key, to=bob.id, amount=eur(9_000), approval=await ann.approves(9_000), id="7")
    assert await ann.does(renewed) == first
    # In one group with itself.
    other = await payment_to(ann, bob, 300)
    answers = await at_once(ann, other, other, command)
    assert answers[0] == answers[1]
    assert answers[2] == first
    assert (await ann.has(), await bob.has()) == (700, 19_300)
    assert len(await payments(purse)) == 2


async def test_the_same_key_with_another_body_is_refused(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    key = new_key()
    await pays(ann, bob, 100, key=key)
    for payee, amount, note in ((bob, 101, ""), (cat, 100, ""), (bob, 100, "Tea")):
        with pytest.raises(KeyReused):
            await pays(ann, payee, amount, key=key, note=note)
    # Keys are each person's own.
    await pays(bob, ann, 100, key=key)
    # Within one group.
    shared = new_key()
    one, two = await payment_to(ann, bob, 1, key=shared), await payment_to(ann, bob, 2, key=shared)
    first, second = await at_once(ann, one, two)
    assert isinstance(first, Paid)
    assert isinstance(second, KeyReused)
    assert (await ann.has(), await bob.has()) == (9_999, 10_001)


async def test_fifty_racing_payments_never_spend_more_than_there_is(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob", funds=1_000)
    yes = await ann.approves(5_000, uses=50)
    commands = [await payment_to(ann, bob, 100, approval=yes) for _ in range(50)]
    answers = await at_once(ann, *commands)
    assert sum(isinstance(each, Paid) for each in answers) == 10
    assert sum(isinstance(each, InsufficientFunds) for each in answers) == 40
    assert (await ann.has(), await bob.has()) == (0, 2_000)
    # Those that were refused may be paid under their keys later; those that were done are done.
    await purse.fund(ann.id, 100)
    again = await at_once(ann, *commands)
    assert again[:10] == answers[:10]
    assert sum(isinstance(each, Paid) for each in again) == 11
    assert await bob.has() == 2_100


async def test_who_is_paid_by_many_at_once_is_told_once(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    yes = await ann.approves(500, uses=5)
    before = len(wallets_told(bob))
    await at_once(ann, *[await payment_to(ann, bob, 100, approval=yes) for _ in range(5)])
    assert wallets_told(bob)[before:] == [10_500]
    assert wallets_told(ann)[-1] == 9_500


async def test_a_clock_that_is_set_back_or_forth_loses_no_payment(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    command = await payment_to(ann, bob, 100)
    first = await ann.does(command)
    for step in (-3 * 86_400_000, 5 * 86_400_000):
        purse.passes(step)
        assert await ann.does(command) == first
        await pays(ann, bob, 100)
    assert await bob.has() == 10_300
    assert [each.at for each in await payments(purse)] != sorted(each.at for each in await payments(purse))


async def test_the_house_has_only_its_own_currencies(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    for currency in ("USD", "QQQ"):
        with pytest.raises(NoSuchCurrency):
            await pays(ann, bob, 100, currency=currency, approval=await ann.approves(100))
    assert await payments(purse) == []


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MAX + 1])
async def test_what_is_no_amount_moves_nothing(purse: WalletHouse, amount: int) -> None:
    ann, bob = await purse.friends("ann", "bob")
    with pytest.raises(BadAmount):
        await pays(ann, bob, amount, approval=await ann.approves(100))
    assert (await ann.has(), await bob.has()) == (10_000, 10_000)


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MAX + 1, 10**30, 12.5, "100", True, None])
def test_the_door_takes_no_such_amount(amount: object) -> None:
    body = f'{{"key":"12345678","to":"{ids.new_id()}","approval":"","amount":{{"amount":%s,"currency":"EUR"}}}}'
    written = {True: "true", None: "null"}.get(amount, f'"{amount}"' if isinstance(amount, str) else str(amount))  # type: ignore[call-overload]
    with pytest.raises(ValidationError):
        decode((body % written).replace("{", '{"type":"wallet.pay",', 1), type=Pay)


async def test_whom_one_pays_is_shown_by_masked_name(purse: WalletHouse) -> None:
    ann, bob, cat, dan = await purse.people("ann", "bob", "cat", "dan")
    await ann.meets(bob)
    await bob.meets(cat)
    await bob.opens("group", ann, cat)
    await bob.does(WalletSettings(real_name="Robert Ross"))
    await purse.wallet.guard.make_cashier(purse.operator, ann.id)
    await ann.does(VerifyPerson(person=cat.id, level=2, real_name="李小明"))

    async def sees(payer: Payer, payee: Payer) -> tuple[str, str, bool]:
        found = await purse.wallet.payments.payee(payer.guest.signed, payee.id)
        return found.person.handle, found.masked_name, found.verified

    assert await sees(ann, bob) == ("bob", "R***** R***", False)
    assert await sees(ann, cat) == ("cat", "**明", True)
    assert await sees(cat, ann) == ("ann", "", False)
    for payer, payee in ((ann, dan), (dan, ann)):
        with pytest.raises(NotFound):
            await sees(payer, payee)
    with pytest.raises(NotFound):
        await purse.wallet.payments.payee(ann.guest.signed, ids.new_id())
    with pytest.raises(rules.PayYourself):
        await sees(ann, ann)
    await cat.does(Block(person=ann.id))
    with pytest.raises(rules.NotPayable):
        await sees(ann, cat)
