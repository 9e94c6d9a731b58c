"""A copy of an open house is whole, and opens as a house of its own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.harness.server import Server


def back_up(server: Server, target: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TEAHOUSE_DATA": str(server.data), **settings}
    command = [sys.executable, "-m", "teahouse", "backup", str(target)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def lived_in(server: Server) -> Server:
    """A house whose operator has signed up."""
    mei = {"handle": "mei", "name": "Mei", "password": "long and good", "invitation": server.first_link.split("/i/")[1]}
    httpx.post(server.url + "/api/v1/people", json=mei).raise_for_status()
    return server


def test_people_sign_in_to_the_copy(lived_in: Server, tmp_path: Path) -> None:
    done = back_up(lived_in, tmp_path / "copy")
    assert done.returncode == 0, done.stderr
    with Server(tmp_path / "copy") as copy:
        answer = httpx.post(copy.url + "/api/v1/sessions", json={"handle": "mei", "password": "long and good"})
        assert answer.status_code == 201
        assert "/i/" not in copy.output, "somebody lives there already"


def test_the_copy_is_whole_and_for_its_owner_only(lived_in: Server, tmp_path: Path) -> None:
    (lived_in.data / "pictures").mkdir(exist_ok=True)
    (lived_in.data / "pictures" / "one").write_text("a picture")
    back_up(lived_in, tmp_path / "copy")
    with sqlite3.connect(tmp_path / "copy" / "teahouse.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (tmp_path / "copy" / "pictures" / "one").read_text() == "a picture"
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0


def test_nothing_is_written_over(lived_in: Server, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    done = back_up(lived_in, tmp_path / "copy")
    assert done.returncode == 1
    assert "is there already" in done.stderr


def test_where_no_house_is_nothing_is_copied(tmp_path: Path) -> None:
    done = back_up(Server(tmp_path / "nowhere"), tmp_path / "copy")
    assert done.returncode == 1
    assert "no house" in done.stderr
    assert not (tmp_path / "copy").exists()


def test_files_are_in_the_copy_and_those_in_a_bucket_are_named(lived_in: Server, tmp_path: Path) -> None:
    leaf = lived_in.data / "blobs" / "ab" / ("c" * 62)
    leaf.parent.mkdir(parents=True)
    leaf.write_text("leaf")
    done = back_up(lived_in, tmp_path / "copy")
    assert (tmp_path / "copy" / "blobs" / "ab" / ("c" * 62)).read_text() == "leaf"
    assert "bucket" not in done.stdout
    done = back_up(lived_in, tmp_path / "other", TEAHOUSE_BLOBS="s3://tea/house?region=eu")
    assert done.returncode == 0
    assert "stay in s3://tea/house:" in done.stdout
