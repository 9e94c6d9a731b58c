"""Files that are sent to do harm, through the real doors: refused with a reason, or harmless; and nothing of them runs.

`outcomes` of a case are the reasons that it may be refused with, and "ready" when it may be shown.
"""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from tests.harness.people import Refused
from tests.harness.server import Server
from tests.media.conftest import shared
from tests.media.story import Story, open_story
from tests.stories import hostile

__all__ = ["shared"]

READY: Final = "ready"
BROKEN: Final = ("unreadable", "wrong_kind")
Make = Callable[[Path], bytes]
SIGNATURES: Final[dict[str, Callable[[bytes], bool]]] = {
    "image/jpeg": lambda data: data[:3] == b"\xff\xd8\xff",
    "image/webp": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
    "video/mp4": lambda data: data[4:8] == b"ftyp",
    "audio/mp4": lambda data: data[4:8] == b"ftyp",
}
"""The types that makers make, and what a file of each begins with. Whatever else is served is not shown."""

PICTURES: Final[list[tuple[str, Make, tuple[str, ...]]]] = [
    ("a png bomb", lambda _: hostile.png_bomb(), ("too_many_pixels",)),
    ("a png with more than it says", lambda _: hostile.png_with_more_than_it_says(), (READY,)),
    ("a png whose text is a bomb", lambda _: hostile.png_with_text_bomb(), ("unreadable", READY)),
    ("a png whose profile is a bomb", lambda _: hostile.png_with_profile_bomb(), ("unreadable", READY)),
    ("the longest edge", lambda _: hostile.png_edge(65_535), (READY,)),
    ("an edge too long", lambda _: hostile.png_edge(65_536), ("too_many_pixels",)),
    ("a png of no size", lambda _: hostile.png((0, 0), b""), BROKEN),
    ("a gif of a huge canvas", lambda _: hostile.gif((65_535, 65_535), 2), ("too_many_pixels",)),
    ("a gif of many frames", lambda _: hostile.gif((8, 8), 10_000, delay=1), ("too_long",)),
    ("a gif of many pixels", lambda _: hostile.gif((5_000, 5_000), 100), ("too_many_pixels",)),
    ("a jpeg header that lies", lambda _: hostile.jpeg_of_size(65_500, 65_500), ("too_many_pixels",)),
    ("a jpeg header that lies a little", lambda _: hostile.jpeg_of_size(9_999, 9_999), (READY, "unreadable")),
    ("an avif header that lies", lambda _: hostile.avif_of_size(65_535, 65_535), ("too_many_pixels", "unreadable")),
    ("a jpeg cut in half", lambda _: hostile.jpeg()[:6_000], ("unreadable",)),
    ("a jpeg of a header only", lambda _: b"\xff\xd8\xff\xe0", ("unreadable",)),
    ("nothing", lambda _: b"", BROKEN),
    ("exif that loops", lambda _: hostile.jpeg_with_looped_exif(), (READY, "unreadable")),
    ("html", lambda _: hostile.HTML, BROKEN),
    ("svg", lambda _: hostile.SVG, BROKEN),
    ("an endless film", lambda _: hostile.brand_without_film(), BROKEN),
    ("a jpeg with html in it", lambda _: hostile.jpeg(comment=hostile.HTML) + hostile.HTML, (READY,)),
    ("a gif that is javascript", lambda _: hostile.gif_that_is_javascript(), (READY, "too_many_pixels")),
    ("a jpeg that is a zip", lambda _: hostile.jpeg_within_zip(), (READY,)),
    ("a jpeg that is a pdf", lambda _: hostile.pdf_and_jpeg(), (READY,)),
    ("noise", lambda _: b"\x89PNG\r\n\x1a\n" + os.urandom(10_000), BROKEN),
]
FILMS: Final[list[tuple[str, Make, tuple[str, ...]]]] = [
    ("an mp4 without its end", lambda to: hostile.mp4(to)[:-3_000], BROKEN),
    ("a fast mp4 cut in half", lambda to: cut(hostile.mp4(to, options={})), (*BROKEN, READY)),
    ("a webm cut in half", lambda to: cut(hostile.webm(to)), (READY, *BROKEN)),
    ("nothing", lambda _: b"", BROKEN),
    ("html", lambda _: hostile.HTML, BROKEN),
    ("a playlist of this machine's files", lambda _: hostile.PLAYLIST, BROKEN),
    ("a list of this machine's files", lambda _: hostile.CONCAT, BROKEN),
    ("boxes in boxes", lambda _: hostile.nested_boxes(), BROKEN),
    ("an endless film", lambda _: hostile.brand_without_film(), BROKEN),
    ("a duration of days", lambda to: hostile.with_duration(hostile.mp4(to), 0xFFFFFFF0), (READY, "too_long")),
    ("a duration of nothing", lambda to: hostile.with_duration(hostile.mp4(to), 0), (READY, "unreadable")),
    ("billions of samples", lambda to: hostile.with_many_samples(hostile.mp4(to)), (READY, *BROKEN)),
    ("two frames, hours apart", hostile.film_over_days, ("too_long",)),
    ("sound without a picture", lambda to: hostile.sound(to, "aac", "mp4"), ("wrong_kind",)),
    ("a picture", lambda _: hostile.jpeg(), BROKEN),
    ("noise", lambda _: os.urandom(100_000), BROKEN),
]
VOICES: Final[list[tuple[str, Make, tuple[str, ...]]]] = [
    ("hours of silence", lambda _: hostile.wav(1, 4000, 4000 * 60 * 40), ("too_long",)),
    ("a wav that says more than it has", lambda _: hostile.wav(1, 8000, 8000, said=0xFFFFFFF0), (READY,)),
    ("a wav of many channels", lambda _: hostile.wav(60_000, 8000, 10), BROKEN),
    ("a wav of no rate that is", lambda _: hostile.wav(1, 2_000_000_000, 1000), BROKEN),
    ("a flac of days", hostile.flac_of_days, (READY,)),
    ("a voice cut in half", lambda to: cut(hostile.sound(to, "aac", "mp4")), BROKEN),
    ("a picture only", lambda to: hostile.mp4(to, sound=""), ("wrong_kind",)),
    ("nothing", lambda _: b"", BROKEN),
    ("html", lambda _: hostile.HTML, BROKEN),
    ("a playlist of this machine's files", lambda _: hostile.PLAYLIST, BROKEN),
    ("noise", lambda _: os.urandom(100_000), BROKEN),
]
MOMENTS: Final[list[tuple[str, Make, tuple[str, ...]]]] = [
    ("a film longer than the file", lambda _: hostile.motion_photo_that_lies(2**40), ("no_pair", "unreadable")),
    ("a film of less than nothing", lambda _: hostile.motion_photo_that_lies(-5), ("no_pair", "unreadable")),
    ("a film that is the picture", lambda _: hostile.motion_photo_that_lies(6_000), ("no_pair", "unreadable")),
    ("a still that does not move", lambda _: hostile.jpeg(), ("no_pair", "wrong_kind")),
    ("a bomb", lambda _: hostile.png_bomb(), ("too_many_pixels", "no_pair", "wrong_kind")),
    ("nothing", lambda _: b"", (*BROKEN, "no_pair")),
    ("html", lambda _: hostile.HTML, (*BROKEN, "no_pair")),
]
CASES: Final = [
    *(("picture", *case) for case in PICTURES),
    *((kind, *case) for kind in ("video", "video_note") for case in FILMS),
    *(("voice", *case) for case in VOICES),
    *(("live_photo", *case) for case in MOMENTS),
]


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.fixture
async def story(shared: Server) -> AsyncIterator[Story]:
    async with open_story(shared, founded=True) as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "make", "outcomes"),
    [pytest.param(kind, make, outcomes, id=f"{kind}: {name}") for kind, name, make, outcomes in CASES],
)
async def test_a_hostile_file_is_refused_with_a_reason_or_harmless(
    story: Story, shared: Server, tmp_path: Path, kind: str, make: Make, outcomes: tuple[str, ...]
) -> None:
    data = make(tmp_path)
    printed = len(shared.output)
    upload = await story.ann.uploads(data, "holiday.png", "image/png")
    media = await story.ann.made_of(story.device, kind, upload)
    assert (media.get("reason") or media["state"]) in outcomes
    if media["state"] == "failed":
        await nothing_of_it_shows(story, kind, media)
        file = await story.ann.makes("file", upload)
        assert file["state"] == "ready"
        await story.says("file", file["id"])
        answer = await story.ben.gets(file["id"], "original")
        assert answer.content == data
        is_harmless(answer, shown=False)
    else:
        assert media["card"]["files"]
        for each in media["card"]["files"]:
            answer = await story.ann.gets(media["id"], each["variant"])
            is_harmless(answer, shown=True)
            assert answer.headers["content-type"] == each["type"]
            assert SIGNATURES[each["type"]](answer.content)
            assert b"script" not in answer.content
            assert b"root:" not in answer.content
    # It was foreseen: no maker fell over it.
    assert "Traceback" not in shared.output[printed:]
    assert "media_worker" not in shared.output[printed:]


