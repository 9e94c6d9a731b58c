"""The papers are true: links lead somewhere, dependencies and settings are all listed."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from teahouse.config import Settings
from tests.docs.console import ROOT


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_link_leads_somewhere() -> None:
    docs = builder()
    assert [fault for page in docs.PAGES for fault in docs.broken_links(page)] == []


def test_a_link_to_nowhere_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    docs = builder()
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("# Tea house\n[a](other.md) [b](#tea-house) [c](#coffee) ![d](none.png) [e](https://example.org)\n")
    assert list(docs.broken_links(page)) == [
        "page.md: other.md (no such file)",
        "page.md: #coffee (no such heading)",
        "page.md: none.png (no such file)",
    ]


def test_dependencies_page_lists_all_and_only_direct_dependencies() -> None:
    listed = re.findall(r"^\| ([@\w/.-]+) \| ", (ROOT / "docs" / "dependencies.md").read_text("utf-8"), re.MULTILINE)
    listed = [name for name in listed if name != "package"]
    assert sorted(listed) == sorted(declared_in_python() | declared_in_web())


def declared_in_python() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = [*project["project"]["dependencies"]]
    for group in project["dependency-groups"].values():
        named += [one for one in group if isinstance(one, str)]
    return {re.split(r"[\[<>=~! ]", one)[0] for one in named}


def declared_in_web() -> set[str]:
    package = json.loads((ROOT / "web" / "package.json").read_text("utf-8"))
    return {*package["dependencies"], *package["devDependencies"]}


def test_settings_page_lists_all_and_only_the_settings_there_are_with_their_defaults() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = re.findall(r"^\| `TEAHOUSE_(\w+)` \| (.*?) \|", page, re.MULTILINE)
    shown = {name.lower(): default.strip("`") for name, default in rows}
    assert shown == {field.name: str(field.default) for field in msgspec.structs.fields(Settings)}
