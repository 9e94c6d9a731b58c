"""API keys: a program acts as the merchant, as a manager does, and has no way to more."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from teahouse import ids, programs
from teahouse.chat.model import CreateChat
from teahouse.errors import NotFound, Unauthenticated
from teahouse.http.routes import TWINS
from teahouse.merchants.accounts import rules
from teahouse.merchants.accounts.model import AddCounter, ApiKeyMade, MakeApiKey, SetStaff
from teahouse.people.model import ChangePassword, RequestContact, SignIn
from teahouse.people.rules import ServiceAccount, WrongCredentials
from teahouse.programs import PeopleOnly
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import SetPin
from teahouse.wallet.purse import NoMember
from tests.harness.people import Neighbours
from tests.harness.server import Server
from tests.merchants.house import MarketHouse, open_market
from tests.wallet.house import Payer


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path) as opened:
        yield opened


async def makes_key(market: MarketHouse, owner: Payer, merchant: str, name: str = "Till software") -> ApiKeyMade:
    return await market.merchants.accounts.make_key(owner.guest.signed, merchant, MakeApiKey(name=name))


async def test_a_key_signs_a_program_in_as_the_merchant_until_it_is_revoked(market: MarketHouse) -> None:
    accounts = market.merchants.accounts
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    made = await makes_key(market, ada, merchant)
    program = await market.house.authenticate(made.token)
    assert (program.person, program.device, program.is_service) == (merchant, made.key.id, True)
    (mine,) = await accounts.mine(program)
    assert (mine.merchant.person.id, mine.role) == (merchant, "manager")
    added = await market.house.execute(program, AddCounter(merchant=merchant, name="Web"))
    assert added.counter.name == "Web"

    # What is the owner's it may not do, nor what is another's.
    for asked in (accounts.keys(program, merchant), accounts.make_key(program, merchant, MakeApiKey(name="Mine"))):
        with pytest.raises(rules.NotYourRole):
            await asked
    other = (await market.shop(ben, "florist", "Florist")).merchant.person.id
    with pytest.raises(rules.NoSuchMerchant):
        await accounts.shop(program, other)
    with pytest.raises(rules.NoSuchMerchant):
        await market.house.execute(program, AddCounter(merchant=other, name="Web"))

    assert [key.name for key in await accounts.keys(ada.guest.signed, merchant)] == ["Till software"]
    with pytest.raises(NotFound):
        await accounts.revoke_key(ada.guest.signed, merchant, ids.new_id())
    await accounts.revoke_key(ada.guest.signed, merchant, made.key.id)
    with pytest.raises(Unauthenticated):
        await market.house.authenticate(made.token)
    assert (made.key.id, "revoked") in market.tea.opened.ended, "its live connection ends too"


async def test_keys_are_owners_alone_and_have_a_bound(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    await ada.does(SetStaff(merchant=merchant, person=ben.id, role="manager"))
    with pytest.raises(rules.NotYourRole):
        await makes_key(market, ben, merchant)
    first = await makes_key(market, ada, merchant)
    for number in range(rules.KEYS_MAX - 1):
        await makes_key(market, ada, merchant, f"Program {number}")
    with pytest.raises(rules.TooManyKeys):
        await makes_key(market, ada, merchant)
    assert (await market.house.authenticate(first.token)).person == merchant, "no key was pushed out by another"


async def test_who_holds_a_key_makes_no_other_way_in_and_no_pin(market: MarketHouse) -> None:
    """Also where the door did not stop it: signing in just now is a proof for people, not for a key."""
    ada = await market.person("ada")
    merchant = (await market.shop(ada)).merchant.person.id
    program = await market.house.authenticate((await makes_key(market, ada, merchant)).token)
    people = market.tea.opened.people
    for asked in (
        people.accounts.change_password(program, ChangePassword(new="a password of theirs")),
        people.accounts.make_recovery_codes(program),
        people.passkeys.add_options(program),
        market.wallet.guard.set_pin(program, SetPin(pin="482915")),
    ):
        with pytest.raises(PeopleOnly):
            await asked
    assert (await people.me(program)).has_password is False
    with pytest.raises(WrongCredentials):
        await people.accounts.sign_in(SignIn(handle="bakery", password="anything at all", device=""), "somewhere")


async def test_a_service_account_is_nobodys_contact_and_has_no_wallet(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    for way in ({"person": merchant}, {"handle": "bakery"}):
        with pytest.raises(ServiceAccount):
            await ben.does(RequestContact(**way))
    program = await market.house.authenticate((await makes_key(market, ada, merchant)).token)
    for command in (RequestContact(person=ben.id), CreateChat(kind="group", nonce="n", name="Ours", people=())):
        with pytest.raises(PeopleOnly):
            await market.house.execute(program, command)

    def opens_wallet(tx: Tx) -> None:
        market.wallet.purse.account(tx, merchant, "EUR")

    with pytest.raises(NoMember):
        await market.house.store.write(opens_wallet)


def test_no_command_that_spends_or_needs_an_owner_is_open_to_programs() -> None:
    commands = {str(command.__struct_config__.tag): command for _, command, _, _ in TWINS}
    assert commands.keys() >= programs.COMMANDS, "each listed one exists"
    for tag in programs.COMMANDS:
        assert "approval" not in commands[tag].__struct_fields__, tag
    owners = {"merchant.open", "merchant.update", "merchant.staff.set", "merchant.staff.remove", "merchant.take_out"}
    assert owners <= commands.keys()
    for tag in (*owners, "merchant.judge", "coupon.claim", "message.send", "a command of tomorrow"):
        with pytest.raises(PeopleOnly):
            programs.may_command(tag)


@pytest.mark.parametrize(
    ("method", "path", "is_open"),
    [
        ("GET", "/merchants/abc/orders", True),
        ("POST", "/merchants/abc/orders", True),
        ("GET", "/merchants", True),
        ("PUT", "/campaigns/abc/picture", True),
        ("GET", "/me", True),
        ("DELETE", "/sessions/current", True),
        ("POST", "/me/password", False),
        ("GET", "/me/devices", False),
        ("DELETE", "/me/devices/abc", False),
        ("POST", "/me", False),
        ("POST", "/invitations", False),
        ("GET", "/merchantsandmore", False),
        ("GET", "/wallet", False),
        ("PUT", "/wallet/pin", False),
        ("POST", "/media", False),
    ],
)
def test_what_a_program_may_ask_for(method: str, path: str, is_open: bool) -> None:
    try:
        programs.may_ask(method, path)
    except PeopleOnly:
        assert not is_open
    else:
        assert is_open


async def test_through_the_doors(server: Server) -> None:
    async with Neighbours(server) as house:
        ann = await house.join("ann")
        asked = {"key": ids.new_id(), "handle": "bakery", "name": "The Bakery", "category": "food"}
        made = await ann.http("POST", "/merchants", json=asked)
        merchant = made["shop"]["merchant"]["person"]["id"]
        key = await ann.http("POST", f"/merchants/{merchant}/keys", json={"name": "Till software"})
        async with httpx.AsyncClient(
            base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {key['token']}"}
        ) as program:
            assert (await program.get("/me")).json()["person"]["handle"] == "bakery"
            shop = (await program.get(f"/merchants/{merchant}/shop")).json()
            assert shop["role"] == "manager"
            counter = await program.post(f"/merchants/{merchant}/counters", json={"name": "Web"})
            assert counter.status_code == 201
            for method, path, body in (
                ("POST", "/me/password", {"new": "a password of theirs"}),
                ("POST", "/me/recovery-codes", None),
                ("POST", "/me/passkeys/options", {}),
                ("PUT", "/wallet/pin", {"pin": "482915"}),
                ("PATCH", "/me", {"name": "Another"}),
                ("POST", "/contacts/requests", {"handle": "ann"}),
                ("GET", "/contacts", None),
                ("POST", "/merchants", {**asked, "key": ids.new_id(), "handle": "second"}),
            ):
                answer = await program.request(method, path, json=body)
                assert (answer.status_code, answer.json()["code"]) == (403, "people_only"), (method, path)