async def nothing_of_it_shows(story: Story, kind: str, media: dict[str, Any]) -> None:
    assert "card" not in media
    for variant in ("original", "large", "small", "video", "poster", "audio"):
        assert (await story.ann.gets(media["id"], variant)).status_code == 404
    with pytest.raises(Refused) as refused:
        await story.says(kind, media["id"])
    assert refused.value.code == "media_not_ready"


def is_harmless(answer: httpx.Response, *, shown: bool) -> None:
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].partition(";")[0] == ("inline" if shown else "attachment")


@pytest.mark.parametrize(
    "said",
    ["text/html", "text/javascript", "application/xhtml+xml", "image/svg+xml", "text/css", "application/pdf",
     "application/x-shockwave-flash", "text/xml", "application/wasm", "text/cache-manifest"],
)  # fmt: skip
async def test_what_a_sender_calls_a_file_decides_nothing(story: Story, said: str) -> None:
    """A page's policy lets scripts, styles and workers come from the house itself: no file may be served as one."""
    file = await story.ann.makes("file", await story.ann.uploads(hostile.JAVASCRIPT, "tea.js", said))
    assert file["card"]["files"][0]["type"] == said
    for answer in (
        await story.ann.gets(file["id"], "original"),
        await story.ann.gets(file["id"], "original", "HEAD"),
        await story.ann.gets(file["id"], "original", Range="bytes=0-5"),
        await story.ann.gets(file["id"], "original", Range="bytes=99999-"),
    ):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("attachment")


