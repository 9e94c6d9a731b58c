"""Saved bills: fetched by themselves, reminded of in time, paid by themselves up to a ceiling."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.bills.payments.model import BillPayment
from teahouse.bills.saved.model import (
    RemoveSavedBill,
    SaveBill,
    SavedBill,
    SetAutopay,
    StopAutopay,
    UpdateSavedBill,
)
from teahouse.bills.saved.rules import NoAutopay, NoSuchSavedBill, TooManySavedBills
from teahouse.clock import DAY_MS, HOUR_MS
from teahouse.wallet.guard.rules import ApprovalNeeded, LimitExceeded
from tests.bills.billing import METER, Billing, ScriptedBiller
from tests.merchants.house import open_market
from tests.wallet.house import Payer, eur


class Saver:
    """Ann, who saved her electricity."""

    def __init__(self, billing: Billing, ann: Payer) -> None:
        self.billing = billing
        self.ann = ann
        self.saved = ""

    async def saves(self, **fields: Any) -> SavedBill:
        command = SaveBill(biller=self.billing.biller, customer=METER, **fields)
        saved: SavedBill = (await self.ann.does(command)).saved
        self.saved = saved.id
        await self.billing.works()
        return saved

    async def agrees(self, ceiling: int) -> None:
        approval = await self.ann.approves(ceiling)
        await self.ann.does(SetAutopay(saved=self.saved, ceiling=eur(ceiling), approval=approval))
        await self.billing.works()

    async def sees(self) -> SavedBill:
        (found,) = await self.billing.bills.saved.all(self.ann.guest.signed)
        return found

    async def paid(self) -> tuple[BillPayment, ...]:
        page = await self.billing.bills.payments.page(self.ann.guest.signed, before="", limit=50)
        return page.payments

    def told(self) -> list[str]:
        """What the biller wrote."""
        return [event["content"]["what"] for event in self.ann.told("message.new")]


@pytest.fixture
async def saver(tmp_path: Path, store_url: str) -> AsyncIterator[Saver]:
    async with open_market(tmp_path, store=store_url) as market:
        billing = Billing(market)
        billing.uses(ScriptedBiller(due_at=market.house.store.writer.clock() + 10 * DAY_MS))
        billing.biller = await billing.adds()
        yield Saver(billing, await market.person("ann", 10_000))


both = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@both
async def test_a_saved_bill_is_fetched_at_once_and_reminded_of_once(saver: Saver) -> None:
    await saver.saves(nickname="Home")
    seen = await saver.sees()
    assert (seen.nickname, seen.amount, seen.ref) == ("Home", 4_200, "2026-11")
    assert (await saver.billing.fetches(saver.ann)).saved == seen.id
    await saver.billing.passes(6 * DAY_MS)
    assert saver.told() == []
    await saver.billing.passes(DAY_MS + HOUR_MS)
    assert saver.told() == ["bill_due"]
    (event,) = saver.ann.told("message.new")
    notice = event["content"]
    assert event["sender"] == saver.billing.biller
    assert (notice["title"], notice["amount"], notice["at"], notice["ref"]) == ("Home", 4_200, seen.due_at, seen.id)
    for _ in range(5):
        await saver.billing.passes(DAY_MS)
    assert saver.told() == ["bill_due"]
    saver.billing.scripted.ref = "2026-12"
    await saver.billing.passes(DAY_MS + 3 * HOUR_MS)
    assert saver.told() == ["bill_due", "bill_due"], "of the next one again"


@both
async def test_autopay_pays_each_bill_once_when_its_day_is_near(saver: Saver) -> None:
    await saver.saves()
    await saver.agrees(5_000)
    assert (await saver.sees()).autopay
    assert await saver.ann.has() == 10_000
    await saver.billing.passes(7 * DAY_MS + HOUR_MS)
    (payment,) = await saver.paid()
    assert (payment.state, payment.autopay, payment.amount) == ("paid", True, 4_200)
    for _ in range(3):
        await saver.billing.passes(DAY_MS)
    assert len(await saver.paid()) == 1, "though the biller still shows it"
    saver.billing.scripted.amount = 0
    await saver.billing.passes(DAY_MS + 3 * HOUR_MS)
    assert (await saver.sees()).amount == 0
    assert saver.told() == ["bill_paid"]
    assert await saver.billing.faults() == []


@on_sqlite
async def test_a_ceiling_counts_to_no_day_and_what_is_paid_does(saver: Saver) -> None:
    """At level 0 one may spend 100 at once and 200 a day."""
    await saver.saves()
    for ceiling in (9_000, 9_500, 10_000):
        await saver.agrees(ceiling)
    spent = await saver.billing.house.store.read(saver.billing.market.wallet.guard.spent_today, saver.ann.id)
    assert spent == ()
    with pytest.raises(LimitExceeded):
        await saver.agrees(10_001)
    await saver.billing.passes(7 * DAY_MS + HOUR_MS)
    spent = await saver.billing.house.store.read(saver.billing.market.wallet.guard.spent_today, saver.ann.id)
    assert [each.amount for each in spent] == [4_200]


@on_sqlite
async def test_a_ceiling_needs_a_yes_of_its_own(saver: Saver) -> None:
    await saver.saves()
    approval = await saver.ann.approves(5_000)
    command = SetAutopay(saved=saver.saved, ceiling=eur(5_000), approval=approval)
    await saver.ann.does(command)
    await saver.ann.does(command)
    with pytest.raises(ApprovalNeeded):
        await saver.ann.does(SetAutopay(saved=saver.saved, ceiling=eur(5_001), approval=approval))
    await saver.ann.does(StopAutopay(saved=saver.saved))
    with pytest.raises(ApprovalNeeded):
        await saver.ann.does(command)
    await saver.billing.passes(9 * DAY_MS)
    assert await saver.paid() == ()
    assert saver.told() == ["bill_due"]


@on_sqlite
async def test_what_is_above_the_ceiling_is_told_and_not_paid(saver: Saver) -> None:
    await saver.saves()
    await saver.agrees(4_000)
    for _ in range(9):
        await saver.billing.passes(DAY_MS)
    assert saver.told() == ["bill_above_ceiling"]
    assert await saver.paid() == ()
    await saver.agrees(4_200)
    (payment,) = await saver.paid()
    assert payment.state == "paid"


@on_sqlite
async def test_without_money_it_is_told_once_and_tried_until_there_is_some(saver: Saver) -> None:
    await saver.saves()
    await saver.agrees(5_000)
    saver.billing.scripted.amount = 4_999
    await _spend_all_but(saver, 1_000)
    await saver.billing.passes(7 * DAY_MS + 3 * HOUR_MS)
    assert saver.told() == ["autopay_failed"]
    assert (await saver.sees()).trouble == "insufficient_funds"
    assert saver.ann.told("message.new")[-1]["content"]["why"] == "insufficient_funds"
    await saver.billing.passes(2 * HOUR_MS)
    assert saver.told() == ["autopay_failed"]
    await saver.billing.market.fund(saver.ann.id, 9_000)
    await saver.billing.passes(2 * HOUR_MS)
    payment, _ = await saver.paid()
    assert (payment.state, payment.amount) == ("paid", 4_999)
    assert (await saver.sees()).trouble == ""


async def _spend_all_but(saver: Saver, rest: int) -> None:
    phone = await saver.billing.adds("phone", open_amount=True)
    bill = await saver.billing.fetches(saver.ann, biller=phone)
    await saver.billing.pays(saver.ann, bill, await saver.ann.has() - rest)
    await saver.billing.works()


@on_sqlite
async def test_a_biller_that_is_away_near_the_day_is_told_once(saver: Saver) -> None:
    await saver.saves()
    await saver.agrees(5_000)
    saver.billing.scripted.fails["fetch"] = ["away"] * 1000
    for _ in range(8):
        await saver.billing.passes(DAY_MS)
    assert (await saver.sees()).trouble == "biller_away"
    assert saver.told() == []
    for _ in range(3):
        await saver.billing.passes(DAY_MS)
    assert saver.told() == ["autopay_failed"]
    saver.billing.scripted.fails.clear()
    await saver.billing.passes(2 * DAY_MS)
    assert await saver.paid() == (), "too late: the person was told to see to it"


@on_sqlite
async def test_paid_by_hand_it_is_not_paid_again(saver: Saver) -> None:
    await saver.saves()
    await saver.agrees(5_000)
    await saver.billing.pays(saver.ann, await saver.billing.fetches(saver.ann))
    await saver.billing.works()
    await saver.billing.passes(8 * DAY_MS)
    assert len(await saver.paid()) == 1


@on_sqlite
async def test_a_saved_bill_is_ones_own_named_again_and_removed(saver: Saver) -> None:
    first = await saver.saves(nickname="Home")
    again = await saver.saves(nickname=" My\nhome ", remind_days=7)
    assert (again.id, again.nickname) == (first.id, "My home")
    bob = await saver.billing.market.person("bob")
    for command in (RemoveSavedBill(saved=first.id), UpdateSavedBill(saved=first.id, nickname="x")):
        with pytest.raises(NoSuchSavedBill):
            await bob.does(command)
    await saver.ann.does(UpdateSavedBill(saved=first.id, remind_days=0))
    await saver.billing.passes(12 * DAY_MS)
    assert saver.told() == []
    assert len(saver.ann.told("bills.changed")) >= 4
    await saver.ann.does(RemoveSavedBill(saved=first.id))
    assert await saver.billing.bills.saved.all(saver.ann.guest.signed) == ()
    phone = await saver.billing.adds("phone", open_amount=True)
    made = await saver.ann.does(SaveBill(biller=phone, customer=METER))
    with pytest.raises(NoAutopay):
        await saver.ann.does(SetAutopay(saved=made.saved.id, ceiling=eur(100), approval=await saver.ann.approves(100)))
    for number in range(99):
        await saver.ann.does(SaveBill(biller=phone, customer={"meter": f"{number:08}"}))
    with pytest.raises(TooManySavedBills):
        await saver.ann.does(SaveBill(biller=phone, customer={"meter": "77777777"}))
