"""Signing up and in with a passkey, through the real verification, with an authenticator in software."""

from pathlib import Path
from typing import Any

import pytest

from teahouse.config import Settings
from teahouse.errors import NotFound
from teahouse.people import rules
from teahouse.people.ceremonies import CEREMONIES_MAX, CEREMONY_S, Ceremonies
from teahouse.people.model import (
    AddPasskey,
    ChangePassword,
    NewInvitation,
    PasskeySignIn,
    PasskeySignUp,
    PasskeySignUpOptions,
    SignedIn,
)
from teahouse.people.passkeys import LastWayIn
from teahouse.people.relying_party import PasskeyRefused, RelyingParty
from tests.harness.authenticator import Authenticator, data_of, text
from tests.harness.house import PASSWORD, Guest, OpenHouse

ORIGIN = "http://localhost:8420"
HERE = "somewhere"


async def sign_up(house: OpenHouse, handle: str, authenticator: Authenticator) -> SignedIn:
    house.operator.settings = house.operator.settings.__class__(registration="open")
    passkeys = house.people.passkeys
    begun = await passkeys.sign_up_options(PasskeySignUpOptions(handle=handle, name=handle.title()), HERE)
    answer = authenticator.create(begun.options)
    return await passkeys.sign_up(PasskeySignUp(ceremony=begun.ceremony, credential=answer, device="phone"), HERE)


async def sign_in(house: OpenHouse, authenticator: Authenticator, **changes: Any) -> SignedIn:
    begun = await house.people.passkeys.sign_in_options(HERE)
    answer = authenticator.get(begun.options)
    answer["response"].update(changes)
    return await house.people.passkeys.sign_in(PasskeySignIn(ceremony=begun.ceremony, credential=answer), HERE)


async def add(house: OpenHouse, person: Guest, authenticator: Authenticator) -> str:
    begun = await house.people.passkeys.add_options(person.signed)
    answer = authenticator.create(begun.options)
    asked = AddPasskey(ceremony=begun.ceremony, credential=answer, name="my key")
    return (await house.people.passkeys.add(person.signed, asked)).id


async def test_an_account_with_a_passkey_and_no_password(house: OpenHouse) -> None:
    await house.found()
    authenticator = Authenticator(ORIGIN)
    ann = await house.guest(await sign_up(house, "ann", authenticator))

    again = await sign_in(house, authenticator)

    assert again.person.id == ann.id
    me = await house.people.me(ann.signed)
    assert (me.has_password, me.passkeys) == (False, 1)
    (passkey,) = await house.house.store.read(house.people.passkeys.shown, ann.signed)
    with pytest.raises(LastWayIn):
        await house.people.passkeys.remove(ann.signed, passkey.id)
    await house.people.accounts.change_password(ann.signed, ChangePassword(new=PASSWORD))
    await house.people.passkeys.remove(ann.signed, passkey.id)
    with pytest.raises(PasskeyRefused):
        await sign_in(house, authenticator)


async def test_a_passkey_beside_a_password(house: OpenHouse) -> None:
    founder = await house.found()
    authenticator = Authenticator(ORIGIN)
    passkey = await add(house, founder, authenticator)

    assert (await sign_in(house, authenticator)).person.id == founder.id

    begun = await house.people.passkeys.add_options(founder.signed)
    assert [data_of(each["id"]) for each in begun.options["excludeCredentials"]] == [authenticator.credential]
    with pytest.raises(PasskeyRefused, match="in use"):
        await add(house, founder, authenticator)
    ann = await house.guest(await sign_up(house, "ann", Authenticator(ORIGIN)))
    with pytest.raises(NotFound):
        await house.people.passkeys.remove(ann.signed, passkey)


async def test_what_the_house_asks_of_an_authenticator(house: OpenHouse) -> None:
    founder = await house.found()
    options = (await house.people.passkeys.add_options(founder.signed)).options
    assert options["rp"] == {"name": "Teahouse", "id": "localhost"}
    assert options["user"]["name"] == "founder"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    asked = (await house.people.passkeys.sign_in_options(HERE)).options
    assert asked["userVerification"] == "preferred"
    assert asked["allowCredentials"] == []


async def test_another_site_cannot_use_a_passkey(house: OpenHouse) -> None:
    founder = await house.found()
    authenticator = Authenticator(ORIGIN)
    await add(house, founder, authenticator)
    authenticator.origin = "https://teahouse.example.evil"
    with pytest.raises(PasskeyRefused):
        await sign_in(house, authenticator)


async def test_an_answer_is_good_once_and_for_its_own_challenge(house: OpenHouse) -> None:
    founder = await house.found()
    authenticator = Authenticator(ORIGIN)
    await add(house, founder, authenticator)
    passkeys = house.people.passkeys
    first, second = await passkeys.sign_in_options(HERE), await passkeys.sign_in_options(HERE)
    answer = authenticator.get(first.options)
    with pytest.raises(PasskeyRefused):
        await passkeys.sign_in(PasskeySignIn(ceremony=second.ceremony, credential=answer), HERE)
    assert await passkeys.sign_in(PasskeySignIn(ceremony=first.ceremony, credential=answer), HERE)
    with pytest.raises(PasskeyRefused):
        await passkeys.sign_in(PasskeySignIn(ceremony=first.ceremony, credential=answer), HERE)


