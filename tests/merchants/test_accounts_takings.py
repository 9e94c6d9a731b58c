"""What a merchant earned goes to its owner, once its discounts are settled, and never more than there is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teahouse.merchants.accounts import rules
from teahouse.merchants.accounts.model import SetStaff, TakenOut, TakeOut
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import ChangeLimits, SpendingLimits
from teahouse.wallet.guard.rules import WalletFull
from teahouse.wallet.ledger.audit import Audit
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.ledger.rules import KeyReused
from tests.merchants.house import MarketHouse, open_market
from tests.wallet.house import Payer, eur, new_key


@pytest.fixture
async def market(store_url: str, tmp_path: Path) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path, store=store_url) as opened:
        yield opened
        verdict = await opened.house.store.read(lambda connection: Audit(connection, 2**50).run())
        assert verdict.faults == ()


async def books(market: MarketHouse, merchant: str, payer: Payer, paid: int, discount: int = 0, fee: int = 0) -> None:
    """Move the money of a sale as an order does."""

    def move(tx: Tx) -> None:
        purse = market.wallet.purse
        till = purse.house_account(tx, "merchant", "EUR", merchant).number
        subsidy = purse.house_account(tx, "subsidy", "EUR", merchant).number
        house = purse.house_account(tx, "fee_income", "EUR").number
        member = purse.account(tx, payer.id, "EUR").number
        for debit, credit, amount, purpose in (
            (member, till, paid, Purpose.MERCHANT),
            (subsidy, till, discount, Purpose.COUPON),
            (till, house, fee, Purpose.FEE),
        ):
            if amount:
                purse.ledger.post(tx, New(new_key(), debit, credit, amount, purpose=purpose))

    await market.house.store.write(move)


async def takes(owner: Payer, merchant: str, amount: int, key: str = "") -> int:
    taken: TakenOut = await owner.does(TakeOut(key=key or new_key(), merchant=merchant, amount=eur(amount)))
    return taken.takings


async def test_takings_are_sales_less_fees_and_discounts_and_go_to_the_owner(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    # A basket of 10.00 with a coupon of 2.00: the payer pays 8.00, the merchant bears the 2.00, the fee is 0.10.
    await books(market, merchant, ben, 800, discount=200, fee=10)
    assert await market.takings(merchant) == 790
    assert (await market.merchants.accounts.shop(ada.guest.signed, merchant)).takings == 790
    assert await market.account_sum("merchant", owner=merchant) == 990
    with pytest.raises(rules.NotEnoughTakings) as refused:
        await takes(ada, merchant, 791)
    assert refused.value.fields == {"available": 790}

    assert await takes(ada, merchant, 500) == 290
    assert await market.account_sum("subsidy", owner=merchant) == 0, "the discount was settled first"
    assert await market.account_sum("merchant", owner=merchant) == 290
    assert await ada.has() == 10_500
    assert await takes(ada, merchant, 290) == 0
    with pytest.raises(rules.NotEnoughTakings):
        await takes(ada, merchant, 1)


async def test_what_came_back_after_it_was_settled_is_the_merchants_again(market: MarketHouse) -> None:
    """Whatever stands on the subsidy account, above or below zero, belongs to the takings."""
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    await books(market, merchant, ben, 800, discount=200)
    await takes(ada, merchant, 100)

    def gives_back(tx: Tx) -> None:
        purse = market.wallet.purse
        till = purse.house_account(tx, "merchant", "EUR", merchant)
        subsidy = purse.house_account(tx, "subsidy", "EUR", merchant)
        purse.ledger.post(tx, New(new_key(), till.number, subsidy.number, 200, purpose=Purpose.COUPON))

    await market.house.store.write(gives_back)
    assert await market.account_sum("subsidy", owner=merchant) == 200
    assert await market.takings(merchant) == 700
    assert await takes(ada, merchant, 700) == 0
    assert await market.account_sum("subsidy", owner=merchant) == 0


async def test_a_repeat_takes_out_once_and_its_history_says_from_whom(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    await books(market, merchant, ben, 1000)
    key = new_key()
    assert await takes(ada, merchant, 400, key) == await takes(ada, merchant, 400, key) == 600
    with pytest.raises(KeyReused):
        await takes(ada, merchant, 401, key)
    assert await market.takings(merchant) == 600
    page = await market.wallet.history.entries(ada.guest.signed, "EUR")
    newest = page.entries[0]
    assert (newest.kind, newest.amount, newest.other) == ("take_out", 400, merchant)
    assert {each.id: each.name for each in page.people}[merchant] == "The Bakery"
    told = [event["entry"] for event in ada.told("wallet.changed") if event.get("entry")]
    assert [(entry["kind"], entry["amount"], entry["balance"]) for entry in told] == [("take_out", 400, 10_400)]


async def test_only_owners_take_out(market: MarketHouse) -> None:
    ada, ben, eve = await market.people("ada", "ben", "eve")
    merchant = (await market.shop(ada)).merchant.person.id
    await ada.does(SetStaff(merchant=merchant, person=ben.id, role="manager"))
    await books(market, merchant, eve, 1000)
    with pytest.raises(rules.NotYourRole):
        await takes(ben, merchant, 1)
    with pytest.raises(rules.NoSuchMerchant):
        await takes(eve, merchant, 1)
    await ada.does(SetStaff(merchant=merchant, person=ben.id, role="cashier"))
    assert (await market.merchants.accounts.shop(ben.guest.signed, merchant)).takings == 0, "not for cashiers"


async def test_nothing_moves_when_the_owners_wallet_has_no_room(market: MarketHouse) -> None:
    ada, ben = await market.people("ada", "ben")
    merchant = (await market.shop(ada)).merchant.person.id
    await books(market, merchant, ben, 800, discount=200)
    limits = tuple(
        SpendingLimits(each.level, each.currency, each.payment_max, each.day_max, 10_100)
        for each in await market.wallet.guard.limits(market.operator)
    )
    await market.wallet.guard.change_limits(market.operator, ChangeLimits(limits=limits))
    with pytest.raises(WalletFull):
        await takes(ada, merchant, 101)
    assert await market.account_sum("subsidy", owner=merchant) == -200, "nor is anything settled"
    assert await takes(ada, merchant, 100) == 700
