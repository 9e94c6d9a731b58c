"""The main screens speak Chinese and Russian throughout, and keep their shape in every language and direction."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import SCREENS, catalogue, furnished, shown
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage

# Every text that a person or a screen reader is given: text nodes, names, titles and placeholders.
WORDS = """() => {
    const found = new Set();
    const add = (text) => text && text.trim() && found.add(text.trim());
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) add(walker.currentNode.data);
    const names = ['aria-label', 'title', 'placeholder', 'alt'];
    for (const one of document.querySelectorAll('body *')) for (const name of names) add(one.getAttribute(name));
    return [...found];
}"""
# Controls that reach over the sides of the window.
SPILLED = """() => [...document.querySelectorAll('a, button, input, textarea, select, h1, h2, p')]
    .filter((one) => one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.width > 1 && (box.left < -1 || box.right > innerWidth + 1))
    .map(([one, box]) => `${one.tagName} ${one.ariaLabel ?? one.textContent.trim()}: ${box.left} to ${box.right}`)"""
TAGS = {"zh": "zh-CN", "ru": "ru-RU", "en": "en-GB"}


def spilled(page: Page) -> list[str]:
    found: list[str] = page.evaluate(SPILLED)
    return found


@pytest.mark.parametrize("language", ["zh", "ru"])
def test_every_main_screen_speaks_the_language(house: Visitors, open_page: OpenPage, language: str) -> None:
    english, here = catalogue("en"), catalogue(language)
    foreign = {text for key, text in english.items() if text != here.get(key)} - set(here.values())
    page = open_page("phone", locale=TAGS[language])
    page.goto(house.server.url)
    expect(page.get_by_label(here["onboarding.handle"], exact=True)).to_be_visible()
    left = {"/": [word for word in page.evaluate(WORDS) if word in foreign or word in english]}

    ann, at = furnished(house)
    ann.sits_at(page)
    for screen, sign in SCREENS.items():
        shown(page, house, screen.format(**at), here[sign])
        left[screen] = [word for word in page.evaluate(WORDS) if word in foreign or word in english]
        assert spilled(page) == [], screen
    assert {screen: words for screen, words in left.items() if words} == {}
    tag = {"zh": "zh-Hans", "ru": "ru"}[language]
    expect(page.locator("html")).to_have_attribute("lang", tag)


def test_nothing_spills_over_when_read_from_the_right(house: Visitors, open_page: OpenPage) -> None:
    words = catalogue("en")
    ann, at = furnished(house)
    page = ann.sits_at(open_page("phone"))
    for screen, sign in SCREENS.items():
        shown(page, house, screen.format(**at) + "?dir=rtl", words[sign])
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert spilled(page) == [], screen
    page.goto(f"{house.server.url}/chats/{at['chat']}?dir=rtl")
    mine = page.get_by_role("article").filter(has_text="40 °C").locator(".bubble")
    box = mine.bounding_box()
    assert box is not None
    assert box["x"] < 390 - (box["x"] + box["width"]), "one's own bubbles stand at the end of the line: the left"
