"""The wallet: the ledger in process beside its peers, and payments over the live connections of a real house."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from bench import ledger_peers
from bench.house import PASSWORD as HOUSE_PASSWORD
from bench.house import Guest, House
from bench.load import Encode, Flow, Marks, Numbers, run
from bench.scenarios import RUNS, Summary, repeated
from bench.wire import Connection, frame

PIN: Final = "482915"
PAYMENTS: Final = 200_000
WINDOW: Final = 4
"""Payments that each person has under way, as a program that pays many has."""
FUNDS: Final = 10**9
MARKS: Final = Marks(delivery=b'"type":"wallet.changed"', ack=b'"type":"ack"', faults=(b'"type":"error"',))
CURVE: Final = (20_000, 100_000, 1_000_000, 10_000_000)


def ledger(scale: float) -> dict[str, Summary]:
    """The ledger on SQLite and on PostgreSQL, uniform and with a hot merchant, and how it grows."""
    count = max(10_000, int(200_000 * scale))
    found: dict[str, Summary] = {}
    found["ledger"] = _median([_process("sqlite", f"--transfers={count}") for _ in range(RUNS)])
    found["ledger_hot"] = _median([_process("sqlite", f"--transfers={count}", "--hot") for _ in range(RUNS)])
    found["ledger_hot"]["of_uniform"] = round(found["ledger_hot"]["per_s"] / found["ledger"]["per_s"], 2)
    sizes = ",".join(str(int(size * scale)) for size in CURVE)
    grown = _process("sqlite", f"--grow={sizes}", "--audit")
    found["ledger_curve"] = {"curve": grown["curve"], "flat": _flatness(grown["curve"])}
    found["audit"] = grown["audit"]
    with ledger_peers.postgres() as url:
        half = count // 2
        found["ledger_postgresql"] = _median([_process(url, f"--transfers={half}") for _ in range(RUNS)])
    return found


def peers(ours: dict[str, Summary]) -> dict[str, dict[str, Summary]]:
    """The same work on PostgreSQL with a transaction a transfer, and on django-hordak, in the same run."""
    with ledger_peers.postgres() as url:
        one_by_one = {
            "ledger": ledger_peers.one_by_one(url, hot=False),
            "ledger_hot": ledger_peers.one_by_one(url, hot=True),
        }
        hordak = {"ledger": ledger_peers.hordak(url)}
    uniform = ours["ledger"]["per_s"]
    ours["ledger_ratios"] = {
        "postgresql": round(uniform / one_by_one["ledger"]["per_s"], 1),
        "hordak": round(uniform / hordak["ledger"]["per_s"], 1),
    }
    return {"PostgreSQL, a transaction a transfer": one_by_one, "django-hordak": hordak}


def _process(store: str, *options: str) -> Summary:
    """Run `bench.ledger` in a process of its own, on an empty store that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-ledger-"))
    try:
        url = f"sqlite:///{folder}/ledger.db" if store == "sqlite" else ledger_peers.fresh(store)
        # On both cores, as the peers: the generator's core is only for what runs beside a server.
        command = ["taskset", "-c", "0,1", sys.executable, "-m", "bench.ledger", url, *options]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found: Summary = json.loads(done.stdout.splitlines()[-1])
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _median(runs: Sequence[Summary]) -> Summary:
    middle = sorted(runs, key=lambda each: each["per_s"])[len(runs) // 2]
    return middle | {"of_runs": [each["per_s"] for each in runs]}


def _flatness(curve: Sequence[dict[str, float]]) -> float:
    """The pace at the largest ledger, by that of the others' median: 1 when size does not matter."""
    return round(curve[-1]["per_s"] / statistics.median(point["per_s"] for point in curve[:-1]), 2)


class WalletScenarios:
    """200 people who pay each other."""

    def __init__(self, house: House, *, scale: float = 1.0) -> None:
        self._house = house
        self._scale = scale
        self._numbers = Numbers()

    def pay(self) -> Summary:
        """Payments by `wallet.pay`: approved, within limits, held against the balance, durable, both sides told."""
        connections, flows = self._flows()
        count = int(PAYMENTS * self._scale)
        run(flows, MARKS, self._numbers, max(count // 20, len(flows)), WINDOW)
        found = self._repeat(flows, count, WINDOW)
        narrow = self._repeat(flows, count // 2, 1)
        for connection in connections:
            connection.close()
        more = {"narrow_per_s": narrow["messages_per_s"], "narrow_p99_ms": narrow["ack_p99_ms"]}
        return {"payments_per_s": found["messages_per_s"], **found, **more}

    def _repeat(self, flows: Sequence[Flow], count: int, window: int) -> Summary:
        return repeated(
            lambda: run(flows, MARKS, self._numbers, count, window), lambda: self._house.pids, by="messages_per_s"
        )

    def _flows(self) -> tuple[list[Connection], list[Flow]]:
        house = self._house
        self._open_wallets()
        with ThreadPoolExecutor(8) as pool:
            approvals = list(pool.map(self._approve, house.guests))
        connections = house.connect_all(house.guests)
        flows = [
            Flow(connections[place], [], encoder(house.guests[place ^ 1], approvals[place]))
            for place in range(len(house.guests))
        ]
        return connections, flows

    def _open_wallets(self) -> None:
        """The operator raises the limits, and two cashiers fill the wallets."""
        house = self._house
        first, second = house.guests[:2]
        most = {"currency": "EUR", "payment_max": 10**9, "day_max": 10**13, "balance_max": 10**13}
        limits = [{"level": level, **most} for level in range(3)]
        house.ask("PUT", "/wallet/limits", first.token, {"limits": limits})
        house.ask("PATCH", "/house", first.token, {"cash_confirm_above": 10**12})
        for guest in (first, second):
            house.ask("PUT", f"/wallet/cashiers/{guest.person}", first.token)

        def fill(guest: Guest) -> None:
            house.ask("PUT", "/wallet/pin", guest.token, {"pin": PIN, "password": HOUSE_PASSWORD})
            money = {"amount": FUNDS, "currency": "EUR"}
            desk = second if guest is first else first
            body = {"key": f"funds-{guest.person}", "person": guest.person, "amount": money}
            house.ask("POST", "/wallet/desk/top-ups", desk.token, body)

        with ThreadPoolExecutor(8) as pool:
            for _ in pool.map(fill, house.guests):
                pass

    def _approve(self, guest: Guest) -> str:
        money = {"amount": FUNDS, "currency": "EUR"}
        body: dict[str, Any] = {"amount": money, "pin": PIN, "uses": 1_000_000}
        return str(self._house.ask("POST", "/wallet/approvals", guest.token, body)["approval"])


def encoder(payee: Guest, approval: str) -> Encode:
    """Commands `wallet.pay` to one person. The keys grow."""
    head = f'{{"id":"%d","type":"wallet.pay","key":"bench-%012d","to":"{payee.person}","approval":"{approval}",'
    tail = b'"amount":{"amount":1,"currency":"EUR"}}'
    start = head.encode()

    def encode(first: int, count: int) -> bytes:
        commands = [start % (number, number) + tail for number in range(first, first + count)]
        return frame(commands[0] if count == 1 else b"[" + b",".join(commands) + b"]")

    return encode
