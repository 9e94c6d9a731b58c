"""What all tests may use: a real server in its own process, and a Chromium that looks at it."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser import chromium as chromiums
from tests.harness.postgres import new_database, postgres_url, store_url
from tests.harness.server import Server

# Here only, and in no other module: a fixture that is imported twice counts as two, each with a server of its own.
__all__ = ["new_database", "postgres_url", "store_url"]

PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
RESULTS = Path(__file__).parents[1] / "test-results"
Width = Literal["phone", "desktop"]
OpenPage = Callable[..., Page]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """An empty house on a free port; `server.kill()`, `server.start()` and `server.restart()` as the story needs."""
    with Server(tmp_path / "house") as running:
        yield running


# Not wider than a module: while Playwright's sync API is open in a process, its event loop counts as running, and
# the async tests of the next module could not start theirs.
@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One headless Chromium; each `open_page` is a device of its own in it.

    A module that wants more of it names it: `CHROMIUM_FLAGS = chromium.FAKE_DEVICES`.
    """
    path = chromiums.find()
    if path is None:
        pytest.fail(chromiums.HELP)
    with sync_playwright() as playwright:
        flags = [*chromiums.FLAGS, *getattr(request.module, "CHROMIUM_FLAGS", ())]
        browser = playwright.chromium.launch(args=flags, **chromiums.launching(path))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """`open_page("phone", locale="zh-CN")`: a page of a fresh device (own cookies, own IndexedDB).

    An exception that nobody caught in a page, an error in its console, or a breach of the content security policy,
    fails the test. When the test fails, each page's picture is kept in `test-results/`.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(width: Width = "desktop", *, locale: str = "en", dark: bool = False) -> Page:
        phone = width == "phone"
        context = chromium.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
            has_touch=phone,
            is_mobile=phone,
            locale=locale,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda line: faults.append(line.text) if is_fault(line) else None)
        return context.new_page()

    yield opened
    if failed(request):
        keep_pictures(contexts, request.node.nodeid)
    for context in contexts:
        context.close()
    if faults and not failed(request):
        pytest.fail("a page had faults:\n" + "\n".join(faults))


@pytest.fixture
def page_phone(open_page: OpenPage) -> Page:
    return open_page("phone")


@pytest.fixture
def page_desktop(open_page: OpenPage) -> Page:
    return open_page("desktop")


def is_fault(line: ConsoleMessage) -> bool:
    """True for what a page itself complains of. Chromium's own lines about an answer it did not like are no fault."""
    return line.type == "error" and not line.text.startswith(("Failed to load resource", "WebSocket connection to"))


def failed(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.stash.get(FAILED, False))


def keep_pictures(contexts: list[BrowserContext], test: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", test).strip("-")
    for number, page in enumerate([page for context in contexts for page in context.pages], 1):
        page.screenshot(path=RESULTS / f"{name}-{number}.png")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files with browsers evenly among the others: they take longest, and would run alone at the end.

    For `--dist loadfile --no-loadscope-reorder`, which hands the files out in this order.
    """
    again = pytest.mark.flaky(reruns=1)
    browsers: dict[Path, list[pytest.Item]] = {}
    others: dict[Path, list[pytest.Item]] = {}
    for item in items:
        # A browser among many on two cores is now and then late: its story is told once more, and the report says so.
        if "browser" in item.path.parts:
            item.add_marker(again)
        (browsers if "browser" in item.path.parts else others).setdefault(item.path, []).append(item)
    # Of one file in so many a browser's, so that the last of them comes when a quarter of the others is left.
    step = max(1, len(others) * 3 // 4 // max(1, len(browsers)))
    waiting = list(browsers.values())
    ordered: list[list[pytest.Item]] = []
    for place, file in enumerate(others.values()):
        if place % step == 0 and waiting:
            ordered.append(waiting.pop(0))
        ordered.append(file)
    items[:] = [item for file in [*ordered, *waiting] for item in file]


def pytest_collection_finish() -> None:
    """Leave what was collected out of the garbage collector's rounds: they took a fifth of the tests' time."""
    gc.collect()
    gc.freeze()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report
