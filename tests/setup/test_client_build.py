"""The web client is built when its content changed, and only then."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import hatch_build


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
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
    asked: list[tuple[str, ...]] = []

    def npm(*command: str) -> None:
        asked.append(command[:2])
        if "ci" in command:
            (web / "node_modules").mkdir(exist_ok=True)
        else:
            static.mkdir(parents=True, exist_ok=True)
            (static / "index.html").write_text("<title>Teahouse")

    monkeypatch.setattr(hatch_build, "run", npm)
    return asked


CI, BUILD = ("npm", "ci"), ("npm", "run")


def test_a_fresh_checkout_fetches_and_builds_once(ran: list[tuple[str, ...]]) -> None:
    hatch_build.build_client()
    hatch_build.build_client()
    assert ran == [CI, BUILD]


def test_touching_a_file_builds_nothing(ran: list[tuple[str, ...]]) -> None:
    hatch_build.build_client()
    os.utime(hatch_build.WEB / "main.ts", (1, 1))
    hatch_build.build_client()
    assert ran == [CI, BUILD]


def test_a_changed_source_is_built_without_fetching_again(ran: list[tuple[str, ...]]) -> None:
    hatch_build.build_client()
    (hatch_build.WEB / "main.ts").write_text("begin()")
    hatch_build.build_client()
    assert ran == [CI, BUILD, BUILD]


def test_a_renamed_source_and_changed_packages_are_noticed(ran: list[tuple[str, ...]]) -> None:
    hatch_build.build_client()
    (hatch_build.WEB / "main.ts").rename(hatch_build.WEB / "start.ts")
    (hatch_build.WEB / "package-lock.json").write_text('{"packages": {}}')
    hatch_build.build_client()
    assert ran == [CI, BUILD, CI, BUILD]


def test_a_lost_client_is_built_again(ran: list[tuple[str, ...]]) -> None:
    hatch_build.build_client()
    (hatch_build.STATIC / "index.html").unlink()
    hatch_build.build_client()
    assert ran == [CI, BUILD, BUILD]


def test_without_node_on_path_the_wheel_s_own_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    programs = Path(hatch_build.node_environment()["PATH"].split(os.pathsep)[0])
    assert (programs / "npm").exists()
    assert str(programs).startswith(sys.prefix)


def test_an_old_node_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, says in {"node": "v18.19.0", "npm": "9.2.0"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\necho {says}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert hatch_build.version_of("node") == (18, 19, 0)
    assert hatch_build.node_environment()["PATH"].startswith(sys.prefix)
