"""Commands in the papers: each `console` block is run, line by line, as a reader would.

    ```console              in an empty folder, with `teahouse` on PATH
    ```console checkout     in the checkout
    ```console wheel        in an empty folder, in the fresh environment of `tests/setup/test_wheel.py`

A line that opens a house goes on in the background until the block ends; the lines after it see it open. Every house of
the papers is on 127.0.0.1:8420: it is moved to a free port, so that blocks may run beside one another.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.harness.server import POLL_S, START_S_MAX, free_port

ROOT: Final = Path(__file__).resolve().parents[2]
PAPERS: Final = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
BLOCK: Final = re.compile(r"^```console[ ]*(?P<where>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
OPENS_A_HOUSE: Final = re.compile(r"teahouse serve|make (run|demo)\b")
USUAL_ADDRESS: Final = "127.0.0.1:8420"
COMMAND_S_MAX: Final = 120


@dataclass(frozen=True)
class Block:
    paper: Path
    line: int
    where: str
    commands: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.paper.relative_to(ROOT)}:{self.line}"


def blocks() -> Iterator[Block]:
    for paper in PAPERS:
        text = paper.read_text("utf-8")
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            body = match["body"].replace("\\\n", " ")
            found = tuple(row[2:].strip() for row in body.splitlines() if row.startswith("$ "))
            assert found, f"{paper.name}:{line} has no line that starts with '$ '"
            yield Block(paper, line, match["where"], found)


def run_block(block: Block, folder: Path, programs: Path) -> None:
    """Run its commands in a folder, with `programs` first on PATH; a failure raises AssertionError with the output."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TEAHOUSE_")}
    environment |= {
        "PATH": f"{programs}{os.pathsep}{environment['PATH']}",
        "TEAHOUSE_LISTEN": f"127.0.0.1:{port}",
        "TEAHOUSE_DATA": str(folder / "var"),
        "PIP_REQUIRE_VIRTUALENV": "1",  # a `pip` that is not the block's own must not touch the machine
    }
    cwd = ROOT if block.where == "checkout" else folder
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command in block.commands:
            moved = command.replace(USUAL_ADDRESS, f"127.0.0.1:{port}")
            if OPENS_A_HOUSE.search(moved):
                running.append(open_house(moved, cwd, environment, port, folder / "house.log"))
            else:
                finish(moved, cwd, environment)
    finally:
        for house in running:
            os.killpg(house.pid, signal.SIGKILL)
            house.wait()


def finish(command: str, cwd: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=cwd,
        env=dict(environment),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=COMMAND_S_MAX,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"


def open_house(
    command: str, cwd: Path, environment: Mapping[str, str], port: int, log: Path
) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        house = subprocess.Popen(
            ["bash", "-c", command],
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_S_MAX
    while not answers(port):
        if house.poll() is not None or time.monotonic() > deadline:
            os.killpg(house.pid, signal.SIGKILL)
            raise AssertionError(f"$ {command}\nopened no house:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(POLL_S)
    return house


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
