"""A stranger downloads the wheel into an empty folder, installs it alone, and has a house with its web client."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.console import blocks, run_block
from tests.harness.server import Server

ROOT = Path(__file__).resolve().parents[2]
UV = shutil.which("uv", path=f"{ROOT / '.uv' / 'bin'}:{Path(sys.executable).parent}") or "uv"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--wheel", "-q", "--python", sys.executable, "--no-build-isolation", "-o", str(folder), cwd=ROOT)
    return next(folder.glob("teahouse-*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the pinned dependencies and the wheel, and nothing else."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    python = folder / "bin" / "python"
    run(UV, "venv", "-q", "--seed", "--no-project", "--python", sys.executable, str(folder))
    run(UV, "pip", "install", "-q", "--python", str(python), "--require-hashes", "-r", str(ROOT / "locks" / "app.txt"))
    run(UV, "pip", "install", "-q", "--python", str(python), "--no-deps", str(wheel))
    return folder


@pytest.fixture(scope="module")
def installed(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    empty = tmp_path_factory.mktemp("empty")
    with Server(empty / "house", python=str(environment / "bin" / "python"), cwd=empty) as running:
        yield running


def test_the_wheel_holds_the_client_and_no_sources_of_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "teahouse/static/index.html" in names
    assert not [name for name in names if name.startswith(("web/", "tests/")) or name.endswith(".svelte")]


def test_the_page_opens_and_its_script_comes_with_a_long_life(installed: Server) -> None:
    with urllib.request.urlopen(installed.url + "/") as answer:
        page = answer.read().decode()
        assert answer.headers["content-type"].startswith("text/html")
        assert "immutable" not in answer.headers.get("cache-control", "")
    script = re.search(r'src="(/assets/[^"]+\.js)"', page)
    assert script, page
    with urllib.request.urlopen(installed.url + script[1]) as answer:
        assert "javascript" in answer.headers["content-type"]
        assert "immutable" in answer.headers["cache-control"]
        assert answer.read()


def test_the_first_start_invites_the_operator_in_print(installed: Server) -> None:
    assert installed.first_link.startswith(installed.url + "/i/")
    assert "█" in installed.output, "the QR code"


def test_the_data_is_where_it_was_asked_for_and_private(installed: Server) -> None:
    assert (installed.data / "teahouse.db").is_file()
    assert installed.data.stat().st_mode & 0o077 == 0


def test_readme_steps_for_the_wheel_work(wheel: Path, environment: Path, tmp_path: Path) -> None:
    steps = [block for block in blocks() if block.where == "wheel"]
    assert steps
    for number, block in enumerate(steps):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copy(wheel, folder)
        run_block(block, folder, environment / "bin")


def run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
