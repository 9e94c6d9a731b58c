"""The payment PIN: how it is set, what a wrong one costs, and that nobody gets more guesses by asking often."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from teahouse.clock import DAY_MS, HOUR_MS, MINUTE_MS
from teahouse.errors import RateLimited, Refusal, Unavailable
from teahouse.people.model import PasskeySignUp, PasskeySignUpOptions, SignIn
from teahouse.people.rules import FRESH_MS, ProofNeeded, WrongCredentials
from teahouse.wallet.guard import rules, store
from teahouse.wallet.guard.guard import WalletGuard
from teahouse.wallet.guard.model import Approve, SetPin
from teahouse.wallet.ledger.ledger import Ledger
from teahouse.wallet.purse import Purse, Standing
from tests.harness.authenticator import Authenticator
from tests.harness.house import PASSWORD, Guest
from tests.wallet.guarding import refusal_of, spends
from tests.wallet.house import PIN, Payer, WalletHouse, eur, open_wallet_house, reopen_wallet_house

WRONG = "739164"


async def guesses(purse: WalletHouse, payer: Payer, pin: str = WRONG) -> Refusal | None:
    return await refusal_of(purse.wallet.guard.approve(payer.guest.signed, Approve(amount=eur(100), pin=pin)))


async def standing(purse: WalletHouse, payer: Payer) -> Standing:
    return await purse.house.store.read(purse.wallet.guard.state_of, payer.id)


async def locks(purse: WalletHouse, payer: Payer) -> int:
    """Guess wrong until it is locked; return until when."""
    for left in (4, 3, 2, 1):
        refused = await guesses(purse, payer)
        assert isinstance(refused, rules.WrongPin)
        assert refused.fields == {"left": left}
    refused = await guesses(purse, payer)
    assert isinstance(refused, rules.PinLocked)
    return int(refused.fields["until"])


# --- setting it -----------------------------------------------------------------------------------


async def test_the_first_pin_takes_the_password(purse: WalletHouse) -> None:
    ann = await purse.person("ann", pin=False)
    guard, signed = purse.wallet.guard, ann.guest.signed
    assert isinstance(await guesses(purse, ann), rules.PinMissing)
    with pytest.raises(ProofNeeded):
        await guard.set_pin(signed, SetPin(pin=PIN))
    with pytest.raises(WrongCredentials):
        await guard.set_pin(signed, SetPin(pin=PIN, password="not the password"))
    assert not (await standing(purse, ann)).has_pin

    await guard.set_pin(signed, SetPin(pin=PIN, password=PASSWORD))

    assert (await standing(purse, ann)).has_pin
    assert [event["type"] for event in ann.told("wallet.changed")] == ["wallet.changed"]
    assert await ann.approves(100)


async def test_another_pin_takes_the_one_before_or_the_password(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    guard, signed = purse.wallet.guard, ann.guest.signed
    with pytest.raises(ProofNeeded):
        await guard.set_pin(signed, SetPin(pin=WRONG))
    with pytest.raises(rules.WrongPin):
        await guard.set_pin(signed, SetPin(pin="602817", current=WRONG))

    await guard.set_pin(signed, SetPin(pin="602817", current=PIN))
    assert isinstance(await guesses(purse, ann, PIN), rules.WrongPin)
    assert await guesses(purse, ann, "602817") is None

    await guard.set_pin(signed, SetPin(pin=PIN, password=PASSWORD))
    assert await guesses(purse, ann, PIN) is None


async def test_the_pin_is_kept_as_an_argon2id_hash(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    row = await purse.house.store.read(store.person, ann.id)
    assert row is not None
    assert row.pin.startswith("$argon2id$")


@pytest.mark.parametrize("pin", ["000000", "777777", "123456", "654321", "890123"])
async def test_a_pin_that_others_would_try_first_is_refused(purse: WalletHouse, pin: str) -> None:
    ann = await purse.person("ann", pin=False)
    with pytest.raises(rules.PinTooEasy):
        await purse.wallet.guard.set_pin(ann.guest.signed, SetPin(pin=pin, password=PASSWORD))


async def test_what_was_approved_before_ends_with_the_pin(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    approval = await ann.approves(100)
    await ann.sets_pin()
    with pytest.raises(rules.ApprovalNeeded):
        await spends(purse, ann, eur(100), approval)


async def test_an_account_with_passkeys_only_shows_that_it_just_signed_in_or_a_passkey(purse: WalletHouse) -> None:
    people = purse.tea.opened.people
    begun = await people.passkeys.sign_up_options(PasskeySignUpOptions(handle="ann", name="Ann"), "here")
    authenticator = Authenticator("http://localhost:8420")
    answer = authenticator.create(begun.options)
    signed_in = await people.passkeys.sign_up(PasskeySignUp(ceremony=begun.ceremony, credential=answer), "here")
    ann = Payer(purse, await purse.tea.opened.guest(signed_in))

    purse.passes(FRESH_MS)
    with pytest.raises(ProofNeeded):
        await purse.wallet.guard.set_pin(ann.guest.signed, SetPin(pin=PIN))
    # A password that the account does not have proves nothing.
    with pytest.raises(ProofNeeded):
        await purse.wallet.guard.set_pin(ann.guest.signed, SetPin(pin=PIN, password=PASSWORD))

    purse.passes(-MINUTE_MS)
    await purse.wallet.guard.set_pin(ann.guest.signed, SetPin(pin=PIN))
    assert await ann.approves(100)

    # Later, its passkey does.
    purse.passes(FRESH_MS)
    begun = await people.proofs.options(ann.guest.signed, "prove")
    answer = authenticator.get(begun.options)
    await purse.wallet.guard.set_pin(ann.guest.signed, SetPin(pin="602817", ceremony=begun.ceremony, credential=answer))
    assert await guesses(purse, ann, "602817") is None


async def test_many_devices_guess_a_password_no_faster_than_one(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    opened = purse.tea.opened
    devices: list[Guest] = []
    for number in range(4):
        asked = SignIn(handle="ann", password=PASSWORD)
        devices.append(await opened.guest(await opened.people.accounts.sign_in(asked, f"address {number}")))
    asked = SetPin(pin=PIN, password="not the password")
    refused = [
        await refusal_of(purse.wallet.guard.set_pin(device.signed, asked)) for _ in range(5) for device in devices
    ]
    compared = [each for each in refused if isinstance(each, WrongCredentials)]
    assert len(compared) == 10
    assert all(isinstance(each, RateLimited) for each in refused if each not in compared)
    assert ann.id == devices[0].id


# --- wrong ones -----------------------------------------------------------------------------------


async def test_five_wrong_pins_lock_it_longer_each_time(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    for lasts_ms in (15 * MINUTE_MS, HOUR_MS, DAY_MS, DAY_MS):
        before = purse.house.store.writer.clock()
        until = await locks(purse, ann)
        assert before + lasts_ms <= until <= purse.house.store.writer.clock() + lasts_ms
        refused = await guesses(purse, ann, PIN)  # the right one
        assert isinstance(refused, rules.PinLocked)
        assert refused.fields == {"until": until}
        assert (await standing(purse, ann)).locked_until == until
        purse.passes(lasts_ms)
    assert await guesses(purse, ann, PIN) is None
    assert (await standing(purse, ann)).locked_until == 0


async def test_a_right_pin_takes_the_wrong_ones_back(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    for _ in range(3):
        for _ in range(rules.PIN_TRIES - 1):
            assert isinstance(await guesses(purse, ann), rules.WrongPin)
        assert await guesses(purse, ann, PIN) is None
    await locks(purse, ann)


async def test_who_forgot_the_pin_sets_another_with_the_password(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await locks(purse, ann)
    with pytest.raises(rules.PinLocked):
        await purse.wallet.guard.set_pin(ann.guest.signed, SetPin(pin="602817", current=PIN))
    await purse.wallet.guard.set_pin(ann.guest.signed, SetPin(pin="602817", password=PASSWORD))
    assert await guesses(purse, ann, "602817") is None


async def test_a_lock_outlives_the_house(store_url: str, tmp_path: Path) -> None:
    async with open_wallet_house(tmp_path, store=store_url) as purse:
        ann = await purse.person("ann")
        until = await locks(purse, ann)
    async with reopen_wallet_house(tmp_path, store=store_url) as purse:
        refused = await guesses(purse, await purse.again(ann), PIN)
        assert isinstance(refused, rules.PinLocked)
        assert refused.fields == {"until": until}


# --- many at once ---------------------------------------------------------------------------------


async def test_a_hundred_guesses_at_once_get_five_tries(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    guess = [f"{number:06}" for number in range(482_866, 482_966)]  # the right one is the fiftieth
    assert guess[49] == PIN
    outcomes = Counter(
        type(each).__name__ for each in await asyncio.gather(*[guesses(purse, ann, pin) for pin in guess])
    )
    assert outcomes["WrongPin"] == rules.PIN_TRIES - 1  # and the fifth, which locked it
    assert set(outcomes) == {"WrongPin", "PinLocked", "RateLimited"}
    assert outcomes.total() == 100
    assert isinstance(await guesses(purse, ann, PIN), rules.PinLocked)


async def test_guesses_in_two_processes_share_the_tries(purse: WalletHouse) -> None:
    """What one process does one after the other, two do at once: the store counts."""
    ann = await purse.person("ann")
    opened, asked = purse.tea.opened, Approve(amount=eur(100), pin=WRONG)
    others = [
        WalletGuard(Purse(purse.house, opened.people, opened.operator, purse.tea.chat.cards, Ledger()))
        for _ in range(12)
    ]
    refused = await asyncio.gather(*[refusal_of(each.approve(ann.guest.signed, asked)) for each in others])
    assert sum(isinstance(each, rules.WrongPin) for each in refused) == rules.PIN_TRIES - 1
    assert sum(isinstance(each, rules.PinLocked) for each in refused) == len(others) - rules.PIN_TRIES + 1


async def test_a_program_that_pays_much_at_once_is_no_guesser(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    assert len(set(await asyncio.gather(*[ann.approves(100) for _ in range(20)]))) == 20


async def test_a_try_that_was_not_compared_does_not_count(purse: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await purse.person("ann")
    for _ in range(rules.PIN_TRIES - 1):
        await guesses(purse, ann)

    async def busy(encoded: str | None, password: str) -> bool:
        raise Unavailable()

    with monkeypatch.context() as patched:
        patched.setattr(purse.tea.opened.people.passwords, "verify", busy)
        assert isinstance(await guesses(purse, ann, PIN), Unavailable)
    assert await guesses(purse, ann, PIN) is None
