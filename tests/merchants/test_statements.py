"""The daily bill: a day's payments, refunds and take-outs, equal to the ledger's own records to the cent."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from teahouse.clock import DAY_MS, now_ms
from teahouse.merchants.accounts import store as accounts_store
from teahouse.merchants.accounts.model import TakeOut
from teahouse.merchants.accounts.rules import NoSuchMerchant, NotYourRole
from teahouse.merchants.orders import store as orders_store
from teahouse.merchants.statements import rules
from teahouse.merchants.statements.model import DayBill
from teahouse.money import parse
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import New, Purpose
from tests.merchants.house import open_market
from tests.merchants.selling import Selling, answers, coupon, open_shop, pays, pays_at
from tests.wallet.house import Payer, eur, new_key


@asynccontextmanager
async def at_noon(folder: Path, store: str = "") -> AsyncIterator[Selling]:
    """A shop at noon, so that no story runs over midnight."""
    async with open_market(folder, store=store) as market:
        market.passes(DAY_MS - now_ms() % DAY_MS + DAY_MS // 2)
        yield await open_shop(market)


@pytest.fixture
async def shop(store_url: str, tmp_path: Path) -> AsyncIterator[Selling]:
    async with at_noon(tmp_path, store_url) as shop:
        yield shop


def day_of(shop: Selling, back: int = 0) -> str:
    now = shop.market.house.store.writer.clock() - back * DAY_MS
    return datetime.fromtimestamp(now / 1000, UTC).date().isoformat()


async def bill_of(shop: Selling, back: int = 0) -> DayBill:
    statements = shop.market.merchants.statements
    return await statements.bill(shop.owner.guest.signed, shop.id, day_of(shop, back))


async def csv_of(shop: Selling) -> list[dict[str, str]]:
    signed = shop.owner.guest.signed
    written = await shop.market.merchants.statements.csv(signed, shop.id, day_of(shop))
    assert written.startswith("\ufeff".encode())
    assert written.endswith(b"\r\n")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}, "as many cells in each line (RFC 4180)"
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


async def takes_out(shop: Selling, amount: int) -> None:
    await shop.owner.does(TakeOut(key=new_key(), merchant=shop.id, amount=eur(amount)))


async def a_full_day(shop: Selling) -> list[Payer]:
    """Sales at the counter, by order and by charge, with and without coupons; refunds whole and in parts; take-outs
    before and after."""
    ann, ben = await shop.market.people("ann", "ben", funds=50_000)
    await shop.tariff(share=150, fixed=7)
    await pays_at(ann, shop, 1_234)
    cake = (await pays(ann, await shop.creates("cake-1", 2_000, attach="=1+1", counter=shop.counter.id))).order
    gift = (await pays(ben, await shop.creates("gift-1", 3_333), coupon=coupon(2))).order
    tea = (await shop.charges(ben, 999)).order
    await answers(ben, tea)
    await takes_out(shop, 1_500)
    await shop.refunds(cake, "cake-1-back", 700, reason="burnt")
    await shop.refunds(gift, "gift-1-back", gift.paid)  # after its discount was settled
    await shop.refunds(cake, "cake-1-rest", 333)
    await pays_at(ben, shop, 5_001, coupon=coupon(1))
    free = (await pays_at(ann, shop, 10, coupon=coupon(0))).order  # nothing is left to pay
    await shop.refunds(free, "free-back")
    await takes_out(shop, 2_000)
    return [ann, ben]


async def test_a_day_of_all_that_happens_equals_the_ledger(shop: Selling) -> None:
    await a_full_day(shop)
    bill = await bill_of(shop)
    assert bill.agrees
    assert (bill.opening, bill.closing) == (0, await shop.market.takings(shop.id))
    assert (bill.sales, bill.discounts) == (1_234 + 2_000 + 3_333 + 999 + 5_001 + 10, 1_000 + 100 + 10)
    assert (bill.refunds, bill.taken_out) == (700 + 2_333 + 333, 3_500)
    assert bill.fees == await shop.market.account_sum("fee_income")
    assert bill.opening + bill.sales - bill.discounts - bill.refunds - bill.fees - bill.taken_out == bill.closing
    assert sum(line.net for line in bill.lines) == bill.closing
    assert [(line.what, line.amount) for line in bill.lines] == [
        ("payment", 1_234),
        ("payment", 2_000),
        ("payment", 3_333),
        ("payment", 999),
        ("take_out", -1_500),
        ("refund", -700),
        ("refund", -2_333),
        ("refund", -333),
        ("payment", 5_001),
        ("payment", 10),
        ("refund", 0),
        ("take_out", -2_000),
    ]
    cake = bill.lines[1]
    assert (cake.number, cake.payer, cake.counter, cake.fee, cake.net) == ("cake-1", "ann", "Front", 37, 1_963)
    gift = bill.lines[6]
    assert (gift.number, gift.payer, gift.discount, gift.paid) == ("gift-1-back", "ben", -1_000, -2_333)
    await shop.is_sound()


async def test_the_worked_example_of_the_page(tmp_path: Path) -> None:
    """docs/merchants.md: a basket of 20.00 with 4.00 off, by a tariff of 1.5 % and 0.05."""
    async with at_noon(tmp_path) as shop:
        ann = await shop.market.person("ann", 5_000)
        await shop.tariff(share=150, fixed=5)
        shop.discounts.sums[coupon(0)] = 400
        order = (await pays(ann, await shop.creates("1", 2_000), coupon=coupon(0))).order
        assert await shop.sums() == {"merchant": 1_971, "subsidy": -400, "fees": 29, "takings": 1_571}
        await shop.refunds(order, "1-back", 400)
        assert await shop.sums() == {"merchant": 1_578, "subsidy": -400, "fees": 22, "takings": 1_178}
        await takes_out(shop, 1_000)
        assert await shop.sums() == {"merchant": 178, "subsidy": 0, "fees": 22, "takings": 178}
        assert await ann.has() == 3_800
        assert (await bill_of(shop)).agrees


async def test_the_file_says_the_same_and_nothing_in_it_is_calculated(shop: Selling) -> None:
    await a_full_day(shop)
    bill, rows = await bill_of(shop), await csv_of(shop)
    lines, sums = rows[: len(bill.lines)], {row["what"]: row["net"] for row in rows[len(bill.lines) :]}

    def cents(text: str) -> int:
        return -parse(text[1:], "EUR") if text.startswith("-") else parse(text, "EUR")

    assert [(row["what"], row["number"], cents(row["net"])) for row in lines] == [
        (line.what, line.number, line.net) for line in bill.lines
    ]
    assert lines[1]["attach"] == "'=1+1"
    assert lines[1]["at"].endswith("Z")
    assert sum(cents(row["net"]) for row in lines) == cents(sums["sum:closing"]) - cents(sums["sum:opening"])
    parts = ("sum:opening", "sum:sales", "sum:discounts", "sum:refunds", "sum:fees", "sum:taken_out")
    assert sum(cents(sums[each]) for each in parts) == cents(sums["sum:closing"]) == bill.closing
    assert "sum:agrees" in sums


async def test_each_day_opens_with_what_the_one_before_closed_with(shop: Selling) -> None:
    ann, _ = await a_full_day(shop)
    shop.market.passes(DAY_MS)
    second = (await pays(ann, await shop.creates("later", 800))).order
    shop.market.passes(DAY_MS)
    await shop.refunds(second, "later-back", 800)
    first, middle, last = [await bill_of(shop, back) for back in (2, 1, 0)]
    assert (first.agrees, middle.agrees, last.agrees) == (True, True, True)
    assert (middle.opening, last.opening) == (first.closing, middle.closing)
    assert [line.number for line in middle.lines] == ["later"], "a refund is of the day on which it was given"
    assert [line.number for line in last.lines] == ["later-back"]
    assert last.closing == first.closing == await shop.market.takings(shop.id)
    before = await bill_of(shop, 3)
    assert (before.agrees, before.opening, before.closing, before.lines) == (True, 0, 0, ())


o, r, t = orders_store.orders, orders_store.refunds, accounts_store.take_outs


@pytest.mark.parametrize(
    "tampered",
    [
        sa.update(o).where(o.c.number == "cake-1").values(paid=1_999, amount=1_999),
        sa.update(o).where(o.c.number == "cake-1").values(fee=0),
        sa.update(o).where(o.c.number == "gift-1").values(amount=3_334),
        sa.update(o).where(o.c.number == "gift-1").values(discount=0, amount=2_333),
        sa.update(o).where(o.c.number == "cake-1").values(paid_at=o.c.paid_at - DAY_MS),
        sa.delete(o).where(o.c.number == "cake-1"),
        sa.update(r).where(r.c.number == "cake-1-back").values(amount=70),
        sa.update(r).where(r.c.number == "gift-1-back").values(discount=0),
        sa.delete(r).where(r.c.number == "cake-1-rest"),
        sa.update(t).where(t.c.amount == 2_000).values(amount=2_001),
        sa.delete(t).where(t.c.amount == 1_500),
        # What one loses another gains: each sum of the day stays as it was.
        sa.update(o)
        .where(o.c.number.in_(("cake-1", "gift-1")))
        .values(
            paid=sa.case((o.c.number == "cake-1", o.c.paid + 5), else_=o.c.paid - 5),
            amount=sa.case((o.c.number == "cake-1", o.c.amount + 5), else_=o.c.amount - 5),
        ),
    ],
    ids=lambda change: str(change)[:40],
)
async def test_a_row_that_was_changed_makes_it_disagree(tmp_path: Path, tampered: Any) -> None:
    async with at_noon(tmp_path) as shop:
        await a_full_day(shop)
        await shop.market.house.store.write(lambda tx: tx.connection.execute(tampered) and None)
        with capture_logs() as logs:
            bill = await bill_of(shop)
        assert not bill.agrees
        assert [(log["event"], log["merchant"]) for log in logs] == [("day_bill_disagrees", shop.id)]
        assert "sum:disagrees" in {row["what"] for row in await csv_of(shop)}


async def test_money_that_no_order_moved_makes_it_disagree(tmp_path: Path) -> None:
    async with at_noon(tmp_path) as shop:
        market = shop.market

        def slips(tx: Tx) -> None:
            source = market.wallet.purse.house_account(tx, "suspense", "EUR")
            till = market.wallet.purse.house_account(tx, "merchant", "EUR", shop.id)
            market.wallet.ledger.post(tx, New(new_key(), source.number, till.number, 1, purpose=Purpose.CORRECTION))

        assert (await bill_of(shop)).agrees
        await market.house.store.write(slips)
        assert not (await bill_of(shop)).agrees


async def test_managers_and_programs_read_it_and_nobody_else(tmp_path: Path) -> None:
    async with at_noon(tmp_path) as shop:
        market = shop.market
        statements, day = market.merchants.statements, day_of(shop)
        ann, ben, eve = await market.people("ann", "ben", "eve")
        await shop.hires(ann, "manager")
        await shop.hires(ben, "cashier")
        for signed in (ann.guest.signed, await shop.program()):
            assert (await statements.bill(signed, shop.id, day)).agrees
        with pytest.raises(NotYourRole):
            await statements.bill(ben.guest.signed, shop.id, day)
        with pytest.raises(NoSuchMerchant):
            await statements.csv(eve.guest.signed, shop.id, day)
        for wrong in ("2026-02-30", "0000-01-01", "2026-13-01"):
            with pytest.raises(rules.BadDay):
                await statements.bill(ann.guest.signed, shop.id, wrong)


async def test_a_long_day_is_shown_in_part_and_its_sums_are_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_noon(tmp_path) as shop:
        market = shop.market
        ann = await market.person("ann", 50_000)
        for _ in range(4):
            await pays_at(ann, shop, 100)
        monkeypatch.setattr(rules, "LINES_SHOWN_MAX", 3)
        bill = await bill_of(shop)
        assert (len(bill.lines), bill.more, bill.sales, bill.agrees) == (3, 1, 400, True)
        assert len([row for row in await csv_of(shop) if row["what"] == "payment"]) == 4
        monkeypatch.setattr(rules, "ENTRIES_MAX", 3)
        with pytest.raises(rules.DayTooLong):
            await bill_of(shop)
