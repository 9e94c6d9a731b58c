"""A yes to a sum: whose it is, what it is good for, and that nothing uses it up but the payment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from teahouse.clock import MINUTE_MS
from teahouse.errors import Malformed, Refusal
from teahouse.money import Money
from teahouse.people.model import AddPasskey, PasskeySignIn, SignIn
from teahouse.people.proofs import NoPasskey
from teahouse.people.relying_party import PasskeyRefused
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import approvals, rules
from teahouse.wallet.guard.model import Approve
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.purse import NoSuchCurrency
from tests.harness.authenticator import VERIFIED, Authenticator
from tests.harness.house import PASSWORD
from tests.wallet.guarding import Spend, Spent, in_one_group, refusal_of, spends, teach
from tests.wallet.house import Payer, WalletHouse, eur, new_key, open_wallet_house, reopen_wallet_house

ORIGIN = "http://localhost:8420"


async def spent_today(purse: WalletHouse, payer: Payer) -> int:
    sums = await purse.house.store.read(purse.wallet.guard.spent_today, payer.id)
    return sum(each.amount for each in sums)


# --- whose it is, and for what --------------------------------------------------------------------


async def test_a_yes_is_good_for_one_payment(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    approval = await ann.approves(500)
    await spends(purse, ann, eur(500), approval)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(1), approval)
    assert await spent_today(purse, ann) == 500


async def test_a_yes_is_for_a_sum_at_most_and_one_currency(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    approval = await ann.approves(500)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(501), approval)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, Money(500, "USD"), approval)
    await spends(purse, ann, eur(499), approval)


async def test_a_yes_that_nobody_gave(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    for forged in ("", "x", "0" * 43, "ключ"):
        with pytest.raises(rules.ApprovalNeeded):
            await spends(purse, ann, eur(1), forged)


async def test_a_yes_does_not_leave_its_person_and_device(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    tablet = await purse.tea.opened.guest(
        await purse.tea.opened.people.accounts.sign_in(SignIn(handle="ann", password=PASSWORD), "elsewhere")
    )
    approval = await ann.approves(500)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, bob, eur(500), approval)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, Payer(purse, tablet), eur(500), approval)
    await spends(purse, ann, eur(500), approval)


@pytest.mark.parametrize(("uses", "lasts_ms"), [(1, 2 * MINUTE_MS), (2, 10 * MINUTE_MS)])
async def test_a_yes_is_over_after_minutes(purse: WalletHouse, uses: int, lasts_ms: int) -> None:
    ann = await purse.person("ann")
    approved = [await ann.approves(500, uses=uses) for _ in range(2)]
    purse.passes(lasts_ms - 1000)
    await spends(purse, ann, eur(1), approved[0])
    purse.passes(1000)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(1), approved[1])


async def test_a_clock_that_is_set_back_makes_no_yes_last_longer(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    seconds = 1000.0
    purse.wallet.guard.approvals.clock_s = lambda: seconds
    approval = await ann.approves(500)
    purse.passes(-60 * MINUTE_MS)
    seconds += 120
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(500), approval)


async def test_a_program_says_yes_to_many_payments_up_to_a_sum(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    approval = await ann.approves(1_000, uses=3)
    await spends(purse, ann, eur(400), approval)
    await spends(purse, ann, eur(400), approval)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(201), approval)
    await spends(purse, ann, eur(100), approval)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(1), approval)  # the fourth


async def test_a_yes_needs_a_proof_and_a_currency(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    guard = purse.wallet.guard
    for given in ({}, {"ceremony": "x"}, {"credential": {}}):
        with pytest.raises(Malformed):
            await guard.approve(ann.guest.signed, Approve(amount=eur(1), **given))
    with pytest.raises(NoSuchCurrency):
        await ann.approves(100, "XXX")


async def test_a_restart_forgets_every_yes(store_url: str, tmp_path: Path) -> None:
    async with open_wallet_house(tmp_path, store=store_url) as purse:
        ann = await purse.person("ann")
        approval = await ann.approves(500)
    async with reopen_wallet_house(tmp_path, store=store_url) as purse:
        with pytest.raises(rules.ApprovalNeeded):
            await spends(purse, await purse.again(ann), eur(500), approval)


async def test_too_many_end_the_oldest(purse: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approvals, "OF_ONE_MAX", 2)
    monkeypatch.setattr(approvals, "OF_ALL_MAX", 3)
    ann, bob = await purse.people("ann", "bob")
    first, second, third = [await ann.approves(100) for _ in range(3)]
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(1), first)
    bobs = [await bob.approves(100) for _ in range(2)]
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(1), second)
    for payer, approval in ((ann, third), (bob, bobs[0]), (bob, bobs[1])):
        await spends(purse, payer, eur(1), approval)


# --- rolled back ----------------------------------------------------------------------------------


async def test_a_refused_command_gives_the_yes_and_the_day_back(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    approval = await ann.approves(500)

    def fails(tx: Tx) -> None:
        purse.wallet.guard.spend(tx, ann.guest.signed, eur(300), approval)
        raise Refusal()

    for _ in range(3):
        assert await refusal_of(purse.house.store.write(fails))
    assert await spent_today(purse, ann) == 0
    await spends(purse, ann, eur(500), approval)
    assert await spent_today(purse, ann) == 500


async def test_asking_first_uses_nothing_up(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    guard, approval = purse.wallet.guard, await ann.approves(500)
    for _ in range(3):
        await purse.house.store.write(guard.may_spend, ann.guest.signed, eur(500), approval)
    with pytest.raises(rules.ApprovalNeeded):
        await purse.house.store.write(guard.may_spend, ann.guest.signed, eur(501), approval)
    await spends(purse, ann, eur(500), approval)


async def test_a_payment_that_is_sent_again_takes_no_second_yes(purse: WalletHouse) -> None:
    teach(purse.house, purse.wallet.guard)
    ann = await purse.person("ann")
    once, often = await ann.approves(100), await ann.approves(1_000, uses=10)
    for approval in (once, often):
        first = Spend(key=new_key(), amount=eur(100), approval=approval)
        again = Spend(key=first.key, amount=eur(100), approval=await ann.approves(100))
        for asked in (first, first, again):
            assert await ann.does(asked) == Spent(spent=100)
        with pytest.raises(KeyReused):
            await ann.does(Spend(key=first.key, amount=eur(99), approval=approval))
    assert await spent_today(purse, ann) == 200


async def test_a_group_that_is_decided_twice_counts_once(purse: WalletHouse) -> None:
    """The same key twice in one group makes the group's append fail; all is decided once more with care."""
    teach(purse.house, purse.wallet.guard)
    ann, bob = await purse.people("ann", "bob")
    anns, bobs = await ann.approves(500, uses=5), await bob.approves(200)
    twice = Spend(key=new_key(), amount=eur(100), approval=anns)
    other = Spend(key=new_key(), amount=eur(100), approval=anns)
    his = Spend(key=new_key(), amount=eur(200), approval=bobs)

    outcomes = await in_one_group(
        purse.house,
        (ann.guest.signed, twice),
        (bob.guest.signed, his),
        (ann.guest.signed, other),
        (ann.guest.signed, twice),
    )

    assert outcomes == [Spent(spent=100), Spent(spent=200), Spent(spent=100), Spent(spent=100)]
    assert (await spent_today(purse, ann), await spent_today(purse, bob)) == (200, 200)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, bob, eur(1), bobs)
    for _ in range(3):
        await spends(purse, ann, eur(100), anns)
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(1), anns)


