"""Real names and who verified them, cashiers, and the log of who looked at one's wallet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from teahouse.app import Built
from teahouse.config import Settings
from teahouse.errors import Forbidden, Malformed, NotFound, Refusal
from teahouse.people.rules import BlankName
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import rules, staff
from teahouse.wallet.guard.model import Look, VerifyPerson, WalletSettings
from teahouse.wallet.purse import Standing
from tests.harness.house import PASSWORD
from tests.wallet.guarding import refusal_of
from tests.wallet.house import PIN, Payer, WalletHouse


async def standing(purse: WalletHouse, payer: Payer) -> Standing:
    """What the store says; what the writer remembers must be the same."""
    stored = await purse.house.store.read(purse.wallet.guard.state_of, payer.id)
    assert await purse.house.store.write(purse.wallet.guard.standing, payer.id) == stored
    return stored


async def cashier(purse: WalletHouse, handle: str = "till") -> Payer:
    till = await purse.person(handle)
    await purse.wallet.guard.make_cashier(purse.operator, till.id)
    return till


async def looks(purse: WalletHouse, payer: Payer) -> list[tuple[str, str]]:
    shown = await purse.wallet.guard.looks(payer.guest.signed)
    return [(look.by.handle, look.what) for look in shown.looks]


# --- one's own settings ---------------------------------------------------------------------------


async def test_a_person_says_their_name_and_how_they_take_money(purse: WalletHouse) -> None:
    ann = await purse.person("ann", pin=False)
    assert await standing(purse, ann) == Standing()
    await ann.does(WalletSettings(accept_at_once=True))
    assert await standing(purse, ann) == Standing(accept_at_once=True)
    await ann.does(WalletSettings(real_name=" Ann \n Lovelace "))
    assert await standing(purse, ann) == Standing(1, "Ann Lovelace", True)
    await ann.does(WalletSettings(real_name="Anne Lovelace", accept_at_once=False))
    assert await standing(purse, ann) == Standing(1, "Anne Lovelace", False)
    assert len(ann.told("wallet.changed")) == 3


async def test_a_name_that_is_none_is_refused(purse: WalletHouse) -> None:
    ann = await purse.person("ann", pin=False)
    for name, refusal in (("\u200b\u200b", BlankName), ("A\u202e", Malformed), (" A ", Malformed)):
        with pytest.raises(refusal):
            await ann.does(WalletSettings(real_name=name))
    with pytest.raises(Malformed):
        await ann.does(WalletSettings())
    assert await standing(purse, ann) == Standing()


# --- verified by a cashier ------------------------------------------------------------------------


async def test_a_cashier_verifies_a_name_and_the_person_knows(purse: WalletHouse) -> None:
    ann, till = await purse.person("ann"), await cashier(purse)
    told = len(ann.told("wallet.changed"))
    await till.does(VerifyPerson(person=ann.id, level=2, real_name="Ann Lovelace"))
    assert await standing(purse, ann) == Standing(2, "Ann Lovelace", has_pin=True)
    assert (await standing(purse, ann)).verified
    assert len(ann.told("wallet.changed")) > told
    assert await looks(purse, ann) == [("till", "verification")]
    with pytest.raises(rules.AlreadyVerified):
        await ann.does(WalletSettings(real_name="Ada Lovelace"))
    await ann.does(WalletSettings(accept_at_once=True))
    assert (await standing(purse, ann)).real_name == "Ann Lovelace"


async def test_a_verification_is_taken_back(purse: WalletHouse) -> None:
    ann, till = await purse.person("ann"), await cashier(purse)
    await ann.does(WalletSettings(real_name="Ann Lovelace"))
    await till.does(VerifyPerson(person=ann.id, level=2))  # the name that she gave is right
    await till.does(VerifyPerson(person=ann.id, level=1))
    assert await standing(purse, ann) == Standing(1, "Ann Lovelace", has_pin=True)
    await ann.does(WalletSettings(real_name="Ada Lovelace"))
    await till.does(VerifyPerson(person=ann.id, level=0))
    assert await standing(purse, ann) == Standing(has_pin=True)
    assert await looks(purse, ann) == [("till", "verification")] * 3


async def test_who_may_not_verify(purse: WalletHouse) -> None:
    ann, till = await purse.person("ann"), await cashier(purse)
    asked = VerifyPerson(person=ann.id, level=2, real_name="Ann Lovelace")
    with pytest.raises(rules.NotACashier):
        await ann.does(asked)
    with pytest.raises(rules.NotACashier):
        await purse.house.execute(purse.operator, asked)  # operators are no cashiers by themselves
    with pytest.raises(rules.OwnWallet):
        await till.does(VerifyPerson(person=till.id, level=2, real_name="Till Eulenspiegel"))
    with pytest.raises(NotFound):
        await till.does(VerifyPerson(person="0" * 16, level=2, real_name="Nobody Atall"))
    with pytest.raises(Malformed):
        await till.does(VerifyPerson(person=ann.id, level=2))
    assert await standing(purse, ann) == Standing(has_pin=True)
    assert await looks(purse, ann) == []


async def test_a_verification_that_is_rolled_back_is_forgotten(purse: WalletHouse) -> None:
    ann, till = await purse.person("ann"), await cashier(purse)
    verify = VerifyPerson(person=ann.id, level=2, real_name="Ann Lovelace")

    def fails(tx: Tx) -> None:
        purse.wallet.guard._standings.verify(tx, till.guest.signed, verify)
        assert purse.wallet.guard.standing(tx, ann.id).verified
        raise Refusal()

    assert await refusal_of(purse.house.store.write(fails))
    assert await standing(purse, ann) == Standing(has_pin=True)
    assert await looks(purse, ann) == []


# --- cashiers -------------------------------------------------------------------------------------


async def test_operators_make_and_unmake_cashiers(purse: WalletHouse) -> None:
    guard = purse.wallet.guard
    ann, bob = await purse.people("ann", "bob")
    await guard.make_cashier(purse.operator, bob.id)
    await guard.make_cashier(purse.operator, ann.id)
    shown = await guard.make_cashier(purse.operator, bob.id)  # again: nothing new
    assert [each.handle for each in shown.people] == ["bob", "ann"]
    assert await guard.cashiers(purse.operator) == shown
    assert await purse.house.store.read(guard.is_cashier, ann.id)
    assert not await purse.house.store.read(guard.is_cashier, purse.operator.person)

    shown = await guard.unmake_cashier(purse.operator, ann.id)

    assert [each.handle for each in shown.people] == ["bob"]
    assert await guard.unmake_cashier(purse.operator, ann.id) == shown
    with pytest.raises(rules.NotACashier):
        await ann.does(VerifyPerson(person=bob.id, level=1, real_name="Bob Babbage"))
    with pytest.raises(NotFound):
        await guard.make_cashier(purse.operator, "0" * 16)


async def test_only_operators_do(purse: WalletHouse) -> None:
    guard, till = purse.wallet.guard, await cashier(purse)
    signed = till.guest.signed
    for asked in (guard.cashiers(signed), guard.make_cashier(signed, till.id), guard.unmake_cashier(signed, till.id)):
        with pytest.raises(Forbidden):
            await asked
    assert [each.handle for each in (await guard.cashiers(purse.operator)).people] == ["till"]


async def test_there_are_not_endlessly_many_cashiers(purse: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "CASHIERS_MAX", 1)
    ann, _ = await purse.person("ann"), await cashier(purse)
    with pytest.raises(rules.TooManyCashiers):
        await purse.wallet.guard.make_cashier(purse.operator, ann.id)


# --- looks ----------------------------------------------------------------------------------------


async def test_a_person_reads_who_looked_at_their_wallet(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    guard, founder = purse.wallet.guard, purse.operator.person
    told = len(ann.told("wallet.changed"))
    for who, what in ((bob.id, "balance"), (founder, "history"), (ann.id, "statement")):
        await purse.house.store.write(guard.note_look, ann.id, who, what)
    assert await looks(purse, ann) == [("founder", "history"), ("bob", "balance")]  # one's own look is none
    assert await looks(purse, bob) == []
    assert len(ann.told("wallet.changed")) == told + 2
    (newest, *_) = (await guard.looks(ann.guest.signed)).looks
    assert isinstance(newest, Look)
    assert abs(newest.at - purse.house.store.writer.clock()) < 60_000


async def test_the_newest_two_hundred_looks_are_shown(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")

    def look(tx: Tx) -> None:
        for number in range(250):
            purse.wallet.guard.note_look(tx, ann.id, bob.id, f"look {number}")

    await purse.house.store.write(look)
    assert [what for _, what in await looks(purse, ann)] == [f"look {number}" for number in range(249, 49, -1)]


# --- by HTTP --------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Any]:
    built = Built(Settings(data=tmp_path, registration="open"))
    async with built.running():
        transport = httpx.ASGITransport(app=built.asgi())

        async def sign_up(handle: str) -> tuple[str, httpx.AsyncClient]:
            secret = {} if handle != "founder" else {"invitation": str(await built.people.first_link())[-43:]}
            base = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420/api/v1")
            asked = {"handle": handle, "name": handle, "password": PASSWORD, **secret}
            answer = (await base.post("/people", json=asked)).json()
            base.headers["Authorization"] = f"Bearer {answer['token']}"
            base.cookies.clear()
            return answer["person"]["id"], base

        yield sign_up


async def test_the_guard_at_the_door(door: Any) -> None:
    founder, operator = await door("founder")
    ann, phone = await door("ann")
    euros = {"amount": 500, "currency": "EUR"}

    refused = await phone.post("/wallet/approvals", json={"amount": euros, "pin": PIN})
    assert (refused.status_code, refused.json()["code"]) == (409, "pin_missing")
    refused = await phone.put("/wallet/pin", json={"pin": "111111", "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (400, "pin_too_easy")
    assert (await phone.put("/wallet/pin", json={"pin": PIN, "password": PASSWORD})).status_code == 204
    approved = await phone.post("/wallet/approvals", json={"amount": euros, "pin": PIN})
    assert approved.status_code == 201
    assert len(approved.json()["approval"]) == 43
    refused = await phone.post("/wallet/approvals", json={"amount": euros, "pin": "739164"})
    assert (refused.status_code, refused.json()["code"], refused.json()["fields"]) == (403, "wrong_pin", {"left": 4})
    refused = await phone.post("/wallet/approvals/passkey")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_passkey")

    assert (await phone.put(f"/wallet/cashiers/{ann}")).status_code == 403
    assert (await phone.get("/wallet/cashiers")).status_code == 403
    shown = (await operator.put(f"/wallet/cashiers/{ann}")).json()
    assert [each["id"] for each in shown["people"]] == [ann]
    asked = {"level": 2, "real_name": "Founder Herself"}
    assert (await phone.post(f"/wallet/people/{founder}/verification", json=asked)).status_code == 200
    (look,) = (await operator.get("/wallet/looks")).json()["looks"]
    assert (look["by"]["id"], look["what"]) == (ann, "verification")
    assert (await operator.delete(f"/wallet/cashiers/{ann}")).json() == {"people": []}

    shown = (await phone.get("/wallet/limits")).json()
    assert [each["level"] for each in shown] == [0, 1, 2]
    for each in shown:
        each["payment_max"] = 1
    assert (await phone.put("/wallet/limits", json={"limits": shown})).status_code == 403
    assert (await operator.put("/wallet/limits", json={"limits": shown})).json() == shown
    assert (await phone.patch("/wallet", json={"accept_at_once": True})).status_code == 200
