"""How people come into a house: by the first link, by invitation, or through an open door; and back in."""

import asyncio
import sqlite3
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from teahouse import clock
from teahouse.errors import RateLimited, Refusal, Unauthenticated
from teahouse.operator.model import ChangeHouse
from teahouse.people import rules, store
from teahouse.people.model import NewInvitation, SignIn, SignUp
from tests.harness.house import PASSWORD, Guest, OpenHouse, open_house


async def invitation(house: OpenHouse, by: Guest, uses: int = 1) -> str:
    made = await house.people.invitations.make(by.signed, NewInvitation(uses=uses))
    return made.url.rpartition("/i/")[2]


async def sign_in(house: OpenHouse, handle: str, password: str, address: str = "somewhere") -> Guest:
    asked = SignIn(handle=handle, password=password, device="phone")
    return await house.guest(await house.people.accounts.sign_in(asked, address))


async def test_the_first_link_makes_one_operator_and_no_more(house: OpenHouse) -> None:
    void = await house.people.first_link()
    link = await house.people.first_link()
    assert void
    assert link
    assert link.startswith(house.house.settings.public_url + "/i/")
    with pytest.raises(rules.InvitationSpent):
        await house.sign_up("early", invitation=void.rpartition("/")[2])

    founder = await house.sign_up("founder", invitation=link.rpartition("/")[2])

    assert founder.signed.is_operator
    assert await house.people.first_link() is None
    with pytest.raises(rules.InvitationSpent):
        await house.sign_up("second", invitation=link.rpartition("/")[2])


async def test_a_house_by_invitation_lets_nobody_in_without_one(house: OpenHouse) -> None:
    founder = await house.found()
    with pytest.raises(rules.InvitationNeeded):
        await house.sign_up("stranger")
    with pytest.raises(rules.InvitationSpent):
        await house.sign_up("stranger", invitation="no such secret")

    guest = await house.sign_up("guest", invitation=await invitation(house, founder))

    assert not guest.signed.is_operator


async def test_who_was_invited_and_who_invited_are_contacts(house: OpenHouse) -> None:
    founder = await house.found()
    guest = await house.sign_up("guest", invitation=await invitation(house, founder))

    theirs = await house.house.store.read(house.people.book.shown, guest.signed)
    own = await house.house.store.read(house.people.book.shown, founder.signed)

    assert [each.person.handle for each in theirs.contacts] == ["founder"]
    assert [each.person.handle for each in own.contacts] == ["guest"]
    assert founder.told("contact.changed")[0]["contact"]["person"]["handle"] == "guest"


async def test_many_come_at_once_and_only_as_many_as_were_invited_get_in(house: OpenHouse) -> None:
    founder = await house.found()
    secret = await invitation(house, founder, uses=2)

    comers = [house.sign_up(f"guest_{number}", invitation=secret) for number in range(5)]
    outcomes = await asyncio.gather(*comers, return_exceptions=True)

    assert sum(isinstance(each, Guest) for each in outcomes) == 2
    assert sum(isinstance(each, rules.InvitationSpent) for each in outcomes) == 3
    shown = await house.house.store.read(house.people.invitations.shown, founder.signed)
    assert [(each.uses, each.used) for each in shown] == [(2, 2)]


async def test_an_open_house_takes_everybody_and_a_closed_one_nobody(house: OpenHouse) -> None:
    founder = await house.found()
    secret = await invitation(house, founder)
    await house.operator.change(founder.signed, ChangeHouse(registration="open"))
    assert await house.sign_up("passer_by")

    await house.operator.change(founder.signed, ChangeHouse(registration="closed"))

    with pytest.raises(rules.RegistrationClosed):
        await house.sign_up("late", invitation=secret)
    with pytest.raises(rules.RegistrationClosed):
        await house.people.invitations.make(founder.signed, NewInvitation())


async def test_the_first_link_opens_a_closed_house(house: OpenHouse) -> None:
    await house.house.store.write(lambda tx: None)
    link = await house.people.first_link()
    assert link
    house.operator.settings = house.operator.settings.__class__(registration="closed")
    assert (await house.sign_up("founder", invitation=link.rpartition("/")[2])).signed.is_operator


async def test_a_handle_belongs_to_one_person_even_when_two_ask_at_once(house: OpenHouse) -> None:
    founder = await house.found()
    secret = await invitation(house, founder, uses=5)

    outcomes = await asyncio.gather(
        *[house.sign_up("same", invitation=secret, address=f"place {number}") for number in range(3)],
        return_exceptions=True,
    )

    assert sum(isinstance(each, Guest) for each in outcomes) == 1
    assert sum(isinstance(each, rules.HandleTaken) for each in outcomes) == 2
    card = await house.house.store.read(house.people.invitations.shown, founder.signed)
    assert card[0].used == 1


async def test_an_invitation_that_is_revoked_or_over_does_not_work(house: OpenHouse) -> None:
    founder = await house.found()
    made = await house.people.invitations.make(founder.signed, NewInvitation(note="for\x00 the   choir"))
    secret = made.url.rpartition("/")[2]
    card = await house.house.store.read(house.people.invitations.card, secret)
    assert (card.inviter and card.inviter.handle, card.operator) == ("founder", False)
    assert made.note == "for the choir"

    await house.house.store.write(house.people.invitations.revoke, founder.signed, made.id)

    with pytest.raises(rules.InvitationSpent):
        await house.house.store.read(house.people.invitations.card, secret)
    with pytest.raises(rules.InvitationSpent):
        await house.sign_up("late", invitation=secret)


