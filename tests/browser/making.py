"""How messages of files are made on the screens of a chat: what stories about voice, the camera and pictures share."""

from __future__ import annotations

import base64
import io
from typing import Any

import av
import numpy as np
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.screens import has_state, messages
from tests.browser.visitors import Visitor, Visitors

# Remembers what was opened, so that a story can see that it was closed again.
WATCH_DEVICES = """
    window.opened = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
        const stream = await ask(wish);
        window.opened.push(...stream.getTracks());
        return stream;
    };
"""
REFUSE_DEVICES = """
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };
"""
NO_TRACK_IS_ON = "() => window.opened.length > 0 && window.opened.every((track) => track.readyState === 'ended')"


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def attach(page: Page, what: str, *files: FilePayload) -> None:
    """Open the menu of the composer and choose; with files where it asks for them."""
    button(page, "Attach").click()
    choice = page.get_by_role("menuitem", name=what, exact=True)
    if not files:
        choice.click()
        return
    with page.expect_file_chooser() as chooser:
        choice.click()
    chooser.value.set_files(list(files))


def payload(name: str, type_: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": type_, "buffer": data}


def arrived(page: Page, reader: Visitor, chat: str, number: int = 1) -> dict[str, Any]:
    """Wait until the so-manieth message of this page's chat is sent; return its content as the other one is told."""
    expect(messages(page)).to_have_count(1 + number)  # the first row says that they are contacts now
    has_state(messages(page).last, "Sent")
    content: dict[str, Any] = reader.messages(chat)[-1]["content"]
    return content


def file_of(house: Visitors, reader: Visitor, media: dict[str, Any], variant: str) -> bytes:
    """The bytes of one of a media's files, fetched by the one who got the message."""
    url = f"{house.server.url}/api/v1/media/{media['id']}/{variant}"
    answer = house.fetch(url, reader.token)
    assert answer.is_success, answer.text
    return answer.content


def loudest(sound: bytes) -> float:
    """The highest sample of a file with sound, 0 to 1."""
    with av.open(io.BytesIO(sound), "r") as container:
        return float(max(np.abs(frame.to_ndarray()).max() for frame in container.decode(audio=0)))


def waveform(media: dict[str, Any]) -> list[int]:
    return list(base64.b64decode(media["waveform"]))


def nothing_was_sent(reader: Visitor, chat: str) -> None:
    assert [message["content"]["kind"] for message in reader.messages(chat)] == ["system"]


def devices_are_let_go(page: Page) -> None:
    page.wait_for_function(NO_TRACK_IS_ON)


def preview(page: Page) -> Locator:
    """The sheet on which one looks at what will be sent, once all in it was looked into."""
    sheet = page.get_by_role("dialog", name="Before it is sent")
    expect(sheet.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    return sheet


def send(page: Page) -> None:
    """Send what is looked at."""
    preview(page).get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
