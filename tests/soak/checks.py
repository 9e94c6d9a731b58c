"""What must hold after each kill, read from the house itself and held against what its clients were told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from teahouse.clock import now_ms
from teahouse.storage.engine import make_engine
from teahouse.wallet.check import faults_of
from teahouse.wallet.ledger.audit import Audit
from tests.soak.clients import Broken, Client, copy_of

PAGE = 100


def messages(http: httpx.Client, client: Client, chat: str, after: int) -> Iterator[dict[str, Any]]:
    """A chat's history after a seq, page by page, as this person may read it."""
    while True:
        answer = http.get(f"/chats/{chat}/messages", params={"after": after, "limit": PAGE}, headers=signed(client))
        answer.raise_for_status()
        page = answer.json()["messages"]
        yield from page
        if not page:
            return
        after = page[-1]["seq"]


def signed(client: Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.token}"}


def check_history(http: httpx.Client, clients: Sequence[Client], after: dict[str, int]) -> None:
    """Every chat after the seq checked before: no gap, no nonce twice, nothing acknowledged missing or changed, nothing
    that nobody sent; and every device's copy is the same as the house's."""
    chats = {chat: [each for each in clients if chat in each.chats] for each in clients for chat in each.chats}
    by_person = {client.person: client for client in clients}
    for chat, members in chats.items():
        known = after.get(chat, 0)
        seq = known
        for message in messages(http, members[0], chat, known):
            seq += 1
            if message["seq"] != seq:
                raise Broken(f"{chat}: after {seq - 1} comes {message['seq']}")
            sender = by_person.get(message["sender"])
            is_money = message["content"]["kind"] == "transfer"
            if sender is not None and not is_money and sender.sent.get(message.get("nonce", "")) != (chat, seq):
                raise Broken(f"{chat} {seq}: {message} is not where {sender.handle} has it")
            for member in members:
                own = member.copies.get((chat, seq))
                if own != copy_of(message):
                    raise Broken(f"{chat} {seq}: {member.handle} has {own}, the house has {message}")
        for member in members:
            ahead = [place for place in member.copies if place[0] == chat and place[1] > seq]
            if ahead:
                raise Broken(f"{member.handle} was told of {ahead}, which the house does not have")
        after[chat] = max(known, seq - 1000)


def check_sends(clients: Sequence[Client]) -> None:
    """After all repeats, every send is somewhere, and no two are at the same place."""
    places = [place for client in clients for place in client.sent.values()]
    if None in places:
        lost = [nonce for client in clients for nonce, place in client.sent.items() if place is None]
        raise Broken(f"never answered: {lost}")
    if len(set(places)) != len(places):
        raise Broken("two sends are at the same place")


def check_receipts(http: httpx.Client, clients: Sequence[Client]) -> None:
    """No acknowledged receipt went back."""
    for client in clients:
        for chat, read in client.read.items():
            answer = http.get(f"/chats/{chat}", headers=signed(client))
            answer.raise_for_status()
            if answer.json().get("read_seq", 0) < read:
                raise Broken(f"{client.handle} had read {chat} to {read}, the house says {answer.json()}")


def check_money(http: httpx.Client, clients: Sequence[Client], funds: int) -> None:
    """Everybody has exactly what the answers they got come to: nothing acknowledged is lost, and nothing doubled."""
    balance, held = ({client.person: 0 for client in clients} for _ in range(2))
    for client in clients:
        balance[client.person] += funds
        sent = [(to, amount, "accepted") for to, amount in client.paid.values()] + list(client.transfers.values())
        for to, amount, state in sent:
            if state == "accepted":
                balance[client.person] -= amount
                balance[to] += amount
            elif state == "waiting":
                held[client.person] += amount
    for client in clients:
        answer = http.get("/wallet", headers=signed(client))
        answer.raise_for_status()
        has = answer.json()["balances"][0]
        expected = (balance[client.person], balance[client.person] - held[client.person])
        if (has["balance"], has["available"]) != expected:
            raise Broken(f"{client.handle} should have {expected}, and has {has}")


def check_ledger(file: Path) -> None:
    """An audit from the first transfer, beside the running house."""
    engine = make_engine(f"sqlite:///{file}", readers=1)
    with engine.connect() as connection, connection.begin():
        faults = [*Audit(connection, now_ms()).run().faults, *faults_of(connection, {})]
    engine.dispose()
    if faults:
        raise Broken(f"audit: {faults}")


def check_store(file: Path) -> None:
    """SQLite's own word on the file, asked beside the running house."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    if found != [("ok",)]:
        raise Broken(f"integrity_check: {found}")
