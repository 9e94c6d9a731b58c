"""The peers that the tests of calls talk to: found, or installed without starting what they install, or asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import peers


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with nothing but what a test puts in this folder."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(peers, "FOLDERS", ())
    monkeypatch.setattr(peers, "POLICY", tmp_path / "policy-rc.d")
    return folder


def program(path: Path, script: str = "exit 0") -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_what_is_missing_is_named_by_its_package(bare_machine: Path) -> None:
    program(bare_machine / "sipp")
    assert peers.missing() == ["baresip-core", "rtpengine-daemon", "coturn"]
    with pytest.raises(peers.PeerMissing, match="apt-get install coturn"):
        peers.path_of("turnserver")


def test_without_apt_it_says_what_to_do_and_goes_on(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["peers", "--install"])
    assert peers.main() == 0
    said = capsys.readouterr().err
    assert "Missing: sip-tester, baresip-core, rtpengine-daemon, coturn" in said
    assert "sipp, baresip, rtpengine, turnserver so that they are on PATH" in said


def test_one_that_cannot_be_had_does_not_keep_the_others_away(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine / "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    programs = {package: name for name, package in peers.PROGRAMS.items()}

    def apt(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        """An archive without rtpengine: nothing that is asked for together with it comes."""
        if command[0] == "sh":
            peers.POLICY.write_text("exit 101")
        if command[0] == "rm":
            peers.POLICY.unlink()
        wanted = [word for word in command if word in programs]
        refused = "rtpengine-daemon" in wanted
        if "install" in command and not refused:
            assert peers.POLICY.exists(), "their services would start"
            for package in wanted:
                program(bare_machine / programs[package])
        return subprocess.CompletedProcess(command, int(refused))

    monkeypatch.setattr(subprocess, "run", apt)
    peers.install(peers.missing())
    assert peers.missing() == ["rtpengine-daemon"]
    assert not peers.POLICY.exists(), "the policy stayed on the machine"


def test_a_policy_of_the_machine_s_own_stays(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    peers.POLICY.write_text("exit 0")
    with peers.no_services([]):
        assert peers.POLICY.read_text() == "exit 0"
    assert peers.POLICY.read_text() == "exit 0"


def test_a_peer_that_does_not_start_shows_its_log(bare_machine: Path, tmp_path: Path) -> None:
    program(bare_machine / "turnserver", "echo I have no memory; exit 3")
    with pytest.raises(peers.PeerFailed, match=r"ended with 3 [\s\S]*I have no memory"):
        peers.Coturn(tmp_path, secret="tea").start()
