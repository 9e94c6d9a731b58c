"""A web site on this machine that answers as a test says."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class Page:
    body: bytes = b""
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None
    """Held back until then, after the headers."""


class Site:
    """Answers `pages[path]`, or 404. `asked` holds each request's path and headers."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.pages: dict[str, Page | Callable[[], Page]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers.items())))
                page = site.pages.get(self.path, Page(b"Not here", status=404))
                if callable(page):
                    page = page()
                self.send_response(page.status)
                self.send_header("Content-Type", page.type)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if page.wait:
                    self.wfile.flush()
                    page.wait.wait(30)
                with contextlib.suppress(OSError):  # whoever asked has enough
                    self.wfile.write(page.body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://{address}:{self.port}"

    def __enter__(self) -> Site:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def head(**words: str) -> bytes:
    """Return a page with these Open Graph words."""
    metas = "".join(f'<meta property="og:{name}" content="{content}">' for name, content in words.items())
    return f"<!doctype html><html><head><title>Plain title</title>{metas}</head><body>Tea</body></html>".encode()
