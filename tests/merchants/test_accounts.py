"""Merchants: how they come to be, who works for them, where they sell."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.errors import Malformed
from teahouse.merchants.accounts import rules
from teahouse.merchants.accounts.model import (
    AddCounter,
    Counter,
    JudgeMerchant,
    MerchantOpened,
    OpenMerchant,
    RemoveCounter,
    RemoveStaff,
    Role,
    SetDefaultTariff,
    SetStaff,
    Tariff,
    UpdateCounter,
    UpdateMerchant,
)
from teahouse.people.model import Block
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.payments import emv
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.wallet.house import Payer, new_key


@pytest.fixture
async def market(store_url: str, tmp_path: Path) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path, store=store_url) as opened:
        yield opened


async def opens(owner: Payer, handle: str = "bakery", *, key: str = "", name: str = "The Bakery") -> str:
    made: MerchantOpened = await owner.does(
        OpenMerchant(key=key or new_key(), handle=handle, name=name, category="food", about="Bread and tea")
    )
    return made.shop.merchant.person.id


async def adds_counter(by: Payer, merchant: str, name: str = "Till") -> Counter:
    added = await by.does(AddCounter(merchant=merchant, name=name))
    counter: Counter = added.counter
    return counter


async def sells(market: MarketHouse, merchant: str) -> bool:
    try:
        await market.house.store.read(market.merchants.accounts.must_be_open, merchant)
    except rules.MerchantClosed:
        return False
    return True


# --- opening ---


async def test_a_merchant_waits_for_an_operator_who_lets_it_sell_by_a_tariff(market: MarketHouse) -> None:
    ada, eve = await market.person("ada"), await market.person("eve")
    key = new_key()
    merchant = await opens(ada, key=key)
    assert await opens(ada, key=key) == merchant, "a repeat after a cut answers with the same"
    with pytest.raises(KeyReused):
        await opens(ada, key=key, name="Another")
    assert not await sells(market, merchant)
    rows = (await market.merchants.accounts.all(market.operator)).merchants
    assert [(row.merchant.state, row.owner.handle) for row in rows] == [("waiting", "ada")]

    with pytest.raises(rules.OperatorsOnly):
        await ada.does(JudgeMerchant(merchant=merchant, state="open"))
    with pytest.raises(rules.OperatorsOnly):
        await market.merchants.accounts.all(ada.guest.signed)
    await market.house.execute(
        market.operator, JudgeMerchant(merchant=merchant, state="open", tariff=Tariff(share=150, fixed=10))
    )
    assert await sells(market, merchant)
    assert ada.told("merchant.changed")[-1] == {"type": "merchant.changed", "merchant": merchant}
    shop = await market.merchants.accounts.shop(ada.guest.signed, merchant)
    assert (shop.role, shop.currency, shop.tariff) == ("owner", "EUR", Tariff(150, 10))
    seen = await market.merchants.accounts.merchant(eve.guest.signed, merchant)
    assert (seen.person.name, seen.person.service, seen.about) == ("The Bakery", True, "Bread and tea")
    with pytest.raises(rules.NoSuchMerchant):
        await market.merchants.accounts.shop(eve.guest.signed, merchant)

    await market.house.execute(market.operator, JudgeMerchant(merchant=merchant, state="suspended"))
    assert not await sells(market, merchant)


async def test_an_operators_own_shop_is_open_at_once_by_the_default_tariff(tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        accounts = market.merchants.accounts
        ada = await market.person("ada")
        with pytest.raises(rules.OperatorsOnly):
            await accounts.set_default_tariff(ada.guest.signed, SetDefaultTariff(tariff=Tariff(1, 1)))
        told = await accounts.set_default_tariff(market.operator, SetDefaultTariff(tariff=Tariff(60, 5)))
        assert told.default == Tariff(60, 5)
        command = OpenMerchant(key=new_key(), handle="canteen", name="Canteen", category="food")
        made: MerchantOpened = await market.house.execute(market.operator, command)
        assert made.shop.merchant.state == "open"
        assert made.shop.tariff == Tariff(60, 5)
        # What was opened keeps its tariff.
        await accounts.set_default_tariff(market.operator, SetDefaultTariff(tariff=Tariff(90, 0)))
        assert await market.house.store.read(accounts.tariff, made.shop.merchant.person.id) == Tariff(60, 5)


async def test_nobody_takes_handles_by_the_dozen(tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        ada = await market.person("ada")
        for number in range(rules.WAITING_MAX):
            await opens(ada, f"shop_{number}")
        with pytest.raises(rules.TooManyMerchants):
            await opens(ada, "one_more")
        await market.lets_in((await market.merchants.accounts.mine(ada.guest.signed))[0].merchant.person.id)
        await opens(ada, "one_more")


async def test_its_owner_changes_its_face(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    await ada.does(SetStaff(merchant=merchant, person=ben.id, role="manager"))
    counter = await adds_counter(ada, merchant)
    assert emv.parse(counter.qr)["59"] == "The Bakery"
    with pytest.raises(rules.NotYourRole):
        await ben.does(UpdateMerchant(merchant=merchant, name="Ben's"))
    with pytest.raises(Malformed):
        await ada.does(UpdateMerchant(merchant=merchant))
    await ada.does(UpdateMerchant(merchant=merchant, name="Ada's Bakery", category="groceries", about="All day"))
    shop = await market.merchants.accounts.shop(ben.guest.signed, merchant)
    assert (shop.merchant.person.name, shop.merchant.category, shop.merchant.about) == (
        "Ada's Bakery",
        "groceries",
        "All day",
    )
    assert emv.parse(shop.counters[0].qr)["59"] == "Ada's Bakery"


# --- staff ---


async def test_each_role_may_do_its_own(market: MarketHouse) -> None:
    ada, ben, cem, eve = await market.people("ada", "ben", "cem", "eve")
    merchant = (await market.shop(ada)).merchant.person.id
    await ada.does(SetStaff(merchant=merchant, person=ben.id, role="manager"))
    await ada.does(SetStaff(merchant=merchant, person=cem.id, role="cashier"))

    async def role(person: Payer, least: Role) -> str:
        accounts = market.merchants.accounts
        try:
            return await market.house.store.write(
                lambda tx: accounts.must_be_staff(tx.connection, person.guest.signed, merchant, least)
            )
        except (rules.NotYourRole, rules.NoSuchMerchant) as refusal:
            return refusal.code

    table = {person.guest.handle: [await role(person, least) for least in rules._RANK] for person in (ada, ben, cem)}
    assert table == {
        "ada": ["owner", "owner", "owner"],
        "ben": ["manager", "manager", "not_your_role"],
        "cem": ["cashier", "not_your_role", "not_your_role"],
    }
    assert await role(eve, "cashier") == "no_such_merchant"
    assert [each.person.handle for each in (await shop_of(market, cem, merchant)).staff] == ["ada", "ben", "cem"]
    assert set(await market.house.store.read(market.merchants.accounts.staff_ids, merchant)) == {
        ada.id,
        ben.id,
        cem.id,
        merchant,
    }
    for command in (
        SetStaff(merchant=merchant, person=ben.id, role="owner"),
        RemoveStaff(merchant=merchant, person=cem.id),
    ):
        with pytest.raises(rules.NotYourRole):
            await ben.does(command)
    with pytest.raises(rules.NotYourRole):
        await adds_counter(cem, merchant)


async def shop_of(market: MarketHouse, person: Payer, merchant: str) -> Any:
    return await market.merchants.accounts.shop(person.guest.signed, merchant)


async def test_the_last_owner_stays_until_another_is_one(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    with pytest.raises(rules.LastOwner):
        await ada.does(RemoveStaff(merchant=merchant, person=ada.id))
    with pytest.raises(rules.LastOwner):
        await ada.does(SetStaff(merchant=merchant, person=ada.id, role="manager"))
    await ada.does(SetStaff(merchant=merchant, person=ben.id, role="owner"))
    await ada.does(RemoveStaff(merchant=merchant, person=ada.id))
    assert ada.told("merchant.changed")[-1]["merchant"] == merchant, "who left hears of it"
    assert await market.merchants.accounts.mine(ada.guest.signed) == ()
    (mine,) = await market.merchants.accounts.mine(ben.guest.signed)
    assert (mine.merchant.person.id, mine.role) == (merchant, "owner")


async def test_who_cannot_become_staff(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    bakery = (await market.shop(ada)).merchant.person.id
    other = await opens(ada, "florist")
    await ben.does(Block(person=ada.id))
    for nobody in (other, ben.id, "0" * 16):
        with pytest.raises(rules.NoStaffToBe):
            await ada.does(SetStaff(merchant=bakery, person=nobody, role="cashier"))
    with pytest.raises(rules.NotStaff):
        await ada.does(RemoveStaff(merchant=bakery, person=ben.id))


# --- counters ---


async def test_a_counters_code_leads_to_it_until_it_is_removed(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    await ada.does(SetStaff(merchant=merchant, person=ben.id, role="manager"))
    counter = await adds_counter(ben, merchant, " Till  1 ")
    assert counter.name == "Till 1"
    token = emv.read(counter.qr, "127.0.0.1:8420")
    assert counter.url == f"http://127.0.0.1:8420/m/{token}"
    assert emv.parse(counter.qr)["01"] == "11", "a static code: it has no sum"

    accounts = market.merchants.accounts

    async def leads_to(token: str) -> str:
        in_memory = await market.house.store.write(
            lambda tx: accounts.counter_of_token(tx.connection, token)  # as a payment asks
        )
        assert in_memory == await market.house.store.read(accounts.counter_of_token, token)
        return f"{in_memory[0] == merchant} {in_memory[1].name}"

    assert await leads_to(token) == "True Till 1"
    await ben.does(UpdateCounter(merchant=merchant, counter=counter.id, name="By the door"))
    assert await leads_to(token) == "True By the door"
    await ben.does(RemoveCounter(merchant=merchant, counter=counter.id))
    with pytest.raises(rules.NoSuchCounter):
        await leads_to(token)
    with pytest.raises(rules.NoSuchCounter):
        await ben.does(UpdateCounter(merchant=merchant, counter=counter.id, name="Again"))
    assert (await shop_of(market, ben, merchant)).counters == ()
    names = await market.house.store.read(accounts.counter_names, merchant)
    assert names == {counter.id: "By the door"}, "what was sold there keeps its name"


async def test_no_counter_of_another_merchant_is_touched(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    bakery, florist = await opens(ada), await opens(ben, "florist")
    counter = await adds_counter(ada, bakery)
    with pytest.raises(rules.NoSuchCounter):
        await ben.does(RemoveCounter(merchant=florist, counter=counter.id))
    with pytest.raises(rules.NoSuchMerchant):
        await ben.does(RemoveCounter(merchant=bakery, counter=counter.id))
    with pytest.raises(rules.NoSuchCounter):
        await market.house.store.read(market.merchants.accounts.counter, florist, counter.id)


async def test_what_was_rolled_back_is_not_in_memory(market: MarketHouse) -> None:
    """The writer keeps merchants in memory; a command that fails at its end leaves nothing there."""
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    accounts = market.merchants.accounts

    class Fault(Malformed):
        pass

    made: list[Counter] = []

    def fails(tx: Tx) -> None:
        added = accounts._counters.add(tx, ada.guest.signed, AddCounter(merchant=merchant, name="Never"))
        made.append(added.counter)
        accounts._staff.set(tx, ada.guest.signed, SetStaff(merchant=merchant, person=ben.id, role="owner"))
        assert accounts.must_be_staff(tx.connection, ben.guest.signed, merchant, "owner") == "owner"
        raise Fault()

    with pytest.raises(Fault):
        await market.house.store.write(fails)

    def looks(tx: Tx) -> None:
        with pytest.raises(rules.NoSuchCounter):
            accounts.counter_of_token(tx.connection, made[0].url.rpartition("/")[2])
        with pytest.raises(rules.NoSuchMerchant):
            accounts.must_be_staff(tx.connection, ben.guest.signed, merchant)

    await market.house.store.write(looks)


async def test_a_house_that_was_closed_and_opened_knows_its_merchants(tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        ada = await market.person("ada")
        shop = await market.shop(ada)
        counter = await adds_counter(ada, shop.merchant.person.id)
    async with reopen_market(tmp_path) as market:
        again = await market.again(ada)
        (mine,) = await market.merchants.accounts.mine(again.guest.signed)
        assert mine.counters == (counter,)
        assert mine.merchant == shop.merchant