async def test_an_invitation_ends_in_time_and_is_forgotten_later(house: OpenHouse) -> None:
    founder = await house.found()
    now = clock.now_ms()
    house.house.store.writer.clock = lambda: now - 2 * clock.HOUR_MS
    secret = (await house.people.invitations.make(founder.signed, NewInvitation(hours=1))).url.rpartition("/")[2]
    house.house.store.writer.clock = lambda: now
    with pytest.raises(rules.InvitationSpent):
        await house.house.store.read(house.people.invitations.card, secret)
    with pytest.raises(rules.InvitationSpent):
        await house.sign_up("late", invitation=secret)
    assert len(await house.house.store.read(house.people.invitations.shown, founder.signed)) == 1

    house.house.store.writer.clock = lambda: now + 40 * clock.DAY_MS
    await house.people.invitations.make(founder.signed, NewInvitation(note="the next"))

    (left,) = await house.house.store.read(house.people.invitations.shown, founder.signed)
    assert left.note == "the next"


async def test_only_operators_invite_crowds_and_see_what_others_invite(house: OpenHouse) -> None:
    founder = await house.found()
    guest = await house.sign_up("guest", invitation=await invitation(house, founder))
    made = await house.people.invitations.make(guest.signed, NewInvitation(uses=3))
    with pytest.raises(Refusal, match="Only operators"):
        await house.people.invitations.make(guest.signed, NewInvitation(uses=101))

    read, shown = house.house.store.read, house.people.invitations.shown
    assert [each.id for each in await read(shown, guest.signed)] == [made.id]
    assert {each.inviter for each in await read(shown, founder.signed)} == {guest.id, founder.id}
    assert all(not each.url for each in await read(shown, founder.signed))


async def test_signing_in_needs_the_right_password_and_says_nothing_else(house: OpenHouse) -> None:
    await house.found("founder")
    again = await sign_in(house, "founder", PASSWORD)
    assert again.handle == "founder"

    with pytest.raises(rules.WrongCredentials) as wrong:
        await sign_in(house, "founder", "not my password")
    with pytest.raises(rules.WrongCredentials) as unknown:
        await sign_in(house, "nobody_here", PASSWORD)
    assert wrong.value.problem() == unknown.value.problem()


async def test_guessing_is_slowed_from_everywhere_but_not_for_the_person_at_home(house: OpenHouse) -> None:
    founder = await house.found("founder")
    home = f"address of {founder.handle}"
    for number in range(10):
        with pytest.raises(rules.WrongCredentials):
            await sign_in(house, "founder", f"guess number {number}", address=f"bot {number}")
    with pytest.raises(RateLimited) as slowed:
        await sign_in(house, "founder", "one guess more", address="bot 10")
    assert slowed.value.fields["retry_after_ms"] > 0
    # Even the right password does not help a guesser now …
    with pytest.raises(RateLimited):
        await sign_in(house, "founder", PASSWORD, address="bot 99")
    # … but the person is not locked out where they have a device.
    assert await sign_in(house, "founder", PASSWORD, address=home)


async def test_one_address_may_not_try_without_end(tmp_path: Path) -> None:
    async with open_house(tmp_path, rate_sign_in=0.01) as house:
        for number in range(20):
            with pytest.raises(rules.WrongCredentials):
                await sign_in(house, f"person_{number}", "some password", address="one address")
        with pytest.raises(RateLimited):
            await sign_in(house, "yet_another", "some password", address="one address")


async def test_secrets_are_nowhere_in_the_store(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        founder = await house.found()
        secret = await invitation(house, founder)
        link = await house.people.book.make_link(founder.signed)
        codes = await house.people.accounts.make_recovery_codes(founder.signed)
    kept = "\n".join(sqlite3.connect(tmp_path / "teahouse.db").iterdump())
    hexed = kept.lower()
    for each in (PASSWORD, founder.token, secret, link.url.rpartition("/")[2], *codes.codes):
        assert each not in kept
        assert each.encode().hex() not in hexed
    assert "$argon2id$" in kept


async def test_names_are_cleaned_and_blank_ones_refused(house: OpenHouse) -> None:
    founder = await house.found()
    secret = await invitation(house, founder, uses=2)
    asked = SignUp(handle="spaced", name="  Ann\x00\u202e \t Lee ", password=PASSWORD, invitation=secret)
    signed_in = await house.people.accounts.sign_up(asked, "somewhere")
    assert signed_in.person.name == "Ann Lee"
    blank = SignUp(handle="blank", name="\u202e ", password=PASSWORD, invitation=secret)
    with pytest.raises(rules.BlankName):
        await house.people.accounts.sign_up(blank, "somewhere")


async def test_a_password_that_was_hashed_with_less_care_is_hashed_again(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.found("founder")
    today = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1)
    for _ in range(2):
        async with open_house(tmp_path, today) as house:
            founder = await sign_in(house, "founder", PASSWORD)
            row = await house.house.store.read(partial(store.account, identifier=founder.id))
            assert row
            assert row.password.startswith("$argon2id$v=19$m=128,t=2,p=1$")


async def test_a_made_up_token_is_nobody(house: OpenHouse) -> None:
    for token in ("", "x", "x" * 1000):
        with pytest.raises(Unauthenticated):
            await house.house.authenticate(token)