async def test_one_yes_in_two_payments_of_a_group(purse: WalletHouse) -> None:
    teach(purse.house, purse.wallet.guard)
    ann = await purse.person("ann")
    approval = await ann.approves(100)
    asked = [Spend(key=new_key(), amount=eur(100), approval=approval) for _ in range(20)]
    outcomes = await in_one_group(purse.house, *[(ann.guest.signed, each) for each in asked])
    assert outcomes[0] == Spent(spent=100)
    assert all(isinstance(each, rules.ApprovalNeeded) for each in outcomes[1:])
    assert await spent_today(purse, ann) == 100


# --- by passkey -----------------------------------------------------------------------------------


async def passkey_of(purse: WalletHouse, payer: Payer, authenticator: Authenticator | None = None) -> Authenticator:
    authenticator = authenticator or Authenticator(ORIGIN)
    passkeys = purse.tea.opened.people.passkeys
    begun = await passkeys.add_options(payer.guest.signed)
    answer = authenticator.create(begun.options)
    await passkeys.add(payer.guest.signed, AddPasskey(ceremony=begun.ceremony, credential=answer))
    return authenticator


async def approves_by(purse: WalletHouse, payer: Payer, authenticator: Authenticator, ceremony: Any = None) -> str:
    begun = ceremony or await purse.wallet.guard.passkey_options(payer.guest.signed)
    asked = Approve(amount=eur(500), ceremony=begun.ceremony, credential=authenticator.get(begun.options))
    return (await purse.wallet.guard.approve(payer.guest.signed, asked)).approval