async def test_an_original_that_is_kept_is_a_download(story: Story) -> None:
    data = hostile.jpeg(comment=hostile.HTML) + hostile.HTML
    media = await story.ann.made(story.device, "picture", data, name="tea.jpg.html", keep_metadata=True)
    answer = await story.ann.gets(media["id"], "original")
    assert answer.content == data
    is_harmless(answer, shown=False)
    for each in media["card"]["files"][1:]:
        assert b"script" not in (await story.ann.gets(media["id"], each["variant"])).content


@pytest.mark.parametrize("make", [hostile.png_bomb, hostile.tgs_bomb, lambda: hostile.SVG], ids=["png", "tgs", "svg"])
async def test_a_hostile_sticker_is_refused_with_a_reason(
    story: Story, shared: Server, make: Callable[[], bytes]
) -> None:
    data = make()
    person = story.ann.person
    pack = (await person.http("POST", "/stickers/packs", json={"nonce": "p", "name": "Pack"}))["pack"]
    asked = {"upload": await story.ann.uploads(data), "emoji": "🍵"}
    printed = len(shared.output)
    with pytest.raises(Refused) as refused:
        await person.http("POST", f"/stickers/packs/{pack}/stickers", json=asked)
    assert refused.value.code == "media_refused"
    assert refused.value.problem["fields"]["reason"] not in ("crashed", "too_slow")
    assert (await person.http("GET", f"/stickers/packs/{pack}"))["stickers"] == []
    assert "Traceback" not in shared.output[printed:]


