"""Stickers: sent, seen to move, taken home, made of a picture, imported; and at rest they cost nothing."""

from __future__ import annotations

import io
import re
from pathlib import Path

import httpx
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from teahouse import ids
from tests.browser.screens import composer, messages
from tests.browser.visitors import Visitor, Visitors
from tests.conftest import OpenPage
from tests.stickers import making

TUS = {"Tus-Resumable": "1.0.0"}

# Counts the frames that anybody on the page asks for.
COUNT_FRAMES = """
    window.framesAsked = 0;
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (then) => { window.framesAsked += 1; return ask(then); };
"""
# How many frames were asked for in a second, and whether any drawing differs after it.
WATCH_A_SECOND = """async (log) => {
    const before = [window.framesAsked, log.innerHTML];
    await new Promise((done) => setTimeout(done, 1000));
    return [window.framesAsked - before[0], log.innerHTML !== before[1]];
}"""


def has_pack(person: Visitor, name: str, *stickers: tuple[bytes, str]) -> str:
    """Give a person a pack of stickers `(file, emoji)`; return its id."""
    pack: str = person.asks("POST", "/stickers/packs", {"nonce": ids.new_id(), "name": name})["pack"]
    headers = {**TUS, "Authorization": f"Bearer {person.token}"}
    with httpx.Client(base_url=person.house.server.url, headers=headers) as client:
        for data, emoji in stickers:
            made = client.post("/api/v1/uploads", headers={"Upload-Length": str(len(data))})
            where = made.raise_for_status().headers["location"]
            body = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
            client.patch(where, headers=body, content=data).raise_for_status()
            asked = {"upload": where.rpartition("/")[2], "emoji": emoji}
            person.asks("POST", f"/stickers/packs/{pack}/stickers", asked)
    return pack


def sends(person: Visitor, chat: str, sticker: str) -> None:
    content = {"kind": "sticker", "sticker": sticker}
    person.asks("POST", f"/chats/{chat}/messages", {"nonce": ids.new_id(), "content": content})


def panel(page: Page) -> Locator:
    """Open the stickers beside the composer."""
    page.get_by_role("button", name="Emoji", exact=True).click()
    found = page.get_by_role("dialog", name="Emoji")
    found.get_by_role("tab", name="Stickers", exact=True).click()
    return found


def moving(page: Page) -> Page:
    """A page of somebody who likes motion."""
    page.emulate_media(reduced_motion="no-preference")
    return page


def frame_of(sticker: Locator) -> str:
    return sticker.locator("svg").inner_html()


def moves(sticker: Locator) -> None:
    """Wait until the drawing is another one than it was."""
    expect(sticker.locator("svg")).to_be_visible()
    before = frame_of(sticker)
    expect(sticker).to_have_attribute("data-playing", "true")
    sticker.page.wait_for_function(
        "([drawing, before]) => drawing.innerHTML !== before",
        arg=[sticker.locator("svg").element_handle(), before],
    )


