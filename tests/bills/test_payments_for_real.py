"""The same with a real biller: a process of its own, asked over signed HTTP, that fails as it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.bills.connectors.model import BillerAway
from teahouse.clock import HOUR_MS, MINUTE_MS
from teahouse.keys import house_key
from teahouse.signatures import SigningKey
from tests.bills.biller_process import METERS, Biller, owes
from tests.bills.billing import Billing
from tests.merchants.house import open_market, reopen_market
from tests.wallet.house import Payer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Biller, Path]]:
    """One biller, and the key of the house that all stories are of."""
    data = tmp_path_factory.mktemp("biller")
    with Biller(data / "biller", SigningKey(house_key(data, "signing")).public) as biller:
        yield biller, data


@pytest.fixture
def biller(running: tuple[Biller, Path], tmp_path: Path) -> Biller:
    found, data = running
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "signing").write_bytes((data / "keys" / "signing").read_bytes())
    found.switch()
    return found


@pytest.fixture
async def billing(biller: Biller, tmp_path: Path) -> AsyncIterator[Billing]:
    async with open_market(tmp_path) as market:
        opened = Billing(market)
        opened.biller = await opened.adds(url=biller.url, key_id=biller.key_id, public_key=biller.public_key)
        yield opened


FAILURES: dict[str, tuple[int, dict[str, Any], str]] = {
    "well": (1, {}, "paid"),
    "slow": (2, {"slow_s": 0.3}, "paid"),
    "lost answer": (3, {"lose": True, "times": 1}, "paid"),
    "double answer": (4, {"double": True, "times": 1}, "paid"),
    "down": (5, {"down": True, "times": 1}, "paid"),
    "wrong key": (6, {"wrong_key": True, "times": 1}, "paid"),
    "an old answer": (7, {"odd": "replayed", "times": 1}, "paid"),
    "later": (8, {"pending": 2}, "paid"),
    "no": (9, {"refuse": "The account is closed"}, "returned"),
}


@pytest.mark.parametrize("how", FAILURES)
async def test_however_it_answers_both_have_the_same_books(biller: Biller, billing: Billing, how: str) -> None:
    number, switches, state = FAILURES[how]
    ann = await billing.market.person("ann", 10_000)
    bill = await billing.fetches(ann, {"meter": METERS[number]})
    assert bill.amount == owes(number)
    biller.switch(**switches)
    paid = await billing.pays(ann, bill)
    await billing.works()
    for _ in range(4):
        await billing.passes(MINUTE_MS)
    ended = await billing.payment(ann, paid.payment.id)
    theirs = biller.payments()[ended.id]
    assert (ended.state, theirs["state"]) == (state, {"paid": "paid", "returned": "refused"}[state])
    assert ended.reference == theirs["reference"]
    left = 10_000 - (bill.amount if state == "paid" else 0)
    assert (await ann.balance(), await ann.has()) == (left, left)
    assert await billing.biller_has() == 10_000 - left
    assert await billing.faults() == []
    assert await billing.trouble() == ""


async def test_it_dies_in_the_middle_and_comes_back(biller: Biller, billing: Billing) -> None:
    ann = await billing.market.person("ann", 10_000)
    bill = await billing.fetches(ann, {"meter": METERS[10]})
    biller.switch(crash=True)
    paid = await billing.pays(ann, bill)
    await billing.works()
    biller.died()
    assert (await billing.payment(ann, paid.payment.id)).state == "held"
    biller.start()
    await billing.passes(MINUTE_MS)
    assert (await billing.payment(ann, paid.payment.id)).state == "paid"
    assert await ann.has() == 10_000 - owes(10)


async def test_it_is_gone_for_good_and_the_money_is_back_at_the_deadline(biller: Biller, billing: Billing) -> None:
    ann = await billing.market.person("ann", 10_000)
    bill = await billing.fetches(ann, {"meter": METERS[11]})
    biller.kill()
    paid = await billing.pays(ann, bill)
    await billing.works()
    assert await ann.has() == 10_000 - owes(11)
    await billing.passes(HOUR_MS)
    ended = await billing.payment(ann, paid.payment.id)
    assert (ended.state, ended.reason, await ann.has()) == ("returned", "no_answer", 10_000)
    biller.start()
    await billing.passes(HOUR_MS)
    assert biller.payments()[ended.id]["state"] == "reversed", "should it still hear of it, nothing comes of it"


async def test_with_a_wrong_key_nothing_it_says_counts(biller: Biller, billing: Billing) -> None:
    ann = await billing.market.person("ann", 10_000)
    bill = await billing.fetches(ann, {"meter": METERS[12]})
    biller.switch(wrong_key=True, on=("fetch", "pay", "status", "reverse"))
    with pytest.raises(BillerAway) as away:
        await billing.fetches(ann, {"meter": METERS[12]})
    assert away.value.code == "biller_not_trusted"
    assert await billing.trouble() == "biller_not_trusted"
    paid = await billing.pays(ann, bill)
    await billing.works()
    assert (await billing.payment(ann, paid.payment.id)).state == "held"
    await billing.passes(HOUR_MS)
    assert (await billing.payment(ann, paid.payment.id)).state == "returned"
    biller.switch()
    await billing.passes(HOUR_MS)
    assert biller.payments()[paid.payment.id]["state"] == "reversed", "it had believed us"
    assert (await ann.has(), await billing.biller_has(), await billing.trouble()) == (10_000, 0, "")


async def test_the_house_dies_before_it_hears_the_answer(biller: Biller, tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        billing = Billing(market)
        billing.biller = await billing.adds(url=biller.url, key_id=biller.key_id, public_key=biller.public_key)
        ann = await market.person("ann", 10_000)
        bill = await billing.fetches(ann, {"meter": METERS[13]})
        biller.switch(slow_s=30)
        paid = await billing.pays(ann, bill)
    biller.switch()
    async with reopen_market(tmp_path) as market:
        again = Billing(market)
        again.biller = billing.biller
        ann = Payer(market, (await market.again(ann)).guest)
        await again.works()
        assert (await again.payment(ann, paid.payment.id)).state == "paid"
        assert await ann.has() == 10_000 - owes(13)