async def test_names_that_would_break_a_header_break_nothing(story: Story) -> None:
    upload = await story.ann.uploads(b"leaf")
    for number, name in enumerate(('"; filename=evil.exe; x="', "茶" * 255, "%00.html", "a\u2028b", "…;,'")):
        body = {"nonce": f"n{number}", "kind": "file", "uploads": [await story.ann.uploads(b"leaf")], "name": name}
        media = (await story.ann.client.post("/media", json=body)).json()["media"]
        answer = await story.ann.gets(media["id"], "original")
        assert answer.content == b"leaf"
        assert answer.headers["content-disposition"].startswith('attachment; filename="')
        assert answer.headers["content-disposition"].count('"') == 2
    for broken in ('"\\ud800"', '"a/b"', '"a\\u0000b"', '""'):
        asked = f'{{"nonce":"x","kind":"file","uploads":["{upload}"],"name":{broken}}}'
        answer = await story.ann.client.post("/media", content=asked, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400


# --- in a real browser ----------------------------------------------------------------------------


class Tab:
    """A browser in which Ann is signed in, on a page of the house, and a file that she was sent."""

    def __init__(self, browser: Browser, server: Server, token: str) -> None:
        self.context = browser.new_context(accept_downloads=True)
        self.context.add_cookies([{"name": "teahouse", "value": token, "url": server.url, "httpOnly": True}])
        self.server = server

    def page(self) -> Page:
        page = self.context.new_page()
        # A page of the origin without the app on it, so that what changes was changed by the file.
        page.goto(self.server.url + "/health/live")
        page.evaluate("localStorage.clear(); document.title = 'quiet'")
        return page

    def nothing_ran(self, page: Page) -> bool:
        return bool(page.evaluate("!localStorage.getItem('ran') && document.title === 'quiet' && !self.ran"))


@pytest.fixture(scope="module")
def founder(shared: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{shared.url}/api/v1") as client:
        asked = {"handle": "bystander", "name": "Bystander", "password": "a long enough password"}
        answer = client.post("/people", json=asked)
        answer.raise_for_status()
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield client


@pytest.fixture
def tab(chromium: Browser, shared: Server, founder: httpx.Client) -> Iterator[Tab]:
    opened = Tab(chromium, shared, founder.headers["Authorization"].removeprefix("Bearer "))
    yield opened
    opened.context.close()


def sent_file(client: httpx.Client, data: bytes, type_: str) -> str:
    """The path of a file that was uploaded."""
    kind = base64.b64encode(type_.encode()).decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata": f"filetype {kind}"}
    made = client.post("/uploads", content=data, headers={**headers, "Content-Type": "application/offset+octet-stream"})
    upload = made.headers["location"].rpartition("/")[2]
    body = {"nonce": os.urandom(8).hex(), "kind": "file", "uploads": [upload]}
    return f"/api/v1/media/{client.post('/media', json=body).json()['media']['id']}/original"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (hostile.HTML, "text/html"),
        (hostile.SVG, "image/svg+xml"),
        (hostile.HTML, "image/png"),
        (hostile.HTML, "application/json"),
        (hostile.SVG, "text/xml"),
    ],
)
def test_a_file_that_is_opened_in_a_tab_is_saved_and_does_not_run(
    tab: Tab, founder: httpx.Client, data: bytes, said: str
) -> None:
    path = sent_file(founder, data, said)
    page, bystander = tab.page(), tab.page()
    with page.expect_download() as download, pytest.raises(BrowserError, match="Download is starting"):
        page.goto(tab.server.url + path)
    assert Path(download.value.path()).read_bytes() == data
    assert page.url == tab.server.url + "/health/live"
    assert tab.nothing_ran(page)
    assert tab.nothing_ran(bystander)


@pytest.mark.parametrize("said", ["text/javascript", "application/json", "video/mp4"])
def test_a_file_is_no_script_no_worker_and_no_page_within_a_page(tab: Tab, founder: httpx.Client, said: str) -> None:
    """Even on a page that somebody found a way to write into."""
    script, page_file = sent_file(founder, hostile.JAVASCRIPT, said), sent_file(founder, hostile.HTML, "text/html")
    page = tab.page()
    outcomes = page.evaluate(
        """async ([script, html]) => {
            const loaded = (element, attribute, url) => new Promise((done) => {
                element.onload = () => done('loaded'); element.onerror = () => done('refused');
                element[attribute] = url; document.documentElement.append(element);
            });
            const worker = (url) => new Promise((done) => {
                const made = new Worker(url); made.onerror = () => done('refused'); made.onmessage = () => done('ran');
            });
            const asked = await fetch(script);
            return {
                readable: (await asked.text()).length > 0,
                script: await loaded(document.createElement('script'), 'src', script),
                module: await import(script).then(() => 'loaded', () => 'refused'),
                worker: await worker(script),
                serviceWorker: await navigator.serviceWorker.register(script).then(() => 'loaded', () => 'refused'),
            };
        }""",
        [script, page_file],
    )
    assert outcomes == {
        "readable": True,
        "script": "refused",
        "module": "refused",
        "worker": "refused",
        "serviceWorker": "refused",
    }
    with page.expect_download():
        page.evaluate("url => { const f = document.createElement('iframe'); f.src = url; document.body.append(f) }",
                      page_file)  # fmt: skip
    assert tab.nothing_ran(page)
