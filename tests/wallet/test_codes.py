"""Receive codes: a fixed one each and those that ask for an amount, read back from their text and their address."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from teahouse.errors import Refusal
from teahouse.money import Money
from teahouse.operator.model import ChangeHouse
from teahouse.people.model import Block
from teahouse.wallet.guard.model import WalletSettings
from teahouse.wallet.payments import emv, rules, store
from teahouse.wallet.payments.model import MakeReceiveCode, Payee, ReadCode, ReceiveCode
from teahouse.wallet.purse import NoSuchCurrency, NoWallet
from tests.wallet.house import Payer, WalletHouse, eur, open_wallet_house, reopen_wallet_house


async def makes(payer: Payer, amount: Money | None = None, note: str = "") -> ReceiveCode:
    asked = MakeReceiveCode(note=note) if amount is None else MakeReceiveCode(amount=amount, note=note)
    return await payer.purse.wallet.codes.make(payer.guest.signed, asked)


async def reads(payer: Payer, text: str) -> Payee:
    return await payer.purse.wallet.codes.read(payer.guest.signed, ReadCode(text=text))


async def test_a_fixed_code_is_always_the_same_and_each_persons_own(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    first = await makes(ann)
    assert await makes(ann) == first
    assert (await makes(bob)).code != first.code
    assert (first.amount, first.currency, first.note) == (0, "EUR", "")
    fields = emv.parse(first.qr)
    assert (fields["01"], fields["53"], fields["58"], fields["59"], fields["60"]) == (
        "11",
        "978",
        "XX",
        "Ann",
        "Teahouse",
    )


async def test_a_code_is_read_from_its_text_and_from_its_address(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    await ann.does(WalletSettings(real_name="Ann Lee"))
    code = await makes(ann)
    assert code.url == f"{purse.house.settings.public_url}/r/{code.code}"
    for text in (code.qr, code.url, f" {code.url}/\n", f"/r/{code.code}"):
        payee = await reads(bob, text)
        assert (payee.person.handle, payee.masked_name, payee.verified) == ("ann", "A** L**", False)
        assert (payee.amount, payee.currency, payee.note, payee.code) == (0, "", "", code.code)


async def test_a_code_may_ask_for_an_amount_and_say_what_for(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    await purse.tea.opened.operator.change(purse.operator, ChangeHouse(country="DE", name="Bamboo Grove"))
    code = await makes(ann, eur(1250), " Gâteau ")
    assert code.code != (await makes(ann)).code
    fields = emv.parse(code.qr)
    assert (fields["01"], fields["54"], fields["58"], fields["60"]) == ("12", "12.50", "DE", "Bamboo Grove")
    assert emv.split(fields["62"]) == {"08": "Gateau"}
    payee = await reads(bob, code.qr)
    assert (payee.amount, payee.currency, payee.note) == (1250, "EUR", "Gâteau")
    noted = await makes(ann, None, "Tips")
    payee = await reads(bob, noted.qr)
    assert (payee.amount, payee.note, emv.parse(noted.qr)["01"]) == (0, "Tips", "11")


async def test_codes_with_amounts_end_and_are_bounded(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    fixed, first = await makes(ann), await makes(ann, eur(1))
    for _ in range(rules.RECEIVE_CODES_MAX):
        newest = await makes(ann, eur(1))
    with pytest.raises(rules.NoSuchCode):
        await reads(bob, first.qr)
    await reads(bob, newest.qr)
    kept = await purse.rows(sa.select(store.receive_codes.c.token))
    assert len(kept) == rules.RECEIVE_CODES_MAX + 1
    purse.passes(rules.RECEIVE_CODE_MS)
    with pytest.raises(rules.NoSuchCode):
        await reads(bob, newest.qr)
    await reads(bob, fixed.qr)
    last = await makes(ann, eur(1))
    kept = await purse.rows(sa.select(store.receive_codes.c.token))
    assert {each.token for each in kept} == {fixed.code, last.code}


async def test_what_is_no_code_of_this_house_is_said(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    code = await makes(ann)
    cases: list[tuple[str, type[Refusal]]] = [
        ("Hello", emv.NotACode),
        ("https://tea.example/p/abc", emv.NotACode),
        ("http://[", emv.NotACode),
        (f"https://inn.example/r/{code.code}", emv.OtherHouse),
        (f"//inn.example/r/{code.code}", emv.NotACode),
        (code.url[:-1] + ("A" if code.url[-1] != "A" else "Q"), rules.NoSuchCode),
        (f"{purse.house.settings.public_url}/r/", rules.NoSuchCode),
        (f"{purse.house.settings.public_url}/r/a\0b", rules.NoSuchCode),
        (code.qr[:-1], emv.BadLength),
        (code.qr.replace("Ann", "Eve"), emv.BadChecksum),
        ("00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
         "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D", emv.NotOurCode),
    ]  # fmt: skip
    for text, refusal in cases:
        with pytest.raises(refusal):
            await reads(bob, text)


async def test_who_blocked_one_is_not_paid_by_code_either(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    code = await makes(ann)
    await ann.does(Block(person=bob.id))
    with pytest.raises(rules.NotPayable):
        await reads(bob, code.qr)


async def test_sums_that_a_code_cannot_hold_are_refused(purse: WalletHouse) -> None:
    (ann,) = await purse.people("ann")
    with pytest.raises(NoSuchCurrency):
        await makes(ann, Money(100, "USD"))
    with pytest.raises(rules.NotWritable):
        await makes(ann, eur(10**13))
    assert emv.parse((await makes(ann, eur(10**12 - 1))).qr)["54"] == "9999999999.99"
    await purse.tea.opened.operator.change(purse.operator, ChangeHouse(currencies=()))
    with pytest.raises(NoWallet):
        await makes(ann)


async def test_currencies_are_written_in_their_own_decimals(purse: WalletHouse) -> None:
    (ann,) = await purse.people("ann")
    await purse.tea.opened.operator.change(purse.operator, ChangeHouse(currencies=("JPY", "KWD")))
    assert emv.parse((await makes(ann)).qr)["53"] == "392"
    yen, dinars = await makes(ann, Money(1250, "JPY")), await makes(ann, Money(1250, "KWD"))
    assert [(emv.parse(each.qr)["53"], emv.parse(each.qr)["54"]) for each in (yen, dinars)] == [
        ("392", "1250"),
        ("414", "1.250"),
    ]


async def test_codes_outlive_the_house(tmp_path: Path) -> None:
    async with open_wallet_house(tmp_path) as purse:
        ann, bob = await purse.people("ann", "bob")
        fixed, asking = await makes(ann), await makes(ann, eur(5))
    async with reopen_wallet_house(tmp_path) as purse:
        bob = await purse.again(bob)
        assert (await makes(await purse.again(ann))) == fixed
        assert (await reads(bob, asking.qr)).amount == 5
