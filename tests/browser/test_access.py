"""Everybody can use it: axe finds nothing against WCAG 2.2 AA, and a keyboard is enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.places import SCREENS, SOURCE, catalogue, furnished, shown
from tests.browser.screens import chat_row, composer, has_state, message
from tests.browser.visitors import Visitors, path_of
from tests.conftest import OpenPage, Width
from tests.harness.people import PASSWORD

AXE = SOURCE.parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async (tags) => {
    const {violations} = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
    const said = (rule, node) => `${rule}: ${node.html.slice(0, 200)} ${node.failureSummary.replace(/\\s+/g, ' ')}`;
    return violations.flatMap(({id, nodes}) => nodes.map((node) => said(id, node)));
}"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TABS_MAX = 60


@pytest.fixture(scope="module")
def axe() -> str:
    assert AXE.is_file(), "axe-core is missing: npm ci in web/"
    return Path(AXE).read_text("utf-8")


def violations(page: Page, axe: str, where: str) -> list[str]:
    page.evaluate(axe)
    return [f"{where}: {fault}" for fault in page.evaluate(RUN, WCAG)]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_axe_finds_nothing_on_the_main_screens(
    house: Visitors, open_page: OpenPage, axe: str, width: Width, dark: bool
) -> None:
    words = catalogue("en")
    page = open_page(width, dark=dark)
    page.goto(house.server.url)
    expect(page.get_by_role("heading", name="Welcome to")).to_be_visible()
    found = violations(page, axe, "/")

    ann, at = furnished(house)
    ann.sits_at(page)
    for screen, sign in SCREENS.items():
        shown(page, house, screen.format(**at), words[sign])
        found += violations(page, axe, screen)

    # What opens over a chat: the menu of a message, the emoji, and a dialog.
    page.goto(f"{house.server.url}/chats/{at['chat']}")
    page.get_by_role("article").filter(has_text="40 °C").locator("time").click(button="right")
    expect(page.get_by_role("menu")).to_be_visible()
    found += violations(page, axe, "a menu")
    page.get_by_role("menuitem", name="Delete for me").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += violations(page, axe, "a dialog")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Emoji", exact=True).click()
    expect(page.get_by_role("searchbox", name="Search emoji")).to_be_visible()
    found += violations(page, axe, "emoji")
    assert not found, "\n".join(found)


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until it has the focus, as somebody without a mouse does."""
    expect(wanted).to_be_visible()
    for _ in range(TABS_MAX):
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{wanted} is not reached by {key}")


def test_a_keyboard_is_enough(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    ben.says(chat, "Can you hear me?")
    page = open_page("desktop")
    page.goto(house.server.url)
    tab_to(page, page.get_by_role("button", name="I already have an account"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Handle"))
    page.keyboard.type(ann.handle)
    tab_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    tab_to(page, chat_row(page, "Ben").get_by_role("link"))
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("Loud and")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("clear")
    page.keyboard.press("Enter")
    sent = page.get_by_role("article").filter(has_text="Loud and")
    has_state(sent, "Sent")

    # Up to the messages, the menu of one, and back by Escape.
    tab_to(page, page.get_by_role("log"), "Shift+Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    theirs = message(page, "Can you hear me?")
    expect(theirs).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(theirs).to_be_focused()
    page.keyboard.press("Enter")
    reply = page.get_by_role("menuitem", name="Reply", exact=True)
    for _ in range(20):
        if reply.evaluate("(one) => one === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("Here")
    page.keyboard.press("Enter")
    expect(message(page, "Here").get_by_role("button", name="Can you hear me?")).to_be_visible()

    # The last one again to edit, left as it was; then out of the chat.
    has_state(page.get_by_role("article").filter(has_text="Here"), "Sent")
    page.keyboard.press("ArrowUp")
    expect(composer(page)).to_have_value("Here")
    page.keyboard.press("Escape")
    expect(composer(page)).to_have_value("")
    page.keyboard.press("Escape")
    page.wait_for_url("**/chats")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_be_focused()
    assert path_of(page) == "/chats"
