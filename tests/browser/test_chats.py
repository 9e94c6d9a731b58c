"""Chatting by hand in the real client: what is said, how it looks, and that the list stays where one reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from teahouse import ids
from tests.conftest import OpenPage
from tests.harness.server import Server

PASSWORD = "oolong and slow trains"
LONG_TIME = 700


class Somebody:
    """A person who acts through the HTTP API, and whom a page may sign in as."""

    def __init__(self, server: Server, handle: str, **fields: str) -> None:
        self.url, self.handle = server.url, handle
        self.http = httpx.Client(base_url=f"{server.url}/api/v1", timeout=20)
        body = {"handle": handle, "name": handle.title(), "password": PASSWORD, **fields}
        signed_in = self.does("POST", "/people", body)
        self.id = signed_in["person"]["id"]
        self.http.cookies.clear()
        self.http.headers["Authorization"] = f"Bearer {signed_in['token']}"

    def does(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def says(self, chat: str, text: str) -> int:
        content = {"kind": "text", "text": text}
        sent = self.does("POST", f"/chats/{chat}/messages", {"nonce": ids.new_id(), "content": content})
        return int(sent["seq"])

    def meets(self, other: Somebody) -> str:
        asked = self.does("POST", "/contacts/requests", {"handle": other.handle})
        return str(other.does("POST", f"/contacts/requests/{asked['request']}/accept", {})["chat"])

    def sits_at(self, page: Page, path: str = "/chats") -> Page:
        body = {"handle": self.handle, "password": PASSWORD}
        answer = page.request.post(f"{self.url}/api/v1/sessions", data=body, headers={"Origin": self.url})
        assert answer.ok, answer.text()
        page.goto(self.url + path)
        return page


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Server]:
    """A house that lets one person say a lot at once."""
    with Server(tmp_path / "house", settings={"RATE_PERSON": "100000", "RATE_ADDRESS": "100000"}) as running:
        yield running


@pytest.fixture
def ann(house: Server) -> Somebody:
    first = Somebody(house, "ann", invitation=house.first_link.rpartition("/")[2])
    first.does("PATCH", "/house", {"registration": "open"})
    return first


@pytest.fixture
def ben(house: Server, ann: Somebody) -> Somebody:
    return Somebody(house, "ben")


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def say(page: Page, text: str) -> None:
    composer(page).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def message(page: Page, text: str) -> Locator:
    """The row of the message that says this."""
    return page.get_by_role("log").get_by_role("article").filter(has_text=text)


def choose(page: Page, text: str, action: str) -> None:
    message(page, text).locator(".bubble").click(button="right")
    page.get_by_role("menuitem", name=action, exact=True).click()


def test_two_people_say_answer_change_and_take_back(ann: Somebody, ben: Somebody, open_page: OpenPage) -> None:
    chat = ann.meets(ben)
    hers = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    his = ben.sits_at(open_page("phone", dark=True))
    say(hers, "The *kettle* is on")
    expect(his.get_by_role("link", name="The kettle is on 1 unread message")).to_be_visible()
    his.get_by_role("link", name="Ann").tap()
    expect(message(his, "The kettle is on").locator("strong")).to_have_text("kettle")
    expect(message(hers, "The kettle is on").get_by_role("img", name="Read")).to_be_visible()

    # Marks and links are drawn from data: a text is never read as HTML.
    say(hers, "<img src=x onerror=alert(1)> see https://example.org/a_b, 2*3*4 `x` ~no~")
    seen = message(his, "onerror")
    expect(seen.locator("img[src=x]")).to_have_count(0)
    expect(seen.get_by_role("link")).to_have_attribute("href", "https://example.org/a_b")
    expect(seen.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(seen.locator("code")).to_have_text("x")
    expect(seen.locator("s")).to_have_text("no")
    expect(seen).to_contain_text("2*3*4")

    say(his, "On my way")
    choose(hers, "On my way", "Reply")
    say(hers, "Bring cups")
    quote = message(his, "Bring cups").get_by_role("button", name="You On my way")
    expect(quote).to_be_visible()

    composer(hers).press("ArrowUp")
    expect(composer(hers)).to_have_value("Bring cups")
    composer(hers).fill("Bring two cups")
    composer(hers).press("Enter")
    expect(message(his, "Bring two cups")).to_contain_text("edited")

    message(hers, "On my way").first.locator(".bubble").click(button="right")
    hers.get_by_role("menuitemcheckbox", name="React with 👍").click()
    expect(message(his, "On my way").first.get_by_role("button", name="👍 1: Ann")).to_be_visible()

    choose(hers, "Bring two cups", "Recall")
    expect(his.get_by_text("Ann recalled a message")).to_be_visible()
    hers.get_by_role("button", name="Write it again").click()
    expect(composer(hers)).to_have_value("Bring two cups")


def test_after_a_long_absence_the_list_opens_at_the_first_unread_and_does_not_jump(
    ann: Somebody, ben: Somebody, open_page: OpenPage
) -> None:
    chat = ann.meets(ben)
    for number in range(LONG_TIME):
        ben.says(chat, f"Letter {number} " + "and more " * (number % 17))
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    divider = page.get_by_role("log").get_by_text(f"{LONG_TIME} unread messages", exact=True)
    expect(divider).to_be_in_viewport()
    expect(message(page, "Letter 0 ")).to_be_in_viewport()

    page.get_by_role("button", name="To the newest message").click()
    newest = message(page, f"Letter {LONG_TIME - 1} ")
    expect(newest).to_be_in_viewport()
    assert worst_jump(page, -90, 150) <= 3
    expect(newest).not_to_be_in_viewport()

    # A new message does not pull the reader away from what they read.
    before = page.get_by_role("log").evaluate("log => log.scrollTop")
    ben.says(chat, "One more")
    button = page.get_by_role("button", name="To the newest message")
    expect(button).to_contain_text("1")
    assert abs(page.get_by_role("log").evaluate("log => log.scrollTop") - before) <= 3
    button.click()
    expect(message(page, "One more")).to_be_in_viewport()

    # Found by words, shown in its place.
    page.keyboard.press("Control+k")
    page.keyboard.type("letter 123")
    page.get_by_role("link", name="Letter 123").click()
    expect(message(page, "Letter 123 ")).to_be_in_viewport()


def worst_jump(page: Page, step: int, frames: int) -> float:
    """Scroll by `step` px a frame; return by how many px a row on screen ever moved otherwise than that."""
    script = """async (log, [step, frames]) => {
        // What was painted, not what a frame is still being made of: rows are measured after the frame's callbacks.
        const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        // Rows are still being measured after a jump: begin when the list has come to rest.
        for (let still = 0, top = -1; still < 20; still = log.scrollTop === top ? still + 1 : 0, top = log.scrollTop) {
            await painted();
        }
        let worst = 0;
        for (let frame = 0; frame < frames; frame++) {
            const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
            const rows = [...log.querySelectorAll('[data-key]')];
            const row = rows.find((one) => one.getBoundingClientRect().bottom > middle);
            const top = row.getBoundingClientRect().top;
            const before = log.scrollTop;
            log.scrollTop = before + step;
            const moved = log.scrollTop - before;
            await painted();
            worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - top + moved));
        }
        return worst;
    }"""
    return float(page.get_by_role("log").evaluate(script, [step, frames]))


def test_a_group_names_its_members_and_hears_only_its_admins(ann: Somebody, ben: Somebody, open_page: OpenPage) -> None:
    ann.meets(ben)
    hers, his = ann.sits_at(open_page("desktop")), ben.sits_at(open_page("desktop"))
    hers.get_by_role("button", name="New chat, group or contact").click()
    hers.get_by_role("menuitem", name="New group").click()
    hers.get_by_role("dialog").get_by_role("checkbox", name="Ben").click()
    hers.get_by_role("button", name="Next (1)").click()
    hers.get_by_label("Group name").fill("Book club")
    hers.get_by_role("button", name="Create").click()
    hers.wait_for_url("**/chats/*")

    composer(hers).press_sequentially("Shall we start, @b")
    expect(hers.get_by_role("option", name="Ben")).to_be_visible()
    composer(hers).press("Enter")
    expect(composer(hers)).to_have_value("Shall we start, @ben ")
    composer(hers).press("Enter")
    club = his.get_by_role("link", name="Book club")
    expect(club.get_by_role("img", name="Somebody mentioned you")).to_be_visible()
    club.click()
    expect(message(his, "Shall we start").get_by_role("link", name="@Ben")).to_be_visible()

    hers.get_by_role("link", name="Chat info", exact=True).click()
    hers.get_by_label("Only admins write").check()
    expect(his.get_by_text("Only admins can write here.")).to_be_visible()
    expect(composer(his)).to_have_count(0)

    hers.get_by_role("button", name="Invite by link or QR code").click()
    hers.get_by_role("button", name="Create").click()
    expect(hers.get_by_role("img", name="QR code")).to_be_visible()


def test_what_is_half_written_waits_and_what_is_put_away_comes_back(
    ann: Somebody, ben: Somebody, open_page: OpenPage
) -> None:
    chat = ann.meets(ben)
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    composer(page).fill("Half a thought")
    page.keyboard.press("Escape")
    row = page.get_by_role("listitem").get_by_role("link", name="Ben")
    expect(row).to_contain_text("Draft: Half a thought")
    page.reload()
    row.click()
    expect(composer(page)).to_have_value("Half a thought")

    row.click(button="right")
    page.get_by_role("menuitem", name="Archive").click()
    page.get_by_role("button", name="Archived").click()
    expect(page.get_by_role("heading", name="Archived")).to_be_visible()
    row.click(button="right")
    page.get_by_role("menuitem", name="Take out of the archive").click()
    expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    expect(row).to_be_visible()
