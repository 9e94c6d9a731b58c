"""Orders from the counter to the till: who may make, pay, see and close them, and what each side is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from teahouse.merchants.accounts.model import RemoveCounter
from teahouse.merchants.accounts.rules import MerchantClosed, NoSuchCounter, NoSuchMerchant, NotYourRole
from teahouse.merchants.orders import rules
from teahouse.merchants.orders.discounts import NoDiscounts
from teahouse.merchants.orders.model import (
    CloseOrder,
    MerchantCode,
    Order,
    OrderCharged,
    PayMerchant,
    PayOrder,
    ReadMerchantCode,
    RefundOrder,
)
from teahouse.merchants.orders.store import lines_of_day
from teahouse.money import Money
from teahouse.programs import PeopleOnly
from teahouse.wallet.guard.rules import ApprovalNeeded
from teahouse.wallet.ledger.rules import InsufficientFunds, KeyReused
from teahouse.wallet.payments import emv
from teahouse.wallet.payments.model import DeclineCharge
from tests.merchants.house import open_market, reopen_market
from tests.merchants.selling import Selling, answers, coupon, open_shop, pays, pays_at
from tests.wallet.house import EUR, Payer, eur, new_key

HOUR = 3_600_000


@pytest.fixture(params=["sqlite", "postgresql"])
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Selling]:
    """A shop, once on each kind of store."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    async with open_market(tmp_path, store=url) as market:
        yield await open_shop(market)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Selling]:
    async with open_market(tmp_path) as market:
        yield await open_shop(market)


async def reads(shop: Selling, person: Payer, text: str) -> MerchantCode:
    return await shop.market.merchants.orders.read_code(person.guest.signed, ReadMerchantCode(text=text))


async def sees(shop: Selling, person: Payer, order: Order) -> Order:
    return await shop.market.merchants.orders.order(person.guest.signed, order.id)


def told(person: Payer) -> list[tuple[str, int]]:
    """The states of orders that a person's devices were told, each with the fee that was shown."""
    return [(each["order"]["state"], each["order"].get("fee", 0)) for each in person.told("order.changed")]


# --- an order's code ------------------------------------------------------------------------------


