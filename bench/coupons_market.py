"""Coupons in process: a flash sale, with all rules on, durable before it is answered.

    python -m bench.coupons_market STORE_URL PART [--scale F]

prints one line of JSON. It runs as a process of its own, so that nothing else shares its interpreter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import uvloop

from bench.redemptions import redemptions
from teahouse.app import Built, settle_memory
from teahouse.clock import DAY_MS, now_ms
from teahouse.commands import Command, Signed
from teahouse.config import Settings
from teahouse.coupons.campaigns.model import CampaignMade, CreateCampaign, SetCampaignState, Worth
from teahouse.coupons.pack.model import ClaimCoupon, CouponClaimed
from teahouse.errors import Refusal
from teahouse.ids import new_id
from teahouse.merchants.accounts.model import JudgeMerchant, MerchantOpened, OpenMerchant
from teahouse.storage.migrate import prepare
from teahouse.storage.schema import metadata
from teahouse.storage.transaction import Tx
from teahouse.storage.writer import Job

PEOPLE: Final = 1_000
STOCK: Final = 10_000
PER_PERSON: Final = 20
"""So that the stock ends before the wish for more does."""
SALES: Final = 10
"""Flash sales in one measurement, one after the other."""
PACE_PER_S: Final = 20_000

Asked = tuple[Signed, Command]


class Market:
    """A house with a merchant and a crowd, without its doors."""

    def __init__(self, store: str, folder: Path) -> None:
        self.built = Built(Settings(data=folder, store=store))
        self.house = self.built.house
        self.crowd: list[Signed] = []
        self.owner = Signed("", "")
        self.merchant = ""

    async def open(self) -> None:
        prepare(self.house.store.engine)
        self.house.start()
        self.owner, *self.crowd = await self.house.store.write(self._people, PEOPLE + 1)
        command = OpenMerchant(key=new_id(), handle="bakery", name="The Bakery", category="food")
        opened: MerchantOpened = await self.house.execute(self.owner, command)
        self.merchant = opened.shop.merchant.person.id
        await self.house.execute(self.owner, JudgeMerchant(merchant=self.merchant, state="open"))

    @staticmethod
    def _people(tx: Tx, count: int) -> list[Signed]:
        """Straight into the store: as many passwords would take minutes. The first is an operator."""
        table, made = metadata.tables["person"], []
        for number in range(count):
            person, handle = new_id(), f"guest{number}"
            values = {"id": person, "handle": handle, "name": handle, "operator": not number, "created_at": tx.now}
            tx.connection.execute(sa.insert(table).values(values))
            made.append(Signed(person, f"device of {number}", is_operator=not number))
        return made

    async def campaign(self, stock: int = STOCK, per_person: int = PER_PERSON) -> str:
        now = now_ms()
        worth = Worth(offer="amount_off", currency="EUR", amount=100)
        command = CreateCampaign(
            key=new_id(),
            merchant=self.merchant,
            title="Flash sale",
            worth=worth,
            stock=stock,
            valid_from=now,
            valid_to=now + 30 * DAY_MS,
            per_person=per_person,
        )
        made: CampaignMade = await self.house.execute(self.owner, command)
        await self.house.execute(self.owner, SetCampaignState(campaign=made.campaign.id, state="live"))
        return made.campaign.id

    async def crowd_asks(self, asked: Iterable[Asked]) -> tuple[list[Any], list[float], float]:
        """Ask all of it; each of the crowd's next when one was answered. Returns outcomes, latencies and seconds."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting, outcomes, latencies, under_way = iter(asked), [], [], 0
        house, clock = self.house, time.perf_counter

        def ask() -> None:
            nonlocal under_way
            one = next(waiting, None)
            if one is not None:
                under_way += 1
                house.submit((house.job(*one, answered, clock()),))
            elif not under_way and not done.done():
                done.set_result(None)

        def answered(job: Job) -> None:
            nonlocal under_way
            latencies.append(clock() - job.origin)
            outcomes.append(job.outcome)
            under_way -= 1
            ask()

        started = clock()
        for _ in range(len(self.crowd)):
            ask()
        await done
        return outcomes, latencies, clock() - started

    async def crowd_comes(self, asked: Iterator[Asked], per_s: int) -> list[float]:
        """Ask at a pace, whatever is answered meanwhile, a millisecond's worth at a time. Returns latencies, counted
        from when it should have been asked."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        house, clock = self.house, time.perf_counter
        latencies: list[float] = []

        def answered(job: Job) -> None:
            latencies.append(clock() - job.origin)
            if len(latencies) == len(jobs):
                done.set_result(None)

        jobs = [house.job(*one, answered, 0.0) for one in asked]
        started, sent = clock(), 0
        while sent < len(jobs):
            ready = min(len(jobs), int((clock() - started) * per_s) + 1)
            if ready > sent:
                for number in range(sent, ready):
                    jobs[number].origin = started + number / per_s
                house.submit(jobs[sent:ready])
                sent = ready
            await asyncio.sleep(0.0005)
        await done
        return latencies


def _percentiles(latencies: list[float]) -> dict[str, float]:
    latencies.sort()
    return {
        "p50_ms": round(statistics.median(latencies) * 1000, 2),
        "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1000, 2),
    }


async def claims(market: Market, scale: float) -> dict[str, Any]:
    """The crowd claims, all at once, until nothing is left; then another crowd comes at a pace."""
    sales = max(1, int(SALES * scale))
    campaigns = [await market.campaign() for _ in range(sales)]
    # A tenth more than there are, so that the end is part of it.
    wishes = [
        [
            (who, ClaimCoupon(key=f"{new_id()}-{number}", campaign=campaign))
            for number in range(STOCK * 11 // 10 // PEOPLE)
            for who in market.crowd
        ]
        for campaign in campaigns
    ]
    settle_memory()
    latencies: list[float] = []
    wall, cpu, claimed, refused = 0.0, time.process_time(), 0, 0
    for wish in wishes:
        outcomes, found, took = await market.crowd_asks(wish)
        latencies += found
        wall += took
        claimed += sum(type(each) is CouponClaimed for each in outcomes)
        refused += sum(isinstance(each, Refusal) for each in outcomes)
    cpu = time.process_time() - cpu
    assert claimed == STOCK * sales, claimed
    assert claimed + refused == sum(map(len, wishes))
    paced = await market.campaign()
    people = [who for _ in range(STOCK // PEOPLE) for who in market.crowd]
    coming = ((who, ClaimCoupon(key=f"{new_id()}-paced", campaign=paced)) for who in people)
    at_pace = _percentiles(await market.crowd_comes(coming, PACE_PER_S))
    return {
        "per_s": round(claimed / wall),
        "answers_per_s": round((claimed + refused) / wall),
        **_percentiles(latencies),
        "paced_p50_ms": at_pace["p50_ms"],
        "paced_p99_ms": at_pace["p99_ms"],
        "cpu": round(cpu / wall, 2),
        "claimed": claimed,
    }


Part = Callable[[Market, float], Awaitable[dict[str, Any]]]
PARTS: dict[str, Part] = {"claims": claims, "redemptions": redemptions}
"""What is measured, each on a market of its own."""


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="teahouse-bench-market-") as folder:
        market = Market(options.store, Path(folder))
        await market.open()
        found = await PARTS[options.part](market, options.scale)
        market.house.stop()
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--scale", type=float, default=1.0)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(parser.parse_args()))), flush=True)


if __name__ == "__main__":
    main()
