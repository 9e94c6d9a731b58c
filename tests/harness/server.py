"""A real `teahouse serve`, as its own process, that a test can kill at any instant and start again on the same data.

with Server(tmp_path / "house") as server:
    httpx.get(server.url + "/health/ready")
    server.kill()
    server.start()
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

START_S_MAX: Final = 60.0
STOP_S_MAX: Final = 15.0
POLL_S: Final = 0.02
OPEN: Final = "is open on http"


class ServerFailed(AssertionError):
    """The server ended, or did not get ready in time; the message holds the end of its log."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`settings` are `TEAHOUSE_*` variables without the prefix: `Server(data, settings={"REGISTRATION": "open"})`.

    `port` and `data` stay the same over `kill()` and `start()`. `python` may be another environment's interpreter.
    `prefix` is put before the command (`("taskset", "-c", "0")` pins the server to one core).
    """

    def __init__(
        self,
        data: Path,
        *,
        settings: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        port: int | None = None,
        python: str = sys.executable,
        prefix: Sequence[str] = (),
        cwd: Path | None = None,
        start_s_max: float = START_S_MAX,
    ) -> None:
        self.data = data
        self.port = port or free_port()
        self.log = data.with_name(data.name + ".log")
        self._settings = dict(settings or {})
        self._command = [*prefix, python, "-m", "teahouse", "serve", *arguments]
        self._cwd = cwd
        self._start_s_max = start_s_max
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def live_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/live"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was not started"
        return self._process.pid

    @property
    def output(self) -> str:
        """All that the server has printed, over all its starts."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def first_link(self) -> str:
        """The link that makes the first person the operator, as the server printed it."""
        found = re.search(r"https?://\S+/i/[A-Za-z0-9_-]+", self.output)
        assert found, f"no first link was printed:\n{self.output}"
        return found[0]

    def start(self) -> Server:
        """Start it and wait until it has said where it is open, and `/health/ready` answers 200."""
        assert self._process is None, "the server runs already"
        self.data.parent.mkdir(parents=True, exist_ok=True)
        printed = len(self.output)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment(), cwd=self._cwd
            )
        deadline = time.monotonic() + self._start_s_max
        # It says so after it is ready, with the link that some tests read.
        while not (OPEN in self.output[printed:] and self.is_ready()):
            if self._process.poll() is not None:
                code, self._process = self._process.returncode, None
                raise ServerFailed(f"the server ended with {code} before it was ready:\n{self.output[-4000:]}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"the server was not ready after {self._start_s_max:.0f} s:\n{self.output[-4000:]}")
            time.sleep(POLL_S)
        return self

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL), at whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> int:
        """Ask it to end (SIGTERM) and return its exit code; it must end in time."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"the server did not end in {STOP_S_MAX:.0f} s:\n{self.output[-4000:]}") from None
        self._process = None
        return code

    def restart(self) -> Server:
        """Kill it and start it again on the same port and data."""
        self.kill()
        return self.start()

    def _environment(self) -> dict[str, str]:
        # What the developer set for their own house must not leak into a test's; nor may an image's wish to keep no
        # byte code, for then every start would compile all that it imports.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TEAHOUSE_")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment |= {"TEAHOUSE_LISTEN": f"127.0.0.1:{self.port}", "TEAHOUSE_DATA": str(self.data)}
        environment["TEAHOUSE_REGISTRATION"] = "invitation"
        environment |= {f"TEAHOUSE_{name}": value for name, value in self._settings.items()}
        return environment | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
