"""Rounds of load, kill -9 at a random instant, restart: `python -m tests.soak.kill_rounds --rounds 200` (`make soak`).

No acknowledged message may be missing, none may be there twice, each chat's seqs have no gap, devices that catch up by
cursor have exactly what the house has, everybody has the money that the answers they got come to, and the store and
the ledger are sound. A failure prints the seed that the rounds came from.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import httpx

from tests.harness.server import Server, ServerFailed
from tests.soak import checks
from tests.soak.clients import Client

PEOPLE: Final = 6
COMMANDS: Final = 120
"""Commands that each person has for one round; most rounds are killed before the end."""
PIN: Final = "482915"
FUNDS: Final = 1_000_000
PASSWORD: Final = "a long enough password"
SETTINGS: Final = {"RATE_PERSON": "100000", "RATE_ADDRESS": "100000", "RATE_SIGN_IN": "100000"}
EARLY: Final = 0.15
"""The share of rounds that are killed while the house starts, on top of the kill under load."""


class KillRounds:
    """One house and its people, over many rounds."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self.server = Server(folder / "house", settings=SETTINGS)
        self.clients: list[Client] = []
        self._checked: dict[str, int] = {}
        self.acknowledged = 0

    @property
    def messages(self) -> int:
        return sum(len(client.sent) for client in self.clients)

    @property
    def payments(self) -> int:
        return sum(len(client.paid) + len(client.transfers) for client in self.clients)

    def open(self) -> None:
        """The house opens: everybody knows everybody, and there are two groups."""
        self.server.start()
        with self._http() as http:
            for number in range(PEOPLE):
                self.clients.append(self._sign_up(http, number))
            for one, other in combinations(self.clients, 2):
                asked = self._post(http, one, "/contacts/requests", {"person": other.person})["request"]
                chat = self._post(http, other, f"/contacts/requests/{asked}/accept", {})["chat"]
                one.chats.append(chat)
                other.chats.append(chat)
                one.friends[other.person] = other.friends[one.person] = chat
            for name, members in (("All", self.clients), ("Three", self.clients[:3])):
                people = [each.person for each in members[1:]]
                body = {"kind": "group", "nonce": name, "name": name, "people": people}
                chat = self._post(http, members[0], "/chats", body)["chat"]
                for each in members:
                    each.chats.append(chat)
            self._give_money(http)
            self._approve()
            asyncio.run(self._settle())
            for client in self.clients:
                client.learn(message for chat in client.chats for message in checks.messages(http, client, chat, 0))

    def _sign_up(self, http: httpx.Client, number: int) -> Client:
        body = {"handle": f"person{number}", "name": f"Person {number}", "password": PASSWORD}
        if number == 0:
            body["invitation"] = self.server.first_link.rpartition("/")[2]
        answer = http.post("/people", json=body)
        answer.raise_for_status()
        # A cookie would make these requests a browser's, which must name their origin.
        http.cookies.clear()
        person, token = answer.json()["person"]["id"], answer.json()["token"]
        client = Client(body["handle"], person, token, random.Random(self._chance.random()))
        if number == 0:
            answer = http.patch("/house", json={"registration": "open"}, headers=checks.signed(client))
            answer.raise_for_status()
        return client

    def _give_money(self, http: httpx.Client) -> None:
        """The operator lets everybody spend much, and two cashiers fill the wallets."""
        operator, second = (checks.signed(client) for client in self.clients[:2])
        most = {"currency": "EUR", "payment_max": 10**9, "day_max": 10**12, "balance_max": 10**12}
        limits = [{"level": level, **most} for level in range(3)]
        http.put("/wallet/limits", json={"limits": limits}, headers=operator).raise_for_status()
        http.patch("/house", json={"cash_confirm_above": 10**9}, headers=operator).raise_for_status()
        for client in self.clients[:2]:
            http.put(f"/wallet/cashiers/{client.person}", headers=operator).raise_for_status()
        for client in self.clients:
            body = {"pin": PIN, "password": PASSWORD}
            http.put("/wallet/pin", json=body, headers=checks.signed(client)).raise_for_status()
            desk = second if client is self.clients[0] else operator
            top_up = {
                "key": f"funds-{client.handle}",
                "person": client.person,
                "amount": {"amount": FUNDS, "currency": "EUR"},
            }
            http.post("/wallet/desk/top-ups", json=top_up, headers=desk).raise_for_status()

    def _approve(self) -> None:
        """Everybody says yes to this round's payments, as a program does that pays many times."""
        with self._http() as http:
            for client in self.clients:
                body = {"amount": {"amount": 10**9, "currency": "EUR"}, "uses": 10**6, "pin": PIN}
                answer = http.post("/wallet/approvals", json=body, headers=checks.signed(client))
                answer.raise_for_status()
                client.approval = answer.json()["approval"]

    def run(self, rounds: int, report: Callable[[str], None] = lambda line: None) -> None:
        """Run the rounds, then look at everything once more from the beginning."""
        for number in range(1, rounds + 1):
            asyncio.run(self._round())
            self._restart()
            self.check()
            report(
                f"round {number} of {rounds}: {self.messages} messages, {self.payments} payments, "
                f"{self.acknowledged} commands acknowledged"
            )
        self._checked.clear()
        self.check()

    async def _round(self) -> None:
        """Everybody catches up and repeats, then all write at once until the kill: after a random number of answers
        and a random moment more, so that it falls at any point of a commit."""
        enough = self._chance.randint(0, PEOPLE * COMMANDS)
        moment_s = self._chance.uniform(0, 0.02)
        reached, answers = asyncio.Event(), 0

        def answered() -> None:
            nonlocal answers
            answers += 1
            if answers >= enough:
                reached.set()

        barrier = asyncio.Barrier(PEOPLE)
        tasks = [
            asyncio.create_task(client.live(self.server.live_url, COMMANDS, answered, barrier))
            for client in self.clients
        ]
        everybody = asyncio.gather(*tasks)
        waiting = asyncio.create_task(reached.wait())
        if not enough:
            reached.set()
        await asyncio.wait((waiting, everybody), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(moment_s)
        self.server.kill()
        waiting.cancel()
        await barrier.abort()
        await everybody
        self.acknowledged += answers

    def _restart(self) -> None:
        """Start again; now and then, kill it in the middle of that as well."""
        if self._chance.random() < EARLY:
            killer = threading.Timer(self._chance.uniform(0.05, 1.0), self._kill_now)
            killer.start()
            with contextlib.suppress(ServerFailed):
                self.server.start()
            killer.join()
            self.server.kill()
        self.server.start()

    def _kill_now(self) -> None:
        os.kill(self.server.pid, signal.SIGKILL)

    def check(self) -> None:
        """Let everybody repeat and catch up, then hold their copies against the house."""
        self._approve()
        asyncio.run(self._settle())
        checks.check_sends(self.clients)
        with self._http() as http:
            checks.check_history(http, self.clients, self._checked)
            checks.check_receipts(http, self.clients)
            checks.check_money(http, self.clients, FUNDS)
        checks.check_store(self.server.data / "teahouse.db")
        checks.check_ledger(self.server.data / "teahouse.db")

    async def _settle(self) -> None:
        # Twice: the second time each is told of what the others' repeats did.
        for _ in range(2):
            await asyncio.gather(*(client.settle(self.server.live_url) for client in self.clients))

    def _http(self) -> httpx.Client:
        return httpx.Client(base_url=f"{self.server.url}/api/v1", timeout=30)

    @staticmethod
    def _post(http: httpx.Client, client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = http.post(path, json=body, headers=checks.signed(client))
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.kill_rounds", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000_000)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="teahouse-soak-") as folder:
        rounds = KillRounds(Path(folder), options.seed)
        try:
            rounds.open()
            rounds.run(options.rounds, lambda line: print(line, flush=True))
        except BaseException:
            print(f"failed with --seed {options.seed}; the server's last words:\n{rounds.server.output[-3000:]}")
            raise
        finally:
            rounds.server.kill()
    done = f"{rounds.messages} messages, {rounds.payments} payments"
    print(f"all held: {options.rounds} rounds, {done}, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
