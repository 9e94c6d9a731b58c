"""Somebody holds an open session: without the password or a passkey they open no other way into the account."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from teahouse.clock import HOUR_MS, MINUTE_MS, now_ms
from teahouse.errors import RateLimited, Refusal, Unauthenticated
from teahouse.people.model import AddPasskey, ChangePassword, Proof, SignIn
from teahouse.people.proofs import NO_PROOF, NoPasskey
from teahouse.people.relying_party import PasskeyRefused
from teahouse.people.rules import FRESH_MS, ProofNeeded, WrongCredentials
from tests.harness.authenticator import Authenticator
from tests.harness.house import PASSWORD, Guest, OpenHouse
from tests.people.test_passkeys import HERE, ORIGIN, add, sign_in, sign_up

BY_PASSWORD = Proof(password=PASSWORD)
Deed = Callable[[OpenHouse, Guest, Proof], Awaitable[Any]]


def passes(house: OpenHouse, milliseconds: int) -> None:
    """Let time pass since people signed in."""
    house.house.store.writer.clock = lambda: now_ms() + milliseconds


async def make_codes(house: OpenHouse, person: Guest, proof: Proof) -> None:
    await house.people.accounts.make_recovery_codes(person.signed, proof)


async def begin_a_passkey(house: OpenHouse, person: Guest, proof: Proof) -> None:
    await house.people.passkeys.add_options(person.signed, proof)


async def remove_a_passkey(house: OpenHouse, person: Guest, proof: Proof) -> None:
    """Any of theirs."""
    passkey, *_ = await house.house.store.read(house.people.passkeys.shown, person.signed)
    await house.people.passkeys.remove(person.signed, passkey.id, proof)


DEEDS: list[Deed] = [make_codes, begin_a_passkey, remove_a_passkey]
deeds = pytest.mark.parametrize("deed", DEEDS)


async def by_passkey(house: OpenHouse, person: Guest, authenticator: Authenticator) -> Proof:
    begun = await house.people.proofs.options(person.signed, "prove")
    return Proof(ceremony=begun.ceremony, credential=authenticator.get(begun.options))


async def with_a_passkey(house: OpenHouse) -> tuple[Guest, Authenticator]:
    """The founder, who has a password and two passkeys."""
    founder, authenticator = await house.found(), Authenticator(ORIGIN)
    await add(house, founder, authenticator)
    await add(house, founder, Authenticator(ORIGIN))
    return founder, authenticator


async def ways_in(house: OpenHouse, person: Guest) -> tuple[bool, int, int]:
    me = await house.people.me(person.signed)
    return me.has_password, me.passkeys, me.recovery_codes_left


@deeds
async def test_nothing_is_asked_of_who_signed_in_just_now(house: OpenHouse, deed: Deed) -> None:
    founder, _ = await with_a_passkey(house)
    passes(house, FRESH_MS - MINUTE_MS)
    await deed(house, founder, NO_PROOF)


@deeds
async def test_an_old_session_alone_opens_no_way_in(house: OpenHouse, deed: Deed) -> None:
    founder, _ = await with_a_passkey(house)
    passes(house, FRESH_MS)
    before = await ways_in(house, founder)
    with pytest.raises(ProofNeeded):
        await deed(house, founder, NO_PROOF)
    with pytest.raises(WrongCredentials):
        await deed(house, founder, Proof(password="a thief's guess"))
    # Half of a passkey's answer is none.
    with pytest.raises(ProofNeeded):
        await deed(
            house, founder, Proof(ceremony=(await house.people.proofs.options(founder.signed, "prove")).ceremony)
        )
    assert await ways_in(house, founder) == before


@deeds
async def test_the_password_or_a_passkey_lets_an_old_session_through(house: OpenHouse, deed: Deed) -> None:
    founder, authenticator = await with_a_passkey(house)
    passes(house, 1000 * HOUR_MS)
    proof = await by_passkey(house, founder, authenticator)
    await deed(house, founder, BY_PASSWORD)
    if deed is not remove_a_passkey:
        await deed(house, founder, proof)
        with pytest.raises(PasskeyRefused):
            await deed(house, founder, proof)


async def test_a_passkey_removes_one(house: OpenHouse) -> None:
    founder, authenticator = await with_a_passkey(house)
    passes(house, FRESH_MS)
    await remove_a_passkey(house, founder, await by_passkey(house, founder, authenticator))
    assert await ways_in(house, founder) == (True, 1, 0)


async def test_a_new_passkey_is_finished_with_what_began_it(house: OpenHouse) -> None:
    """The proof is given once, with the options; without it there is no ceremony to finish."""
    founder, authenticator = await with_a_passkey(house)
    passes(house, FRESH_MS)
    begun = await house.people.passkeys.add_options(founder.signed, BY_PASSWORD)
    answer = Authenticator(ORIGIN).create(begun.options)
    await house.people.passkeys.add(founder.signed, AddPasskey(ceremony=begun.ceremony, credential=answer))
    assert (await ways_in(house, founder))[1] == 3

    proof = await house.people.proofs.options(founder.signed, "prove")
    asked = AddPasskey(ceremony=proof.ceremony, credential=authenticator.get(proof.options))
    with pytest.raises(PasskeyRefused):
        await house.people.passkeys.add(founder.signed, asked)


@deeds
async def test_the_proof_of_another_is_none(house: OpenHouse, deed: Deed) -> None:
    founder, authenticator = await with_a_passkey(house)
    theirs = Authenticator(ORIGIN)
    ann = await house.guest(await sign_up(house, "ann", theirs))
    password = ChangePassword(new="the password of ann")
    await house.people.accounts.change_password(ann.signed, password)
    passes(house, FRESH_MS)
    with pytest.raises(WrongCredentials):
        await deed(house, founder, Proof(password="the password of ann"))
    with pytest.raises(PasskeyRefused):
        await deed(house, founder, await by_passkey(house, ann, theirs))
    # A ceremony of the founder's, answered with Ann's passkey.
    begun = await house.people.proofs.options(founder.signed, "prove")
    with pytest.raises(PasskeyRefused):
        await deed(house, founder, Proof(ceremony=begun.ceremony, credential=theirs.get(begun.options)))
    await deed(house, ann, await by_passkey(house, ann, theirs))
    assert (await sign_in(house, authenticator)).person.id == founder.id


async def test_a_yes_to_one_thing_is_none_to_another(house: OpenHouse) -> None:
    founder, authenticator = await with_a_passkey(house)
    passes(house, FRESH_MS)
    for purpose in ("approve", "sign_in"):
        if purpose == "approve":
            begun = await house.people.proofs.options(founder.signed, "approve")
        else:
            begun = await house.people.passkeys.sign_in_options(HERE)
        with pytest.raises(PasskeyRefused):
            await make_codes(
                house, founder, Proof(ceremony=begun.ceremony, credential=authenticator.get(begun.options))
            )
    proof = await by_passkey(house, founder, authenticator)
    assert isinstance(proof.ceremony, str)
    assert isinstance(proof.credential, dict)
    with pytest.raises(PasskeyRefused):
        await house.people.proofs.confirm(founder.signed, "approve", proof.ceremony, proof.credential)


async def test_a_first_password_takes_a_passkey_or_a_fresh_sign_in(house: OpenHouse) -> None:
    await house.found()
    authenticator = Authenticator(ORIGIN)
    ann = await house.guest(await sign_up(house, "ann", authenticator))
    passes(house, FRESH_MS)
    accounts = house.people.accounts
    for asked in (ChangePassword(new=PASSWORD), ChangePassword(new=PASSWORD, current=PASSWORD)):
        with pytest.raises(ProofNeeded):
            await accounts.change_password(ann.signed, asked)
    # A password that the account does not have proves nothing.
    with pytest.raises(ProofNeeded):
        await make_codes(house, ann, BY_PASSWORD)
    assert await ways_in(house, ann) == (False, 1, 0)

    proof = await by_passkey(house, ann, authenticator)
    asked = ChangePassword(new=PASSWORD, ceremony=proof.ceremony, credential=proof.credential)
    await accounts.change_password(ann.signed, asked)
    assert await ways_in(house, ann) == (True, 1, 0)


async def test_a_passkey_does_not_stand_for_the_current_password(house: OpenHouse) -> None:
    founder, authenticator = await with_a_passkey(house)
    proof = await by_passkey(house, founder, authenticator)
    asked = ChangePassword(new="quite another one", ceremony=proof.ceremony, credential=proof.credential)
    with pytest.raises(WrongCredentials):
        await house.people.accounts.change_password(founder.signed, asked)


async def test_who_signs_in_again_needs_no_other_proof(house: OpenHouse) -> None:
    await house.found()
    authenticator = Authenticator(ORIGIN)
    old = await house.guest(await sign_up(house, "ann", authenticator))
    passes(house, HOUR_MS)
    new = await house.guest(await sign_in(house, authenticator))
    await make_codes(house, new, NO_PROOF)
    with pytest.raises(ProofNeeded):
        await make_codes(house, old, NO_PROOF)


@deeds
async def test_a_clock_that_was_set_back_makes_no_session_fresh(house: OpenHouse, deed: Deed) -> None:
    founder, _ = await with_a_passkey(house)
    passes(house, -FRESH_MS - MINUTE_MS)
    with pytest.raises(ProofNeeded):
        await deed(house, founder, NO_PROOF)
    await deed(house, founder, BY_PASSWORD)


async def test_guesses_are_counted_from_all_devices_together(house: OpenHouse) -> None:
    founder = await house.found()
    others = [
        await house.guest(
            await house.people.accounts.sign_in(SignIn(handle="founder", password=PASSWORD), f"at {number}")
        )
        for number in range(3)
    ]
    refused: list[type[Refusal]] = []
    for number in range(20):
        person, deed = [founder, *others][number % 4], [make_codes, begin_a_passkey][number % 2]
        with pytest.raises(Refusal) as refusal:
            await deed(house, person, Proof(password=f"guess number {number}"))
        refused.append(refusal.type)
    # A bucket of ten, and at most a drop that falls in meanwhile.
    assert refused[:10] == [WrongCredentials] * 10
    assert refused.count(RateLimited) >= 9
    with pytest.raises(RateLimited):
        await make_codes(house, founder, BY_PASSWORD)


async def test_who_is_signed_out_proves_nothing(house: OpenHouse) -> None:
    founder = await house.found()
    await house.house.store.write(house.people.sessions.revoke, founder.signed, founder.device)
    for proof in (NO_PROOF, BY_PASSWORD):
        with pytest.raises(Unauthenticated):
            await make_codes(house, founder, proof)
    with pytest.raises(NoPasskey):
        await house.people.proofs.options(founder.signed, "prove")
