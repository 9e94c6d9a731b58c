"""The web client is built when its content changed, and only then."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import hatch_build


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A checkout with two sources, whose npm only notes what it was asked and makes what it would have made."""
    web, static = tmp_path / "web", tmp_path / "teahouse" / "static"
    web.mkdir()
    (web / "package-lock.json").write_text("{}")
    (web / "main.ts").write_text("start()")
    for name, value in {
        "ROOT": tmp_path,
        "WEB": web,
        "STATIC": static,
        "BUILT_STAMP": static / ".built-from",
        "INSTALLED_STAMP": web / "node_modules" / ".installed-from",
    }.items():
        monkeypatch.setattr(hatch_build, name, value)
    asked: list[str] = []

    def npm(*command: str) -> None:
        asked.append(command[0])
        if "ci" in command:
            (web / "node_modules").mkdir(exist_ok=True)
        else:
            static.mkdir(parents=True, exist_ok=True)
            (static / "index.html").write_text("<title>Teahouse")

    monkeypatch.setattr(hatch_build, "npm", npm)
    return asked


CI, BUILD = "ci", "run"


def test_a_fresh_checkout_fetches_and_builds_once(ran: list[str]) -> None:
    hatch_build.build_client()
    hatch_build.build_client()
    assert ran == [CI, BUILD]


def test_touching_a_file_builds_nothing(ran: list[str]) -> None:
    hatch_build.build_client()
    os.utime(hatch_build.WEB / "main.ts", (1, 1))
    hatch_build.build_client()
    assert ran == [CI, BUILD]


def test_a_changed_source_is_built_without_fetching_again(ran: list[str]) -> None:
    hatch_build.build_client()
    (hatch_build.WEB / "main.ts").write_text("begin()")
    hatch_build.build_client()
    assert ran == [CI, BUILD, BUILD]


def test_a_renamed_source_and_changed_packages_are_noticed(ran: list[str]) -> None:
    hatch_build.build_client()
    (hatch_build.WEB / "main.ts").rename(hatch_build.WEB / "start.ts")
    (hatch_build.WEB / "package-lock.json").write_text('{"packages": {}}')
    hatch_build.build_client()
    assert ran == [CI, BUILD, CI, BUILD]


def test_a_lost_client_is_built_again(ran: list[str]) -> None:
    hatch_build.build_client()
    (hatch_build.STATIC / "index.html").unlink()
    hatch_build.build_client()
    assert ran == [CI, BUILD, BUILD]


def test_without_node_the_one_that_a_wheel_carries_runs_npm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")
    (tmp_path / "env").symlink_to("/usr/bin/env")
    monkeypatch.setenv("PATH", str(tmp_path))
    hatch_build.npm("exec", "--call", "node --version")
    shown = capfd.readouterr().err
    programs, _ = hatch_build.carried_node()
    carried = subprocess.run([programs / "node", "--version"], capture_output=True, text=True, check=True).stdout
    assert carried.strip() in shown


def test_an_old_node_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, says in {"node": "v18.19.0", "npm": "9.2.0"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\necho {says}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert hatch_build.version_of("node") == (18, 19, 0)
    assert not hatch_build.machine_has_node()
