"""Two tabs of one person stay equal: they share a store, and tell each other what changed in it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.screens import chat_row, composer, has_state, menu, message, say, texts
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage


def test_two_tabs_of_one_person_stay_equal(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    one = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    expect(composer(one)).to_be_visible()
    other = one.context.new_page()
    other.goto(f"{house.server.url}/chats")

    # Sent in one, seen in the other, with its state.
    say(one, "From the first tab")
    expect(chat_row(other, "Ben")).to_contain_text("From the first tab")
    chat_row(other, "Ben").click()
    has_state(message(other, "From the first tab"), "Sent")
    say(other, "From the second")
    has_state(message(one, "From the second"), "Sent")

    # A draft of one is in the other; what is sent from there is gone from both.
    composer(one).fill("Half a word")
    expect(composer(other)).to_have_value("Half a word")
    composer(other).press("Enter")
    expect(message(one, "Half a word")).to_be_visible()
    expect(composer(one)).to_have_value("")

    # Unread in both, read in both.
    for page in (one, other):
        page.goto(f"{house.server.url}/chats")
        expect(chat_row(page, "Ben")).to_be_visible()
    ben.says(chat, "Are you there, twice?")
    for page in (one, other):
        expect(chat_row(page, "Ben").get_by_text("1 unread message")).to_be_attached()
        expect(page).to_have_title("(1) Teahouse")
    chat_row(one, "Ben").click()
    expect(message(one, "Are you there, twice?")).to_be_visible()
    for page in (one, other):
        expect(page).to_have_title("Teahouse")

    # Deleted for me in one: gone from both, and from this person's other devices, but not from Ben's.
    chat_row(other, "Ben").click()
    menu(other, message(other, "Are you there, twice?"), "Delete for me")
    other.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    for page in (one, other):
        expect(message(page, "Are you there, twice?")).to_have_count(0)
    assert texts(one) == texts(other) == ["From the first tab", "From the second", "Half a word"]
    assert ben.messages(chat)[-1]["content"]["text"] == "Are you there, twice?"
    assert ann.messages(chat)[-1]["content"]["text"] == "Half a word"


def test_signing_out_of_one_tab_signs_out_of_the_other(house: Visitors, open_page: OpenPage) -> None:
    ann, _ben, chat = house.friends("ann", "ben")
    one = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    expect(composer(one)).to_be_visible()
    other = one.context.new_page()
    other.goto(f"{house.server.url}/me")
    other.get_by_role("button", name="Sign out").click()
    other.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    for page in (one, other):
        expect(page.get_by_role("heading", name="Welcome to")).to_be_visible()
    assert stored(one) == []


def stored(page: Page) -> list[str]:
    """The databases that the client left in the browser."""
    names: list[str] = page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    return names
