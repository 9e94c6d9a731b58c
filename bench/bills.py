"""What the house adds to a biller's own time: a bill fetched and a bill paid through the house, beside the same signed
calls made straight to the same biller. The example biller runs as a process of its own.

    python -m bench.bills [--scale F]

prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import uvloop

from bench.coupons_market import Market
from bench.scenarios import Summary
from teahouse.app import settle_memory
from teahouse.bills.connectors import wire
from teahouse.bills.connectors.http import TAG
from teahouse.bills.directory.model import AddBiller, BillerAdded, CustomerField
from teahouse.bills.payments.model import Bill, BillPaid, FetchBill, PayBill
from teahouse.commands import Signed
from teahouse.ids import new_id
from teahouse.keys import house_key
from teahouse.money import Money
from teahouse.signatures import Request, SigningKey
from teahouse.storage.transaction import Told, Tx
from teahouse.wallet.ledger.model import New, Purpose
from tests.bills.biller_process import METERS, Biller

BILLS: Final = 200
"""Of each kind in one run."""
RUNS: Final = 3
WARM: Final = 10
SUM: Final = 10
"""Cents of a bill that are paid each time: the biller takes parts."""
FUNDS: Final = 10**7


def bills(scale: float) -> dict[str, Summary]:
    """Return the medians of some runs, each in a process of its own."""
    command = [sys.executable, "-m", "bench.bills", "--scale", str(scale)]
    runs = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(RUNS)]
    return {
        name: {key: round(statistics.median(run[name][key] for run in runs), 3) for key in runs[0][name]}
        for name in runs[0]
    }


class Billing:
    def __init__(self, market: Market, biller: Biller) -> None:
        self.market = market
        self.built = market.built
        self.biller = biller
        self.id = ""
        self._ended: dict[str, asyncio.Event] = {}
        self.built.house.bus.subscribe(self._told)

    async def open(self) -> None:
        added: BillerAdded = await self.built.house.execute(
            self.market.owner,
            AddBiller(
                handle="power",
                name="Power",
                category="electricity",
                fields=(CustomerField(name="meter", label="Meter"),),
                currency="EUR",
                connector="http",
                accepts="partial",
                url=self.biller.url,
                public_key=self.biller.public_key,
                key_id=self.biller.key_id,
            ),
        )
        self.id = added.biller.biller.person.id
        await self.built.house.store.write(self._fund)

    def _fund(self, tx: Tx) -> None:
        purse = self.built.wallet.purse
        source = purse.house_account(tx, "suspense", "EUR")
        for person in self.market.crowd:
            account = purse.account(tx, person.person, "EUR")
            purse.ledger.post(tx, New(new_id(), source.number, account.number, FUNDS, purpose=Purpose.CORRECTION))

    async def fetch(self, number: int) -> Bill:
        """By another person each time: one may not look so often."""
        asked = FetchBill(biller=self.id, customer={"meter": METERS[number % len(METERS)]})
        return await self.built.bills.payments.fetch(self._person(number), asked)

    async def pay(self, number: int, bill: Bill) -> None:
        """From the tap until the payer is told that the biller has it."""
        person = self._person(number)
        approvals, money = self.built.wallet.guard.approvals, Money(SUM, "EUR")
        approval, _ = await self.built.house.store.write(lambda tx: approvals.grant(tx, person, money, 1, 60_000))
        command = PayBill(
            key=new_id(), biller=self.id, customer=bill.customer, ref=bill.ref, amount=money, approval=approval
        )
        paid: BillPaid = await self.built.house.execute(person, command)
        await self._ended.setdefault(paid.payment.id, asyncio.Event()).wait()

    def _person(self, number: int) -> Signed:
        return self.market.crowd[number % len(self.market.crowd)]

    def _told(self, _number: int, told: Sequence[Told]) -> None:
        for each in told:
            event: Any = each.event
            if type(event).__name__ == "BillChanged" and event.payment.state != "held":
                self._ended.setdefault(event.payment.id, asyncio.Event()).set()


async def measure(scale: float) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as name:
        folder = Path(name)
        market = Market(f"sqlite:///{folder / 'house.db'}", folder)
        key = SigningKey(house_key(folder, "signing"))
        with Biller(folder / "biller", key.public) as biller:
            await market.open()
            billing = Billing(market, biller)
            async with market.built.bills.running():
                await billing.open()
                settle_memory()
                return await _measured(billing, key, max(20, int(BILLS * scale)))
            market.house.stop()


async def _measured(billing: Billing, key: SigningKey, count: int) -> dict[str, dict[str, float]]:
    fetched = await _timed(billing.fetch, count)
    paid = []
    for number in range(count):
        bill = await billing.fetch(number)
        started = time.perf_counter()
        await billing.pay(number, bill)
        paid.append((time.perf_counter() - started) * 1000)
    async with httpx.AsyncClient(trust_env=False) as client:
        straight = _Straight(billing, key, client)
        fetched_straight = await straight.timed("fetch", [wire.FetchAsked({"meter": METERS[0]}, "EUR")] * count)
        asked = [wire.PaymentAsked(new_id(), bill.ref, {"meter": METERS[0]}, SUM, "EUR", 1) for _number in range(count)]
        paid_straight = await straight.timed("pay", asked)
    return {
        "bill_fetch": _summary(fetched, fetched_straight),
        "bill_pay": _summary(paid[WARM:], paid_straight),
    }


class _Straight:
    """The biller alone: requests that were signed beforehand, over one connection."""

    def __init__(self, billing: Billing, key: SigningKey, client: httpx.AsyncClient) -> None:
        self._url = billing.biller.url
        self._key = key
        self._client = client

    async def timed(self, door: str, asked: list[Any]) -> list[float]:
        ready = [self._ready(door, each) for each in asked]

        async def send(number: int) -> None:
            request, body = ready[number]
            answer = await self._client.post(request.url, content=body, headers=request.headers)
            answer.raise_for_status()

        return await _timed(send, len(ready))

    def _ready(self, door: str, asked: Any) -> tuple[Request, bytes]:
        body = msgspec.json.encode(asked)
        request = Request("POST", f"{self._url}/{door}", {"Content-Type": "application/json"})
        self._key.sign(request, body, TAG)
        return request, body


async def _timed(act: Callable[[int], Awaitable[object]], count: int) -> list[float]:
    """Do it one after the other; return the milliseconds of each but the first few."""
    taken = []
    for number in range(count):
        started = time.perf_counter()
        await act(number)
        taken.append((time.perf_counter() - started) * 1000)
    return taken[WARM:]


def _summary(through: list[float], straight: list[float]) -> dict[str, float]:
    p50, alone = statistics.median(through), statistics.median(straight)
    p95 = statistics.quantiles(through, n=20)[-1]
    return {"p50_ms": p50, "biller_ms": alone, "added_ms": p50 - alone, "p95_ms": p95}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bills", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    print(json.dumps(uvloop.run(measure(parser.parse_args().scale))))


if __name__ == "__main__":
    main()