async def test_a_customer_scans_an_order_and_pays_it(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    await shop.tariff(share=150, fixed=5)
    order = await shop.creates("2026-1", 2_000, description="Two cakes", attach="table 7", counter=shop.counter.id)
    assert (order.state, order.amount, order.number, order.merchant.handle) == ("created", 2_000, "2026-1", "bakery")
    assert order.url.endswith(f"/o/{order.id}")

    for text in (order.url, order.qr):
        found = await reads(shop, ann, text)
        assert found.order is not None
        assert (found.merchant.name, found.order.id, found.order.attach) == ("The bakery", order.id, "")

    paid = await pays(ann, order)
    assert (paid.order.state, paid.order.paid, paid.available) == ("paid", 2_000, 8_000)
    assert (paid.order.fee, paid.order.attach) == (0, ""), "what is for staff only is not for the payer"
    assert await shop.sums() == {"merchant": 1_965, "subsidy": 0, "fees": 35, "takings": 1_965}

    seen = await shop.now(order)
    assert (seen.fee, seen.attach, seen.counter) == (35, "table 7", shop.counter.id)
    assert seen.payer is not None
    assert seen.payer.handle == "ann"
    assert (told(shop.owner), told(ann)) == ([("created", 0), ("paid", 35)], [("paid", 0)])
    assert [each.state for each in shop.heard] == ["paid"]
    assert ann.told("wallet.changed")[-1]["balance"]["available"] == 8_000
    await shop.is_sound()


async def test_an_order_is_made_once_for_a_number(both: Selling) -> None:
    shop, order = both, await both.creates("A-1", 500)
    assert await shop.creates("A-1", 500) == order
    for fields in ({"amount": eur(501)}, {"description": "tea"}, {"expires_in": 60_000}):
        with pytest.raises(KeyReused):
            await shop.owner.does(shop.order("A-1", 500, **fields))
    ann = await shop.market.person("ann", 10_000)
    await pays(ann, order)
    assert (await shop.creates("A-1", 500)).state == "paid", "a repeat finds the order as it stands by now"

    other = await open_shop(shop.market, "butcher")
    assert (await other.creates("A-1", 700)).id != order.id, "numbers are each merchant's own"


async def test_the_answer_to_a_repeat_is_the_first(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    order = await shop.creates("1", 700)
    pay = PayOrder(key=new_key(), order=order.id, approval=await ann.approves(700))
    first = await ann.does(pay)
    assert await ann.does(pay) == first
    assert await ann.has() == 9_300
    other = await shop.creates("2", 700)
    with pytest.raises(KeyReused):
        await ann.does(PayOrder(key=pay.key, order=other.id, approval=await ann.approves(700)))


async def test_without_a_yes_or_the_money_nothing_is_paid(shop: Selling) -> None:
    ann = await shop.market.person("ann", 300)
    order = await shop.creates("1", 700)
    with pytest.raises(ApprovalNeeded):
        await pays(ann, order, approval="")
    with pytest.raises(InsufficientFunds):
        await pays(ann, order)
    assert (await ann.has(), (await shop.now(order)).state) == (300, "created")
    assert await shop.sums() == {"merchant": 0, "subsidy": 0, "fees": 0, "takings": 0}
    assert shop.heard == []


async def test_staff_buy_at_their_own_shop(shop: Selling) -> None:
    await shop.market.fund(shop.owner.id, 1_000)
    paid = await pays(shop.owner, await shop.creates("1", 400))
    assert (paid.available, (await shop.sums())["takings"]) == (600, 400)
    assert told(shop.owner) == [("created", 0), ("paid", 0)], "told once, as staff"


# --- who may --------------------------------------------------------------------------------------


async def test_what_strangers_and_other_shops_may_not(shop: Selling) -> None:
    ann, bob = await shop.market.people("ann", "bob")
    other = await open_shop(shop.market, "butcher")
    order = await shop.creates("1", 700)
    assert (await sees(shop, bob, order)).id == order.id, "who has the code of an unpaid order sees it"
    with pytest.raises(NoSuchMerchant):
        await ann.does(shop.order("2", 700))
    for stranger in (ann, other.owner):
        with pytest.raises(rules.NoSuchOrder):
            await stranger.does(CloseOrder(order=order.id))
        with pytest.raises(NoSuchMerchant):
            await shop.market.merchants.orders.by_number(stranger.guest.signed, shop.id, "1")
        with pytest.raises(NoSuchMerchant):
            await shop.market.merchants.orders.page(stranger.guest.signed, shop.id, state=None, before="", limit=5)
    await pays(ann, order)
    for stranger in (bob, other.owner):
        with pytest.raises(rules.NoSuchOrder):
            await sees(shop, stranger, order)
        with pytest.raises(rules.NoSuchOrder):
            await stranger.does(RefundOrder(order=order.id, number="r", amount=1))
    assert (await sees(shop, ann, order)).state == "paid"
    with pytest.raises(rules.NoSuchOrder):
        await pays(ann, msgspec.structs.replace(order, id="0" * 16))


async def test_a_cashier_sells_and_a_manager_refunds(shop: Selling) -> None:
    ann, cara, mia = await shop.market.people("ann", "cara", "mia")
    await shop.hires(cara)
    await shop.hires(mia, "manager")
    order: Order = (await cara.does(shop.order("1", 700))).order
    await pays(ann, order)
    with pytest.raises(NotYourRole):
        await cara.does(RefundOrder(order=order.id, number="r1", amount=100))
    refunded = await mia.does(RefundOrder(order=order.id, number="r1", amount=100))
    assert refunded.order.refunded == 100
    assert [state for state, _ in told(cara)] == ["created", "paid", "paid"]


async def test_a_program_of_the_merchant_sells_and_refunds(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    till = await shop.program()
    order = (await shop.market.house.execute(till, shop.order("till.1", 700, attach="basket 9"))).order
    await pays(ann, order)
    seen = await shop.market.merchants.orders.by_number(till, shop.id, "till.1")
    assert (seen.state, seen.attach) == ("paid", "basket 9")
    refund = RefundOrder(order=order.id, number="till.1-r")
    assert (await shop.market.house.execute(till, refund)).order.state == "refunded"
    with pytest.raises(PeopleOnly):
        await shop.market.house.execute(till, PayOrder(key=new_key(), order=order.id, approval=""))


async def test_a_suspended_merchant_takes_nothing_and_still_gives_back(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    paid, unpaid = await shop.creates("1", 700), await shop.creates("2", 500)
    await pays(ann, paid)
    asked = await shop.charges(ann, 300)
    await shop.judges(state="suspended")
    for attempt in (pays(ann, unpaid), pays_at(ann, shop, 100), answers(ann, asked.order)):
        with pytest.raises(MerchantClosed):
            await attempt
    with pytest.raises(MerchantClosed):
        await shop.creates("3", 100)
    with pytest.raises(MerchantClosed):
        await reads(shop, ann, shop.counter.url)
    assert await ann.has() == 9_300
    assert (await shop.refunds(paid, "r1")).order.state == "refunded"
    assert (await shop.owner.does(CloseOrder(order=unpaid.id))).order.state == "closed"
    assert await ann.has() == 10_000


async def test_a_shop_sells_in_its_own_currency(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    with pytest.raises(rules.WrongCurrency) as refused:
        await shop.creates("1", 1, amount=Money(700, "USD"))
    assert refused.value.fields == {"currency": EUR}
    pay = PayMerchant(key=new_key(), counter=shop.token, amount=Money(5, "USD"), approval="")
    with pytest.raises(rules.WrongCurrency):
        await ann.does(pay)
    with pytest.raises(rules.WrongCurrency):
        await shop.charges(ann, 1, amount=Money(5, "USD"))


# --- the counter's code ---------------------------------------------------------------------------


async def test_a_customer_scans_the_counter_and_says_how_much(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    for text in (shop.counter.url, shop.counter.qr):
        found = await reads(shop, ann, text)
        assert (found.merchant.handle, found.counter, found.counter_name) == ("bakery", shop.token, "Front")
        assert (found.currency, found.order) == (EUR, None)
    command = PayMerchant(
        key=new_key(), counter=shop.token, amount=eur(450), approval=await ann.approves(450), note=" A\ncake "
    )
    paid = await ann.does(command)
    order = paid.order
    assert (order.state, order.description, order.counter) == ("paid", "A cake", shop.counter.id)
    assert (order.number, paid.available) == (order.id, 9_550)
    assert await ann.does(command) == paid
    assert await ann.has() == 9_550
    with pytest.raises(KeyReused):
        await shop.creates(order.id, 450)
    await shop.owner.does(RemoveCounter(merchant=shop.id, counter=shop.counter.id))
    with pytest.raises(NoSuchCounter):
        await pays_at(ann, shop, 450)
    with pytest.raises(NoSuchCounter):
        await shop.creates("9", 450, counter=shop.counter.id)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("http://elsewhere.example/o/0123456789abcdef", emv.OtherHouse),
        ("/o/not-an-id", emv.NotACode),
        ("/m/", emv.NotACode),
        ("/m/a/b", emv.NotACode),
        ("/r/0123456789abcdef", emv.NotACode),
        ("http://[/o/x", emv.NotACode),
        ("hello", emv.NotACode),
        ("/m/nosuchtoken", NoSuchCounter),
        ("/o/0123456789abcdef", rules.NoSuchOrder),
    ],
)
async def test_what_is_no_code_of_this_house(shop: Selling, text: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await reads(shop, shop.owner, text)


async def test_a_sum_that_no_code_can_say_is_in_the_order(shop: Selling) -> None:
    order = await shop.creates("1", 10**15, description="Ein Schloß")
    fields = emv.parse(order.qr)
    assert "54" not in fields
    found = await reads(shop, shop.owner, order.qr)
    assert found.order is not None
    assert found.order.amount == 10**15
    assert emv.parse((await shop.creates("2", 1_250)).qr)["54"] == "12.50"


# --- the payer's code -----------------------------------------------------------------------------


async def test_the_payer_shows_a_code_and_says_yes(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    await shop.tariff(share=100)
    charged: OrderCharged = await shop.charges(ann, 1_000, description="Lunch", counter=shop.counter.id)
    order, charge = charged.order, charged.charge
    assert (order.state, order.charge, order.expires_at) == ("created", charge.id, charge.expires_at)
    assert (charge.payee.handle, charge.amount, charge.note) == ("bakery", 1_000, "Lunch")
    assert told(ann) == [("created", 0)]
    await answers(ann, order)
    seen = await shop.now(order)
    assert (seen.state, seen.paid, seen.fee) == ("paid", 1_000, 10)
    assert (await ann.has(), await shop.sums()) == (
        9_000,
        {"merchant": 990, "subsidy": 0, "fees": 10, "takings": 990},
    )
    await answers(ann, order, approval="")
    assert await ann.has() == 9_000
    await shop.is_sound()


async def test_an_order_that_was_asked_is_answered_by_whom(shop: Selling) -> None:
    ann, bob = await shop.market.people("ann", "bob")
    order = (await shop.charges(ann, 400)).order
    for person in (ann, bob):
        with pytest.raises(rules.OrderAsked):
            await pays(person, order)
    with pytest.raises(rules.NoSuchOrder):
        await sees(shop, bob, order)
    assert (await sees(shop, ann, order)).state == "created"


@pytest.mark.parametrize("how", ["declined", "expired", "closed"])
async def test_an_order_whose_payer_does_not_pay_is_closed(shop: Selling, how: str) -> None:
    ann = await shop.market.person("ann", 10_000)
    order = await shop.charges_holder(ann, 400, coupon(1))
    assert (order.discount, shop.discounts.state[coupon(1)]) == (100, f"for {order.id}")
    if how == "declined":
        await ann.does(DeclineCharge(charge=order.charge))
    elif how == "expired":
        shop.market.passes(order.expires_at - order.created_at)
        await shop.market.wallet.due.sweep()
    else:
        await shop.owner.does(CloseOrder(order=order.id))
    seen = await shop.now(order)
    assert (seen.state, seen.discount, shop.discounts.state[coupon(1)]) == ("closed", 0, "free")
    assert [each.state for each in shop.heard] == ["closed"]
    charge = await shop.market.wallet.charges.charge(ann.guest.signed, order.charge)
    assert charge.state == ("expired" if how == "expired" else "declined")
    with pytest.raises(Exception, match="over"):
        await answers(ann, order)
    assert await ann.has() == 10_000
    assert await shop.sums() == {"merchant": 0, "subsidy": 0, "fees": 0, "takings": 0}


# --- time -----------------------------------------------------------------------------------------


async def test_an_order_that_nobody_pays_in_time_is_closed(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    order, later = await shop.creates("1", 400, expires_in=HOUR), await shop.creates("2", 400, expires_in=3 * HOUR)
    shop.market.passes(HOUR)
    with pytest.raises(rules.OrderOver) as over:
        await pays(ann, order)
    assert over.value.fields == {"state": "closed"}, "its time decides, whenever the sweep comes"
    await shop.market.wallet.due.sweep()
    assert [(await shop.now(each)).state for each in (order, later)] == ["closed", "created"]
    assert told(shop.owner)[-1] == ("closed", 0)
    assert [each.id for each in shop.heard] == [order.id]
    await shop.market.wallet.due.sweep()
    assert len(shop.heard) == 1


async def test_what_is_over_stays_over(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    closed, paid = await shop.creates("1", 400), await shop.creates("2", 400)
    await shop.owner.does(CloseOrder(order=closed.id))
    first = await shop.now(closed)
    await shop.owner.does(CloseOrder(order=closed.id))
    assert await shop.now(closed) == first
    with pytest.raises(rules.OrderOver):
        await pays(ann, closed)
    await pays(ann, paid)
    with pytest.raises(rules.OrderOver) as over:
        await shop.owner.does(CloseOrder(order=paid.id))
    assert over.value.fields == {"state": "paid"}
    assert [each.state for each in shop.heard] == ["closed", "paid"]


async def test_orders_outlive_the_house(tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        shop = await open_shop(market)
        ann = await market.person("ann", 10_000)
        order = await shop.creates("1", 400)
        asked = (await shop.charges(ann, 300)).order
        founder = market.operator
    async with reopen_market(tmp_path) as market:
        market.tea.founder = founder
        shop.market, shop.owner = market, await market.again(shop.owner)
        shop.hang_in()
        ann = await market.again(ann)
        await pays(ann, order)
        await answers(ann, asked)
        assert (await shop.sums())["takings"] == 700
        await shop.is_sound()


# --- coupons --------------------------------------------------------------------------------------


async def test_a_coupon_takes_off_what_the_merchant_bears(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    await shop.tariff(share=1_000)
    order = await shop.creates("1", 1_500)
    paid = await pays(ann, order, coupon=coupon(1))
    assert (paid.order.discount, paid.order.paid, paid.order.coupon) == (100, 1_400, coupon(1))
    assert paid.available == 8_600
    # The fee is of what was paid; the discount is the merchant's own.
    assert await shop.sums() == {"merchant": 1_360, "subsidy": -100, "fees": 140, "takings": 1_260}
    assert shop.discounts.state[coupon(1)] == f"used by {order.id}"
    assert shop.discounts.redeemed_by[coupon(1)] == ann.id
    await shop.is_sound()


async def test_a_coupon_that_is_worth_the_basket_leaves_nothing_to_pay(shop: Selling) -> None:
    ann = await shop.market.person("ann")
    await shop.tariff(share=1_000, fixed=50)
    paid = await pays(ann, await shop.creates("1", 700), coupon=coupon(2), approval="")
    assert (paid.order.state, paid.order.discount, paid.order.paid, paid.available) == ("paid", 700, 0, 0)
    held = await shop.charges_holder(ann, 80, coupon(1))
    assert (held.state, held.discount, held.charge) == ("paid", 80, "")
    assert await shop.sums() == {"merchant": 780, "subsidy": -780, "fees": 0, "takings": 0}
    assert shop.discounts.redeemed_by == {coupon(2): ann.id, coupon(1): shop.owner.id}
    assert [each.state for each in shop.heard] == ["paid", "paid"]


async def test_a_coupon_is_used_once_and_stays_free_when_the_payment_fails(shop: Selling) -> None:
    ann = await shop.market.person("ann", 1_000)
    first, second, dear = [await shop.creates(str(number), 900 + 900 * (number == 3)) for number in (1, 2, 3)]
    with pytest.raises(InsufficientFunds):
        await pays(ann, dear, coupon=coupon(1))
    assert shop.discounts.state[coupon(1)] == "free"
    await pays(ann, first, coupon=coupon(1))
    with pytest.raises(Exception, match="reserved or used"):
        await pays(ann, second, coupon=coupon(1))
    assert (await ann.has(), (await shop.now(second)).state) == (200, "created")


async def test_with_a_coupon_at_the_counter(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    paid = await pays_at(ann, shop, 450, coupon=coupon(1))
    assert (paid.order.amount, paid.order.paid, paid.available) == (450, 350, 9_650)
    held = await shop.charges_holder(ann, 1_500, coupon(2))
    assert shop.discounts.state[coupon(2)] == f"for {held.id}"
    await answers(ann, held)
    assert (await ann.has(), shop.discounts.state[coupon(2)]) == (9_150, f"used by {held.id}")
    assert shop.discounts.redeemed_by[coupon(2)] == shop.owner.id, "who of the staff asked"


async def test_a_house_without_coupons_says_so(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    shop.market.merchants.orders.discounts = NoDiscounts()
    order = await shop.creates("1", 400)
    with pytest.raises(rules.NoCoupons):
        await pays(ann, order, coupon=coupon(1))
    assert (await ann.has(), (await shop.now(order)).state) == (10_000, "created")


# --- lists and histories --------------------------------------------------------------------------


async def test_orders_are_listed_newest_first(shop: Selling) -> None:
    ann = await shop.market.person("ann", 10_000)
    made = [await shop.creates(str(number), 100 + number) for number in range(5)]
    await pays(ann, made[1])
    await pays(ann, made[3])
    await shop.refunds(made[3], "r", 1)

    async def page(**asked: Any) -> tuple[list[str], bool]:
        found = await shop.market.merchants.orders.page(
            shop.owner.guest.signed, shop.id, **{"state": None, "before": "", "limit": 2, **asked}
        )
        return [each.number for each in found.orders], found.more

    assert await page() == (["4", "3"], True)
    assert await page(before=made[3].id) == (["2", "1"], True)
    assert await page(before=made[1].id) == (["0"], False)
    assert await page(state="paid") == (["3", "1"], False)
    assert await page(state="created", limit=9) == (["4", "2", "0"], False)


async def test_a_history_shows_the_merchant_by_name(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    order = await shop.creates("1", 1_000, description="Two cakes")
    await pays(ann, order)
    await shop.refunds(order, "r1", 250)
    page = await shop.market.wallet.history.entries(ann.guest.signed, EUR)
    lines = [(each.kind, each.amount, each.subject, each.other, each.note) for each in page.entries[:2]]
    assert lines == [
        ("refund", 250, order.id, shop.id, "Two cakes"),
        ("merchant", -1_000, order.id, shop.id, "Two cakes"),
    ]
    assert {each.id: each.name for each in page.people}[shop.id] == "The bakery"


async def test_a_day_lists_every_payment_and_refund_in_order(both: Selling) -> None:
    shop, ann = both, await both.market.person("ann", 10_000)
    await shop.tariff(share=1_000)
    first, second = await shop.creates("1", 1_000), await shop.creates("2", 500)
    await shop.creates("3", 77)
    await pays(ann, second, coupon=coupon(1))
    await pays(ann, first)
    await shop.refunds(first, "1-back", 500)
    await shop.refunds(second, "2-back")

    seen = await shop.now(second)
    day = await shop.market.house.store.read(lines_of_day, shop.id, seen.paid_at, seen.paid_at + HOUR)
    assert [(each.what, each.number, each.amount, each.discount, each.paid, each.fee, each.net) for each in day] == [
        ("payment", "2", 500, 100, 400, 40, 360),
        ("payment", "1", 1_000, 0, 1_000, 100, 900),
        ("refund", "1-back", -500, 0, -500, -50, -450),
        ("refund", "2-back", -400, -100, -400, -40, -360),
    ]
    assert sum(each.net for each in day) == (await shop.sums())["takings"] == 450
    assert await shop.market.house.store.read(lines_of_day, shop.id, 0, seen.paid_at) == []
    other = await open_shop(shop.market, "butcher")
    assert await shop.market.house.store.read(lines_of_day, other.id, 0, 2**60) == []