def test_a_sticker_goes_there_moves_and_its_pack_comes_back(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    has_pack(ann, "Balls", (making.tgs(), "🏀"), (making.png(), "⚽"))
    desktop = moving(ann.sits_at(open_page("desktop"), f"/chats/{chat}"))
    phone = moving(ben.sits_at(open_page("phone"), f"/chats/{chat}"))
    expect(composer(phone)).to_be_visible()

    opened = panel(desktop)
    opened.get_by_role("tab", name="Balls").click()
    opened.get_by_role("group", name="Balls").get_by_role("button").first.click()
    expect(opened).to_have_count(0)
    expect(messages(desktop).last.locator("[data-sticker] svg")).to_be_visible()
    expect(
        messages(desktop)
        .last.get_by_role("img", name="Sent", exact=True)
        .or_(messages(desktop).last.get_by_role("img", name=re.compile("Delivered|Read")))
    ).to_be_visible()

    arrived = messages(phone).last.locator("[data-sticker]")
    moves(arrived)

    arrived.click()
    dialog = phone.get_by_role("dialog", name="Sticker pack")
    expect(dialog.get_by_role("heading", name="Balls")).to_be_visible()
    dialog.get_by_role("button", name="Add to my stickers").click()
    expect(dialog.get_by_role("button", name="Add to my stickers")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()

    # The emoji alone finds it, too.
    composer(phone).fill("⚽")
    phone.get_by_role("group", name="Stickers for ⚽").get_by_role("button").click()
    expect(composer(phone)).to_have_value("")
    expect(messages(desktop).last.locator("[data-sticker] img")).to_be_visible()
    assert [message["content"]["kind"] for message in ben.messages(chat)][-2:] == ["sticker", "sticker"]
    recents = ben.asks("GET", "/stickers/panel")["recents"]
    assert [card["emoji"] for card in recents] == ["⚽"]


def test_a_picture_becomes_a_sticker_of_ones_own(house: Visitors, open_page: OpenPage, tmp_path: Path) -> None:
    ann, _, chat = house.friends("ann", "ben")
    picture = Image.new("RGB", (800, 600), (120, 170, 210))
    ImageDraw.Draw(picture).ellipse((250, 120, 560, 470), fill=(240, 190, 60))
    picture.save(tmp_path / "sun.jpg", quality=92)
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    opened = panel(page)
    opened.get_by_role("button", name="Add stickers").click()
    opened.get_by_role("menuitem", name="Make a sticker").click()
    maker = page.get_by_role("dialog", name="Make a sticker")
    maker.locator("input[type=file]").first.set_input_files(tmp_path / "sun.jpg")

    # By finger first: what lies outside the line goes.
    maker.get_by_role("radio", name="Lasso").click()
    table = maker.get_by_role("application").bounding_box()
    assert table
    corners = [(0.2, 0.1), (0.8, 0.1), (0.8, 0.9), (0.2, 0.9)]
    points = [(table["x"] + x * table["width"], table["y"] + y * table["height"]) for x, y in corners]
    page.mouse.move(*points[0])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()
    expect(maker.get_by_role("button", name="Undo")).to_be_enabled()
    maker.get_by_role("button", name="Cut out").click()
    maker.get_by_role("button", name="Next").click()
    maker.get_by_role("radio", name="😎").click()
    maker.get_by_role("button", name="Save sticker").click()
    pack = page.get_by_role("dialog", name="Sticker pack")
    expect(pack.get_by_role("heading", name="My stickers")).to_be_visible()

    (kept,) = [each for each in ann.asks("GET", "/stickers/panel")["packs"] if each["name"] == "My stickers"]
    (sticker,) = kept["stickers"]
    assert (sticker["emoji"], sticker["type"]) == ("😎", "image/webp")
    headers = {"Authorization": f"Bearer {ann.token}"}
    file = httpx.get(f"{house.server.url}/api/v1/stickers/{sticker['id']}/file", headers=headers).content
    image = Image.open(io.BytesIO(file)).convert("RGBA")
    assert image.size == (512, 512)
    assert making.is_clear(image.getpixel((4, 4)))
    middle, edge = image.getpixel((256, 256)), image.getpixel((256, 25))
    assert isinstance(middle, tuple)
    assert all(abs(one - other) < 30 for one, other in zip(middle, (240, 190, 60, 255), strict=True)), "the sun"
    assert isinstance(edge, tuple)
    assert min(edge) > 240, "an edge of white paper round it"


def test_a_zip_is_imported_and_says_what_it_could_not_take(
    house: Visitors, open_page: OpenPage, tmp_path: Path
) -> None:
    ann, _, chat = house.friends("ann", "ben")
    files = {"Cats/1_😺.png": making.png(), "Cats/2_😿.tgs": making.tgs(), "Cats/3.png": b"<html>"}
    (tmp_path / "cats.zip").write_bytes(making.zipped(files))
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    opened = panel(page)
    opened.get_by_role("button", name="Add stickers").click()
    opened.get_by_role("menuitem", name="Import a zip").click()
    dialog = page.get_by_role("dialog", name="Import stickers")
    dialog.locator("input[type=file]").set_input_files(tmp_path / "cats.zip")
    expect(dialog.get_by_text("2 stickers in “Cats”")).to_be_visible()
    expect(dialog.get_by_role("listitem")).to_have_text(re.compile(r"Cats/3\.png.*holds what a sticker must not"))
    dialog.get_by_role("button", name="See the pack").click()
    pack = page.get_by_role("dialog", name="Sticker pack")
    expect(pack.get_by_role("group", name="Cats").get_by_role("button")).to_have_count(2)


def test_a_link_to_a_pack_shows_it(house: Visitors, open_page: OpenPage) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    pack = has_pack(ann, "Linked", (making.png(), "⚽"))
    page = ben.sits_at(open_page("phone"), f"/s/{pack}")
    expect(page.get_by_role("heading", name="Linked")).to_be_visible()
    page.get_by_role("button", name="Add to my stickers").click()
    expect(page.get_by_text("“Linked” is in your panel")).to_be_visible()
    assert "Linked" in [each["name"] for each in ben.asks("GET", "/stickers/panel")["packs"]]


def test_twenty_stickers_come_to_rest_and_then_cost_nothing(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    stickers = ann.asks("GET", "/stickers/panel")["packs"][0]["stickers"]
    for number in range(20):
        sends(ben, chat, stickers[number % len(stickers)]["id"])
    page = moving(open_page("desktop"))
    page.set_viewport_size({"width": 1280, "height": 4400})
    page.add_init_script(COUNT_FRAMES)
    ann.sits_at(page, f"/chats/{chat}")
    log = page.get_by_role("log")
    expect(log.locator("[data-sticker] svg")).to_have_count(20)
    expect(log.locator("[data-playing]").first).to_be_visible()

    expect(log.locator("[data-playing]")).to_have_count(0, timeout=60_000)
    protocol = page.context.new_cdp_session(page)
    protocol.send("Performance.enable")

    def seconds_busy() -> float:
        metrics = protocol.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    asked, changed = log.evaluate(WATCH_A_SECOND)
    # Measured apart from the looking, which reads every drawing.
    before = seconds_busy()
    page.evaluate("() => new Promise((done) => setTimeout(done, 2000))")
    print(f"a page of 20 idle stickers: {50 * (seconds_busy() - before):.2f} % of a core")
    assert (asked, changed) == (0, False)

    # What is out of sight is not even there.
    page.set_viewport_size({"width": 1280, "height": 500})
    expect(log.locator("[data-sticker] svg")).not_to_have_count(20)
    drawn = log.locator("[data-sticker] svg").count()
    assert drawn < 6
    expect(log.locator("[data-playing]")).to_have_count(0, timeout=60_000)
    assert log.evaluate(WATCH_A_SECOND)[0] == 0


def test_who_wants_less_motion_sees_stickers_at_rest(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    sticker = ann.asks("GET", "/stickers/panel")["packs"][0]["stickers"][0]["id"]
    sends(ben, chat, sticker)
    page = open_page("desktop")
    page.add_init_script(COUNT_FRAMES)
    ann.sits_at(page, f"/chats/{chat}")
    shown = messages(page).last.locator("[data-sticker]")
    expect(shown.locator("svg")).to_be_visible()
    shown.hover()
    before = frame_of(shown)
    messages(page).last.evaluate(WATCH_A_SECOND)
    assert frame_of(shown) == before
    assert shown.get_attribute("data-playing") is None
