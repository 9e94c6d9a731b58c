"""Bills are fetched and paid; whatever the biller does, the money is paid or comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from teahouse.bills.connectors.model import BillChangedMeanwhile, BillerAway, NoSuchCustomer
from teahouse.bills.directory.model import UpdateBiller
from teahouse.bills.directory.rules import BillerPaused, WrongCustomerField
from teahouse.bills.payments import store as payment_store
from teahouse.bills.payments.rules import AmountNotTaken, BillUnderWay
from teahouse.clock import DAY_MS, HOUR_MS, MINUTE_MS
from teahouse.errors import NotFound, RateLimited
from teahouse.wallet.guard.rules import ApprovalNeeded
from teahouse.wallet.ledger.rules import InsufficientFunds
from tests.bills.billing import METER, Billing, ScriptedBiller
from tests.merchants.house import open_market
from tests.wallet.house import Payer


@pytest.fixture
async def billing(tmp_path: Path) -> AsyncIterator[Billing]:
    async with open_market(tmp_path) as market:
        opened = Billing(market)
        opened.uses(ScriptedBiller())
        opened.biller = await opened.adds()
        yield opened


async def ann_of(billing: Billing, funds: int = 10_000) -> Payer:
    return await billing.market.person("ann", funds)


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_bill_is_fetched_and_paid(tmp_path: Path, store_url: str) -> None:
    async with open_market(tmp_path, store=store_url) as market:
        billing = Billing(market)
        biller = billing.uses(ScriptedBiller())
        billing.biller = await billing.adds()
        ann = await ann_of(billing)
        bill = await billing.fetches(ann, {"meter": "1234 5678"})
        assert (bill.name, bill.amount, bill.least, bill.most) == ("A** L**", 4_200, 4_200, 4_200)
        assert bill.customer == METER
        paid = await billing.pays(ann, bill)
        assert paid.available == 5_800
        assert (paid.payment.state, paid.payment.customer) == ("held", {"meter": "****5678"})
        await billing.works()
        ended = await billing.payment(ann, paid.payment.id)
        assert (ended.state, ended.reference) == ("paid", f"R-{ended.id}")
        assert (await ann.balance(), await billing.biller_has(), biller.has) == (5_800, 4_200, 4_200)
        assert [each["payment"]["state"] for each in ann.told("bill.changed")] == ["held", "paid"]
        assert not ann.told("message.new"), "they saw it end"
        assert await billing.faults() == []


async def test_what_is_not_as_the_biller_said_is_refused(billing: Billing) -> None:
    ann = await ann_of(billing, 4_000)
    with pytest.raises(WrongCustomerField) as wrong:
        await billing.fetches(ann, {"meter": "12"})
    assert wrong.value.fields == {"field": "meter"}
    with pytest.raises(NoSuchCustomer):
        await billing.fetches(ann, {"meter": "99345678"})
    bill = await billing.fetches(ann)
    with pytest.raises(AmountNotTaken) as not_taken:
        await billing.pays(ann, bill, 4_000)
    assert not_taken.value.fields == {"least": 4_200, "most": 4_200, "currency": "EUR"}
    with pytest.raises(InsufficientFunds):
        await billing.pays(ann, bill)
    billing.market.passes(31 * MINUTE_MS)
    with pytest.raises(BillChangedMeanwhile):
        await billing.pays(ann, bill)
    await billing.house.execute(billing.market.operator, UpdateBiller(biller=billing.biller, state="paused"))
    with pytest.raises(BillerPaused):
        await billing.fetches(ann)
    assert await ann.has() == 4_000


async def test_nobody_pays_by_another_ones_fetch_or_yes(billing: Billing) -> None:
    ann, bob = await billing.market.people("ann", "bob")
    bill = await billing.fetches(ann)
    with pytest.raises(BillChangedMeanwhile):
        await billing.pays(bob, bill)
    paid = await billing.pays(ann, bill)
    with pytest.raises(NotFound):
        await billing.payment(bob, paid.payment.id)
    ann.approves = bob.approves  # type: ignore[method-assign]
    billing.scripted.ref = "2026-12"
    with pytest.raises(ApprovalNeeded):
        await billing.pays(ann, await billing.fetches(ann))


async def test_the_same_key_pays_once_and_another_has_to_wait(billing: Billing) -> None:
    billing.scripted.decides = False
    ann, bob = await billing.market.people("ann", "bob")
    bill, also = await billing.fetches(ann), await billing.fetches(bob)
    paid = await billing.pays(ann, bill, key="a-key-of-mine")
    assert await billing.pays(ann, bill, key="a-key-of-mine") == paid
    with pytest.raises(BillUnderWay):
        await billing.pays(ann, bill)
    with pytest.raises(BillUnderWay):
        await billing.pays(bob, also)
    assert await ann.has() == 5_800
    assert await bob.has() == 10_000


async def test_a_top_up_takes_any_sum_within_bounds_again_and_again(billing: Billing) -> None:
    phone = await billing.adds("phone", open_amount=True, category="mobile")
    ann = await ann_of(billing)
    bill = await billing.fetches(ann, biller=phone)
    assert (bill.amount, bill.least, bill.most) == (0, 500, 10_000)
    for _ in range(2):
        await billing.pays(ann, bill, 1_000)
    with pytest.raises(AmountNotTaken):
        await billing.pays(ann, bill, 499)
    await billing.works()
    assert await billing.biller_has(phone) == 2_000


async def test_a_biller_that_says_no_gives_the_money_back(billing: Billing) -> None:
    billing.scripted.refuses = "This account is closed"
    ann = await ann_of(billing)
    paid = await billing.pays(ann, await billing.fetches(ann))
    await billing.works()
    ended = await billing.payment(ann, paid.payment.id)
    assert (ended.state, ended.reason) == ("returned", "refused:This account is closed")
    assert (await ann.has(), await ann.balance(), await billing.biller_has()) == (10_000, 10_000, 0)
    told = ann.told("message.new")[-1]
    assert told["sender"] == billing.biller
    assert (told["content"]["what"], told["content"]["ref"]) == ("bill_returned", ended.id)
    assert await billing.market.wallet.guard._house.store.read(billing.market.wallet.guard.spent_today, ann.id) == (), (
        "it does not count to the day's sum"
    )


@pytest.mark.parametrize("how", ["lost", "away"])
async def test_an_answer_that_does_not_come_is_asked_for(billing: Billing, how: str) -> None:
    billing.scripted.fails["pay"] = [how]
    ann = await ann_of(billing)
    paid = await billing.pays(ann, await billing.fetches(ann))
    await billing.works()
    assert (await billing.payment(ann, paid.payment.id)).state == "held"
    await billing.passes(MINUTE_MS)
    assert (await billing.payment(ann, paid.payment.id)).state == "paid"
    assert billing.scripted.has == await billing.biller_has() == 4_200
    assert billing.scripted.calls["pay"] == (2 if how == "away" else 1), "told again only when it never heard of it"
    assert ann.told("message.new")[-1]["content"]["what"] == "bill_paid"


async def test_a_biller_that_never_answers_gets_nothing_and_the_payer_gets_it_back(billing: Billing) -> None:
    billing.scripted.fails = {door: ["away"] * 1000 for door in ("pay", "status", "reverse")}
    ann = await ann_of(billing)
    paid = await billing.pays(ann, await billing.fetches(ann))
    for _ in range(70):
        await billing.passes(MINUTE_MS)
    asked = sum(billing.scripted.calls.values())
    ended = await billing.payment(ann, paid.payment.id)
    assert (ended.state, ended.reason) == ("returned", "no_answer")
    assert 0 <= ended.ended_at - paid.payment.returns_at <= 2 * MINUTE_MS, "at the deadline"
    assert asked < 25, "less and less often"
    assert await billing.trouble() == "biller_away"
    billing.scripted.fails = {}
    await billing.passes(DAY_MS)
    assert await billing.trouble() == ""
    calls = sum(billing.scripted.calls.values())
    await billing.passes(DAY_MS)
    assert sum(billing.scripted.calls.values()) == calls, "it said that it never heard of it: that is over"
    assert (await ann.has(), await billing.biller_has(), billing.scripted.has) == (10_000, 0, 0)
    assert await billing.faults() == []


async def test_what_was_paid_late_is_taken_back_from_the_biller_and_never_from_the_payer(billing: Billing) -> None:
    billing.scripted.fails = {"pay": ["lost"], "status": ["away"] * 99, "reverse": ["away"] * 99}
    ann = await ann_of(billing)
    paid = await billing.pays(ann, await billing.fetches(ann))
    for _ in range(62):
        await billing.passes(MINUTE_MS)
    assert (await billing.payment(ann, paid.payment.id)).state == "returned"
    assert billing.scripted.states[paid.payment.id] == "paid", "the biller has it in its books"
    billing.scripted.fails = {}
    await billing.passes(HOUR_MS)
    assert billing.scripted.states[paid.payment.id] == "reversed"
    assert (await ann.has(), await billing.trouble()) == (10_000, "")


async def test_a_biller_that_keeps_what_went_back_is_the_operators_trouble(billing: Billing) -> None:
    billing.scripted.fails = {"pay": ["lost"], "status": ["away"] * 99, "reverse": ["away"] * 99}
    billing.scripted.keeps = True
    ann = await ann_of(billing)
    paid = await billing.pays(ann, await billing.fetches(ann))
    for _ in range(62):
        await billing.passes(MINUTE_MS)
    billing.scripted.fails = {}
    await billing.passes(HOUR_MS)
    assert await billing.trouble() == f"kept_after_return:{paid.payment.id}"
    assert (await ann.has(), await billing.biller_has()) == (10_000, 0)
    await billing.house.execute(billing.market.operator, UpdateBiller(biller=billing.biller, state="open"))
    assert await billing.trouble() == ""


async def test_what_was_paid_in_time_stays_paid_though_the_house_hears_of_it_at_the_deadline(billing: Billing) -> None:
    billing.scripted.fails = {"pay": ["lost"]}
    ann = await ann_of(billing)
    paid = await billing.pays(ann, await billing.fetches(ann))
    await billing.works()
    await billing.passes(2 * HOUR_MS)
    assert (await billing.payment(ann, paid.payment.id)).state == "paid"
    assert billing.scripted.calls["reverse"] == 0


async def test_what_the_biller_gives_back_later_comes_back(billing: Billing) -> None:
    ann = await ann_of(billing)
    paid = await billing.pays(ann, await billing.fetches(ann))
    await billing.works()
    billing.scripted.gives_back(paid.payment.id)
    await billing.passes(DAY_MS)
    ended = await billing.payment(ann, paid.payment.id)
    assert (ended.state, ended.reason) == ("reversed", "reversed")
    assert (await ann.has(), await billing.biller_has()) == (10_000, 0)
    assert ann.told("message.new")[-1]["content"]["what"] == "bill_reversed"
    await billing.passes(7 * DAY_MS)
    assert await billing.faults() == []


async def test_a_slow_biller_delays_nobody_else(billing: Billing) -> None:
    """Forty payments wait for one biller; another's is paid at once."""
    phone = await billing.adds("phone", open_amount=True)
    ann = await ann_of(billing, 50_000)
    slow = billing.scripted
    slow.is_slow = asyncio.Event()
    bill = await billing.fetches(ann, biller=phone)
    payments = [await billing.pays(ann, bill, 500) for _ in range(20)]
    for _ in range(8):
        await slow.told.get()
    quick = ScriptedBiller()
    billing.bills.payments.connectors["file"] = quick
    other = await billing.adds("water", connector="file")
    paid = await billing.pays(ann, await billing.fetches(ann, biller=other))
    async with asyncio.timeout(10):
        assert await quick.told.get() == paid.payment.id
    assert slow.told.empty()
    slow.is_slow.set()
    await billing.works()
    assert slow.most_at_once == 8
    assert await billing.biller_has(phone) == 10_000
    assert (await billing.payment(ann, payments[0].payment.id)).state == "paid"


