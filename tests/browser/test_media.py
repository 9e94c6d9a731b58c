"""What people send each other is seen, looked at, heard and kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Response, Route, expect

from teahouse.demo import gallery
from tests.browser.films import film, picture, tone
from tests.browser.posting import Posting
from tests.browser.screens import chat_row, messages
from tests.browser.test_access import AXE, violations
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage, Width

PLAYER = "video[data-player]"
LOUD = 0.02
"""Mean square root of the samples: silence is 0, the tones of these stories are about 0.1 or more."""

# Listens to what an element plays; `heard` is the loudest frequency and how loud all is, as they are just now.
LISTEN = """(selector) => {
    const element = document.querySelector(selector);
    const context = new AudioContext();
    const ear = new AnalyserNode(context, {fftSize: 8192});
    context.createMediaElementSource(element).connect(ear);
    window.heard = () => {
        const bins = new Float32Array(ear.frequencyBinCount);
        const samples = new Float32Array(ear.fftSize);
        ear.getFloatFrequencyData(bins);
        ear.getFloatTimeDomainData(samples);
        const loudest = bins.indexOf(Math.max(...bins));
        return {hertz: loudest * context.sampleRate / ear.fftSize,
                energy: Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length)};
    };
}"""
HEARD = """([hertz, loud]) => {
    const now = window.heard();
    return now.energy > loud && Math.abs(now.hertz - hertz) < 20;
}"""
MOVES = "(selector) => document.querySelector(selector)?.currentTime > 0.3"
# How far the picture that is looked at is zoomed in.
SCALE = (
    "new DOMMatrix(getComputedStyle(document.querySelector('dialog .slide:not([aria-hidden]) > .content')).transform).a"
)
ZOOMED = f"(least) => {SCALE} > least"
WHOLE = f"() => {SCALE} === 1"


def opens(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def lively(page: Page) -> Page:
    """Other stories are told to people who want less motion; here things move by themselves."""
    page.emulate_media(reduced_motion="no-preference")
    return page


def touches(page: Page, *moments: Sequence[tuple[float, float]]) -> None:
    """Fingers on the glass: where each is, moment by moment; then all are lifted."""
    glass = page.context.new_cdp_session(page)
    for number, fingers in enumerate(moments):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(fingers)]
        glass.send("Input.dispatchTouchEvent", {"type": "touchMove" if number else "touchStart", "touchPoints": points})
    glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_pictures_have_their_place_before_they_are_here(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    posts = Posting(ben)
    posts.sends(chat, "picture", picture(1600, 1200), name="p.jpg", caption="The *river* this morning")
    posts.sends_album(chat, *(picture(800, 600 + 200 * (number % 2)) for number in range(5)))
    posts.sends(chat, "picture", picture(600, 2400), name="p.jpg")

    page = open_page("phone")
    waiting: list[Route] = []
    held = True
    page.route("**/api/v1/media/**", lambda route: waiting.append(route) if held else route.continue_())
    ann.sits_at(page, f"/chats/{chat}")
    expect(opens(page, "The river this morning")).to_be_visible()
    expect(messages(page)).to_have_count(4)
    tops = "(all) => all.map((one) => one.getBoundingClientRect().height)"
    before = messages(page).evaluate_all(tops)
    # The blurred stand-ins came with the messages; the files have not.
    expect(page.locator("[role=log] .blurred").first).to_be_visible()
    expect(page.locator("[role=log] .picture.loaded")).to_have_count(0)

    held = False
    for route in waiting:
        route.continue_()
    expect(page.locator("[role=log] .picture.loaded")).to_have_count(7)
    assert messages(page).evaluate_all(tops) == before
    expect(page.get_by_role("log").locator("strong, em").first).to_have_text("river")
    page.get_by_role("button", name="Back").click()
    expect(chat_row(page, "Ben")).to_contain_text("Photo")
    expect(chat_row(page, "Ben").locator(".picture.loaded")).to_be_visible()


def test_pictures_are_looked_at_by_keyboard(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    posts = Posting(ben)
    posts.sends_album(chat, picture(1200, 900), picture(900, 1200, "navy"), caption="Two")
    posts.sends(chat, "picture", picture(1600, 1200, "brown"), name="p.jpg")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")

    second = page.get_by_role("group", name="2 photos and videos").get_by_role("button").nth(1)
    second.press("Enter")
    viewer = page.get_by_role("dialog")
    expect(viewer).to_contain_text("2 of 3")
    expect(viewer).to_contain_text("Ben")
    expect(viewer.locator(".caption")).to_have_text("Two")
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.wait_for_function(ZOOMED, arg=2)
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("3 of 3")
    page.wait_for_function(WHOLE)
    expect(viewer.get_by_role("button", name="Next")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(viewer).to_contain_text("1 of 3")
    # The focus stays in it.
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(second).to_be_focused()


def test_pictures_are_looked_at_by_touch(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    posts = Posting(ben)
    for colour in ("teal", "navy"):
        posts.sends(chat, "picture", picture(1600, 1200, colour), name="p.jpg")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    messages(page).last.get_by_role("button", name="Photo from Ben").tap()
    viewer = page.get_by_role("dialog")
    expect(viewer).to_contain_text("2 of 2")
    touches(page, *([(60 + 40 * step, 420)] for step in range(7)))
    expect(viewer).to_contain_text("1 of 2")

    # Two fingers apart zoom in; then one finger moves the picture and does not leaf on.
    touches(page, *([(180 - 18 * step, 420), (210 + 18 * step, 420)] for step in range(8)))
    page.wait_for_function(ZOOMED, arg=1.5)
    touches(page, *([(300 - 40 * step, 420)] for step in range(7)))
    expect(viewer).to_contain_text("1 of 2")
    page.touchscreen.tap(195, 420)
    page.touchscreen.tap(195, 420)
    page.wait_for_function(WHOLE)
    touches(page, *([(195, 400 + 40 * step)] for step in range(7)))
    expect(viewer).to_have_count(0)


def test_a_video_plays_in_its_place_and_seeks(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    Posting(ben).sends(chat, "video", film(14), name="film.mp4", caption="The boats")
    page = lively(open_page("desktop"))
    parts: list[Response] = []
    page.on("response", lambda answer: parts.append(answer) if answer.url.endswith("/video") else None)
    ann.sits_at(page, f"/chats/{chat}")

    # By itself it moves, and says nothing.
    page.wait_for_function(MOVES, arg=".inline video")
    inline = page.locator(".inline video")
    assert inline.evaluate("(one) => one.muted && !one.paused")
    page.get_by_role("button", name="Play: The boats").click()
    expect(page.get_by_role("button", name="Sound off")).to_be_visible()
    assert not inline.evaluate("(one) => one.muted")
    page.evaluate(LISTEN, ".inline video")
    page.wait_for_function(HEARD, arg=[330, LOUD])

    place = page.get_by_role("slider", name="Position")
    place.press("Home")
    place.press("ArrowRight")
    place.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.inline video').currentTime >= 10")
    expect(place).to_have_attribute("aria-valuemax", "14")
    assert {answer.status for answer in parts} == {httpx.codes.PARTIAL_CONTENT}

    # On the whole screen it goes on from there.
    page.get_by_role("button", name="Full screen").click()
    viewer = page.get_by_role("dialog", name="The boats")
    expect(viewer).to_be_visible()
    page.wait_for_function("() => document.querySelector('dialog video').currentTime >= 10")
    page.keyboard.press("m")
    expect(viewer.get_by_role("button", name="Sound on")).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)


def test_who_wants_less_motion_starts_videos_alone(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    Posting(ben).sends(chat, "video", film(2), name="film.mp4")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    start = page.get_by_role("button", name="Play: Video from Ben")
    expect(start.locator(".picture.loaded")).to_be_visible()
    expect(page.locator(".inline video")).to_have_count(0)
    start.tap()
    page.wait_for_function(MOVES, arg=".inline video")


def test_voice_is_heard_and_the_next_one_follows(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    posts = Posting(ben)
    posts.sends(chat, "voice", tone(6, 440), name="voice.webm")
    posts.sends(chat, "voice", tone(20, 880), name="voice.webm")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    tablet = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    voices = page.get_by_role("group", name="Voice message")
    unheard = page.get_by_role("img", name="Not played yet")
    expect(unheard).to_have_count(2)
    expect(tablet.get_by_role("img", name="Not played yet")).to_have_count(2)

    voices.first.get_by_role("button", name="Play").tap()
    page.evaluate(LISTEN, PLAYER)
    page.wait_for_function(HEARD, arg=[440, LOUD])
    # The next one by itself; on the other device the dots go as well.
    page.wait_for_function(HEARD, arg=[880, LOUD])
    expect(unheard).to_have_count(0)
    expect(tablet.get_by_role("img", name="Not played yet")).to_have_count(0)

    voices.last.get_by_role("button", name="Speed: 1×").tap()
    assert page.locator(PLAYER).evaluate("(one) => one.playbackRate") == 1.5
    voices.last.get_by_role("slider").press("End")
    expect(page.get_by_role("region", name="Player")).to_have_count(0)
    page.reload()
    voices.last.get_by_role("button", name="Play").tap()
    expect(voices.last.get_by_role("button", name="Speed: 1.5×")).to_be_visible()


def test_voice_goes_on_wherever_one_goes(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    cleo = house.join("cleo")
    other = house.meet(ann, cleo)
    cleo.says(other, "Here is something to read")
    Posting(ben).sends(chat, "voice", tone(30, 660), name="voice.webm")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    page.get_by_role("group", name="Voice message").get_by_role("button", name="Play").tap()
    page.evaluate(LISTEN, PLAYER)
    page.get_by_role("button", name="Back").tap()
    player = page.get_by_role("region", name="Player")
    expect(player).to_contain_text("Ben")
    chat_row(page, "Cleo").get_by_role("link").tap()
    expect(page.get_by_text("Here is something to read")).to_be_visible()
    page.wait_for_function(HEARD, arg=[660, LOUD])

    player.get_by_role("button", name="Pause").tap()
    page.wait_for_function("(one) => document.querySelector(one).paused", arg=PLAYER)
    player.get_by_role("button", name="Ben").tap()
    expect(page.get_by_role("group", name="Voice message")).to_be_visible()
    player.get_by_role("button", name="Close the player").tap()
    expect(player).to_have_count(0)


def test_a_round_video_is_seen_and_then_heard(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    Posting(ben).sends(chat, "video_note", film(8, 320, 320, 520), name="note.mp4")
    page = lively(open_page("desktop"))
    ann.sits_at(page, f"/chats/{chat}")
    page.wait_for_function(MOVES, arg=".round video")
    assert page.locator(".round video").evaluate("(one) => one.muted")
    expect(page.get_by_role("img", name="Not played yet")).to_be_visible()
    page.get_by_role("button", name="Play: Video message from Ben").click()
    page.evaluate(LISTEN, PLAYER)
    page.wait_for_function(HEARD, arg=[520, LOUD])
    # The one player shows itself in the circle, and its ring can be stepped.
    expect(page.locator(f".round {PLAYER}")).to_be_visible()
    expect(page.get_by_role("img", name="Not played yet")).to_have_count(0)
    page.get_by_role("log").get_by_role("slider").press("ArrowRight")
    page.wait_for_function("(one) => document.querySelector(one).currentTime > 5", arg=PLAYER)


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_a_live_photo_moves_while_it_is_held(house: Visitors, open_page: OpenPage, width: Width) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    photo = gallery.motion_photo(gallery.DUSK, (640, 480))
    Posting(ben).sends(chat, "live_photo", photo, name="live.jpg")
    page = open_page(width)
    moments: list[Any] = []
    page.on("request", lambda asked: moments.append(asked) if asked.url.endswith("/video") else None)
    ann.sits_at(page, f"/chats/{chat}")
    still = page.get_by_role("button", name="Live photo from Ben")
    expect(still.locator(".picture.loaded")).to_be_visible()
    assert not moments, "the moment is fetched when it is asked for"

    box = still.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    if width == "phone":
        glass = page.context.new_cdp_session(page)
        glass.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    else:
        page.mouse.move(x, y)
        page.mouse.down()
    expect(still.locator("video.shown")).to_be_visible()
    page.wait_for_function(MOVES, arg=".live video")
    if width == "phone":
        glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    else:
        page.mouse.up()
    expect(still.locator("video.shown")).to_have_count(0)
    assert still.locator("video").evaluate("(one) => one.paused")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)

    # By keyboard; and a short press looks at it in full.
    page.get_by_role("button", name="Play the live photo").press("Enter")
    expect(still.locator("video.shown")).to_be_visible()
    page.get_by_role("button", name="Stop the live photo").press("Enter")
    still.click()
    viewer = page.get_by_role("dialog", name="Live photo from Ben")
    viewer.get_by_role("button", name="Download").click()
    with page.expect_download() as kept:
        viewer.get_by_role("menuitem", name="Original").click()
    assert kept.value.path().read_bytes()[:2] == b"\xff\xd8"


def test_a_file_is_kept_as_it_was_sent(house: Visitors, open_page: OpenPage, tmp_path: Path) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    name, data = "minutes of the house meeting, second edition.html", b"<script>alert(1)</script>" * 40
    Posting(ben).sends(chat, "file", data, name=name, caption="Please read")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    row = messages(page).filter(has_text="Please read")
    expect(row).to_contain_text("HTML")
    with page.expect_download() as kept:
        row.get_by_role("link", name=f"Download {name}").click()
    assert kept.value.suggested_filename == name
    kept.value.save_as(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == data
    answer = page.context.request.get(kept.value.url)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"

    # From the menu as well; the caption of one's own is changed there.
    row.locator(".bubble").click(button="right", position={"x": 4, "y": 4})
    with page.expect_download():
        page.get_by_role("menuitem", name="Download", exact=True).click()
    writer = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    own = messages(writer).filter(has_text="Please read")
    own.locator("time").click(button="right", force=True)
    writer.get_by_role("menuitem", name="Edit caption").click()
    writer.get_by_role("textbox", name="Message", exact=True).fill("Read it *now*")
    writer.get_by_role("button", name="Save", exact=True).click()
    expect(messages(page).filter(has_text="Read it now")).to_contain_text("edited")


def picks(page: Page, name: str, data: bytes) -> None:
    """Choose a picture with the button beside the composer, and send it."""
    page.get_by_role("button", name="Attach", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Photos and videos").click()
    chooser.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": data})
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()


def test_ones_own_picture_is_there_at_once_and_can_be_stopped(house: Visitors, open_page: OpenPage) -> None:
    ann, _ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    held: list[Route] = []
    page.route("**/api/v1/uploads", lambda route: held.append(route))  # noqa: PLW0108 - playwright asks it for more
    picks(page, "river.jpg", picture(1600, 1200))
    own = messages(page).filter(has=page.get_by_role("button", name="Photo from you"))
    expect(own.locator(".picture.loaded")).to_be_visible()
    expect(own.get_by_role("progressbar")).to_be_visible()
    own.get_by_role("button", name="Cancel").click()
    expect(own).to_have_count(0)


def test_what_was_refused_goes_on_when_one_tries_again(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    full = json.dumps({"title": "There is no room left", "status": 413, "code": "quota_exceeded"})
    answer = {"status": 413, "content_type": "application/problem+json", "body": full}
    page.route("**/api/v1/uploads", lambda route: route.fulfill(**answer))
    picks(page, "river.jpg", picture(800, 600))
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    page.unroute("**/api/v1/uploads")
    again.click()
    friend = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    expect(friend.get_by_role("button", name="Photo from Ann")).to_be_visible()


def test_a_picture_that_cannot_be_read_is_sent_as_a_file(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    # The browser shows what there is of it; the house refuses what is cut off in the middle of its head.
    torn = picture(400, 300)[:400]
    picks(page, "torn.jpg", torn)
    expect(page.get_by_text("This file cannot be read; it may be damaged.")).to_be_visible()
    page.get_by_role("button", name="Send as a file").click()
    expect(page.get_by_role("link", name="Download torn.jpg")).to_be_visible()
    friend = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    with friend.expect_download() as kept:
        friend.get_by_role("link", name="Download torn.jpg").tap()
    assert kept.value.path().read_bytes() == torn


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_media(house: Visitors, open_page: OpenPage, dark: bool) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    posts = Posting(ben)
    posts.sends(chat, "file", b"tea", name="tea.txt")
    posts.sends_album(chat, *(picture(800, 600) for _ in range(3)))
    posts.sends(chat, "live_photo", gallery.motion_photo(gallery.DUSK, (640, 480)), name="live.jpg", caption="Dusk")
    posts.sends(chat, "video", film(3), name="film.mp4")
    posts.sends(chat, "video_note", film(6, 320, 320), name="note.mp4")
    posts.sends(chat, "voice", tone(20, 440), name="voice.webm")
    axe = AXE.read_text("utf-8")
    page = ann.sits_at(open_page("desktop", dark=dark), f"/chats/{chat}")
    page.get_by_role("button", name="To the newest message").click()
    voice = page.get_by_role("group", name="Voice message")
    voice.get_by_role("button", name="Play").click()
    voice.get_by_role("button", name="Pause").click()
    found = violations(page, axe, "below")
    page.get_by_role("button", name="Play: Video message from Ben").click()
    expect(page.get_by_role("log").get_by_role("slider", name="Position", exact=True)).to_be_visible()
    page.get_by_role("region", name="Player").get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play: Video from Ben").click()
    expect(page.get_by_role("button", name="Full screen")).to_be_visible()
    found += violations(page, axe, "players")
    page.get_by_role("group", name="3 photos and videos").get_by_role("button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("1 of 5")
    found += violations(page, axe, "viewer")
    assert not found, "\n".join(found)
