"""The screens of calls: for everybody, in any language, and with names of any length."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.calling import VIDEO, button, call, hang_up, incoming, moves, screen, seated, state, talks
from tests.browser.test_access import axe, violations  # noqa: F401 (axe is a fixture)
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage, Width

CHROMIUM_FLAGS = chromium.FAKE_DEVICES
LONG = "Wilhelmina-Alexandra Montgomery-Featherstonehaugh of Tea Gardens"
# What stands out of the page, or lies under the edge of it.
OUTSIDE = """() => [...document.querySelectorAll('dialog[open] button, dialog[open] h2, .pill, .pill button')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.className || one.tagName, one.getBoundingClientRect()])
    .filter(([, box]) => box.left < 0 || box.top < 0 || box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5)
    .map(([name]) => name)"""


@pytest.mark.parametrize(("width", "dark"), [("phone", False), ("desktop", True)], ids=["phone-light", "desktop-dark"])
def test_axe_finds_nothing_on_the_screens_of_calls(
    house: Visitors,
    open_page: OpenPage,
    axe: str,  # noqa: F811
    width: Width,
    dark: bool,
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    ann.asks("PATCH", "/me", {"name": LONG})
    hers = seated(open_page, ann, f"/chats/{chat}", width)
    his = open_page(width, dark=dark)
    ben.sits_at(his, f"/chats/{chat}")
    found: list[str] = []

    def look(where: str) -> None:
        assert his.evaluate(OUTSIDE) == [], where
        assert his.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
        found.extend(violations(his, axe, where))

    call(hers, VIDEO)
    incoming(his, LONG)
    look("it rings")
    button(his, "Decline with a message").click()
    look("words to decline with")
    incoming(his, LONG).get_by_role("button", name="Back", exact=True).click()
    button(incoming(his, LONG), "Answer with voice").click()
    talks(hers, his)
    moves(his, LONG)
    expect(screen(his).get_by_role("button", name="Line: Good")).to_be_visible()
    look("a picture")
    button(screen(hers), "Camera").click()
    expect(screen(his).get_by_role("heading", name=LONG)).to_be_visible()
    screen(his).get_by_role("button", name="Line: Good").click()
    look("a voice, and its line")
    screen(his).get_by_role("button", name="Line: Good").click()
    button(screen(his), "More" if width == "phone" else "Devices").click()
    expect(screen(his).get_by_label("Microphone", exact=True)).to_be_visible()
    look("devices")
    his.keyboard.press("Escape")
    expect(screen(his).get_by_label("Microphone", exact=True)).to_have_count(0)
    button(screen(his), "Make the call small").click()
    look("small")
    his.locator(".pill .back").click()
    button(screen(hers), "Hang up").click()
    state(his, "Call ended")
    expect(screen(his)).to_have_count(0)
    look("the card of it")
    call(his)
    button(incoming(hers, "Ben"), "Decline").click()
    state(his, "Declined")
    look("declined")
    button(screen(his), "Close").click()
    assert found == []


@pytest.mark.parametrize("locale", ["zh-CN", "ru-RU"])
def test_every_word_is_there_in_other_languages(house: Visitors, open_page: OpenPage, locale: str) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers, his = seated(open_page, ann, f"/chats/{chat}"), open_page("phone", locale=locale)
    ben.sits_at(his, f"/chats/{chat}")
    call(hers)
    ringing = his.get_by_role("alertdialog", name="Ann")
    expect(ringing).to_be_visible()
    no_english(his, "[role=alertdialog]")
    ringing.get_by_role("button").nth(2).click()
    talks(hers)
    no_english(his, "dialog[open]")
    assert his.evaluate(OUTSIDE) == []
    hang_up(hers)


def no_english(page: Page, where: str) -> None:
    """The words shown there are in another writing, but for names and units."""
    words = "(where) => [...document.querySelectorAll(`${where} button`)].map((one) => one.ariaLabel || one.innerText)"
    shown = page.evaluate(words, where)
    assert len(shown) > 2
    assert [said for said in shown if said.isascii()] == []
