"""`make screenshot`: the README's picture, taken of the sample house on a desktop and on a phone."""

from __future__ import annotations

import io
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright

from teahouse.demo.cast import GUEST, PASSWORD
from tests.browser import chromium
from tests.harness.server import Server

OUT: Final = Path(__file__).parent / "images" / "teahouse.webp"
DESKTOP: Final = (1280, 960)
PHONE: Final = (390, 960)
MARGIN: Final = 32
RADIUS: Final = 14
MOVING_IN_S_MAX: Final = 240
PRESSES_MAX: Final = 20
ROOM: Final = "Riverside common room"
LINE: Final = "Good luck to all"
"""In the room, at its end: when it is on the screen, the room is."""
ENTRY: Final = "One tin, please"
"""Among the newest entries of the wallet."""


def main() -> None:
    path = chromium.find()
    if path is None:
        raise SystemExit(chromium.HELP)
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "house", arguments=["--demo"], start_s_max=MOVING_IN_S_MAX) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(args=list(chromium.FLAGS), **chromium.launching(path))
        desktop = room_open(signed_in(browser, server, DESKTOP), server, ROOM, LINE)
        phone = wallet_open(signed_in(browser, server, PHONE, dark=True), server)
        browser.close()
        server.stop()
    picture = side_by_side(Image.open(io.BytesIO(desktop)), Image.open(io.BytesIO(phone)))
    OUT.parent.mkdir(exist_ok=True)
    picture.save(OUT, quality=88, method=6)
    print(OUT)


def signed_in(browser: Browser, server: Server, size: tuple[int, int], *, dark: bool = False) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale="en",
    )
    sign_in = {"handle": GUEST, "password": PASSWORD, "device": "Camera"}
    # As the client itself asks: with the origin of the house.
    answer = context.request.post(
        server.url + "/api/v1/sessions", data=sign_in, headers={"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
    )
    if not answer.ok:
        raise SystemExit(f"signing in: {answer.status} {answer.text()}")
    return context


def opened(context: BrowserContext, server: Server) -> Page:
    page = context.new_page()
    page.goto(server.url)
    page.get_by_text(ROOM).first.wait_for()
    page.wait_for_load_state("networkidle")
    return page


def room_open(context: BrowserContext, server: Server, room: str, words: str) -> bytes:
    """The end of a room, when the words of its last lines are on the screen."""
    page = opened(context, server)
    page.get_by_text(room).first.click()
    page.get_by_role("article").last.wait_for()
    line = page.get_by_role("article").get_by_text(words).last
    # It opens at the first unread line; the picture is of the newest. A key that comes while it opens is lost.
    for _ in range(PRESSES_MAX):
        page.get_by_role("log").press("End")
        with suppress(TimeoutError):
            line.wait_for(timeout=1000)
            break
    line.wait_for()
    # The ring of the keyboard is for who uses it.
    page.evaluate("document.activeElement?.blur()")
    page.wait_for_load_state("networkidle")
    return page.screenshot()


def wallet_open(context: BrowserContext, server: Server) -> bytes:
    page = opened(context, server)
    page.goto(f"{server.url}/wallet")
    page.get_by_text(ENTRY).first.wait_for()
    page.wait_for_load_state("networkidle")
    return page.screenshot()


def side_by_side(desktop: Image.Image, phone: Image.Image) -> Image.Image:
    height = max(desktop.height, phone.height) + 2 * MARGIN
    canvas = Image.new("RGB", (desktop.width + phone.width + 3 * MARGIN, height), "#dfe5dc")
    at = MARGIN
    for picture in (desktop, phone):
        canvas.paste(picture.convert("RGB"), (at, MARGIN), rounded(picture.size))
        at += picture.width + MARGIN
    return canvas


def rounded(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, size[0] - 1, size[1] - 1], RADIUS, fill=255)
    return mask


if __name__ == "__main__":
    main()
