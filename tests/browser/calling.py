"""Calls between members, on the screens of both: what the stories about calls share."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitors import Visitor
from tests.conftest import OpenPage

# Keeps the connections that the page makes, so that a story can look at what really comes through them.
WATCH_LINES = """
    window.lines = [];
    const Line = RTCPeerConnection;
    window.RTCPeerConnection = class extends Line {
        constructor(...given) { super(...given); window.lines.push(this); }
    };
    window.counted = async (kind, field) => {
        let sum = 0;
        for (const line of window.lines.filter((one) => one.connectionState !== 'closed'))
            for (const stat of (await line.getStats()).values())
                if (stat.type === 'inbound-rtp' && stat.kind === kind) sum += stat[field] ?? 0;
        return sum;
    };
"""
VOICE = "Voice call"
VIDEO = "Video call"


def button(where: Page | Locator, name: str) -> Locator:
    return where.get_by_role("button", name=name, exact=True)


def call(page: Page, kind: str = VOICE) -> None:
    """Start a call from the chat that is open."""
    button(page.get_by_role("main"), kind).click()


def incoming(page: Page, name: str) -> Locator:
    """The sign that this person calls, once it is there."""
    sign = page.get_by_role("alertdialog", name=name, exact=True)
    expect(sign).to_be_visible()
    return sign


def answer(page: Page, name: str, how: str = "Answer with voice") -> Locator:
    button(incoming(page, name), how).click()
    return screen(page)


def screen(page: Page) -> Locator:
    """The screen of the call that goes on."""
    return page.get_by_role("dialog", name=re.compile("^Call: "))


def state(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait until the call says so to who hears the page."""
    expect(page.get_by_role("status").filter(has_text=words)).to_be_attached()


def talks(*pages: Page) -> None:
    for page in pages:
        state(page, "Connected")


def hang_up(page: Page) -> None:
    button(page, "Hang up").click()
    expect(screen(page)).to_have_count(0)


def picture(page: Page, of: str, what: str = "Picture") -> Locator:
    return page.get_by_label(f"{what} of {of}", exact=True)


def moves(page: Page, of: str, what: str = "Picture") -> None:
    """Wait until the picture (or screen) of somebody has a size and goes on: later frames than the one shown now."""
    expect(picture(page, of, what)).to_be_visible()
    label = f"{what} of {of}"
    video = f"""document.querySelector('video[aria-label="{label}"]')"""
    page.wait_for_function(f"() => {video}.videoWidth > 0 && {video}.readyState >= 2")
    before = page.evaluate(f"{video}.getVideoPlaybackQuality().totalVideoFrames")
    page.wait_for_function(f"(before) => {video}?.getVideoPlaybackQuality().totalVideoFrames > before + 2", arg=before)


def hears(page: Page) -> None:
    """Wait until more sound comes than came so far: the other's microphone beeps once a second."""
    before = page.evaluate("() => window.counted('audio', 'totalAudioEnergy')")
    page.wait_for_function(
        "async (before) => (await window.counted('audio', 'totalAudioEnergy')) > before + 1e-4", arg=before, polling=200
    )


def card(page: Page, title: str) -> Locator:
    """A call in the open chat, by how it went."""
    return page.get_by_role("log").get_by_role("article").filter(has=page.locator(".call .title", has_text=title))


def seated(open_page: OpenPage, who: Visitor, path: str, width: str = "desktop") -> Page:
    """Sit down before a page whose lines to others can be looked at."""
    page = open_page(width)
    page.add_init_script(WATCH_LINES)
    return who.sits_at(page, path)


def in_call(hers: Page, his: Page, caller: str, kind: str = VOICE, how: str = "Answer with voice") -> None:
    """From her open chat she calls, and he answers: both talk."""
    call(hers, kind)
    answer(his, caller, how)
    talks(hers, his)