async def test_customer_numbers_cannot_be_tried_through(billing: Billing) -> None:
    ann = await ann_of(billing)
    for number in range(30):
        await billing.fetches(ann, {"meter": f"{number:08}"})
    with pytest.raises(RateLimited):
        await billing.fetches(ann, {"meter": "00000031"})


async def test_a_biller_that_is_away_when_asked_for_a_bill_is_named_so(billing: Billing) -> None:
    ann = await ann_of(billing)
    billing.scripted.fails["fetch"] = ["away"] * 3
    for _ in range(3):
        with pytest.raises(BillerAway):
            await billing.fetches(ann)
    assert await billing.trouble() == "biller_away"
    await billing.fetches(ann)
    assert await billing.trouble() == ""


async def test_what_is_due_is_found_without_reading_all_that_was_ever_paid(billing: Billing) -> None:
    def plans(connection: sa.Connection) -> list[str]:
        queries: list[str] = []
        sa.event.listen(connection, "before_cursor_execute", lambda *given: queries.append(str(given[2])))
        payment_store.due(connection, 1, 10, ("a biller",))
        payment_store.next_due(connection, 1)
        payment_store.waiting(connection)
        payment_store.is_under_way(connection, b"")
        payment_store.drop_old_quotes(connection, 1, 10)
        found = []
        for query in list(queries):
            given = tuple(1 for _ in range(query.count("?")))
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", given)
            found += [row.detail for row in rows]
        return found

    plan = await billing.house.store.read(plans)
    assert plan
    for step in plan:
        assert " INDEX bill_" in step or "SUBQUERY" in step, plan
