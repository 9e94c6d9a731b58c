"""The doors: who may come in, what they may ask, and that bad bytes break nothing."""

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from teahouse import ids
from teahouse.app import Built
from teahouse.config import Settings
from teahouse.http.routes import TWINS
from tests.harness.people import Neighbours, Refused
from tests.harness.server import Server

API_PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def test_every_live_command_has_the_twin_that_the_page_names(tmp_path: Path) -> None:
    written = dict(re.findall(r"^\| ([a-z._]+) \| ([A-Z]{3,} /[^ ?|]+)", API_PAGE.read_text(), re.MULTILINE))
    assert written.pop("sync") == "GET /sync"
    made = {str(command.__struct_config__.tag): where for where, command, _, _ in TWINS}
    assert written == made
    built = Built(Settings(data=tmp_path))
    assert {str(command.__struct_config__.tag) for command in built.house.commands} == set(made)


async def test_a_stranger_gets_nowhere(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben, chat = await house.friends("ann", "ben")
        eve = await house.join("eve")
        spy = await eve.device()
        message = await (await ann.device()).says(chat, "between us")
        seq = message["seq"]
        for kind, fields in (
            ("message.send", {"nonce": ids.new_id(), "content": {"kind": "text", "text": "hi"}}),
            ("message.edit", {"seq": seq, "content": {"kind": "text", "text": "hi"}}),
            ("message.recall", {"seq": seq}),
            ("message.react", {"seq": seq, "emoji": "👀"}),
            ("message.delete", {"seqs": [seq]}),
            ("receipt", {"read": seq}),
            ("typing", {}),
            ("draft.set", {"text": "mine"}),
            ("chat.update", {"name": "Eve's"}),
            ("chat.clear", {}),
            ("member.add", {"people": [eve.id]}),
            ("member.role", {"person": eve.id, "role": "owner"}),
            ("link.make", {}),
        ):
            with pytest.raises(Refused) as refused:
                await spy.does(kind, chat=chat, **fields)
            assert refused.value.code == "not_found", kind
        for path in (f"/chats/{chat}", f"/chats/{chat}/messages", f"/chats/{chat}/links", f"/chats/{chat}/joins"):
            with pytest.raises(Refused) as refused:
                await eve.http("GET", path)
            assert refused.value.code == "not_found", path
        with pytest.raises(Refused):
            await spy.does(
                "message.send", chat=await house.meet(eve, ben), nonce=ids.new_id(), forward={"chat": chat, "seq": seq}
            )
        assert (await eve.http("GET", "/search", params={"text": "between"}))["hits"] == []
        page = await ann.http("GET", f"/chats/{chat}/messages")
        assert [m["content"].get("text") for m in page["messages"]][-1] == "between us"


async def test_bad_frames_are_answered_and_the_connection_lives(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben, chat = await house.friends("ann", "ben")
        phone, desk = await ann.device(), await ben.device()
        good = {"id": "good", "type": "message.send", "chat": chat, "content": {"kind": "text", "text": "still here"}}
        for data in (
            "",
            "nonsense",
            "{}",
            "[1, 2]",
            '{"id": "1", "type": "no.such.thing"}',
            b"\xff\xfe binary",
            "[" * 60_000,
            '{"a":' * 20_000,
            json.dumps({"id": "x" * 65, "type": "typing", "chat": chat}),
            json.dumps([{"type": "typing", "chat": chat}] * 501),
            json.dumps(
                {"id": "2", "type": "message.send", "chat": chat, "nonce": "n", "content": {"kind": "text", "text": ""}}
            ),
        ):
            before = len(phone.events)
            await phone.send_raw(data)
            answer = await phone.until(lambda before=before: phone.events[before:])
            assert (answer[0]["type"], answer[0]["code"]) == ("error", "malformed"), data[:40]
        await phone.send_raw(json.dumps({**good, "nonce": ids.new_id()}))
        await desk.told("message.new", text="still here")


async def test_a_frame_over_the_limit_closes_that_connection_only(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, _, chat = await house.friends("ann", "ben")
        rude, phone = await ann.device(), await ann.device()
        await rude.send_raw("x" * 300_000)
        await rude.until_closed()
        await phone.says(chat, "others go on")


async def test_too_fast_is_told_so_and_nothing_is_lost(tmp_path: Path) -> None:
    with Server(tmp_path / "house", settings={"RATE_PERSON": "2"}) as server:
        async with Neighbours(server) as house:
            ann, ben, chat = await house.friends("ann", "ben")
            phone = await ann.device()
            outcomes = await asyncio.gather(*(phone.says(chat, f"{n}") for n in range(30)), return_exceptions=True)
            refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
            assert 5 <= len(refused) < 30
            assert {each.code for each in refused} == {"rate_limited"}
            assert all(each.problem["fields"]["retry_after_ms"] > 0 for each in refused)
            page = await ben.http("GET", f"/chats/{chat}/messages")
            assert len([m for m in page["messages"] if m["sender"]]) == 30 - len(refused)


async def test_a_revoked_device_is_told_and_closed_and_stays_out(server: Server) -> None:
    async with Neighbours(server) as house:
        ann = await house.join("ann")
        phone, lost = await ann.device(), await ann.device(sign_in=True)
        listed = await ann.http("GET", "/me/devices")
        other = next(device for device in listed if not device["current"])
        await ann.http("DELETE", f"/me/devices/{other['id']}")
        assert (await lost.told("session.ended"))["reason"] == "revoked"
        await lost.until_closed()
        with pytest.raises(InvalidStatus) as refused:
            await connect(server.live_url, additional_headers={"Authorization": f"Bearer {lost.token}"})
        assert refused.value.response.status_code == 401
        await phone.does("sync", cursor="")


async def test_the_cookie_works_for_our_own_pages_only(server: Server) -> None:
    async with Neighbours(server) as house:
        await house.join("ann")
    async with httpx.AsyncClient(base_url=server.url) as browser:
        answer = await browser.post("/api/v1/sessions", json={"handle": "ann", "password": "correct horse battery"})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        me = {"bio": "changed"}
        assert (await browser.get("/api/v1/me")).status_code == 200
        assert (await browser.patch("/api/v1/me", json=me)).status_code == 403, "neither Origin nor Sec-Fetch-Site"
        assert (
            await browser.patch("/api/v1/me", json=me, headers={"Origin": "https://evil.example"})
        ).status_code == 403
        assert (await browser.patch("/api/v1/me", json=me, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
        assert (
            await browser.patch("/api/v1/me", json=me, headers={"Sec-Fetch-Site": "same-origin"})
        ).status_code == 200
        assert (await browser.patch("/api/v1/me", json=me, headers={"Origin": server.url})).status_code == 200
        token = browser.cookies["teahouse"]
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            server.live_url, additional_headers={"Cookie": f"teahouse={token}"}, origin="https://evil.example"
        )
    assert refused.value.response.status_code == 403
    async with connect(server.live_url, additional_headers={"Cookie": f"teahouse={token}"}, origin=server.url) as live:
        await live.send('{"id": "1", "type": "sync"}')
        assert json.loads(await live.recv())[0]["type"] == "synced"


def test_every_answer_carries_the_strict_headers(server: Server) -> None:
    for path in ("/", "/api/v1/house", "/api/v1/nothing", "/health/live"):
        headers = httpx.get(server.url + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "script-src" not in policy, "scripts fall back to 'self': none inline, none from elsewhere"
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


async def test_metrics_count_what_happens(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, _, chat = await house.friends("ann", "ben")
        phone = await ann.device()
        await phone.says(chat, "count me")
        async with httpx.AsyncClient() as prometheus:
            text = (await prometheus.get(server.url + "/metrics")).text
        assert "teahouse_connections 1.0" in text
        commands = re.search(r"^teahouse_commands_total ([0-9.]+)$", text, re.MULTILINE)
        assert commands
        assert float(commands[1]) >= 3


@pytest.mark.parametrize(("url", "status"), [("", 201), ("https://tea.example", 403)])
async def test_a_new_house_takes_anybody_in_only_where_nobody_else_can_come(
    tmp_path: Path, url: str, status: int
) -> None:
    with Server(tmp_path / "house", settings={"REGISTRATION": "", "URL": url}) as server:
        async with httpx.AsyncClient(base_url=server.url) as anybody:
            asked = {"handle": "ann", "name": "Ann", "password": "correct horse battery"}
            assert (await anybody.post("/api/v1/people", json=asked)).status_code == status