async def test_a_copied_key_is_noticed_by_its_count(house: OpenHouse) -> None:
    founder = await house.found()
    authenticator = Authenticator(ORIGIN)
    await add(house, founder, authenticator)
    for _ in range(3):
        await sign_in(house, authenticator)
    authenticator.count = 1
    with pytest.raises(PasskeyRefused, match="sign count"):
        await sign_in(house, authenticator)


async def test_a_passkey_signs_nobody_else_in(house: OpenHouse) -> None:
    founder = await house.found()
    authenticator, other = Authenticator(ORIGIN), Authenticator(ORIGIN)
    await add(house, founder, authenticator)
    ann = await sign_up(house, "ann", other)
    with pytest.raises(PasskeyRefused, match="somebody else"):
        await sign_in(house, authenticator, userHandle=text(ann.person.id.encode()))
    # Ann's credential id, signed with another key.
    authenticator.credential, authenticator.user = other.credential, other.user
    with pytest.raises(PasskeyRefused):
        await sign_in(house, authenticator)


async def test_a_ceremony_belongs_to_who_began_it_and_to_its_purpose(house: OpenHouse) -> None:
    founder = await house.found()
    ann = await house.guest(await sign_up(house, "ann", Authenticator(ORIGIN)))
    passkeys, authenticator = house.people.passkeys, Authenticator(ORIGIN)
    begun = await passkeys.add_options(founder.signed)
    answer = authenticator.create(begun.options)
    with pytest.raises(PasskeyRefused):
        await passkeys.add(ann.signed, AddPasskey(ceremony=begun.ceremony, credential=answer))
    begun = await passkeys.add_options(founder.signed)
    with pytest.raises(PasskeyRefused):
        await passkeys.sign_up(
            PasskeySignUp(ceremony=begun.ceremony, credential=authenticator.create(begun.options)), HERE
        )


async def test_an_invitation_is_used_up_by_a_passkey_sign_up_too(house: OpenHouse) -> None:
    founder = await house.found()
    made = await house.people.invitations.make(founder.signed, NewInvitation(uses=1))
    passkeys, secret = house.people.passkeys, made.url.rpartition("/")[2]
    with pytest.raises(rules.InvitationNeeded):
        await passkeys.sign_up_options(PasskeySignUpOptions(handle="ann", name="Ann"), HERE)
    asked = [PasskeySignUpOptions(handle=handle, name="A", invitation=secret) for handle in ("ann", "bob")]
    ann, bob = [await passkeys.sign_up_options(each, HERE) for each in asked]
    await passkeys.sign_up(
        PasskeySignUp(ceremony=ann.ceremony, credential=Authenticator(ORIGIN).create(ann.options)), HERE
    )
    with pytest.raises(rules.InvitationSpent):
        await passkeys.sign_up(
            PasskeySignUp(ceremony=bob.ceremony, credential=Authenticator(ORIGIN).create(bob.options)), HERE
        )


@pytest.mark.parametrize(
    "damage",
    [
        {"signature": text(b"not a signature")},
        {"authenticatorData": text(b"\xff" * 40)},
        {"authenticatorData": ""},
        {"clientDataJSON": text(b"\xff\xfe{")},
        {"clientDataJSON": 7},
        {"userHandle": ["x"]},
    ],
)
async def test_damaged_answers_are_refused(house: OpenHouse, damage: dict[str, Any]) -> None:
    founder = await house.found()
    authenticator = Authenticator(ORIGIN)
    await add(house, founder, authenticator)
    with pytest.raises(PasskeyRefused):
        await sign_in(house, authenticator, **damage)


@pytest.mark.parametrize("credential", [{}, {"rawId": 7}, {"rawId": "!"}, {"id": "a", "rawId": "YQ", "response": []}])
async def test_answers_that_are_none_are_refused(house: OpenHouse, credential: dict[str, Any]) -> None:
    begun = await house.people.passkeys.sign_in_options(HERE)
    with pytest.raises(PasskeyRefused):
        await house.people.passkeys.sign_in(PasskeySignIn(ceremony=begun.ceremony, credential=credential), HERE)


def test_a_ceremony_ends_after_five_minutes_and_a_flood_drops_the_oldest() -> None:
    now = 0.0
    ceremonies = Ceremonies(lambda: now)
    old = ceremonies.begin("sign_in", b"one")
    now = CEREMONY_S
    with pytest.raises(PasskeyRefused):
        ceremonies.finish(old, "sign_in")
    first, second = ceremonies.begin("sign_in", b"two"), ceremonies.begin("sign_in", b"three")
    for _ in range(CEREMONIES_MAX - 1):
        ceremonies.begin("sign_in", b"flood")
    with pytest.raises(PasskeyRefused):
        ceremonies.finish(first, "sign_in")
    assert ceremonies.finish(second, "sign_in").challenge == b"three"


@pytest.mark.parametrize(
    ("url", "listen", "domain", "origins"),
    [
        ("", "127.0.0.1:8420", "localhost", ["http://127.0.0.1:8420", "http://localhost:8420"]),
        ("http://localhost:9000", "127.0.0.1:9000", "localhost", ["http://localhost:9000", "http://localhost:9000"]),
        ("https://tea.example/", "127.0.0.1:8420", "tea.example", ["https://tea.example"]),
    ],
)
def test_the_house_is_known_by_its_domain(
    tmp_path: Path, url: str, listen: str, domain: str, origins: list[str]
) -> None:
    party = RelyingParty(Settings(data=tmp_path, url=url, listen=listen))
    assert (party.id, party.origins) == (domain, origins)