async def test_a_passkey_says_yes_in_place_of_a_pin(purse: WalletHouse) -> None:
    ann = await purse.person("ann", pin=False)
    with pytest.raises(NoPasskey):
        await purse.wallet.guard.passkey_options(ann.guest.signed)
    authenticator = await passkey_of(purse, ann)
    approval = await approves_by(purse, ann, authenticator)
    await spends(purse, ann, eur(500), approval)


async def test_the_house_asks_for_ones_own_passkeys_and_who_uses_them(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    authenticator = await passkey_of(purse, ann)
    await passkey_of(purse, bob)
    options = (await purse.wallet.guard.passkey_options(ann.guest.signed)).options
    assert options["userVerification"] == "required"
    assert [each["id"] for each in options["allowCredentials"]] == [authenticator.get(options)["id"]]


class Careless(Authenticator):
    """Does not look who holds it."""

    def _data(self, domain: str, flags: int) -> bytes:
        return super()._data(domain, flags & ~VERIFIED)


async def test_a_passkey_that_does_not_look_who_uses_it_says_no_yes(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    careless = await passkey_of(purse, ann, Careless(ORIGIN))
    with pytest.raises(PasskeyRefused, match="verification"):
        await approves_by(purse, ann, careless)
    passkeys = purse.tea.opened.people.passkeys
    begun = await passkeys.sign_in_options("here")  # though it signs in
    assert await passkeys.sign_in(
        PasskeySignIn(ceremony=begun.ceremony, credential=careless.get(begun.options)), "here"
    )


async def test_a_ceremony_is_good_for_what_it_was_begun_for(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    authenticator, passkeys = await passkey_of(purse, ann), purse.tea.opened.people.passkeys
    with pytest.raises(PasskeyRefused):
        await approves_by(purse, ann, authenticator, await passkeys.sign_in_options("here"))
    begun = await purse.wallet.guard.passkey_options(ann.guest.signed)
    asked = PasskeySignIn(ceremony=begun.ceremony, credential=authenticator.get(begun.options))
    with pytest.raises(PasskeyRefused):
        await passkeys.sign_in(asked, "here")


async def test_nobody_says_yes_for_another(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    anns, bobs = await passkey_of(purse, ann), await passkey_of(purse, bob)
    with pytest.raises(PasskeyRefused, match="yours"):
        await approves_by(purse, ann, bobs)
    begun = await purse.wallet.guard.passkey_options(ann.guest.signed)
    with pytest.raises(PasskeyRefused, match="Another person"):
        await approves_by(purse, bob, anns, begun)


async def test_an_answer_of_a_passkey_is_good_once(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    authenticator = await passkey_of(purse, ann)
    begun = await purse.wallet.guard.passkey_options(ann.guest.signed)
    asked = Approve(amount=eur(500), ceremony=begun.ceremony, credential=authenticator.get(begun.options))
    await purse.wallet.guard.approve(ann.guest.signed, asked)
    with pytest.raises(PasskeyRefused):
        await purse.wallet.guard.approve(ann.guest.signed, asked)
    # Nor does an older signature count for a new challenge.
    fresh = await purse.wallet.guard.passkey_options(ann.guest.signed)
    stale = Approve(amount=eur(500), ceremony=fresh.ceremony, credential=asked.credential)
    assert stale.credential is not UNSET
    with pytest.raises(PasskeyRefused):
        await purse.wallet.guard.approve(ann.guest.signed, stale)


async def test_a_locked_pin_leaves_the_passkey(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    authenticator = await passkey_of(purse, ann)
    wrong = Approve(amount=eur(500), pin="739164")
    for _ in range(rules.PIN_TRIES):
        await refusal_of(purse.wallet.guard.approve(ann.guest.signed, wrong))
    with pytest.raises(rules.PinLocked):
        await ann.approves(500)
    await spends(purse, ann, eur(500), await approves_by(purse, ann, authenticator))
