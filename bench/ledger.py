"""The ledger in process: 200 requesters, each with one transfer under way, durable before it is answered.

    python -m bench.ledger STORE_URL [--transfers N] [--hot] [--grow N,N,…] [--audit]

prints one line of JSON. It runs as a process of its own, so that nothing else shares its interpreter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

import uvloop

from teahouse.app import settle_memory
from teahouse.clock import now_ms
from teahouse.ids import new_id
from teahouse.storage.migrate import prepare
from teahouse.storage.store import Store
from teahouse.storage.transaction import Tx
from teahouse.storage.writer import Commit, Job
from teahouse.wallet.ledger.audit import Audit
from teahouse.wallet.ledger.ledger import Ledger
from teahouse.wallet.ledger.model import New

ACCOUNTS: Final = 10_000
REQUESTERS: Final = 200
FUNDS: Final = 10**9
WINDOW: Final = 100_000
"""Transfers of one measurement."""


class Bench:
    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.ledger = Ledger()
        self.accounts: list[int] = []
        self._random = random.Random(20261125)

    def start(self) -> None:
        prepare(self.store.engine)
        self.store.start(self._answer)

    async def fund(self) -> None:
        """Open the accounts, each with money to pay from."""
        for at in range(0, ACCOUNTS, 1000):
            self.accounts += await self.store.write(self._open, at, at + 1000)

    def _open(self, tx: Tx, first: int, end: int) -> list[int]:
        source = self.ledger.open(tx, "", "suspense", "EUR").number
        numbers = [self.ledger.open(tx, f"p{number}", "member", "EUR").number for number in range(first, end)]
        for number in numbers:
            self.ledger.post(tx, New(f"{new_id()}/funds", source, number, FUNDS))
        return numbers

    def transfers(self, count: int, *, hot: bool) -> list[New]:
        """Make the commands before the clock starts. `hot`: half of them pay one merchant."""
        accounts, merchant, made = self.accounts, self.accounts[0], []
        for number in range(count):
            debit, credit = self._random.sample(accounts, 2)
            if hot and number % 2 and debit != merchant:
                credit = merchant
            made.append(New(f"{new_id()}/{debit}", debit, credit, 1 + number % 7))
        return made

    async def run(self, news: Sequence[New]) -> dict[str, float]:
        """Pay all of these; each requester asks for its next when the last one was answered."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting, left, latencies = iter(news), len(news), []
        submit, clock = self.store.writer.submit, time.perf_counter

        def ask() -> None:
            new = next(waiting, None)
            if new is not None:
                submit((Job(self._post, None, new, answered, origin=clock(), hot=True),))

        def answered(job: Job) -> None:
            nonlocal left
            assert type(job.outcome) is int, job.outcome
            latencies.append(clock() - job.origin)
            left -= 1
            if not left:
                done.set_result(None)
            ask()

        started, cpu = clock(), time.process_time()
        for _ in range(REQUESTERS):
            ask()
        await done
        wall = clock() - started
        latencies.sort()
        return {
            "per_s": round(len(news) / wall),
            "p50_ms": round(statistics.median(latencies) * 1000, 2),
            "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1000, 2),
            "cpu": round((time.process_time() - cpu) / wall, 2),
        }

    def audit(self) -> dict[str, float]:
        with self.store.engine.connect() as connection, connection.begin():
            started = time.process_time()
            verdict = Audit(connection, now_ms()).run()
            used = time.process_time() - started
        assert verdict.is_clean, verdict.faults
        return {"transfers": verdict.transfers, "per_core_s": round(verdict.transfers / used)}

    def _post(self, tx: Tx, _actor: Any, new: New) -> int:
        return self.ledger.post(tx, new)

    @staticmethod
    def _answer(commit: Commit) -> None:
        for job in commit.jobs:
            job.done(job)


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    bench = Bench(options.store)
    bench.start()
    await bench.fund()
    found: dict[str, Any] = {}
    await bench.run(bench.transfers(WINDOW // 10, hot=options.hot))
    settle_memory()
    if options.grow:
        found["curve"] = await grow(bench, [int(size) for size in options.grow.split(",")])
    else:
        news = bench.transfers(options.transfers, hot=options.hot)
        settle_memory()
        found |= await bench.run(news)
    if options.audit:
        found["audit"] = bench.audit()
    bench.store.stop()
    return found


async def grow(bench: Bench, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Measure three windows of transfers at each of these sizes of the ledger; the median stands for them."""
    curve, count = [], ACCOUNTS + WINDOW // 10
    for size in sizes:
        while count < size:
            await bench.run(bench.transfers(min(WINDOW, size - count), hot=False))
            count += min(WINDOW, size - count)
        windows = [await bench.run(bench.transfers(WINDOW, hot=False)) for _ in range(3)]
        middle = sorted(windows, key=lambda window: window["per_s"])[1]
        curve.append({"transfers": count, **middle, "of_windows": [window["per_s"] for window in windows]})
        count += 3 * WINDOW
        print(curve[-1], file=sys.stderr, flush=True)
    return curve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store")
    parser.add_argument("--transfers", type=int, default=2 * WINDOW)
    parser.add_argument("--hot", action="store_true")
    parser.add_argument("--grow", default="")
    parser.add_argument("--audit", action="store_true")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(parser.parse_args()))), flush=True)


if __name__ == "__main__":
    main()
