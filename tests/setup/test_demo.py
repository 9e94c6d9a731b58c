"""A newcomer looks around in the sample house: people, history, unread marks, and somebody who answers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from teahouse.chat.content import TEXT_MAX
from teahouse.clock import DAY_MS, now_ms
from teahouse.demo import SEED, cast
from teahouse.demo.money import PIN
from teahouse.demo.script import MARKET_LINES, ROOMS, SPAN_MS, write
from tests.harness.server import Server

ANSWER_S_MAX = 30
MOVING_IN_S_MAX = 240


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(
        tmp_path_factory.mktemp("demo") / "unused", arguments=["--demo"], start_s_max=MOVING_IN_S_MAX
    ) as server:
        yield server
        assert server.stop() == 0, "and its folder is gone with it"


@pytest.fixture(scope="module")
def alice(sample: Server) -> Iterator[httpx.Client]:
    """Signed in as the printed page says."""
    found = re.search(r"Sign in as (\w+), .* password is always (\S+)", sample.output)
    assert found, sample.output
    signed = httpx.post(sample.url + "/api/v1/sessions", json={"handle": found[1], "password": found[2]})
    signed.raise_for_status()
    headers = {"Authorization": f"Bearer {signed.json()['token']}"}
    with httpx.Client(base_url=sample.url + "/api/v1", headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def chats(alice: httpx.Client) -> dict[str, Any]:
    answer = alice.get("/chats").raise_for_status().json()
    names = {person["id"]: person["handle"] for person in answer["people"]}
    found = {}
    for chat in answer["chats"]:
        handles = {names.get(member["person"], "") for member in chat["members"]}
        other = next(iter(handles - {"alice"}), "")
        found[chat.get("name") or f"direct:{other}"] = chat
    return found


def test_the_rooms_are_there_with_what_is_unread(chats: dict[str, Any]) -> None:
    lines = write(now_ms(), SEED)
    for room in ROOMS:
        chat = chats[room.name or room.key]
        assert chat["kind"] == room.kind
        said = [line for line in lines if line.room == room.key]
        unseen = [line for line in said[len(said) - room.guest_unread :] if line.speaker != cast.GUEST]
        # The people of the house go on talking while the test looks.
        assert chat.get("unread", 0) >= len(unseen), room


def test_alice_is_operator_and_wanted(alice: httpx.Client, chats: dict[str, Any]) -> None:
    assert alice.get("/me").json()["operator"]
    assert chats["Riverside common room"]["mentioned"] > 0
    contacts = alice.get("/contacts").json()
    assert {one["sender"]["handle"] for one in contacts["requests"]} == {cast.STRANGER.handle}
    assert len(contacts["contacts"]) >= len(cast.CAST) - 1
    waiting = alice.get(f"/chats/{chats['Book club 📚']['id']}/joins").raise_for_status()
    assert cast.STRANGER.name in waiting.text


def test_the_market_has_a_long_past(alice: httpx.Client, chats: dict[str, Any]) -> None:
    market = chats["Town market"]
    assert market["last_seq"] >= MARKET_LINES
    oldest = alice.get(f"/chats/{market['id']}/messages", params={"before": 51, "limit": 50}).raise_for_status().json()
    times = [message["at"] for message in oldest["messages"]]
    assert times == sorted(times)
    assert now_ms() - times[0] > SPAN_MS - 86_400_000


def test_search_finds_three_scripts(alice: httpx.Client) -> None:
    for text in ("chairs", "电饭锅", "велосипед"):
        assert alice.get("/search", params={"text": text}).raise_for_status().json()["hits"], text


async def test_ben_answers(sample: Server, alice: httpx.Client, chats: dict[str, Any]) -> None:
    chat = chats["direct:ben"]["id"]
    token = alice.headers["Authorization"]
    async with connect(sample.live_url, additional_headers={"Authorization": token}) as live:
        content = {"kind": "text", "text": "Is the kettle mended?"}
        await live.send(json.dumps({"id": "1", "type": "message.send", "chat": chat, "nonce": "q", "content": content}))
        async with asyncio.timeout(ANSWER_S_MAX):
            seen: list[str] = []
            while "message.new" not in seen:
                events = json.loads(await live.recv())
                seen += [event["type"] for event in events if event.get("chat") == chat]
    assert "typing" in seen
    assert "receipt.changed" in seen


def test_the_same_seed_tells_the_same_story() -> None:
    assert write(10**12, 7) == write(10**12, 7)
    assert write(10**12, 7) != write(10**12, 8)


@pytest.mark.parametrize("seed", range(5))
def test_a_story_keeps_to_the_rules_of_chats(seed: int) -> None:
    lines = write(10**12, seed)
    members = {room.key: room.members for room in ROOMS}
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert lines[-1].at < 10**12
    for line in lines:
        assert line.speaker in members[line.room]
        assert 0 < len(line.text) <= TEXT_MAX
        assert {handle for handle, _ in line.reactions} <= set(members[line.room])
        assert line.reply is None or line.reply < line.number
    for room in members:
        numbers = [line.number for line in lines if line.room == room]
        assert numbers == list(range(len(numbers)))


def test_everybody_has_money_and_a_history_that_leads_to_its_chats(sample: Server, alice: httpx.Client) -> None:
    assert f"pays with the PIN {PIN}" in sample.output
    wallet = alice.get("/wallet").raise_for_status().json()
    assert wallet["has_pin"]
    assert wallet["cashier"]
    assert wallet["balances"][0]["available"] > 0
    page = alice.get("/wallet/entries", params={"currency": "EUR", "limit": 100}).raise_for_status().json()
    kinds = {entry["kind"] for entry in page["entries"]}
    assert {"cash_in", "payment", "contact", "packet_share"} <= kinds
    assert all(entry.get("chat") for entry in page["entries"] if entry["kind"] in ("contact", "packet_share"))
    assert page["entries"][-1]["kind"] == "cash_in", "the first thing that happened"
    assert page["entries"][-1]["at"] < now_ms() - 8 * DAY_MS


def test_a_transfer_waits_for_the_guest(alice: httpx.Client, chats: dict[str, Any]) -> None:
    page = alice.get(f"/chats/{chats['direct:ben']['id']}/messages").raise_for_status().json()
    (waiting,) = [each["content"] for each in page["messages"] if each["content"]["kind"] == "transfer"]
    assert waiting.get("state", "waiting") == "waiting"
    before = alice.get("/wallet").json()["balances"][0]["available"]
    alice.post(f"/wallet/payments/{waiting['payment']}/accept").raise_for_status()
    assert alice.get("/wallet").json()["balances"][0]["available"] == before + waiting["amount"]


def test_the_market_has_a_shop_a_coupon_and_a_bill_to_pay(alice: httpx.Client) -> None:
    (shop,) = alice.get("/merchants/mine").raise_for_status().json()
    merchant = shop["merchant"]["person"]["id"]
    day = datetime.now(UTC).date().isoformat()
    bill = alice.get(f"/merchants/{merchant}/bills/{day}").raise_for_status().json()
    assert bill["agrees"]
    assert bill["closing"] == shop["takings"] > 0
    assert [each["giver"] for each in alice.get("/coupons").json()["held"]], "a friend gave it"
    found = alice.get("/billers").raise_for_status().json()["billers"]
    power = next(each for each in found if each["category"] == "electricity")
    asked = {"biller": power["person"]["id"], "customer": {"meter": power["fields"][0]["example"]}}
    owed = alice.post("/bills/fetch", json=asked).raise_for_status().json()
    assert owed["amount"] > 0, "the electricity company answers from a process of its own"
