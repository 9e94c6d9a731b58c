"""It is an app: installable, there without network, and small at the first load."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Page, Response, expect

from tests.browser.screens import chat_row
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage

FIRST_LOAD_MAX = 150_000
"""Bytes of JavaScript over the wire before the first screen is whole (issue: 150 KB, gzipped)."""

WORTH_PACKING = 1024


def scripts_of(page: Page) -> list[Response]:
    """The JavaScript that a page asks for from now on."""
    found: list[Response] = []
    page.on("response", lambda answer: found.append(answer) if answer.url.endswith(".js") else None)
    return found


def sent_bytes(answers: list[Response]) -> int:
    assert answers
    for answer in answers:
        assert answer.ok
        assert answer.header_value("content-encoding") == "gzip" or len(answer.body()) < WORTH_PACKING, answer.url
    return sum(answer.request.sizes()["responseBodySize"] for answer in answers)


def test_the_first_load_is_small(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    ben.says(chat, "Hello")
    stranger = open_page("phone")
    asked = scripts_of(stranger)
    stranger.goto(house.server.url)
    expect(stranger.get_by_role("heading", name="Welcome to")).to_be_visible()
    assert sent_bytes(asked) < FIRST_LOAD_MAX

    page = open_page("phone")
    asked = scripts_of(page)
    ann.sits_at(page, "/")
    expect(chat_row(page, "Ben")).to_contain_text("Hello")
    assert sent_bytes(asked) < FIRST_LOAD_MAX


def test_it_can_be_installed(house: Visitors, open_page: OpenPage) -> None:
    page = open_page("phone")
    page.goto(house.server.url)
    address = page.locator("link[rel=manifest]").get_attribute("href")
    assert address
    answer = page.request.get(house.server.url + address)
    assert answer.ok
    assert "json" in answer.headers["content-type"]
    manifest = answer.json()
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Teahouse", "/", "standalone")
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in drawn} >= {"192x192", "512x512"}
    for icon in drawn:
        picture = Image.open(io.BytesIO(page.request.get(house.server.url + icon["src"]).body()))
        assert "x".join(map(str, picture.size)) == icon["sizes"]

    # What Chromium itself has against installing it.
    worker = page.evaluate("navigator.serviceWorker.ready.then((one) => one.active.scriptURL)")
    assert worker == f"{house.server.url}/sw.js"
    problems = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in problems if one["errorId"] != "in-incognito"] == []


def test_the_service_worker_holds_the_whole_app(house: Visitors, open_page: OpenPage) -> None:
    ann, _ben, _chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(chat_row(page, "Ben")).to_be_visible()
    page.context.set_offline(True)
    for place in ("Contacts", "Wallet", "Discover", "Me"):
        page.goto(f"{house.server.url}/{place.lower()}")
        expect(page.get_by_role("heading", name=place, exact=True)).to_be_visible()


def test_a_new_device_does_not_claim_that_there_are_no_chats(house: Visitors, open_page: OpenPage) -> None:
    ann, _ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    seen: set[str] = set()
    page.expose_function("seen", lambda text: seen.update([text]))
    page.add_init_script(
        """addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
            for (const one of document.querySelectorAll('h1, h2, h3, .title, p')) seen(one.textContent.trim());
        }).observe(document, {childList: true, subtree: true}));"""
    )
    ann.sits_at(page)
    expect(chat_row(page, "Ben")).to_be_visible()
    assert "Chats" in seen
    assert "The kettle is on" not in seen

    # The device comes to somebody else, without a sign-out: nothing of the former person is left on the screen.
    cleo = house.join("cleo")
    cleo.sits_at(page)
    expect(page.get_by_text("The kettle is on")).to_be_visible()
    assert "The kettle is on" in seen
    expect(chat_row(page, "Ann").or_(chat_row(page, "Ben"))).to_have_count(0)

    other = open_page("phone")
    ann.sits_at(other, f"/chats/{chat}")
    expect(other.get_by_role("log")).to_be_visible()
