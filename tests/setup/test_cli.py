"""What the command line does for whoever keeps a house."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from teahouse import __version__
from tests.harness.server import Server

PASSWORD = "long and good"


def teahouse(*words: str, data: Path, listen: str = "127.0.0.1:8420") -> str:
    environment = {**os.environ, "TEAHOUSE_DATA": str(data), "TEAHOUSE_LISTEN": listen}
    command = [sys.executable, "-m", "teahouse", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def secret_in(output: str) -> str:
    found = re.search(r"/i/([\w-]+)", output)
    assert found, output
    return found[1]


def sign_up(server: Server, handle: str, secret: str) -> httpx.Response:
    asked = {"handle": handle, "name": handle.title(), "password": PASSWORD, "invitation": secret}
    return httpx.post(server.url + "/api/v1/people", json=asked)


def is_operator(server: Server, token: str) -> bool:
    me = httpx.get(server.url + "/api/v1/me", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    return bool(me.json()["operator"])


def test_the_printed_link_makes_the_operator_once(server: Server) -> None:
    secret = secret_in(server.output)
    mei = sign_up(server, "mei", secret)
    assert mei.status_code == 201
    assert is_operator(server, mei.json()["token"])
    assert sign_up(server, "ivan", secret).status_code >= 400
    server.restart()
    assert server.output.count("/i/") == 1, "a house with an operator prints no link"


def test_a_restart_before_anybody_came_prints_a_new_link(server: Server) -> None:
    server.restart()
    first, second = re.findall(r"/i/([\w-]+)", server.output)
    assert sign_up(server, "mei", first).status_code >= 400
    assert sign_up(server, "mei", second).status_code == 201


def test_invite_lets_as_many_in_as_it_says_while_the_house_is_open(server: Server) -> None:
    sign_up(server, "mei", secret_in(server.output)).raise_for_status()
    printed = teahouse("invite", "--uses", "2", data=server.data, listen=f"127.0.0.1:{server.port}")
    assert f"{server.url}/i/" in printed
    assert "█" in printed
    secret = secret_in(printed)
    ivan = sign_up(server, "ivan", secret)
    assert ivan.status_code == 201
    assert not is_operator(server, ivan.json()["token"])
    assert sign_up(server, "olga", secret).status_code == 201
    assert sign_up(server, "late", secret).status_code >= 400


def test_invite_finds_a_lost_first_link_again(server: Server) -> None:
    printed = teahouse("invite", data=server.data)
    assert "Nobody is operator here yet" in printed
    assert sign_up(server, "mei", secret_in(server.output)).status_code >= 400, "the one printed before is void"
    mei = sign_up(server, "mei", secret_in(printed))
    assert is_operator(server, mei.json()["token"])


def test_two_servers_cannot_share_a_folder(server: Server) -> None:
    other = Server(server.data)
    process = subprocess.run(
        [sys.executable, "-m", "teahouse", "serve"],
        env={**os.environ, "TEAHOUSE_DATA": str(server.data), "TEAHOUSE_LISTEN": f"127.0.0.1:{other.port}"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert process.returncode != 0
    assert "Another Teahouse serves from" in process.stderr
    assert "Traceback" not in process.stderr
    assert server.is_ready()


def test_a_taken_port_is_said_in_words(server: Server, tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "teahouse", "serve"],
        env={**os.environ, "TEAHOUSE_DATA": str(tmp_path / "two"), "TEAHOUSE_LISTEN": f"127.0.0.1:{server.port}"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert process.returncode != 0
    assert "teahouse doctor" in process.stderr
    assert "Traceback" not in process.stderr


def test_it_ends_well_when_asked(server: Server) -> None:
    assert server.stop() == 0


def test_openapi_prints_the_page_without_a_house(tmp_path: Path) -> None:
    page = json.loads(teahouse("openapi", data=tmp_path / "none"))
    assert page["openapi"].startswith("3.1")
    assert "/api/v1/people" in page["paths"]
    assert not (tmp_path / "none").exists()


def test_version(tmp_path: Path) -> None:
    assert teahouse("version", data=tmp_path).strip() == __version__
