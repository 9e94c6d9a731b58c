"""Calls between two people, in Chromium's own WebRTC: with a camera that shows a disc and a microphone that beeps."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser import chromium
from tests.browser.calling import (
    VIDEO,
    answer,
    button,
    call,
    card,
    hang_up,
    hears,
    in_call,
    incoming,
    moves,
    picture,
    screen,
    seated,
    state,
    talks,
)
from tests.browser.screens import chat_row, composer, message, say
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage

CHROMIUM_FLAGS = chromium.FAKE_DEVICES
# A screen without windows has nothing to choose from: what is shown is drawn.
SCREEN = """
    navigator.mediaDevices.getDisplayMedia = async () => {
        const canvas = Object.assign(document.createElement('canvas'), {width: 800, height: 600});
        const draw = () => {
            const pen = canvas.getContext('2d');
            pen.fillStyle = `hsl(${performance.now() / 20} 60% 50%)`;
            pen.fillRect(0, 0, 800, 600);
        };
        setInterval(draw, 60);
        draw();
        window.shared = canvas.captureStream(15);
        return window.shared;
    };
"""


def test_a_video_call(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers = seated(open_page, ann, f"/chats/{chat}")
    his = seated(open_page, ben, "/chats", "phone")
    call(hers, VIDEO)
    state(hers, "Ringing")
    expect(incoming(his, "Ann")).to_contain_text("Video call")
    answer(his, "Ann", "Answer with video")
    talks(hers, his)
    moves(hers, "Ben")
    moves(his, "Ann")
    hears(hers)
    hears(his)
    expect(screen(hers).get_by_text(re.compile(r"^0:\d\d$")).first).to_be_visible()
    expect(button(screen(hers), "Line: Good")).to_be_visible()

    # Muted: the other one is told, and hears nothing more.
    button(screen(hers), "Mute").click()
    expect(screen(his).get_by_text("Ann is muted")).to_be_visible()
    his.keyboard.press("m")
    expect(button(screen(his), "Mute")).to_have_attribute("aria-pressed", "true")
    expect(screen(hers).get_by_text("Ben is muted")).to_be_visible()
    his.keyboard.press("m")
    expect(screen(hers).get_by_text("Ben is muted")).to_have_count(0)

    # Her camera goes, and comes back, without a new line.
    lines = hers.evaluate("() => window.lines.length")
    button(screen(hers), "Camera").click()
    expect(picture(his, "Ann")).to_have_count(0)
    expect(screen(his).get_by_role("heading", name="Ann")).to_be_visible()
    button(screen(hers), "Camera").click()
    moves(his, "Ann")
    assert hers.evaluate("() => window.lines.length") == lines

    # On hold nothing of either is seen.
    button(screen(hers), "Hold").click()
    state(his, "You have been put on hold")
    expect(picture(his, "Ann")).to_have_count(0)
    button(screen(hers), "Hold").click()
    talks(hers, his)
    moves(his, "Ann")

    hang_up(hers)
    expect(screen(his)).to_have_count(0)
    expect(card(hers, "Outgoing call")).to_contain_text("sec")
    his.goto(f"{house.server.url}/chats/{chat}")
    expect(card(his, "Incoming call")).to_contain_text("sec")
    content = ann.messages(chat)[-1]["content"]
    assert (content["kind"], content["outcome"], content["video"]) == ("call", "answered", True)
    assert content["seconds"] > 0


def test_a_missed_call(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers = seated(open_page, ann, f"/chats/{chat}")
    his = seated(open_page, ben, "/chats")
    call(hers)
    incoming(his, "Ann")
    expect(his).to_have_title("📞 Ann is calling")
    state(hers, "Ringing")
    hang_up(hers)
    expect(his.get_by_role("alertdialog")).to_have_count(0)
    expect(his).to_have_title("(1) Teahouse")
    row = chat_row(his, "Ann")
    expect(row).to_contain_text("Missed call")
    expect(row.get_by_text("1 unread message")).to_be_attached()
    expect(card(hers, "Cancelled call")).to_be_visible()
    row.get_by_role("link").click()
    missed = card(his, "Missed call")
    expect(missed).to_be_visible()

    # Called back by one tap.
    button(missed, "Call back").click()
    answer(hers, "Ben")
    talks(hers, his)
    hears(hers)
    hang_up(his)
    expect(screen(hers)).to_have_count(0)


def test_declined_with_a_word(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers = seated(open_page, ann, f"/chats/{chat}")
    his, other = seated(open_page, ben, "/chats", "phone"), seated(open_page, ben, f"/chats/{chat}")
    call(hers, VIDEO)
    incoming(other, "Ann")
    button(incoming(his, "Ann"), "Decline with a message").click()
    expect(button(incoming(his, "Ann"), "I can’t talk right now.")).to_be_visible()
    incoming(his, "Ann").get_by_role("textbox", name="Your own words").fill("In a train. At six?")
    button(incoming(his, "Ann"), "Send and decline").click()
    for page in (his, other):
        expect(page.get_by_role("alertdialog")).to_have_count(0)
    state(hers, "Declined")
    expect(button(screen(hers), "Call again")).to_be_visible()
    button(screen(hers), "Close").click()
    expect(message(hers, "In a train. At six?")).to_be_visible()
    expect(card(hers, "Declined call")).to_be_visible()
    expect(card(other, "Declined call")).to_be_visible()


def test_one_goes_on_with_what_one_does(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers = seated(open_page, ann, f"/chats/{chat}")
    his = seated(open_page, ben, f"/chats/{chat}", "phone")
    call(hers)
    # What he writes meanwhile is not taken for an answer.
    other = seated(open_page, ben, f"/chats/{chat}")
    composer(other).press_sequentially("Wait a mom")
    incoming(other, "Ann")
    composer(other).press_sequentially("ent ")
    expect(composer(other)).to_have_value("Wait a moment ")
    answer(his, "Ann")
    talks(hers, his)

    before = composer(hers).bounding_box()
    hers.keyboard.press("Escape")
    expect(screen(hers)).to_have_count(0)
    back = button(hers, "Return to the call")
    expect(hers.locator(".pill")).to_contain_text(re.compile(r"Ben\s*0:\d\d"))
    assert composer(hers).bounding_box() == before
    say(hers, "I write while we talk")
    expect(message(hers, "I write while we talk")).to_be_visible()
    hers.get_by_role("link", name="Contacts").first.click()
    hears(hers)
    button(hers.locator(".pill"), "Mute").click()
    expect(screen(his).get_by_text("Ann is muted")).to_be_visible()
    hers.locator(".pill .back").click()
    expect(screen(hers)).to_be_visible()
    assert back.count() == 0
    hers.keyboard.press("v")
    moves(his, "Ann")
    hang_up(his)


def test_a_screen_is_shown(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers = open_page("desktop")
    hers.add_init_script(SCREEN)
    ann.sits_at(hers, f"/chats/{chat}")
    his = seated(open_page, ben, "/chats")
    in_call(hers, his, "Ann", VIDEO, "Answer with video")
    moves(his, "Ann")
    button(screen(hers), "Share the screen").click()
    moves(his, "Ann", "Screen")
    assert his.evaluate("document.querySelector('video[aria-label^=Screen]').videoWidth") == 800
    # The browser's own button ends it: her camera is there again.
    hers.evaluate("window.shared.getTracks()[0].dispatchEvent(new Event('ended'))")
    moves(his, "Ann")
    expect(button(screen(hers), "Share the screen")).to_have_attribute("aria-pressed", "false")
    hang_up(hers)


def test_from_a_contacts_page_and_a_page_that_goes(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers = seated(open_page, ann, f"/contacts/{ben.id}")
    his = seated(open_page, ben, f"/chats/{chat}")
    button(hers, VIDEO).click()
    answer(his, "Ann")
    talks(hers, his)
    moves(his, "Ann")
    his.reload()
    expect(screen(hers)).to_have_count(0)
    expect(card(his, "Incoming call")).to_be_visible()
    assert ann.messages(chat)[-1]["content"]["outcome"] == "answered"
