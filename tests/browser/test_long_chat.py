"""A chat of thousands of messages: it opens where one stopped reading, and scrolls without a jump."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screens import chat_row, message, messages
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage, Width

LONG = 3200
READ = 1200
ROWS_MAX = 120
"""Rows in the document at any time, whatever the chat holds."""
STILL_PX = 2

# Scrolls up, a good part of a screen at a time, until older messages have come in front so many times. Returns by how
# many pixels the row under the eye ever moved otherwise than it was scrolled, and the most rows in the document.
READ_UPWARD = """async (loads) => {
    const log = document.querySelector('[role=log]');
    // What was painted, not what a frame is still being made of: rows are measured after the frame's callbacks.
    const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
    const rows = () => [...log.querySelectorAll('[data-key]')];
    const topOf = (row) => row.getBoundingClientRect().top;
    // Rows are still being measured after a jump: begin when the list has come to rest.
    for (let still = 0, top = -1; still < 20; still = log.scrollTop === top ? still + 1 : 0, top = log.scrollTop) {
        await painted();
    }
    let worst = 0, most = 0, came = 0, height = log.scrollHeight;
    for (let step = 0; step < 600 && came < loads; step++) {
        const row = rows().find((one) => one.getBoundingClientRect().bottom > middle);
        const from = [topOf(row), log.scrollTop];
        log.scrollTop = from[1] - 0.3 * log.clientHeight;
        const should = from[0] + from[1] - log.scrollTop;
        for (let frame = 0; frame < 4; frame++) {
            await painted();
            worst = Math.max(worst, row.isConnected ? Math.abs(topOf(row) - should) : Infinity);
            if (log.scrollHeight > height + 2 * log.clientHeight) came += 1;
            height = log.scrollHeight;
        }
        most = Math.max(most, rows().length);
    }
    return {worst, most, came};
}"""


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_a_long_chat_opens_at_the_first_unread_and_reads_on_without_a_jump(
    house: Visitors, open_page: OpenPage, width: Width
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    ben.says_all(chat, [f"Verse {n}" + " la" * (n * 7 % 60) for n in range(LONG)])
    ann.asks("PUT", f"/chats/{chat}/receipt", {"read": READ})
    page = ann.sits_at(open_page(width))
    chat_row(page, "Ben").click()

    # Seq 1 says that they are contacts, so the first verse that is unread has the number of the last one that was read.
    expect(page.get_by_text("Over 1000 unread messages")).to_be_in_viewport()
    first = row_of(page, READ - 1)
    expect(first).to_be_visible()
    expect(first).to_be_in_viewport()
    assert messages(page).count() < ROWS_MAX

    moved = page.evaluate(READ_UPWARD, 3)
    assert moved["came"] >= 3, moved
    assert moved["worst"] < STILL_PX, moved
    assert moved["most"] < ROWS_MAX, moved

    page.get_by_role("button", name="To the newest message").click()
    expect(row_of(page, LONG - 1)).to_be_in_viewport()
    assert messages(page).count() < ROWS_MAX
    ben.says(chat, "The last word")
    expect(message(page, "The last word")).to_be_in_viewport()
    expect(page).to_have_title("Teahouse")


def row_of(page: Page, number: int) -> Locator:
    return message(page, f"Verse {number}" + " la" * (number * 7 % 60))
