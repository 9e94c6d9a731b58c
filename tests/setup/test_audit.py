"""Whoever holds the books checks them from the command line, beside the open house."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.harness.server import Server

PASSWORD = "a long enough password"


def audit(server: Server, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TEAHOUSE_DATA": str(server.data)}
    command = [sys.executable, "-m", "teahouse", "audit", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def with_money(server: Server) -> Server:
    """A house whose operator made a cashier, who filled a wallet twice."""
    people: list[tuple[str, dict[str, str]]] = []
    api = server.url + "/api/v1"
    for handle in ("mei", "ben"):
        asked = {"handle": handle, "name": handle, "password": PASSWORD}
        if not people:
            asked["invitation"] = server.first_link.rpartition("/")[2]
        answer = httpx.post(f"{api}/people", json=asked).raise_for_status().json()
        people.append((answer["person"]["id"], {"Authorization": f"Bearer {answer['token']}"}))
        if len(people) == 1:
            httpx.patch(f"{api}/house", json={"registration": "open"}, headers=people[0][1]).raise_for_status()
    (mei, operator), (ben, _) = people
    httpx.put(f"{api}/wallet/cashiers/{mei}", headers=operator).raise_for_status()
    for number in range(2):
        top_up = {"key": f"top-up-{number}", "person": ben, "amount": {"amount": 1500, "currency": "EUR"}}
        httpx.post(f"{api}/wallet/desk/top-ups", json=top_up, headers=operator).raise_for_status()
    return server


def test_a_sound_ledger_is_called_sound_and_its_past_is_held_to_an_earlier_audit(with_money: Server) -> None:
    done = audit(with_money)
    assert done.returncode == 0, done.stdout
    assert "Checked 2 transfers between 2 accounts" in done.stdout
    assert "The ledger is sound" in done.stdout
    found = re.search(r"--expect (2:[0-9a-f]{64})", done.stdout)
    assert found
    assert audit(with_money, "--expect", found[1]).returncode == 0
    other = audit(with_money, "--expect", "2:" + "0" * 64)
    assert other.returncode == 1
    assert "FAULT: transfer 2: its hash is not the one that an earlier audit told" in other.stdout


def test_books_that_were_cooked_are_not_called_sound(with_money: Server) -> None:
    with sqlite3.connect(with_money.data / "teahouse.db", timeout=30) as connection:
        connection.execute("UPDATE ledger_balance SET credits = credits + 100000 WHERE credits > 0")
    done = audit(with_money)
    assert done.returncode == 1
    assert "THE LEDGER IS NOT SOUND" in done.stdout


def test_what_cannot_be_audited_is_said(server: Server) -> None:
    wrong = audit(server, "--expect", "yesterday")
    assert wrong.returncode == 2
    assert "--expect takes" in wrong.stderr
    assert "Checked 0 transfers" in audit(server).stdout


def test_where_no_house_is_nothing_is_audited(tmp_path: Path) -> None:
    nowhere = Server(tmp_path / "nowhere")
    done = audit(nowhere)
    assert done.returncode == 1
    assert "no house" in done.stderr
