"""The same through the HTTP door: what is read, how it is bounded, and pictures."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from teahouse.app import Built
from teahouse.config import Settings
from teahouse.operator.model import ChangeHouse
from teahouse.people.model import SignUp


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A running house's HTTP door. Two people are in it: Ann, who asks here, and Bob, her contact."""
    built = Built(Settings(data=tmp_path / "house"))
    async with built.running():
        link = await built.people.first_link()
        assert link is not None
        asked = SignUp(handle="ann", name="Ann", password="long enough", invitation=link.rpartition("/")[2])
        ann = await built.people.accounts.sign_up(asked, "")
        signed = await built.house.authenticate(ann.token)
        await built.operator.change(signed, ChangeHouse(registration="open"))
        transport = httpx.ASGITransport(app=built.asgi())  # type: ignore[arg-type]
        headers = {"Authorization": f"Bearer {ann.token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://house/api/v1", headers=headers) as client:
            yield client


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (500, 400), (90, 140, 120)).save(made, "PNG")
    return made.getvalue()


async def test_a_chat_is_read_as_the_page_says(doors: httpx.AsyncClient) -> None:
    made = await doors.post("/chats", json={"kind": "group", "nonce": "n1", "name": "Tea"})
    assert made.status_code == 201
    chat = made.json()["chat"]
    for n in range(5):
        sent = await doors.post(
            f"/chats/{chat}/messages", json={"nonce": f"m{n}", "content": {"kind": "text", "text": f"cup {n}"}}
        )
        assert sent.json()["seq"] == n + 2

    async def seqs(query: str) -> list[int]:
        answer = await doors.get(f"/chats/{chat}/messages?{query}")
        assert answer.status_code == 200, answer.text
        return [message["seq"] for message in answer.json()["messages"]]

    assert await seqs("") == [1, 2, 3, 4, 5, 6]
    assert await seqs("limit=2") == [5, 6]
    assert await seqs("before=5&limit=2") == [3, 4]
    assert await seqs("after=0&limit=2") == [1, 2]
    assert await seqs("around=3&limit=4") == [1, 2, 3, 4]
    assert (await doors.get("/chats")).json()["chats"][0]["last_message"]["seq"] == 6
    assert (await doors.get(f"/chats/{chat}")).json()["people"][0]["handle"] == "ann"
    found = (await doors.get("/search", params={"text": "cup 3", "chat": chat})).json()
    assert [hit["snippet"] for hit in found["hits"]] == ["\x02cup\x03 \x023\x03"]


@pytest.mark.parametrize(
    "path",
    [
        "/chats/{chat}/messages?limit=201",
        "/chats/{chat}/messages?limit=0",
        "/chats/{chat}/messages?before=-1",
        "/chats/{chat}/messages?after=x",
        "/search?text=",
        "/search?text=a&chat=nothing",
        "/search?text=a&after=x",
        "/search",
    ],
)
async def test_what_is_out_of_bounds_is_refused_with_a_reason(doors: httpx.AsyncClient, path: str) -> None:
    chat = (await doors.post("/chats", json={"kind": "group", "nonce": "n", "name": "Tea"})).json()["chat"]
    answer = await doors.get(path.format(chat=chat))
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed"


async def test_what_one_may_not_know_is_not_there(doors: httpx.AsyncClient) -> None:
    for path in ("/chats/0000000000000000", "/chats/0000000000000000/links", "/link-cards/not-a-secret"):
        answer = await doors.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")


async def test_links_and_requests_are_listed(doors: httpx.AsyncClient) -> None:
    chat = (await doors.post("/chats", json={"kind": "group", "nonce": "n", "name": "Tea"})).json()["chat"]
    link = (await doors.post(f"/chats/{chat}/links", json={"uses": 3})).json()["link"]
    (listed,) = (await doors.get(f"/chats/{chat}/links")).json()
    assert (listed["id"], listed["uses"], listed["used"], listed["url"]) == (link["id"], 3, 0, "")
    assert (await doors.get(f"/chats/{chat}/joins")).json() == []
    card = (await doors.get(f"/link-cards/{link['url'].rpartition('/')[2]}")).json()
    assert (card["name"], card["member"]) == ("Tea", True)


async def test_a_group_gets_a_picture(doors: httpx.AsyncClient) -> None:
    chat = (await doors.post("/chats", json={"kind": "group", "nonce": "n", "name": "Tea"})).json()["chat"]
    assert (await doors.put(f"/chats/{chat}/picture", content=picture())).status_code == 200
    first = (await doors.get(f"/chats/{chat}")).json()["picture"]
    assert (await doors.get(f"/pictures/{first}?size=96")).headers["content-type"] == "image/webp"
    assert (await doors.put(f"/chats/{chat}/picture", content=picture())).status_code == 200
    assert (await doors.get(f"/pictures/{first}")).status_code == 404
    assert (await doors.put(f"/chats/{chat}/picture", content=b"not an image")).status_code == 422
