"""Where things are on the screens of a chat, found as people and screen readers find them."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def say(page: Page, text: str) -> Locator:
    """Write a message and send it with the button; return its row."""
    composer(page).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    return message(page, text)


def messages(page: Page) -> Locator:
    """All rows: messages, and the lines that tell what happened."""
    return page.get_by_role("log").get_by_role("article")


def message(page: Page, text: str) -> Locator:
    """The rows whose bubble says exactly this."""
    words = page.locator(".bubble > .prose, .bubble > .big").filter(has_text=re.compile(f"^{re.escape(text)}$"))
    return messages(page).filter(has=words)


def menu(page: Page, row: Locator, action: str) -> None:
    """Open what can be done with a message, and do it."""
    row.locator(".bubble, .words").first.click(button="right")
    page.get_by_role("menu").get_by_role("menuitem", name=action, exact=True).click()


def has_state(row: Locator, state: str) -> None:
    """Wait until a message of one's own shows that it is `Sending`, `Sent`, `Delivered`, `Read` or `Not sent`."""
    expect(row.get_by_role("img", name=state, exact=True)).to_be_visible()


def chat_row(page: Page, title: str) -> Locator:
    """A chat in the list."""
    rows = page.locator("a[href^='/chats/']")
    return page.get_by_role("listitem").filter(has=rows.filter(has_text=re.compile(re.escape(title))))


def texts(page: Page) -> list[str]:
    """What the bubbles in the document say, in order."""
    return page.get_by_role("log").locator(".bubble > .prose").all_inner_texts()
