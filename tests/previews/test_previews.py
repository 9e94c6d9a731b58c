"""Link previews as people use them: asked for, sent with a text, kept with it, dropped when nobody sent them."""

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image

from teahouse import clock
from teahouse.app import Built
from teahouse.config import Settings
from teahouse.operator.model import ChangeHouse
from teahouse.people.model import SignUp
from teahouse.previews import service, store
from tests.previews.site import Page, Site, head


def picture(size: tuple[int, int] = (1600, 840)) -> bytes:
    made = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(made, "JPEG")
    return made.getvalue()


class Doors:
    """A running house, asked through its HTTP door by Ann, its operator."""

    def __init__(self, built: Built, client: httpx.AsyncClient, chat: str) -> None:
        self.built = built
        self.client = client
        self.chat = chat
        self._sent = 0

    async def preview(self, url: str) -> httpx.Response:
        return await self.client.post("/previews", json={"url": url})

    async def says(self, text: str, preview: str) -> dict[str, Any]:
        """Send a text with a preview; return the content as it was told."""
        self._sent += 1
        content = {"kind": "text", "text": text, "preview": preview}
        sent = await self.client.post(
            f"/chats/{self.chat}/messages", json={"nonce": f"m{self._sent}", "content": content}
        )
        assert sent.status_code == 201, sent.text
        page = await self.client.get(f"/chats/{self.chat}/messages?limit=1")
        found: dict[str, Any] = page.json()["messages"][-1]["content"]
        return found

    async def age(self, by_ms: int) -> None:
        p = store.previews.c
        await self.built.house.store.write(
            lambda tx: tx.connection.execute(sa.update(store.previews).values(made_at=p.made_at - by_ms))
        )


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        site.pages["/tea"] = Page(head(title="Green tea", description="Fresh", site_name="Leaves", image="/cup.jpg"))
        site.pages["/cup.jpg"] = Page(picture(), type="image/jpeg")
        site.pages["/plain"] = Page(head())
        yield site


@pytest.fixture
async def doors(tmp_path: Path, store_url: str) -> AsyncIterator[Doors]:
    built = Built(Settings(data=tmp_path / "house", store=store_url, previews_private=True))
    async with built.running():
        link = await built.people.first_link()
        assert link is not None
        asked = SignUp(handle="ann", name="Ann", password="long enough", invitation=link.rpartition("/")[2])
        ann = await built.people.accounts.sign_up(asked, "")
        transport = httpx.ASGITransport(app=built.asgi())  # type: ignore[arg-type]
        headers = {"Authorization": f"Bearer {ann.token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://house/api/v1", headers=headers) as client:
            made = await client.post("/chats", json={"kind": "group", "nonce": "n", "name": "Tea"})
            yield Doors(built, client, made.json()["chat"])


async def test_a_link_becomes_a_card_with_a_picture_of_the_houses_own(doors: Doors, site: Site) -> None:
    url = f"{site.url}/tea"
    answer = await doors.preview(url)
    assert answer.status_code == 200, answer.text
    card = answer.json()
    assert (card["title"], card["description"], card["site"]) == ("Green tea", "Fresh", "Leaves")
    assert (card["width"], card["height"]) == (1600, 840)
    content = await doors.says(f"Look: {url}!", card["id"])
    assert content == {"kind": "text", "text": f"Look: {url}!", "preview": card}
    shown = await doors.client.get(f"/previews/{card['id']}/picture")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert Image.open(io.BytesIO(shown.content)).size == (1280, 672)


async def test_a_page_is_asked_once_a_day(doors: Doors, site: Site) -> None:
    url = f"{site.url}/plain"
    answers = await asyncio.gather(*(doors.preview(url) for _ in range(5)))
    ids = {answer.json()["id"] for answer in answers}
    ids.add((await doors.preview(url)).json()["id"])
    assert len(ids) == 1
    assert [path for path, _ in site.asked] == ["/plain"]
    await doors.age(clock.DAY_MS + 1000)
    assert (await doors.preview(url)).json()["id"] not in ids


