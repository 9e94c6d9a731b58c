"""Voice messages, recorded with Chromium's microphone that beeps once a second."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser import chromium
from tests.browser.making import (
    REFUSE_DEVICES,
    WATCH_DEVICES,
    arrived,
    button,
    devices_are_let_go,
    file_of,
    loudest,
    nothing_was_sent,
    waveform,
)
from tests.browser.screens import chat_row, composer
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage

CHROMIUM_FLAGS = chromium.FAKE_DEVICES
HINT = "Hold to record, release to send."
RECORD = "Record a voice message"
BEEP_HEARD = 0.02


def microphone(page: Page) -> Locator:
    """The button, once what records is there."""
    expect(page.get_by_title(HINT)).to_be_visible()
    return button(page, RECORD)


def press(page: Page) -> tuple[float, float]:
    """Put the pointer down on the microphone and keep it there; return where."""
    microphone(page)
    box = button(page, RECORD).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def recorded(page: Page, seconds: int) -> None:
    expect(page.locator("time", has_text=f"0:0{seconds}")).to_be_visible()


def test_hold_speak_release(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(WATCH_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    press(page)
    recorded(page, 3)
    expect(page.get_by_text("Slide to cancel")).to_be_visible()
    page.mouse.up()
    content = arrived(page, ben, chat)
    assert content["kind"] == "voice"
    media = content["media"]
    assert 2000 < media["duration"] < 8000
    # Beeps with silence between them, and the other one hears them.
    shape = waveform(media)
    assert max(shape) > 4 * min(shape)
    assert loudest(file_of(house, ben, media, "audio")) > BEEP_HEARD
    devices_are_let_go(page)
    expect(button(page, RECORD)).to_be_visible()


def test_slide_to_cancel(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(WATCH_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    x, y = press(page)
    recorded(page, 1)
    page.mouse.move(x - 80, y, steps=4)
    expect(page.get_by_text("Slide to cancel")).to_be_visible()
    page.mouse.move(x - 160, y, steps=4)
    expect(page.get_by_text("Slide to cancel")).to_have_count(0)
    page.mouse.up()
    expect(composer(page)).to_be_visible()
    devices_are_let_go(page)
    nothing_was_sent(ben, chat)


def test_lock_pause_listen_go_on_and_send(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(WATCH_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    x, y = press(page)
    recorded(page, 1)
    page.mouse.move(x, y - 120, steps=4)
    page.mouse.up()
    recorded(page, 3)
    button(page, "Pause and listen").click()
    button(page, "Listen").click()
    expect(button(page, "Pause")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.bar audio').currentTime > 0.3")
    place = page.get_by_role("slider", name="Place in the recording")
    place.press("End")
    place.press("Home")
    expect(place).to_have_attribute("aria-valuenow", "0")
    button(page, "Go on recording").click()
    recorded(page, 5)
    button(page, "Send the voice message").click()
    content = arrived(page, ben, chat)
    assert content["kind"] == "voice"
    assert 4000 < content["media"]["duration"] < 12_000
    devices_are_let_go(page)


def test_a_tap_says_how_it_is_done(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    microphone(page).click()
    expect(page.get_by_role("status").get_by_text(HINT)).to_be_visible()
    nothing_was_sent(ben, chat)


def test_a_keyboard_records_too(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    microphone(page).focus()
    page.keyboard.press("Enter")
    expect(button(page, "Pause and listen")).to_be_focused()
    recorded(page, 1)
    page.keyboard.press("Enter")
    expect(button(page, "Listen")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(button(page, "Go on recording")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert arrived(page, ben, chat)["kind"] == "voice"


def test_what_was_recorded_waits_in_the_chat_that_one_left(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    cleo = house.join("cleo")
    house.meet(ann, cleo)
    page = open_page("desktop")
    page.add_init_script(WATCH_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    microphone(page).press("Enter")
    recorded(page, 2)
    chat_row(page, "Cleo").click()
    expect(composer(page)).to_be_visible()
    devices_are_let_go(page)
    nothing_was_sent(ben, chat)
    chat_row(page, "Ben").click()
    expect(button(page, "Listen")).to_be_visible()
    # The microphone was let go: it is sent or deleted.
    expect(button(page, "Go on recording")).to_have_count(0)
    button(page, "Send the voice message").click()
    assert arrived(page, ben, chat)["kind"] == "voice"


def test_without_leave_to_use_the_microphone_one_is_told(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(REFUSE_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    press(page)
    expect(page.get_by_text("The microphone is not allowed here.")).to_be_visible()
    page.mouse.up()
    expect(composer(page)).to_be_visible()
    nothing_was_sent(ben, chat)
