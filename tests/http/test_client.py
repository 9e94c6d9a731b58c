"""The web client's files: what is served, how it is cached, and that no path leads out of the folder."""

from collections.abc import Iterator

import httpx
import pytest

from teahouse.http.client import STATIC
from tests.harness.server import Server


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with Server(tmp_path_factory.mktemp("client") / "house") as server, httpx.Client(base_url=server.url) as client:
        yield client


@pytest.mark.parametrize("place", ["/", "/chats", "/chats/0123456789abcdef", "/i/secret", "/me/devices"])
def test_every_place_is_the_index_page_and_is_asked_for_anew(browser: httpx.Client, place: str) -> None:
    answer = browser.get(place)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    again = browser.get(place, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_hashed_files_are_kept_for_ever_and_come_packed(browser: httpx.Client) -> None:
    script = max((STATIC / "assets").glob("*.js"), key=lambda file: file.stat().st_size)
    answer = browser.get(f"/assets/{script.name}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["cache-control"].endswith("immutable")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == script.read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/assets/nothing.js",
        "/assets/../../app.py",
        "/..%2f..%2fapp.py",
        "/%2e%2e/app.py",
        "/api/v1/nothing",
        "/api/nothing",
    ],
)
def test_what_is_not_there_is_not_there(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    assert "def " not in answer.text
    assert answer.status_code == 404 or answer.headers["content-type"].startswith("text/html")
    if path.startswith("/api") or path.endswith(".js"):
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"
