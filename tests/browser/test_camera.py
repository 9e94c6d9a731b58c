"""The camera in the client, with Chromium's camera that shows a turning disc."""

from __future__ import annotations

import io

import av
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.making import (
    REFUSE_DEVICES,
    WATCH_DEVICES,
    arrived,
    attach,
    button,
    devices_are_let_go,
    file_of,
    loudest,
    nothing_was_sent,
    preview,
    send,
)
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage

CHROMIUM_FLAGS = chromium.FAKE_DEVICES
MOMENT_MS = (2000, 4700)
"""1.5 s on either side of the still; where it cannot be cut as finely, up to 1.5 s more."""


def camera(page: Page) -> None:
    """Open it, and wait until it sees."""
    attach(page, "Camera")
    expect(button(page, "Take a photo")).to_be_enabled()
    page.wait_for_function("() => document.querySelector('dialog video')?.videoWidth > 0")


def frames(film: bytes) -> tuple[int, tuple[int, int]]:
    """How many pictures it has, and how large they are."""
    with av.open(io.BytesIO(film), "r") as container:
        seen = list(container.decode(video=0))
    return len(seen), (seen[0].width, seen[0].height)


def test_a_photo_is_taken_and_sent(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(WATCH_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    camera(page)
    button(page, "Take a photo").click()
    sheet = preview(page)
    # The camera went with its sheet; and no microphone was asked for.
    devices_are_let_go(page)
    assert page.evaluate("window.opened.every((track) => track.kind === 'video')")
    sheet.get_by_role("textbox", name="Add a caption").fill("A turning disc")
    send(page)
    content = arrived(page, ben, chat)
    assert (content["kind"], content["caption"]) == ("picture", "A turning disc")
    with Image.open(io.BytesIO(file_of(house, ben, content["media"], "large"))) as image:
        assert image.size == (content["media"]["width"], content["media"]["height"])
        assert min(image.size) >= 480


def test_a_live_photo_has_what_came_before_and_after(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(WATCH_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    camera(page)
    button(page, "LIVE").click()
    # The microphone is lent, and the moment before the still is there to be kept.
    page.wait_for_function("() => window.opened.some((track) => track.kind === 'audio')")
    page.evaluate("window.since = document.querySelector('dialog video').currentTime")
    page.wait_for_function("() => document.querySelector('dialog video').currentTime > window.since + 2")
    button(page, "Take a photo").click()
    sheet = preview(page)
    live = sheet.get_by_role("button", name="LIVE")
    expect(live).to_have_attribute("aria-pressed", "true")
    devices_are_let_go(page)
    page.wait_for_function("() => document.querySelector('video.moment').readyState > 0")
    send(page)
    content = arrived(page, ben, chat)
    assert content["kind"] == "live_photo"
    media = content["media"]
    assert MOMENT_MS[0] < media["duration"] < MOMENT_MS[1]
    film = file_of(house, ben, media, "video")
    count, _size = frames(film)
    assert count > 10
    assert loudest(film) > 0.01

    # It is remembered for the next time, and may be sent as a still.
    camera(page)
    expect(button(page, "LIVE")).to_have_attribute("aria-pressed", "true")
    button(page, "Take a photo").click()
    preview(page).get_by_role("button", name="LIVE").click()
    send(page)
    assert arrived(page, ben, chat, 2)["kind"] == "picture"


def test_a_video_by_two_taps(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("desktop")
    page.add_init_script(WATCH_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    camera(page)
    page.get_by_role("radio", name="Video").check()
    button(page, "Record: tap, or hold").click()
    expect(page.get_by_text("0:02")).to_be_visible()
    button(page, "Stop recording").click()
    preview(page)
    devices_are_let_go(page)
    send(page)
    content = arrived(page, ben, chat)
    assert content["kind"] == "video"
    assert 1000 < content["media"]["duration"] < 10_000
    film = file_of(house, ben, content["media"], "video")
    assert frames(film)[0] > 10
    assert loudest(film) > 0.01


def test_a_round_note_of_oneself(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    camera(page)
    page.get_by_role("radio", name="Round").check()
    shutter = button(page, "Record: tap, or hold")
    box = shutter.bounding_box()
    assert box
    # Held this time.
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    expect(page.get_by_text("0:02")).to_be_visible()
    page.mouse.up()
    sheet = preview(page)
    expect(sheet.get_by_role("textbox")).to_have_count(0)
    send(page)
    content = arrived(page, ben, chat)
    assert content["kind"] == "video_note"
    _count, (width, height) = frames(file_of(house, ben, content["media"], "video"))
    assert width == height


def test_leaving_lets_the_camera_go_and_asks_before_something_is_lost(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(WATCH_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    camera(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    devices_are_let_go(page)

    camera(page)
    button(page, "Take a photo").click()
    preview(page)
    page.keyboard.press("Escape")
    question = page.get_by_role("dialog", name="Leave without sending?")
    question.get_by_role("button", name="Cancel", exact=True).click()
    preview(page)
    page.keyboard.press("Escape")
    question.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    nothing_was_sent(ben, chat)


def test_without_leave_to_use_the_camera_one_is_told(house: Visitors, open_page: OpenPage) -> None:
    ann, _ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(REFUSE_DEVICES)
    ann.sits_at(page, f"/chats/{chat}")
    attach(page, "Camera")
    expect(page.get_by_role("alert")).to_contain_text("The camera is not allowed here.")
    expect(button(page, "Take a photo")).to_be_disabled()
    expect(button(page, "Try again")).to_be_visible()
