"""Pictures, films and files, chosen, looked at, changed and sent."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from teahouse.media.work.containers.motion_photo import write_jpeg
from tests.browser.making import arrived, attach, button, file_of, nothing_was_sent, payload, preview, send
from tests.browser.screens import composer, has_state, messages
from tests.browser.test_access import AXE, violations
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage, Width
from tests.media.work.shots import LATITUDE, camera_exif, encoded, film
from tests.media.work.test_live_photo import apple_film, apple_still

RED, GREEN, BLUE = (200, 40, 40), (40, 160, 60), (40, 60, 200)
Colour = tuple[int, int, int]


def plain(name: str, colour: Colour, size: tuple[int, int] = (800, 600), format_: str = "JPEG") -> FilePayload:
    """A picture of one colour, with the words of a camera in it."""
    data = encoded(Image.new("RGB", size, colour), format_, exif=camera_exif())
    return payload(name, f"image/{format_.lower()}", data)


def picture_of(house: Visitors, reader: Any, media: dict[str, Any], variant: str = "large") -> Image.Image:
    return Image.open(io.BytesIO(file_of(house, reader, media, variant))).convert("RGB")


def is_like(pixel: Any, colour: Colour) -> bool:
    return all(abs(one - other) < 30 for one, other in zip(pixel, colour, strict=True))


def strip(page: Page) -> Locator:
    return page.get_by_role("group", name="Chosen").locator("[data-item]")


def test_an_album_of_three_with_a_caption(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    composer(page).fill("Three ")
    files = [plain("red.jpg", RED), plain("green.jpg", GREEN), plain("blue.jpg", BLUE)]
    attach(page, "Photos and videos", *files)
    sheet = preview(page)
    expect(strip(page)).to_have_count(3)
    # What was written becomes the caption; blue goes to the front.
    caption = sheet.get_by_role("textbox", name="Add a caption")
    expect(caption).to_have_value("Three ")
    caption.press_sequentially("colours")
    strip(page).nth(2).click()
    button(page, "Move earlier").click()
    button(page, "Move earlier").click()
    expect(button(page, "Move earlier")).to_be_disabled()
    send(page)
    expect(composer(page)).to_have_value("")
    content = arrived(page, ben, chat)
    assert (content["kind"], content["caption"]) == ("album", "Three colours")
    for item, colour in zip(content["items"], [BLUE, RED, GREEN], strict=True):
        assert item["kind"] == "picture"
        image = picture_of(house, ben, item["media"])
        assert image.size == (800, 600)
        assert is_like(image.getpixel((400, 300)), colour)


def test_cropped_turned_and_drawn_on(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    left_red = Image.new("RGB", (800, 600), RED)
    left_red.paste(BLUE, (400, 0, 800, 600))
    attach(page, "Photos and videos", payload("halves.png", "image/png", encoded(left_red, "PNG")))
    preview(page)
    button(page, "Crop and turn").click()
    page.get_by_role("radio", name="1:1").check()
    button(page, "Turn right").click()
    # The right edge in by keyboard: the shape stays a square.
    handle = button(page, "Crop: right edge")
    for _ in range(5):
        handle.press("ArrowLeft")
    button(page, "Done").click()

    button(page, "Draw").click()
    page.get_by_role("radio", name="Green").check()
    canvas = page.get_by_label("The picture: draw on it")
    box = canvas.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 4
    page.get_by_role("slider", name="Width of the line").press("End")
    page.mouse.move(box["x"] + 20, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 20, middle, steps=12)
    page.mouse.up()
    # A second line, taken back; a third, wiped out.
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 20, steps=6)
    page.mouse.up()
    button(page, "Undo").click()
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] - 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + box["height"] - 60, steps=6)
    page.mouse.up()
    button(page, "Eraser").click()
    page.mouse.down()
    page.mouse.up()
    button(page, "Done").click()
    send(page)
    content = arrived(page, ben, chat)
    assert content["kind"] == "picture"
    image = picture_of(house, ben, content["media"])
    width, height = image.size
    assert width == height < 600
    # Turned to the right, what was left is above: red above, blue below, and a green line through the red.
    assert is_like(image.getpixel((width // 2, 8)), RED)
    assert is_like(image.getpixel((width // 4, height - 8)), BLUE)
    assert is_like(image.getpixel((width // 4, int(height * 0.84))), BLUE)
    assert is_like(image.getpixel((width // 2, height // 4)), (48, 164, 108))


def test_a_pair_from_an_iphone_is_one_live_photo(house: Visitors, open_page: OpenPage, tmp_path: Path) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    still = payload("IMG_0042.JPG", "image/jpeg", apple_still())
    moment = payload("IMG_0042.MOV", "video/quicktime", apple_film(tmp_path / "moment.mov"))
    attach(page, "Photos and videos", moment, still)
    live = preview(page).get_by_role("button", name="LIVE")
    expect(strip(page)).to_have_count(1)
    expect(live).to_have_attribute("aria-pressed", "true")
    send(page)
    content = arrived(page, ben, chat)
    assert content["kind"] == "live_photo"
    assert {"original", "original_video", "video"} <= {file["variant"] for file in content["media"]["files"]}


def test_a_motion_photo_is_known_and_may_go_as_a_still(house: Visitors, open_page: OpenPage, tmp_path: Path) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    data = write_jpeg(encoded(Image.new("RGB", (640, 480), GREEN), "JPEG"), film(tmp_path / "moment.mp4"))
    motion = payload("PXL_1.MP.jpg", "image/jpeg", data)
    attach(page, "Photos and videos", motion)
    live = preview(page).get_by_role("button", name="LIVE")
    expect(live).to_have_attribute("aria-pressed", "true")
    send(page)
    assert arrived(page, ben, chat)["kind"] == "live_photo"

    attach(page, "Photos and videos", motion)
    preview(page)
    live.click()
    expect(live).to_have_attribute("aria-pressed", "false")
    send(page)
    assert arrived(page, ben, chat, 2)["kind"] == "picture"


def test_place_and_camera_are_kept_only_on_demand_and_a_file_stays_what_it_is(
    house: Visitors, open_page: OpenPage
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    taken = plain("garden.jpg", GREEN)

    def place(media: dict[str, Any]) -> Any:
        files = [file["variant"] for file in media["files"]]
        image = Image.open(io.BytesIO(file_of(house, ben, media, "original" if "original" in files else "large")))
        return image.getexif().get_ifd(0x8825).get(2)

    attach(page, "Photos and videos", taken)
    send(page)
    assert place(arrived(page, ben, chat)["media"]) is None

    attach(page, "Photos and videos", taken)
    preview(page)
    button(page, "How to send").click()
    page.get_by_role("switch", name="Keep place and camera details").check()
    page.keyboard.press("Escape")
    send(page)
    assert place(arrived(page, ben, chat, 2)["media"]) == pytest.approx(LATITUDE)

    attach(page, "Photos and videos", taken)
    preview(page)
    button(page, "How to send").click()
    page.get_by_role("switch", name="Send as a file").check()
    page.keyboard.press("Escape")
    send(page)
    content = arrived(page, ben, chat, 3)
    assert (content["kind"], content["media"]["name"]) == ("file", "garden.jpg")
    assert file_of(house, ben, content["media"], "original") == taken["buffer"]


def test_what_the_browser_cannot_show_is_sent_all_the_same(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    heic = encoded(Image.new("RGB", (320, 240), BLUE), "HEIF")
    attach(page, "Photos and videos", payload("IMG_7.HEIC", "", heic))
    expect(preview(page).get_by_text("This browser cannot show it.")).to_be_visible()
    expect(preview(page).get_by_text("IMG_7.HEIC")).to_be_visible()
    send(page)
    content = arrived(page, ben, chat)
    assert content["kind"] == "picture"
    assert is_like(picture_of(house, ben, content["media"]).getpixel((160, 120)), BLUE)


def test_files_of_any_kind_go_each_by_itself(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    attach(page, "File", payload("list.txt", "text/plain", b"tea"), payload("a.svg", "image/svg+xml", b"<svg/>"))
    send(page)
    arrived(page, ben, chat, 2)
    has_state(messages(page).nth(1), "Sent")
    sent = [message["content"] for message in ben.messages(chat)[1:]]
    assert sorted((one["kind"], one["media"]["name"]) for one in sent) == [("file", "a.svg"), ("file", "list.txt")]


def test_twenty_at_a_time(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    attach(page, "Photos and videos", *[plain(f"{number}.jpg", RED, (64, 48)) for number in range(23)])
    sheet = preview(page)
    expect(strip(page)).to_have_count(20)
    expect(sheet.get_by_text("Twenty at a time: 3 were left out.")).to_be_visible()
    expect(button(page, "Add more")).to_have_count(0)
    button(page, "Take out").click()
    expect(strip(page)).to_have_count(19)
    with page.expect_file_chooser() as chooser:
        button(page, "Add more").click()
    chooser.value.set_files([plain("last.jpg", BLUE, (64, 48))])
    expect(strip(page)).to_have_count(20)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    nothing_was_sent(ben, chat)


GIVE = """([data, kind]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const given = new DataTransfer();
    given.items.add(new File([bytes], 'given.jpg', {type: 'image/jpeg'}));
    const field = document.querySelector('.conversation textarea');
    if (kind === 'paste') {
        field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: given, bubbles: true, cancelable: true}));
        return;
    }
    for (const step of kind === 'drag' ? ['dragover'] : ['dragover', 'drop']) {
        field.dispatchEvent(new DragEvent(step, {dataTransfer: given, bubbles: true, cancelable: true}));
    }
}"""


def test_pasted_and_dropped(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    expect(composer(page)).to_be_focused()
    data = base64.b64encode(plain("given.jpg", RED)["buffer"]).decode()
    page.evaluate(GIVE, [data, "paste"])
    send(page)
    assert arrived(page, ben, chat)["kind"] == "picture"

    page.evaluate(GIVE, [data, "drag"])
    expect(page.get_by_text("Drop here to send")).to_be_visible()
    page.evaluate(GIVE, [data, "drop"])
    expect(page.get_by_text("Drop here to send")).to_have_count(0)
    send(page)
    assert arrived(page, ben, chat, 2)["kind"] == "picture"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_axe_finds_nothing_where_messages_are_made(
    house: Visitors, open_page: OpenPage, tmp_path: Path, width: Width, dark: bool
) -> None:
    axe = AXE.read_text("utf-8")
    ann, _ben, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page(width, dark=dark), f"/chats/{chat}")
    button(page, "Attach").click()
    expect(page.get_by_role("menuitem", name="Camera", exact=True)).to_be_visible()
    found = violations(page, axe, "the menu")
    page.keyboard.press("Escape")
    clip = payload("clip.mp4", "video/mp4", film(tmp_path / "clip.mp4"))
    data = write_jpeg(encoded(Image.new("RGB", (640, 480), GREEN), "JPEG"), film(tmp_path / "moment.mp4"))
    live = payload("PXL_1.MP.jpg", "image/jpeg", data)
    attach(page, "Photos and videos", live, clip, payload("list.txt", "text/plain", b"tea"))
    preview(page)
    for number, kind in enumerate(["a live photo", "a video", "a file"]):
        strip(page).nth(number).click()
        found += violations(page, axe, kind)
    button(page, "How to send").click()
    expect(page.get_by_role("switch", name="Send as files")).to_be_visible()
    found += violations(page, axe, "how to send")
    page.keyboard.press("Escape")
    strip(page).first.click()
    for tool in ("Crop and turn", "Draw"):
        button(page, tool).click()
        expect(page.locator("canvas")).to_be_visible()
        found += violations(page, axe, tool)
        button(page, "Cancel").click()
    assert not found, "\n".join(found)