async def test_a_page_without_a_picture_that_can_be_drawn_has_a_card_without_one(doors: Doors, site: Site) -> None:
    for number, bad in enumerate(
        (
            Page(b"<svg onload=alert(1)>", type="image/svg+xml"),
            Page(b"<html>", type="image/png"),
            Page(b"\x89PNG\r\n\x1a\n", type="image/png"),
            Page(status=404),
        )
    ):
        site.pages[f"/bad{number}"] = bad
        site.pages[f"/page{number}"] = Page(head(title="Tea", image=f"/bad{number}"))
        card = (await doors.preview(f"{site.url}/page{number}")).json()
        assert card["title"] == "Tea"
        assert "width" not in card
        assert (await doors.client.get(f"/previews/{card['id']}/picture")).status_code == 404


async def test_a_link_to_a_picture_shows_the_picture(doors: Doors, site: Site) -> None:
    card = (await doors.preview(f"{site.url}/cup.jpg")).json()
    assert (card["title"], card["width"]) == ("cup.jpg", 1600)
    site.pages["/fake.jpg"] = Page(b"no picture", type="image/jpeg")
    assert (await doors.preview(f"{site.url}/fake.jpg")).json()["code"] == "no_preview"


async def test_what_shows_nothing_is_not_asked_again_at_once(doors: Doors, site: Site) -> None:
    for _ in range(3):
        answer = await doors.preview(f"{site.url}/none")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_preview")
    assert len(site.asked) == 1


async def test_a_site_that_never_ends_is_left(doors: Doors, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "DEADLINE_S", 0.2)
    never = threading.Event()
    site.pages["/slow"] = Page(head(title="Slow"), wait=never)
    assert (await doors.preview(f"{site.url}/slow")).json()["code"] == "no_preview"
    never.set()


async def test_what_is_no_link_is_malformed(doors: Doors) -> None:
    for url in ("", "tea", "ftp://tea.example/", "javascript:alert(1)", "http://a b", "http://" + "x" * 3000):
        assert (await doors.preview(url)).json()["code"] == "malformed"


async def test_one_person_asks_for_so_many_and_no_more(doors: Doors, site: Site) -> None:
    codes = [(await doors.preview(f"{site.url}/{n}")).json()["code"] for n in range(service.BURST + 2)]
    assert codes[: service.BURST] == ["no_preview"] * service.BURST
    assert codes[-1] == "rate_limited"


async def test_the_operator_turns_them_off(doors: Doors, site: Site) -> None:
    assert (await doors.client.get("/house")).json()["link_previews"] is True
    signed = await doors.built.house.authenticate(doors.client.headers["authorization"].rpartition(" ")[2])
    await doors.built.operator.change(signed, ChangeHouse(link_previews=False))
    assert (await doors.client.get("/house")).json()["link_previews"] is False
    answer = await doors.preview(f"{site.url}/tea")
    assert (answer.status_code, answer.json()["code"]) == (403, "previews_off")
    assert site.asked == []


async def test_a_card_that_no_message_took_goes_after_a_day_and_one_that_is_shown_stays(
    doors: Doors, site: Site
) -> None:
    site.pages["/other"] = Page(head(title="Other", image="/cup.jpg"))
    sent = (await doors.preview(f"{site.url}/tea")).json()["id"]
    unsent = (await doors.preview(f"{site.url}/other")).json()["id"]
    await doors.says(f"{site.url}/tea", sent)
    await doors.age(clock.DAY_MS + 1000)
    assert await doors.built.previews.collect() == 1
    assert (await doors.client.get(f"/previews/{sent}/picture")).status_code == 200
    assert (await doors.client.get(f"/previews/{unsent}/picture")).status_code == 404
    assert "preview" not in await doors.says(f"{site.url}/other", unsent)


async def test_a_card_is_of_a_link_that_the_text_holds(doors: Doors, site: Site) -> None:
    card = (await doors.preview(f"{site.url}/tea")).json()
    assert "preview" not in await doors.says("Look at https://bank.example", card["id"])
    assert "preview" not in await doors.says("Look", "0" * 16)


async def test_a_private_address_is_refused_unless_the_house_says_otherwise(tmp_path: Path, site: Site) -> None:
    built = Built(Settings(data=tmp_path / "other"))
    async with built.running():
        link = await built.people.first_link()
        assert link is not None
        asked = SignUp(handle="ann", name="Ann", password="long enough", invitation=link.rpartition("/")[2])
        ann = await built.people.accounts.sign_up(asked, "")
        signed = await built.house.authenticate(ann.token)
        with pytest.raises(service.NoPreview):
            await built.previews.preview(signed, f"{site.url}/tea")
    assert site.asked == []
