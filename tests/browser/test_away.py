"""One is away: without network, without a server, or with the tab closed. Nothing is lost, doubled or out of order."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screens import chat_row, composer, has_state, message, say, texts
from tests.browser.visitors import Visitor, Visitors
from tests.conftest import OpenPage

OFFLINE = "Offline: messages will be sent later"


def written(person: Visitor, chat: str) -> list[str]:
    """The texts of the chat, as the house has them."""
    content = [one["content"] for one in person.messages(chat)]
    return [one["text"] for one in content if one["kind"] == "text"]


READ_UPWARD_S_MAX = 20
"""How often that is depends on how fast this machine draws: only the time is bounded."""


def read_upward(page: Page) -> None:
    """Press Home, as often as older messages come in front of those that were the first."""
    beginning = page.get_by_text("You are contacts now")
    deadline = time.monotonic() + READ_UPWARD_S_MAX
    while time.monotonic() < deadline:
        page.get_by_role("log").press("Home")
        page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
        if beginning.count():
            return


def holds_shell(page: Page) -> None:
    """Wait until the service worker is there and has the shell."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_what_is_written_offline_survives_the_tab_and_is_sent_once_in_order(
    own_house: Visitors, open_page: OpenPage
) -> None:
    ann, ben, chat = own_house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    has_state(say(page, "Before the tunnel"), "Sent")
    holds_shell(page)

    page.context.set_offline(True)
    expect(page.get_by_text("Offline", exact=True)).to_be_visible()
    for number in range(1, 6):
        has_state(say(page, f"In the tunnel {number}"), "Sending")
    ben.says(chat, "Where are you?")
    ben.says(chat, "The tea gets cold")

    device = page.context
    page.close()
    again = device.new_page()
    again.goto(f"{own_house.server.url}/chats/{chat}")
    expect(message(again, "Before the tunnel")).to_be_visible()
    mine = [f"In the tunnel {number}" for number in range(1, 6)]
    for text in mine:
        has_state(message(again, text), "Sending")

    device.set_offline(False)
    for text in mine:
        has_state(message(again, text), "Sent")
    expect(again.get_by_text("Offline", exact=True)).to_have_count(0)
    whole = ["Before the tunnel", "Where are you?", "The tea gets cold", *mine]
    expect(message(again, "The tea gets cold")).to_have_count(1)
    assert texts(again) == whole
    assert written(ben, chat) == whole


def test_the_line_says_that_the_house_is_away_and_goes_when_it_is_back(
    own_house: Visitors, open_page: OpenPage
) -> None:
    ann, ben, chat = own_house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    has_state(say(page, "One"), "Sent")
    own_house.server.kill()
    line = page.get_by_role("status").filter(has_text="Offline")
    expect(line).to_have_text(OFFLINE)
    has_state(say(page, "Two"), "Sending")
    has_state(say(page, "Three"), "Sending")
    own_house.server.start()
    expect(line).to_have_count(0)
    has_state(message(page, "Three"), "Sent")
    ben.says(chat, "Four")
    expect(message(page, "Four")).to_be_visible()
    assert texts(page) == ["One", "Two", "Three", "Four"]
    assert written(ben, chat) == ["One", "Two", "Three", "Four"]


@pytest.mark.parametrize("after", [0, 3, 12], ids=["at the first", "after some", "after many"])
def test_the_server_is_killed_while_messages_are_sent(own_house: Visitors, open_page: OpenPage, after: int) -> None:
    ann, ben, chat = own_house.friends("ann", "ben")
    here = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    there = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    expect(composer(there)).to_be_visible()
    sent = [f"Leaf {number}" for number in range(20)]
    for number, text in enumerate(sent):
        composer(here).fill(text)
        composer(here).press("Enter")
        if number == after:
            own_house.server.kill()
    own_house.server.start()

    has_state(message(here, sent[-1]), "Read")
    assert texts(here) == sent
    assert texts(there) == sent
    assert written(ben, chat) == sent
    seqs = [one["seq"] for one in ben.messages(chat)]
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_it_opens_from_the_local_store_with_no_server(own_house: Visitors, open_page: OpenPage, width: str) -> None:
    ann, ben, chat = own_house.friends("ann", "ben")
    ben.says_all(chat, [f"Page {number}" for number in range(100)])
    page = ann.sits_at(open_page(width))
    chat_row(page, "Ben").click()
    expect(message(page, "Page 0")).to_be_visible()
    page.get_by_role("button", name="To the newest message").click()
    expect(message(page, "Page 99")).to_be_in_viewport()
    holds_shell(page)

    own_house.server.kill()
    device = page.context
    page.close()
    page = device.new_page()
    page.goto(own_house.server.url)
    expect(chat_row(page, "Ben")).to_contain_text("Page 99")
    chat_row(page, "Ben").click()
    expect(message(page, "Page 99")).to_be_in_viewport()
    read_upward(page)
    expect(message(page, "Page 0")).to_be_in_viewport()
