"""A Chromium is found where one may be, and only one that starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium


def program(path: Path, *, exit_code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho Chromium 1.2.3\nexit {exit_code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TEAHOUSE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "cache"))


def test_the_one_that_was_chosen_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path / "path" / "chromium")
    chosen = program(tmp_path / "mine")
    monkeypatch.setenv("TEAHOUSE_CHROMIUM", str(chosen))
    assert chromium.find() == str(chosen)


def test_a_chosen_one_that_does_not_start_is_not_replaced_in_silence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path / "path" / "chromium")
    monkeypatch.setenv("TEAHOUSE_CHROMIUM", str(tmp_path / "none"))
    monkeypatch.setattr(sys, "argv", ["chromium", "--install"])
    assert chromium.main() == 1
    assert "does not start" in capsys.readouterr().err


def test_path_then_the_cache_of_playwright(tmp_path: Path) -> None:
    assert chromium.find() is None
    cached = program(tmp_path / "cache" / "chromium-1200" / "chrome-linux64" / "chrome")
    assert chromium.find() == str(cached)
    on_path = program(tmp_path / "path" / "google-chrome")
    assert chromium.find() == str(on_path)


def test_one_whose_libraries_are_missing_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "path" / "chromium", exit_code=127)
    good = program(tmp_path / "path" / "google-chrome")
    assert chromium.find() == str(good)


def test_what_can_be_done_is_said_when_nothing_can_be_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["chromium", "--install"])
    tried: list[list[str]] = []

    def fail(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        tried.append(command)
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(subprocess, "run", fail)
    assert chromium.main() == 1
    assert tried[0][1:] == ["-m", "playwright", "install", "chromium"]
    assert "TEAHOUSE_CHROMIUM" in capsys.readouterr().err
