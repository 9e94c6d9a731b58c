"""Find a Chromium for the browser tests, or install one: `python -m tests.browser.chromium --install`."""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

SHELL: Final = "chromium-headless-shell"
"""Debian's Chromium without windows: opens a page in a third of the time."""
NAMES: Final = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CACHE_PATTERNS: Final = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
)
FLAGS: Final = (
    "--no-sandbox",  # containers and root have no user namespaces; the tests open only this house's own pages
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--force-color-profile=srgb",
)
FAKE_DEVICES: Final = (
    "--use-fake-device-for-media-stream",  # a camera that shows a turning disc, a microphone that beeps once a second
    "--use-fake-ui-for-media-stream",  # and somebody who always says yes
)
LIGHTER_S_MAX: Final = 180
MODEST: Final = Path(__file__).with_name("modest.sh")
HELP: Final = """\
No Chromium was found, and none could be installed. Any of these helps:
  - set TEAHOUSE_CHROMIUM to the path of a Chromium or Chrome;
  - install one so that it is on PATH (Debian: sudo apt-get install chromium; Fedora: sudo dnf install chromium);
  - let Playwright fetch one: .venv/bin/playwright install --with-deps chromium"""


def find() -> str | None:
    """The path of a Chromium that starts: TEAHOUSE_CHROMIUM, then PATH, then Playwright's cache."""
    chosen = os.environ.get("TEAHOUSE_CHROMIUM")
    if chosen:
        return chosen if starts(chosen) else None
    candidates = [path for name in NAMES if (path := shutil.which(name))]
    candidates += [str(path) for pattern in CACHE_PATTERNS for path in sorted(cache_folder().glob(pattern))]
    return next(filter(starts, candidates), None)


def cache_folder() -> Path:
    """Where Playwright keeps its browsers (PLAYWRIGHT_BROWSERS_PATH, else the platform's cache folder)."""
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen:
        return Path(chosen)
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return caches / "ms-playwright"


def starts(path: str) -> bool:
    """True when it runs: a browser whose system libraries are missing is no browser."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def launching(path: str) -> dict[str, Any]:
    """What Playwright's `launch` is given to start it, at nobody's cost (see `modest.sh`)."""
    if os.geteuid() != 0 or not may_drop():
        return {"executable_path": path}
    return {"executable_path": str(MODEST), "env": {**os.environ, "TEAHOUSE_CHROMIUM": path}}


@functools.cache
def may_drop() -> bool:
    """Whether capabilities can be given up here."""
    command = ["setpriv", "--bounding-set=-sys_nice", "true"]
    try:
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install() -> str | None:
    """Install one: Playwright's own, else Debian's. Returns its path, or None."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        attempts += [[*root, "apt-get", "update", "-q"], [*root, "apt-get", "install", "-y", "-q", SHELL]]
        attempts += [[*root, "apt-get", "install", "-y", "-q", "chromium"]]
    for attempt in attempts:
        print("+", " ".join(attempt), file=sys.stderr)
        try:
            subprocess.run(attempt, check=False, stdout=sys.stderr, stdin=subprocess.DEVNULL, timeout=600)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr)
        if found := find():
            return found
    return None


def lighter(found: str) -> str:
    """Return Debian's Chromium without windows, if it can be had in a moment; else what was found."""
    if Path(found).name == SHELL or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", SHELL]
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, check=False, stdout=sys.stderr, stdin=subprocess.DEVNULL, timeout=LIGHTER_S_MAX)
    return find() or found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="install one when none is found")
    asked = parser.parse_args()
    chosen = os.environ.get("TEAHOUSE_CHROMIUM")
    if chosen and not starts(chosen):
        print(f"TEAHOUSE_CHROMIUM is {chosen}, which does not start.", file=sys.stderr)
        return 1
    found = find() or (install() if asked.install else None)
    if found and asked.install and not chosen:
        found = lighter(found)
    print(found or HELP, file=sys.stdout if found else sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
